//! The run: plan → attempts in slots → events; retries.

mod attempt;
mod browser;
mod claims;
mod engine;
mod events;
mod fixme;
mod folder;
#[cfg(feature = "mail")]
mod mail;
mod no_slot;
mod plan;
mod reset;
mod shuffle;
mod station;
mod tally;
mod verdict;

pub(crate) use engine::{Engine, Settings};
pub(crate) use events::{Events, Writer};
pub(crate) use folder::RunFolder;
pub(crate) use plan::{Demand, Ignored, Plan, Planned, Selection, Shuffle};
pub(crate) use verdict::{End, Verdict};
