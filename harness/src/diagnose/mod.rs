//! Why tests fail: experiments, statistics, verdicts.
//!
//! `infer` decides from observations alone what is believed and what is tried next; `evidence` makes observations of a
//! story, with the `signature` of each failure; `planner` makes of a wish what the laboratory can make; `analysis` is the
//! course of it all, and `report` what is said in the end, in these `words`.

mod analysis;
mod evidence;
#[allow(
    dead_code,
    unused_imports,
    reason = "a search for several culprits and the curve over workers are not asked for yet"
)]
mod infer;
mod planner;
pub(crate) mod report;
mod signature;
mod words;

pub(crate) use analysis::{Analysis, Asks, Ended, Findings, Limit, Progress};

/// What the inference is measured with.
#[cfg(any(feature = "bench", all(test, feature = "harness")))]
pub(crate) mod bench {
    pub(crate) use super::infer::{
        Arm, Budget, Docket, Ending, Machine, Observation, Roster, Setting, TestNo,
    };
}
