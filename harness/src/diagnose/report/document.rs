//! What is known after an analysis, as data: the document, the JSON and the sentences are made of this and of nothing else.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::failure::Failure;
use crate::diagnose::evidence::Evidence;
use crate::diagnose::infer::Label;
use crate::diagnose::words;
use crate::diagnose::{Ended, Findings};
use crate::model::{Order, Outcome, Role, Schedule, TestId};
use crate::story::{AttemptStory, ExperimentStory, Story};

/// The version of the format of `analysis.json`.
pub(crate) const FORMAT: u32 = 1;

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
    /// All that was tried, in its order.
    pub(crate) experiments: Vec<Experimented>,
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

/// An experiment that was made, or tried.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Experimented {
    /// Counted from 1.
    pub(crate) number: u32,
    /// What it was to show, in words.
    pub(crate) purpose: String,
    /// Attempts that came to their end.
    pub(crate) attempts: usize,
    pub(crate) failed: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) took_s: Option<f64>,
    /// Why it was not made, or not wholly.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) trouble: Option<String>,
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

impl Document {
    /// Of what an analysis found.
    pub(crate) fn of(findings: &Findings) -> Self {
        let Findings { roster, verdicts, story, executions, ended, took, .. } = findings;
        let facts = &story.run;
        #[expect(clippy::cast_precision_loss, reason = "numbers of tests")]
        let suite_equivalents = *executions as f64 / roster.len().max(1) as f64;
        let evidence = Evidence::of(story, roster);
        let earlier = findings.since.as_ref().and_then(|since| since.evidence.as_ref());
        let told = verdicts.iter().zip(&findings.replays).enumerate().map(|(number, (verdict, schedule))| {
            let failure = Failure::of(verdict, &evidence, roster, story, earlier);
            Failure {
                replay: schedule.as_ref().map(|_| replay_file(number)),
                first_look: findings.is_quick.then(|| failure.first_look()),
                ..failure
            }
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
            experiments: experiments(story),
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
    let made = attempts_of(experiment, story);
    let began = made.iter().map(|made| made.started_us).min()?;
    let ended = made.iter().filter_map(|made| Some(made.end.as_ref()?.at_us)).max()?;
    let passed = made.iter().filter(|made| outcome_of(made).is_some_and(Outcome::is_ok)).count();
    Some(SuiteRun { tests: made.len(), passed, took_s: seconds(ended.saturating_sub(began)) })
}

fn experiments(story: &Story) -> Vec<Experimented> {
    let told = story.experiments.iter().map(|one| {
        let outcomes: Vec<Outcome> =
            attempts_of(Some(one.number), story).into_iter().filter_map(outcome_of).collect();
        let end = one.end.as_ref();
        Experimented {
            number: one.number,
            purpose: one.purpose.clone(),
            attempts: outcomes.len(),
            failed: outcomes.iter().filter(|outcome| !outcome.is_ok()).count(),
            took_s: end.map(|(at_us, _)| seconds(at_us.saturating_sub(one.started_us))),
            trouble: end.and_then(|(_, failure)| failure.clone()),
        }
    });
    told.collect()
}

fn attempts_of(experiment: Option<u32>, story: &Story) -> Vec<&AttemptStory> {
    let attempts = story.attempts().map(|(_, attempt)| attempt);
    attempts.filter(|made| made.experiment == experiment).collect()
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

#[expect(clippy::cast_precision_loss, reason = "microseconds of a run")]
fn seconds(us: u64) -> f64 {
    us as f64 / 1e6
}
