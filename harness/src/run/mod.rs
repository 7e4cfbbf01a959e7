//! The run: plan → attempts in slots → events; retries.

mod attempt;
mod browser;
mod engine;
mod events;
mod folder;
mod plan;
mod shuffle;
mod station;

pub(crate) use engine::{End, Engine, Settings, Verdict};
pub(crate) use events::{Events, Writer};
pub(crate) use folder::RunFolder;
pub(crate) use plan::{Demand, Ignored, Plan, Planned, Selection, Shuffle};
