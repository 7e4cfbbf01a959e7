//! What is known after an analysis, as data: the document, the JSON and the sentences are made of this and of nothing else.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::kind::{FailureKind, kind_of};
use crate::diagnose::infer::{
    Arm, Blame, Cause, Class, Culprit, Interval, Label, Roster, Tally, Traits, Verdict, clopper_pearson,
};
use crate::diagnose::signature;
use crate::diagnose::words;
use crate::diagnose::{Ended, Findings};
use crate::model::{Location, Order, Outcome, Problem, Role, Schedule, SlotId, TestId};
use crate::story::{AttemptStory, ExperimentStory, Story};

/// The version of the format of `analysis.json`.
pub(crate) const FORMAT: u32 = 1;
/// At this confidence intervals are told.
const ALPHA: f64 = 0.05;

/// An analysis.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Document {
    /// The version of this format.
    pub(crate) format: u32,
    pub(crate) run: String,
    pub(crate) suite: Option<String>,
    /// RFC 3339, in UTC.
    pub(crate) started: String,
    pub(crate) callboard: String,
    pub(crate) capacity: Capacity,
    /// It is a quick look: all tests once, and those that fail three times alone.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) quick: bool,
    /// The run whose failing tests were looked into.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) since: Option<SinceRun>,
    /// The runs of the whole suite, in their order.
    pub(crate) runs: Vec<SuiteRun>,
    pub(crate) failures: Vec<Failure>,
    /// Executions of tests in all, and how many runs of the suite that is.
    pub(crate) executions: usize,
    pub(crate) suite_equivalents: f64,
    pub(crate) took_s: f64,
    /// Why it ended early, where it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ended_early: Option<String>,
}

/// What there was to run tests with.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Capacity {
    pub(crate) cores: usize,
    pub(crate) accounts: BTreeMap<Role, usize>,
    pub(crate) slots: u16,
    pub(crate) first_port: u16,
    pub(crate) workers: usize,
    /// What kept the machine busy where that was tried.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) load: Option<Load>,
}

/// What keeps a machine busy on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct Load {
    /// Processes that do nothing else.
    pub(crate) processes: u16,
    /// How many times slower pages were by the browser's own means; 0 where it has none.
    pub(crate) slow_pages: u16,
}

/// A run whose failing tests were looked into.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct SinceRun {
    pub(crate) run: String,
    /// Whether its attempts count as those that were made for the analysis.
    pub(crate) is_evidence: bool,
    /// Those of its failing tests that did not fail again.
    pub(crate) not_again: Vec<TestId>,
}

/// A run of the whole suite.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct SuiteRun {
    pub(crate) tests: usize,
    pub(crate) passed: usize,
    pub(crate) took_s: f64,
}

/// A test that failed in one way, and why.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Failure {
    pub(crate) test: TestId,
    /// What its failures have in common.
    pub(crate) signature: String,
    pub(crate) outcome: Outcome,
    /// Of one of the attempts.
    pub(crate) message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) location: Option<Location>,
    pub(crate) kind: FailureKind,
    #[serde(flatten)]
    pub(crate) label: Label,
    /// Classes with their probability, the most probable first.
    pub(crate) classes: Vec<(Class, f64)>,
    pub(crate) culprits: Vec<Accused>,
    /// The most probable single cause, in words after "it is".
    pub(crate) cause: String,
    /// Of a quick look, what was counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) first_look: Option<String>,
    pub(crate) parallel: Rate,
    /// Alone, in whichever slot.
    pub(crate) alone: Rate,
    pub(crate) arms: Vec<(Arm, Rate)>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) blame: Option<Blame>,
    /// Requests of failed attempts that were answered with an error, as often as that happened.
    pub(crate) page_errors: Vec<(String, u32)>,
    /// How often the same signature was seen at other tests.
    pub(crate) also_at: Vec<TestId>,
    /// Executions that were spent on it.
    pub(crate) spent: usize,
    /// What makes it happen again: [`Replay`] in a file of this name, beside the document.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) replay: Option<String>,
}

