//! Set-up commands and services of a slot or a run: spawn, readiness, logs, stop.
//!
//! `plan` says what is to be run, with every placeholder filled in; `setup`, `service` and `ready` run
//! one of those; `crew` is all of a slot or of the run together; `room` is who starts them when, and
//! how many at once. Nothing here prints: what went wrong is a [`ServiceError`].

mod app;
mod crew;
mod error;
mod plan;
mod ready;
mod room;
mod service;
mod setup;
#[cfg(test)]
mod tests;

pub use app::App;
pub(crate) use error::ServiceError;
pub(crate) use room::{Services, SlotServices};
