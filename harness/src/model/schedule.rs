//! What an experiment of a diagnosis makes: which tests, where, and when.

use serde::{Deserialize, Serialize};

use super::{SlotId, TestId};

/// The attempts of one experiment. Each slot is reset before its first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    /// What all slots share is begun anew before it, and with it every slot.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub fresh: bool,
    /// How many processes keep a core busy meanwhile.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub load: u16,
    /// How many times slower the processor is for pages, where that is more than once. Only Chromium can do that.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub slow_pages: u16,
    /// Who runs where.
    #[serde(flatten)]
    pub order: Order,
}

/// Who runs where in an experiment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "order", rename_all = "snake_case")]
pub enum Order {
    /// All of them once, in random order, wherever a slot is free: what an ordinary run does.
    Parallel {
        /// Which tests.
        tests: Vec<TestId>,
        /// How many run at once.
        workers: usize,
        /// The seed of the order and of the places.
        seed: u64,
    },
    /// As it is said for each slot.
    Rows {
        /// Each in another slot.
        rows: Vec<Row>,
    },
}

/// Tests that run one after the other in a slot, which is not reset in between.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Where.
    pub slot: SlotId,
    /// Which tests.
    pub tests: Vec<TestId>,
    /// When the first of them begins.
    #[serde(default)]
    pub start: Start,
    /// They begin again from the first until all rows are over that do not repeat.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub repeats: bool,
}

/// When a row begins.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Start {
    /// When its slot is ready.
    #[default]
    Ready,
    /// When this row is over, counted from 0.
    After(usize),
    /// When both this row and the slot are ready, so much later than the row, in microseconds. Both begin at the same moment
    /// where it is 0.
    Beside {
        /// Which row, counted from 0.
        row: usize,
        /// How much later.
        delay_us: u64,
    },
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(number: &u16) -> bool {
    *number == 0
}
