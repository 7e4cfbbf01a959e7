//! Why tests fail: experiments, statistics, verdicts.
//!
//! `infer` decides from observations alone what is believed and what is tried next; `evidence` makes observations of a
//! story; `planner` makes of a wish what the laboratory can make.

mod analysis;
mod evidence;
mod infer;
mod planner;
pub(crate) mod report;
mod signature;
mod words;

pub(crate) use analysis::{Analysis, Asks, Ended, Findings, Limit, Progress};
