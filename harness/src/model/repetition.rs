//! What a run is going to execute, and which of several executions of a test each is.

use serde::{Deserialize, Serialize};

use super::{Location, SlotId, TestId};

/// A test that a run is going to execute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedTest {
    /// What it is called in all events of the run.
    pub test: TestId,
    /// Which execution it is, where each test is executed several times.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repetition: Option<Repetition>,
    /// The slot that a shuffled run takes for it, if that is free when its turn comes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefers: Option<SlotId>,
    /// Where its function is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
    /// The roles that it asks for, `instructor#2` being the account that another slot has.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<String>,
    /// Its tags.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
}

impl PlannedTest {
    /// The test as it is written: the same for all of its executions.
    ///
    /// ```
    /// use callboard::events::PlannedTest;
    ///
    /// let second = r#"{"test":"a (2 of 3)","repetition":{"of":"a","number":2,"times":3}}"#;
    /// let second: PlannedTest = serde_json::from_str(second)?;
    /// assert_eq!(second.written().as_str(), "a");
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn written(&self) -> &TestId {
        self.repetition.as_ref().map_or(&self.test, |repetition| &repetition.of)
    }
}

/// One of several executions of a test, each of which is a test of its own to the run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repetition {
    /// The test as it is written.
    pub of: TestId,
    /// Which one it is, from 1.
    pub number: u32,
    /// How many there are.
    pub times: u32,
}

impl Repetition {
    /// What it is called: the first like the test, so that editors know it, the others `name (2 of 3)`.
    pub(crate) fn name(&self) -> TestId {
        let Self { of, number, times } = self;
        if *number == 1 { of.clone() } else { TestId::new(format!("{of} ({number} of {times})")) }
    }
}
