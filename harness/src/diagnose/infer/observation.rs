//! What one attempt of a test tells: the setting that it ran in, and how it ended.

use serde::{Deserialize, Serialize};

use crate::model::{SlotId, TestId};

/// The number of a test in its [`Roster`]: the place of its name in the order of names, so that ties which are broken by
/// numbers are broken by names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct TestNo(pub(crate) u16);

impl TestNo {
    pub(crate) fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// Which tests and slots there are. Observations, experiments and verdicts speak of tests by their number in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Roster {
    tests: Vec<TestId>,
    slots: u16,
    workers: u16,
}

impl Roster {
    /// Of these tests in any order, with slots `0..slots`, of which `workers` are in use at once in a run.
    pub(crate) fn new(mut tests: Vec<TestId>, slots: u16, workers: u16) -> Self {
        tests.sort_unstable();
        tests.dedup();
        tests.truncate(usize::from(u16::MAX));
        let slots = slots.max(1);
        Self { tests, slots, workers: workers.clamp(1, slots) }
    }

    /// The number of a test, if it is one of these.
    pub(crate) fn number(&self, test: &TestId) -> Option<TestNo> {
        let place = self.tests.binary_search(test).ok()?;
        u16::try_from(place).ok().map(TestNo)
    }

    /// The name of a test of this roster.
    pub(crate) fn name(&self, test: TestNo) -> Option<&TestId> {
        self.tests.get(test.index())
    }

    /// All tests, by name.
    pub(crate) fn numbers(&self) -> impl DoubleEndedIterator<Item = TestNo> + use<> {
        (0..u16::try_from(self.tests.len()).unwrap_or(u16::MAX)).map(TestNo)
    }

    /// How many tests there are.
    pub(crate) fn len(&self) -> usize {
        self.tests.len()
    }

    /// How many slots there are.
    pub(crate) fn slots(&self) -> u16 {
        self.slots
    }

    /// How many tests run at once in a parallel run.
    pub(crate) fn workers(&self) -> u16 {
        self.workers
    }
}

/// In which kind of experiment an attempt was made. It is kept for tables and for people: what an attempt tells of a
/// cause follows from its [`Setting`] alone, so that a leak of load into an arm is seen as what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Arm {
    /// In a run of the whole suite with as many workers as usual.
    Parallel,
    /// Alone, in a slot that was reset.
    Isolated,
    /// Alone, in a slot that is suspected.
    InSlot,
    /// Alone on a machine that is kept busy.
    Loaded,
    /// Beside one test that is looped.
    Beside,
    /// Beside several tests that are looped.
    Pool,
    /// After another test in the same slot.
    AfterHere,
    /// After another test in another slot.
    AfterElsewhere,
    /// After several tests in the same slot.
    Sequence,
}

/// All of an attempt's surroundings that a failure may depend on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Setting {
    /// The kind of experiment.
    pub(crate) arm: Arm,
    /// Where it ran.
    pub(crate) slot: SlotId,
    /// What ran meanwhile, and during which part of the attempt's own time, from 0 to 1. A looped test has 1.
    pub(crate) beside: Vec<(TestNo, f64)>,
    /// What had run before in the slot, since that was last reset.
    pub(crate) before_here: Vec<TestNo>,
    /// What had ended before in any slot, this one included, since what all slots share was last brought back.
    pub(crate) before: Vec<TestNo>,
    /// How busy the machine was: in which part of the attempt's time some task waited for a core, from 0 to 1.
    pub(crate) load: f64,
    /// The most attempts that ran at once while it ran, itself included.
    pub(crate) in_flight: u16,
    /// How long it took, in seconds.
    pub(crate) seconds: f64,
}

/// How an attempt ended. What was skipped or cancelled is no observation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Ending {
    /// It passed.
    Passed,
    /// It did not, and this is how: what two failures of one cause have in common, and two of different causes do not.
    Failed(String),
}

/// Which side of a comparison on fresh data an attempt was made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Side {
    /// With the suspected cause.
    With,
    /// Without it.
    Without,
}

/// One attempt of one test.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Observation {
    /// Whose attempt.
    pub(crate) test: TestNo,
    /// Under what circumstances.
    pub(crate) setting: Setting,
    /// How it ended.
    pub(crate) ending: Ending,
    /// Of an attempt that was asked for by a [`Plan`](super::choose::Plan) which confirms: its side.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) side: Option<Side>,
}
