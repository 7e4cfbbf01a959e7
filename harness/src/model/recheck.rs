//! What a test that failed came to when it was tried once more.

use serde::{Deserialize, Serialize};

use super::{Outcome, SlotId};

/// One attempt of a test that had failed, made alone: nothing else ran, and its slot was as for a first test.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trial {
    /// The number of the attempt, after those of the run.
    pub attempt: u32,
    /// Where it was made.
    pub slot: SlotId,
    /// What it came to.
    pub outcome: Outcome,
    /// Why it did not pass.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}
