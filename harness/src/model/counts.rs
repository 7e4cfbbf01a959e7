//! How many tests came to what.

use serde::{Deserialize, Serialize};

use super::Outcome;

/// Tests by what they came to in the end.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Passed, those that needed a retry and those that failed as expected included.
    pub passed: usize,
    /// Passed, but only on a retry.
    pub flaky: usize,
    /// Failed, as their `fixme` says.
    #[serde(default)]
    pub expected_failures: usize,
    /// Said no themselves.
    pub failed: usize,
    /// The surroundings said no.
    pub errored: usize,
    /// Took longer than they may.
    pub timed_out: usize,
    /// Took their process with them.
    pub crashed: usize,
    /// Ignored, or skipped at run time.
    pub skipped: usize,
    /// Never came to an end: the run was interrupted, or stopped because too many others had failed.
    pub did_not_run: usize,
}

impl Counts {
    /// Counts one more test.
    pub(crate) fn add(&mut self, outcome: Outcome, flaky: bool) {
        match outcome {
            Outcome::Passed => self.passed += 1,
            Outcome::Failed => self.failed += 1,
            Outcome::Errored => self.errored += 1,
            Outcome::TimedOut => self.timed_out += 1,
            Outcome::Crashed => self.crashed += 1,
            Outcome::Skipped => self.skipped += 1,
        }
        self.flaky += usize::from(flaky);
    }

    /// How many tests did not come to a good end.
    pub(crate) fn bad(&self) -> usize {
        self.failed + self.errored + self.timed_out + self.crashed
    }
}
