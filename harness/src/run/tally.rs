//! What became of each test so far: from attempts to verdicts, counted and told.

use std::time::Duration;

use super::attempt;
use super::events::Events;
use super::fixme::{self, Judged};
use super::plan::Plan;
use super::verdict::Verdict;
use crate::model::{Counts, Event, Outcome, Problem};
use crate::suite::Test;

/// Is told each verdict, of the test with this index among those that are executed.
pub(crate) type OnVerdict = Box<dyn FnMut(usize, Verdict) + Send>;

/// See the room's documentation.
pub(super) struct Tally {
    tests: Vec<&'static Test>,
    progress: Vec<Progress>,
    counts: Counts,
    events: Events,
    on_verdict: OnVerdict,
}

/// How far a test has come.
#[derive(Debug, Clone, Default)]
struct Progress {
    attempts: u32,
    first_problem: Option<Problem>,
}

/// What is to be done with a test after an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// Another attempt.
    Again,
    /// Nothing: it has its verdict.
    Over {
        /// A good one.
        is_ok: bool,
    },
}

impl Tally {
    pub(super) fn new(plan: &Plan, events: Events, on_verdict: OnVerdict) -> Self {
        let tests: Vec<_> = plan.executed().collect();
        let progress = vec![Progress::default(); tests.len()];
        Self { tests, progress, counts: Counts::default(), events, on_verdict }
    }

    /// The tests that are executed.
    pub(super) fn tests(&self) -> &[&'static Test] {
        &self.tests
    }

    /// The number of a test's next attempt, from 1.
    pub(super) fn next_attempt(&self, index: usize) -> u32 {
        self.progress[index].attempts + 1
    }

    /// An attempt is over: another one, or the verdict.
    pub(super) fn judge(&mut self, index: usize, result: attempt::Result, retries: u32) -> Next {
        let test = self.tests[index];
        let progress = &mut self.progress[index];
        progress.attempts += 1;
        let Judged { outcome, problem, expected, is_final } = fixme::judge(test.entry, &result);
        if !outcome.is_ok() && !is_final && progress.attempts <= retries {
            progress.first_problem = progress.first_problem.take().or(problem);
            return Next::Again;
        }
        let verdict = Verdict {
            test: test.id.clone(),
            outcome,
            flaky: outcome == Outcome::Passed && expected.is_none() && progress.attempts > 1,
            attempts: progress.attempts,
            skipped: result.skipped,
            expected,
            problem: problem.or_else(|| progress.first_problem.take()),
            place: Some(result.place),
            took: result.took,
        };
        self.tell(index, verdict);
        Next::Over { is_ok: outcome.is_ok() }
    }

    /// The verdict of a test for which there is no slot.
    pub(super) fn error_out(&mut self, index: usize, reason: &str) {
        let test = self.tests[index];
        let problem = Problem { location: Some(test.entry.place.into()), ..Problem::errored(reason) };
        let attempt = self.next_attempt(index);
        self.events.emit(Event::AttemptFinished {
            test: test.id.clone(),
            attempt,
            slot: None,
            outcome: Outcome::Errored,
            problem: Some(problem.clone()),
            took_us: 0,
        });
        let verdict = Verdict {
            test: test.id.clone(),
            outcome: Outcome::Errored,
            flaky: false,
            attempts: attempt,
            skipped: None,
            expected: None,
            problem: Some(problem),
            place: None,
            took: Duration::ZERO,
        };
        self.tell(index, verdict);
    }

    fn tell(&mut self, index: usize, verdict: Verdict) {
        self.counts.add(verdict.outcome, verdict.flaky);
        self.counts.expected_failures += usize::from(verdict.expected.is_some());
        self.events.emit(Event::TestFinished {
            test: verdict.test.clone(),
            outcome: verdict.outcome,
            flaky: verdict.flaky,
            attempts: verdict.attempts,
            reason: verdict.skipped.clone(),
            fixme: self.tests[index].entry.fixme.map(str::to_owned),
        });
        (self.on_verdict)(index, verdict);
    }

    /// Tests that are shown as ignored are among the events, too: reports are made of nothing else.
    pub(super) fn tell_ignored(&mut self, plan: &Plan) {
        for planned in &plan.tests {
            let Some(reason) = planned.ignored else { continue };
            self.counts.add(Outcome::Skipped, false);
            self.events.emit(Event::TestFinished {
                test: planned.test.id.clone(),
                outcome: Outcome::Skipped,
                flaky: false,
                attempts: 0,
                reason: Some(reason.to_owned()).filter(|reason| !reason.is_empty()),
                fixme: planned.test.entry.fixme.map(str::to_owned),
            });
        }
    }

    /// All tests by what they came to; of those of the plan that have no verdict it is said that they did not run.
    pub(super) fn counts(&self, plan: &Plan) -> Counts {
        let judged = self.counts.passed + self.counts.bad() + self.counts.skipped;
        Counts { did_not_run: plan.tests.len() - judged, ..self.counts }
    }
}
