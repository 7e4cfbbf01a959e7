//! The run: plan → attempts in slots → events; retries.

mod attempt;
mod browser;
mod claims;
mod engine;
mod events;
mod experience;
mod film;
mod fixme;
mod folder;
mod lab;
mod last_failed;
mod load;
#[cfg(feature = "mail")]
mod mail;
mod no_slot;
mod plan;
mod pressure;
mod reset;
mod shard;
mod shuffle;
mod station;
mod tally;
mod trace;
mod trouble;
mod verdict;

pub(crate) use engine::{Engine, Settings};
#[cfg(any(feature = "bench", all(test, feature = "harness")))]
pub(crate) use events::write_line;
pub(crate) use events::{Events, Writer};
pub(crate) use experience::Experience;
pub(crate) use folder::RunFolder;
pub(crate) use lab::{BUSY, Lab, LabError, busy_main};
pub(crate) use last_failed::{LastFailed, LastFailedError};
pub(crate) use plan::{Demand, Ignored, Plan, Planned, Selection, Shuffle, need};
pub(crate) use verdict::{End, Verdict};
