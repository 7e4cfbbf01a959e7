//! Child processes: groups of them, their ends, their logs, and the warden that cleans up after a
//! killed run.
//!
//! Every program that callboard starts can be ended with all that it starts in turn. How, the system says: on Linux and
//! macOS it leads a process group of its own, and carries the run's mark in its environment, so that what left the group is
//! found ([`unix`]); on Windows it is in a job that nothing can leave ([`windows`]). Both have the same few names, and
//! everything outside of them is about any system.

mod exit;
mod group;
mod launch;
mod tail;
#[cfg(all(test, unix))]
mod tests;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

pub(crate) use exit::Exit;
pub(crate) use group::Group;
pub(crate) use launch::{Launch, SpawnError, Wires};
pub(crate) use system::{Warden, carry};
pub(crate) use tail::tail;
#[cfg(unix)]
use unix as system;
#[cfg(windows)]
use windows as system;
