//! How much was asked of the machine, and why fewer attempts run at once than may.

use serde::{Deserialize, Serialize};

/// How much was asked of the machine over a span of time, as it was measured.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Pressure {
    /// In which part of the time some task waited for a core, from 0 to 1; nothing where the system does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu: Option<f64>,
    /// In which part of the time some task waited for memory, from 0 to 1; nothing where the system does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory: Option<f64>,
    /// How late a thread was woken that asks for nothing else, in microseconds.
    pub delay_us: u64,
}

/// Why as many attempts may run at once as do, and no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LimitReason {
    /// The run begins with one for each core, and nothing is known yet.
    Start,
    /// There was room for more.
    Room,
    /// Tasks wait for a core.
    Cpu,
    /// Tasks wait for memory.
    Memory,
    /// The harness itself is woken late.
    Delay,
}
