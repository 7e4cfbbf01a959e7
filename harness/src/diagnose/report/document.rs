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
        let told =
            verdicts.iter().zip(&findings.replays).enumerate().map(|(number, (verdict, schedule))| Failure {
                replay: schedule.as_ref().map(|_| replay_file(number)),
                ..Failure::of(verdict, &evidence, roster, story)
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
            },
            runs: runs(story),
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

fn runs(story: &Story) -> Vec<SuiteRun> {
    let of_suite =
        story.experiments.iter().filter(|one| matches!(one.schedule.order, Order::Parallel { .. }));
    let run = |one: &ExperimentStory| {
        let made = attempts_of(one.number, story);
        let began = made.iter().map(|made| made.started_us).min()?;
        let ended = made.iter().filter_map(|made| Some(made.end.as_ref()?.at_us)).max()?;
        let passed = made.iter().filter(|made| outcome_of(made).is_some_and(Outcome::is_ok)).count();
        Some(SuiteRun { tests: made.len(), passed, took_s: seconds(ended.saturating_sub(began)) })
    };
    of_suite.filter_map(run).collect()
}

fn experiments(story: &Story) -> Vec<Experimented> {
    let told = story.experiments.iter().map(|one| {
        let outcomes: Vec<Outcome> =
            attempts_of(one.number, story).into_iter().filter_map(outcome_of).collect();
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

fn attempts_of(experiment: u32, story: &Story) -> Vec<&AttemptStory> {
    let attempts = story.attempts().map(|(_, attempt)| attempt);
    attempts.filter(|made| made.experiment == Some(experiment)).collect()
}

fn outcome_of(attempt: &AttemptStory) -> Option<Outcome> {
    attempt.end.as_ref()?.outcome
}

#[expect(clippy::cast_precision_loss, reason = "microseconds of a run")]
fn seconds(us: u64) -> f64 {
    us as f64 / 1e6
}
