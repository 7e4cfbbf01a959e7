//! Set-up commands and services of a slot or a run: spawn, readiness, logs, reset, stop.
//!
//! `plan` says what is to be run, with every placeholder filled in; `setup`, `service` and `ready` run
//! one of those; `crew` is all of a slot or of the run together; `room` is who starts them when, and
//! how many at once; `reset` brings those of a slot back to what they were at its beginning, with the files
//! that `snapshot` has kept. Nothing here prints: what went wrong is a [`ServiceError`].

mod app;
mod copy;
mod crew;
mod error;
mod plan;
mod ready;
mod reset;
mod room;
mod service;
mod setup;
mod snapshot;
#[cfg(all(test, unix))]
mod tests;

pub use app::App;
pub(crate) use error::ServiceError;
pub(crate) use room::{Services, SlotServices};
pub(crate) use snapshot::WORKER_LOG;
