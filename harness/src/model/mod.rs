//! The plain data that every other room speaks: names, accounts, outcomes and events.
//!
//! Nothing here does anything: no file, no process and no clock is touched in this room.

mod address;
mod assign;
mod below;
mod counts;
mod event;
mod findings;
mod fingerprint;
mod mask;
mod names;
mod page_problem;
mod part;
mod pattern;
mod pressure;
mod problem;
mod recheck;
mod repetition;
mod schedule;
mod sent_request;
mod shard;
mod time;

pub(crate) use address::resolve;
pub(crate) use assign::{assign, can_assign};
pub(crate) use below::below;
pub use counts::Counts;
pub use event::{Event, Record, RenewWhy, ResetHow, ResetWhy, StepResult};
pub(crate) use event::{FORMAT, micros};
pub(crate) use findings::Seen;
pub use findings::{Finding, Findings, FindingsError};
pub(crate) use fingerprint::fingerprint;
pub(crate) use mask::{is_secret_header, masked, without_secrets};
pub use names::{Account, Role, SlotId, TestId};
pub use page_problem::{PageProblem, PageProblemKind, PageRequest, PageSource};
pub(crate) use part::Part;
pub(crate) use pattern::Pattern;
pub use pressure::{LimitReason, Pressure};
pub use problem::{Location, Outcome, Problem};
pub(crate) use problem::{chain, path_of};
pub use recheck::Trial;
pub use repetition::{PlannedTest, Repetition};
pub use schedule::{Order, Row, Schedule, Start};
pub use sent_request::SentRequest;
pub(crate) use sent_request::{is_write, path_shape};
pub use shard::Shard;
pub(crate) use time::seconds;