/// What makes a failure happen again, as `--replay` reads it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Replay {
    /// The version of this format.
    pub(crate) format: u32,
    /// Which test it is about: the last of the last row.
    pub(crate) test: TestId,
    /// What the test is said to do then.
    pub(crate) why: String,
    #[serde(flatten)]
    pub(crate) schedule: Schedule,
}

/// Whom the most probable class accuses.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Accused {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) test: Option<TestId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) slot: Option<SlotId>,
    /// Its part of the class, from 0 to 1.
    pub(crate) weight: f64,
}

/// How often it failed.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Rate {
    pub(crate) failed: u32,
    pub(crate) attempts: u32,
    /// What the rate may be, at a confidence of .95 (Clopper and Pearson).
    pub(crate) interval: Interval,
}

impl Rate {
    fn of(tally: Tally) -> Self {
        let interval = clopper_pearson(tally.failed, tally.attempts, ALPHA);
        Self { failed: tally.failed, attempts: tally.attempts, interval }
    }
}

impl Failure {
    /// The most probable class.
    pub(crate) fn class(&self) -> Class {
        self.classes.first().map_or(Class::OneOff, |(class, _)| *class)
    }

    /// Whether anything is said of its cause.
    pub(crate) fn is_claimed(&self) -> bool {
        matches!(self.label, Label::Confirmed | Label::Likely)
    }
}

impl Document {
    /// Of what an analysis found.
    pub(crate) fn of(findings: &Findings) -> Self {
        let Findings { roster, verdicts, story, executions, ended, took, .. } = findings;
        let facts = &story.run;
        #[expect(clippy::cast_precision_loss, reason = "numbers of tests")]
        let suite_equivalents = *executions as f64 / roster.len().max(1) as f64;
        let told = verdicts.iter().zip(&findings.replays).enumerate().map(|(number, (verdict, schedule))| {
            Failure { replay: schedule.as_ref().map(|_| replay_file(number)), ..failure(verdict, findings) }
        });
        let mut failures: Vec<Failure> = told.collect();
        // What is sure and fails most comes first.
        failures.sort_by(|a, b| {
            let rank = |one: &Failure| match one.label {
                Label::Confirmed => 0,
                Label::Likely => 1,
                Label::Undetermined { .. } => 2,
                Label::NotReproduced { .. } => 3,
            };
            rank(a).cmp(&rank(b)).then(b.parallel.failed.cmp(&a.parallel.failed)).then(a.test.cmp(&b.test))
        });
        Self {
            format: FORMAT,
            run: facts.id.clone(),
            suite: facts.suite.clone(),
            started: facts.started.clone(),
            callboard: facts.callboard.clone(),
            capacity: Capacity {
                cores: facts.cores,
                accounts: facts.accounts.clone(),
                slots: facts.slots,
                first_port: facts.base_port,
                workers: facts.workers,
                load: load(story),
            },
            quick: findings.is_quick,
            since: since(findings, &failures),
            runs: runs(findings),
            failures,
            executions: *executions,
            suite_equivalents,
            took_s: took.as_secs_f64(),
            ended_early: match ended {
                Ended::Done => None,
                Ended::Time => Some("the time was over".to_owned()),
                Ended::Interrupted => Some("it was interrupted".to_owned()),
                Ended::Vain(reason) => Some(format!("experiments could not be made any more: {reason}")),
                Ended::Unlike(experiment) => Some(format!("it could not go on from experiment {experiment}")),
            },
        }
    }
}

/// What makes each failure happen again, with the names of their files.
pub(crate) fn replays(findings: &Findings) -> Vec<(String, Replay)> {
    let told = findings.verdicts.iter().zip(&findings.replays).enumerate();
    let replay = told.filter_map(|(number, (verdict, schedule))| {
        let cause = verdict.belief.causes.first().map(|(cause, _)| words::cause_of(*cause, &findings.roster));
        let replay = Replay {
            format: FORMAT,
            test: findings.roster.name(verdict.belief.test)?.clone(),
            why: cause.unwrap_or_default(),
            schedule: schedule.clone()?,
        };
        Some((replay_file(number), replay))
    });
    replay.collect()
}

