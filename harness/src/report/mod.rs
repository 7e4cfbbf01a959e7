//! What people and programs are told of a run.

mod again;
mod anew;
#[cfg(feature = "harness")]
mod bound;
mod chronicle;
#[cfg(feature = "harness")]
mod desk;
#[cfg(feature = "harness")]
mod face;
pub(crate) mod files;
#[cfg(feature = "harness")]
mod github;
#[cfg(feature = "harness")]
mod json;
#[cfg(feature = "harness")]
mod libtest;
#[cfg(feature = "harness")]
mod message;
#[cfg(feature = "harness")]
mod output;
mod past;
mod recheck;
#[cfg(feature = "harness")]
mod results;
#[cfg(feature = "harness")]
mod summary;
#[cfg(feature = "harness")]
mod terminal;
#[cfg(feature = "harness")]
mod timed;

#[cfg(feature = "harness")]
pub(crate) use again::{Again, VARIABLE as COMMAND};
pub use anew::{Made, ReportsError, make};
#[cfg(feature = "harness")]
pub(crate) use desk::Desk;
#[cfg(feature = "harness")]
pub(crate) use face::{Expect, Face, Style, list};
#[cfg(feature = "harness")]
pub(crate) use github::Sources;
#[cfg(feature = "harness")]
pub(crate) use message::message;
#[cfg(feature = "harness")]
pub(crate) use output::{printed, streamed};
pub use past::{Past, PastSuite, PastTest, Place, Since, past};
#[cfg(feature = "harness")]
pub(crate) use terminal::{Paint, Reporter, Surroundings, Terminal, Watch};
