//! What became of each test so far: from attempts to verdicts, counted and told.

use std::time::Duration;

use super::attempt;
use super::events::Events;
use super::fixme::{self, Judged};
use super::plan::{Plan, Planned};
use super::verdict::{Earlier, Verdict};
use crate::model::{Counts, Event, Outcome, Problem, SlotId, TestId};

/// Is told each verdict, of the test with this index among those that are executed.
pub(crate) type OnVerdict = Box<dyn FnMut(usize, Verdict) + Send>;

/// See the room's documentation.
pub(super) struct Tally {
    tests: Vec<Planned>,
    progress: Vec<Progress>,
    counts: Counts,
    failed: Vec<Failed>,
    events: Events,
    on_verdict: OnVerdict,
}

/// How far a test has come.
#[derive(Debug, Clone, Default)]
struct Progress {
    attempts: u32,
    first_problem: Option<Problem>,
    /// Its verdict, should it not be tried again after all.
    pending: Option<Verdict>,
    /// Those that were not the last.
    earlier: Vec<Earlier>,
}

/// A test that has failed for good.
#[derive(Debug, Clone)]
pub(super) struct Failed {
    /// Among those that are executed.
    pub(super) index: usize,
    pub(super) name: TestId,
    /// Where its last attempt was made.
    pub(super) slot: SlotId,
    pub(super) attempts: u32,
}

/// What is to be done with a test after an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// Another attempt.
    Again,
    /// Nothing: it has its verdict.
    Over,
}

impl Tally {
    pub(super) fn new(plan: &Plan, events: Events, on_verdict: OnVerdict) -> Self {
        let tests: Vec<_> = plan.executed().cloned().collect();
        let progress = vec![Progress::default(); tests.len()];
        Self { tests, progress, counts: Counts::default(), failed: Vec::new(), events, on_verdict }
    }

    /// The tests that are executed.
    pub(super) fn tests(&self) -> &[Planned] {
        &self.tests
    }

    /// The number of a test's next attempt, from 1.
    pub(super) fn next_attempt(&self, index: usize) -> u32 {
        self.progress[index].attempts + 1
    }

    /// An attempt is over: another one, or the verdict.
    pub(super) fn judge(&mut self, index: usize, result: attempt::Result, retries: u32) -> Next {
        let planned = &self.tests[index];
        let progress = &mut self.progress[index];
        progress.attempts += 1;
        let Judged { outcome, problem, expected, is_final } = fixme::judge(planned.test.entry, &result);
        let mut verdict = Verdict {
            test: planned.name(),
            outcome,
            flaky: outcome == Outcome::Passed && expected.is_none() && progress.attempts > 1,
            attempts: progress.attempts,
            skipped: result.skipped,
            expected,
            problem,
            place: Some(result.place),
            took: result.took,
            earlier: progress.earlier.clone(),
        };
        if !outcome.is_ok() && !is_final && progress.attempts <= retries {
            progress.first_problem = progress.first_problem.take().or_else(|| verdict.problem.clone());
            progress.earlier.extend(verdict.as_earlier());
            progress.pending = Some(verdict);
            return Next::Again;
        }
        verdict.problem = verdict.problem.or_else(|| progress.first_problem.take());
        self.tell(index, verdict);
        Next::Over
    }

    /// A test that waits will not be executed (again): if it was before, that attempt was its last.
    pub(super) fn leave_out(&mut self, index: usize) {
        if let Some(verdict) = self.progress[index].pending.take() {
            self.tell(index, verdict);
        }
    }

    /// The tests that have failed for good, and of which an attempt was made.
    pub(super) fn failed(&self) -> Vec<Failed> {
        self.failed.clone()
    }

    /// How many tests have failed for good.
    pub(super) fn failures(&self) -> usize {
        self.counts.bad()
    }

    /// The verdict of a test for which there is no slot.
    pub(super) fn error_out(&mut self, index: usize, reason: &str) {
        let planned = &self.tests[index];
        let problem = Problem { location: Some(planned.test.entry.place.into()), ..Problem::errored(reason) };
        let attempt = self.next_attempt(index);
        self.events.emit(Event::AttemptFinished {
            test: planned.name(),
            attempt,
            slot: None,
            outcome: Outcome::Errored,
            problem: Some(problem.clone()),
            took_us: 0,
        });
        let verdict = Verdict {
            test: planned.name(),
            outcome: Outcome::Errored,
            flaky: false,
            attempts: attempt,
            skipped: None,
            expected: None,
            problem: Some(problem),
            place: None,
            took: Duration::ZERO,
            earlier: self.progress[index].earlier.clone(),
        };
        self.tell(index, verdict);
    }

    fn tell(&mut self, index: usize, verdict: Verdict) {
        self.counts.add(verdict.outcome, verdict.flaky);
        if let Some(place) = verdict.place.as_ref().filter(|_| !verdict.outcome.is_ok()) {
            let (name, slot, attempts) = (verdict.test.clone(), place.slot.id(), verdict.attempts);
            self.failed.push(Failed { index, name, slot, attempts });
        }
        self.counts.expected_failures += usize::from(verdict.expected.is_some());
        self.events.emit(Event::TestFinished {
            test: verdict.test.clone(),
            outcome: verdict.outcome,
            flaky: verdict.flaky,
            attempts: verdict.attempts,
            reason: verdict.skipped.clone(),
            fixme: self.tests[index].test.entry.fixme.map(str::to_owned),
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
