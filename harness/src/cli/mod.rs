//! The command line of the test executable.

mod alone;
mod analyze;
mod args;
mod audit;
mod earlier;
mod looks;
mod main;
mod places;
mod prepared;
mod signals;
mod since;
mod stopped;

pub use alone::run_alone;
pub use main::{Consumer, main};
