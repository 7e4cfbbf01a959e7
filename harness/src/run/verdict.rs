//! What a run tells of itself: a verdict for each test, and how it ended.

use std::path::PathBuf;
use std::time::Duration;

use super::pressure::Used;
use crate::model::{Account, Counts, Outcome, Problem, TestId};
use crate::slots::Slot;

/// What became of a test in the end.
#[derive(Debug, Clone)]
pub(crate) struct Verdict {
    pub(crate) test: TestId,
    /// What the last attempt came to; `Passed` where a failure was expected.
    pub(crate) outcome: Outcome,
    /// It passed only on a retry.
    pub(crate) flaky: bool,
    pub(crate) attempts: u32,
    /// Why it was skipped.
    pub(crate) skipped: Option<String>,
    /// It failed, as its `fixme` says, which is why.
    pub(crate) expected: Option<&'static str>,
    /// Why the last attempt did not pass; of a flaky test, why the first did not.
    pub(crate) problem: Option<Problem>,
    /// Where the last attempt was made.
    pub(crate) place: Option<Place>,
    /// How long the last attempt took.
    pub(crate) took: Duration,
}

/// Where an attempt was made, as whom, and what it left.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) slot: Slot,
    pub(crate) base_url: String,
    pub(crate) accounts: Vec<Account>,
    pub(crate) kept: PathBuf,
    /// The names of the files that the test attached.
    pub(crate) attached: Vec<String>,
    /// The page of its trace, if it has one.
    pub(crate) trace: Option<PathBuf>,
}

/// How the run ended.
#[derive(Debug, Clone)]
pub(crate) struct End {
    pub(crate) counts: Counts,
    pub(crate) took: Duration,
    pub(crate) interrupted: bool,
    /// Nothing could be set up at all: why.
    pub(crate) never_up: Option<String>,
    pub(crate) slots_used: usize,
    /// How many browsers were renewed between attempts.
    pub(crate) browsers_renewed: u32,
    /// As many tests had failed for good when nothing more was started.
    pub(crate) stopped_after: Option<usize>,
    /// How short it could have been at best, where that says something.
    pub(crate) bound: Option<Duration>,
    /// How many attempts ran at once, where the machine did not carry as many as there are workers.
    pub(crate) workers_used: Option<Used>,
}
