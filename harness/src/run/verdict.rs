//! What a run tells of itself: a verdict for each test, and how it ended.

use std::path::PathBuf;
use std::time::Duration;

use crate::model::{Account, Outcome, Problem, SlotId, TestId};
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
    /// The attempts before the last one.
    pub(crate) earlier: Vec<Earlier>,
}

impl Verdict {
    /// What will be known of its attempt when there is another one.
    pub(super) fn as_earlier(&self) -> Option<Earlier> {
        let place = self.place.as_ref()?;
        let (slot, kept) = (place.slot.id(), place.kept.clone());
        Some(Earlier { problem: self.problem.clone(), slot, kept, took: self.took })
    }
}

/// An attempt that did not pass, and was not the last.
#[derive(Debug, Clone)]
pub(crate) struct Earlier {
    pub(crate) problem: Option<Problem>,
    pub(crate) slot: SlotId,
    pub(crate) kept: PathBuf,
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

/// How the run ended, beside what its events say.
#[derive(Debug, Clone)]
pub(crate) struct End {
    pub(crate) interrupted: bool,
    /// Nothing could be set up at all: why.
    pub(crate) never_up: Option<String>,
}