fn replay_file(number: usize) -> String {
    format!("replay-{}.json", number + 1)
}

fn load(story: &Story) -> Option<Load> {
    let loaded = story.experiments.iter().find(|one| one.schedule.load > 0)?;
    Some(Load { processes: loaded.schedule.load, slow_pages: loaded.schedule.slow_pages })
}

fn runs(findings: &Findings) -> Vec<SuiteRun> {
    let story = &findings.story;
    let is_over = |one: &&ExperimentStory| one.end.is_some();
    let of_suite = story
        .experiments
        .iter()
        .filter(is_over)
        .filter(|one| matches!(one.schedule.order, Order::Parallel { .. }))
        .filter_map(|one| run(story, Some(one.number)));
    let earlier = findings.since.as_ref().and_then(|since| since.evidence.as_ref());
    earlier.into_iter().filter_map(|story| run(story, None)).chain(of_suite).collect()
}

/// What the attempts of an experiment came to that is a run of the suite, or of a run that has no experiments.
fn run(story: &Story, experiment: Option<u32>) -> Option<SuiteRun> {
    let attempts = story.attempts().map(|(_, attempt)| attempt);
    let made: Vec<&AttemptStory> = attempts.filter(|made| made.experiment == experiment).collect();
    let began = made.iter().map(|made| made.started_us).min()?;
    let ended = made.iter().filter_map(|made| Some(made.end.as_ref()?.at_us)).max()?;
    let passed = made.iter().filter(|made| outcome_of(made).is_some_and(Outcome::is_ok)).count();
    #[expect(clippy::cast_precision_loss, reason = "microseconds of a run")]
    Some(SuiteRun { tests: made.len(), passed, took_s: ended.saturating_sub(began) as f64 / 1e6 })
}

fn outcome_of(attempt: &AttemptStory) -> Option<Outcome> {
    attempt.end.as_ref()?.outcome
}

fn since(findings: &Findings, failures: &[Failure]) -> Option<SinceRun> {
    let since = findings.since.as_ref()?;
    let fails = |test: &TestId| failures.iter().any(|failure| failure.test == *test);
    Some(SinceRun {
        run: since.run.clone(),
        is_evidence: since.evidence.is_some(),
        not_again: since.failed.iter().filter(|test| !fails(test)).cloned().collect(),
    })
}

fn failure(verdict: &Verdict, findings: &Findings) -> Failure {
    let Findings { roster, story, .. } = findings;
    let belief = &verdict.belief;
    let name = |test| roster.name(test).cloned().unwrap_or_else(|| TestId::new("?"));
    let test = name(belief.test);
    let earlier = findings.since.as_ref().and_then(|since| since.evidence.as_ref());
    let attempts: Vec<(&AttemptStory, &Problem)> = story
        .attempts()
        .chain(earlier.into_iter().flat_map(Story::attempts))
        .filter(|(known, _)| *known.planned.written() == test)
        .filter_map(|(_, attempt)| Some((attempt, attempt.end.as_ref()?.problem.as_ref()?)))
        .filter(|(_, problem)| signature::of(problem) == belief.signature)
        .collect();
    let problem = attempts.first().map(|(_, problem)| *problem);
    let mut page_errors: BTreeMap<String, u32> = BTreeMap::new();
    for (attempt, _) in &attempts {
        for error in &attempt.page_problems {
            let said = error.request.as_ref().map_or_else(
                || error.text.clone(),
                |request| {
                    let status =
                        request.status.map_or_else(|| error.text.clone(), |status| status.to_string());
                    format!("{} {}: {status}", request.method, path_of(&request.url))
                },
            );
            *page_errors.entry(said).or_default() += error.times;
        }
    }
    let also_at = also_at(&belief.signature, &test, story);
    let total = |arms: &[Arm]| {
        let of = belief.arms.iter().filter(|(arm, _)| arms.contains(arm));
        of.fold(Tally::default(), |sum, (_, tally)| Tally {
            failed: sum.failed + tally.failed,
            attempts: sum.attempts + tally.attempts,
        })
    };
    let (parallel, alone) = (total(&[Arm::Parallel]), total(&[Arm::Isolated, Arm::InSlot]));
    let accused = belief.culprits.iter().filter_map(|(culprit, weight)| {
        let (test, slot) = match culprit {
            Culprit::Test { test } => (Some(name(*test)), None),
            Culprit::Slot { slot } => (None, Some(*slot)),
            Culprit::Nobody | Culprit::Many => return None,
        };
        Some(Accused { test, slot, weight: *weight })
    });
    let page_errors: Vec<(String, u32)> = page_errors.into_iter().collect();
    let traits = traits(verdict, roster, &page_errors, story);
    let cause = belief.causes.first().map_or(Cause::OneOff, |(cause, _)| *cause);
    let outcome = problem.map_or(Outcome::Failed, |problem| problem.outcome);
    Failure {
        kind: kind_of(outcome, problem.map_or("", |problem| &problem.message), verdict.claim()),
        signature: belief.signature.clone(),
        outcome,
        message: problem.map(|problem| problem.message.clone()).unwrap_or_default(),
        location: problem.and_then(|problem| problem.location.clone()),
        label: verdict.label.clone(),
        classes: belief.classes.clone(),
        culprits: accused.collect(),
        cause: words::cause_of(cause, roster),
        first_look: findings.is_quick.then(|| words::first_look(parallel, alone)),
        parallel: Rate::of(parallel),
        alone: Rate::of(alone),
        arms: belief.arms.iter().map(|(arm, tally)| (*arm, Rate::of(*tally))).collect(),
        blame: verdict.blame(traits),
        page_errors,
        also_at,
        spent: verdict.spent,
        replay: None,
        test,
    }
}

