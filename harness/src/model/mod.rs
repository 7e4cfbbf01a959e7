//! The plain data that every other room speaks: names, accounts, outcomes and events.
//!
//! Nothing here does anything: no file, no process and no clock is touched in this room.

mod address;
mod assign;
mod event;
mod mask;
mod names;
mod part;
mod pressure;
mod problem;
mod repetition;
mod time;

pub(crate) use address::resolve;
pub(crate) use assign::{assign, can_assign};
pub(crate) use event::micros;
pub use event::{Counts, Event, Record, RenewWhy, ResetHow, ResetWhy, StepResult};
pub(crate) use mask::masked;
pub use names::{Account, Role, SlotId, TestId};
pub(crate) use part::Part;
pub use pressure::{LimitReason, Pressure};
pub use problem::{Location, Outcome, Problem};
pub(crate) use problem::{chain, path_of};
pub use repetition::{PlannedTest, Repetition};
pub(crate) use time::seconds;
