//! Child processes: groups of them, their ends, their logs, and the warden that cleans up after a
//! killed run.
//!
//! Every program that callboard starts leads a process group of its own, so that what it starts in
//! turn can be ended with it, and carries the run's mark in its environment, so that what left the group is found. Nothing here needs `unsafe`: the standard library puts a child into a
//! group, and rustix sends signals. Linux and macOS only: Windows has neither groups nor signals, its
//! job objects are not used yet, and this room does not compile there.

mod exit;
mod group;
mod launch;
mod mark;
mod memory;
mod tail;
#[cfg(test)]
mod tests;
mod warden;

pub(crate) use exit::Exit;
pub(crate) use group::Group;
pub(crate) use launch::{Launch, SpawnError, Wires};
pub(crate) use mark::{Mark, carry};
pub(crate) use tail::tail;
pub(crate) use warden::Warden;
