//! Why tests fail: experiments, statistics, verdicts.
//!
//! `infer` decides from observations alone what is believed and what is tried next; `evidence` makes observations of a
//! story, with the `signature` of each failure, and
//! `kinship` says who writes what others write; `divergence` is where failed attempts began to differ from those that passed; `planner` makes of a wish what the laboratory can make; `analysis` is the
//! course of it all, and `report` what is said in the end, in these `words`.

mod analysis;
mod divergence;
mod evidence;
#[allow(
    dead_code,
    unused_imports,
    reason = "a search for several culprits and the curve over workers are not asked for yet"
)]
mod infer;
mod kinship;
mod planner;
pub(crate) mod report;
mod signature;
mod words;

pub(crate) use analysis::{Analysis, Asks, Ended, Findings, Limit, Progress};
