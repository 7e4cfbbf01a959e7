//! The run: plan → attempts in slots → events; retries.

mod attempt;
mod browser;
mod engine;
mod events;
mod folder;
#[cfg(feature = "mail")]
mod mail;
mod plan;
mod shuffle;
mod station;
mod verdict;

pub(crate) use engine::{Engine, Settings};
pub(crate) use events::{Events, Writer};
pub(crate) use folder::RunFolder;
pub(crate) use plan::{Demand, Ignored, Plan, Planned, Selection, Shuffle};
pub(crate) use verdict::{End, Verdict};