/// Which other tests failed in the same way.
fn also_at(signature: &str, test: &TestId, story: &Story) -> Vec<TestId> {
    let same = |attempt: &AttemptStory| {
        let problem = attempt.end.as_ref().and_then(|end| end.problem.as_ref());
        problem.is_some_and(|problem| signature::of(problem) == signature)
    };
    let others = story.tests.iter().filter(|other| other.planned.written() != test);
    let others = others.filter(|other| other.attempts.iter().any(same));
    let mut names: Vec<TestId> = others.map(|other| other.planned.written().clone()).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// What the attempts left that decides whose fault it is.
fn traits(verdict: &Verdict, roster: &Roster, page_errors: &[(String, u32)], story: &Story) -> Traits {
    let loaded = verdict.belief.arms.iter().find(|(arm, _)| *arm == Arm::Loaded);
    let shares_account = match verdict.culprit {
        Some(Culprit::Test { test }) => {
            let names = [roster.name(test), roster.name(verdict.belief.test)];
            let [Some(culprit), Some(victim)] = names else { return Traits::default() };
            culprit != victim && share_an_account(story, culprit, victim)
        }
        _ => false,
    };
    let is_server_error = |said: &str| {
        let status = said.rsplit(' ').next().and_then(|status| status.parse::<u16>().ok());
        status.is_some_and(|status| (500..600).contains(&status))
    };
    Traits {
        has_different_accounts: !shares_account,
        is_not_load: loaded.is_some_and(|(_, tally)| tally.attempts > 0 && tally.failed == 0),
        is_seen_in_server: page_errors.iter().any(|(said, _)| is_server_error(said)),
    }
}

/// Whether attempts of the two ever used the same account at the same time.
fn share_an_account(story: &Story, one: &TestId, other: &TestId) -> bool {
    let of = |test: &TestId| -> Vec<&AttemptStory> {
        let attempts = story.attempts().filter(|(known, _)| known.planned.written() == test);
        attempts.map(|(_, attempt)| attempt).collect()
    };
    let others = of(other);
    of(one).iter().any(|a| {
        others.iter().any(|b| {
            a.started_us < b.ended_us(story)
                && b.started_us < a.ended_us(story)
                && a.accounts.iter().any(|account| b.accounts.contains(account))
        })
    })
}

/// The path of an address.
fn path_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.find('/').map_or("/", |at| &rest[at..])
}
