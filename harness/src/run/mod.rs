//! The run: plan → attempts in slots → events; retries.

mod attempt;
mod bound;
mod browser;
mod claims;
mod engine;
mod events;
mod experience;
mod fixme;
mod folder;
mod history;
mod last_failed;
#[cfg(feature = "mail")]
mod mail;
mod no_slot;
mod plan;
mod pressure;
mod reset;
mod shuffle;
mod station;
mod tally;
mod trace;
mod verdict;

/// The version of the format of events.
pub(crate) const FORMAT: u32 = 1;

pub(crate) use engine::{Engine, Settings};
pub(crate) use events::{Events, Writer};
pub(crate) use experience::Experience;
pub(crate) use folder::RunFolder;
pub(crate) use history::History;
pub(crate) use last_failed::{LastFailed, LastFailedError};
pub(crate) use plan::{Demand, Ignored, Plan, Planned, Selection, Shuffle};
pub(crate) use pressure::Used;
pub(crate) use verdict::{End, Place, Verdict};
