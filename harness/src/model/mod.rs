//! The plain data that every other room speaks: names, accounts, outcomes and events.
//!
//! Nothing here does anything: no file, no process and no clock is touched in this room.

mod address;
mod event;
mod mask;
mod names;
mod problem;
mod time;

pub(crate) use address::resolve;
pub(crate) use event::micros;
pub use event::{Counts, Event, Record, StepResult};
pub(crate) use mask::masked;
pub use names::{Account, Role, SlotId, TestId};
pub use problem::{Location, Outcome, Problem};
pub(crate) use problem::{chain, path_of};
pub(crate) use time::seconds;
