//! What connects a run with a worker process: bytes both ways, and the socket of the slot's mail server.
//!
//! The process finds them where its standard input and output are, which every system hands to a child, and moves them away
//! before any test can see them.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
use unix as system;
#[cfg(windows)]
use windows as system;

#[cfg(feature = "mail")]
pub(super) use system::{Handed, hand};
pub(super) use system::{Incoming, Outgoing, Taken, Words, pair};
