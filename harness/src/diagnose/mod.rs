//! Why tests fail: experiments, statistics, verdicts.
//!
//! `infer` decides from observations alone what is believed and what is tried next; `evidence` makes observations of a
//! story, with the `signature` of each failure, and `kinship` says who writes what others write; `planner` makes of a wish what the
//! laboratory can make, and `experiments` are made one after the other; `analysis` is the course of it all, `quick` a short one,
//! `smallest` what comes after it; `divergence` is where failed attempts began to differ from those that passed; and `report` is what
//! is said in the end, in these `words`.

mod analysis;
mod divergence;
mod evidence;
mod experiments;
mod infer;
mod kinship;
mod planner;
mod quick;
pub(crate) mod report;
mod signature;
mod smallest;
mod words;

pub(crate) use analysis::{Analysis, Asks, Course, Ended, Findings, Limit, Progress, Since};

/// What the inference is measured with.
#[cfg(any(feature = "bench", all(test, feature = "harness")))]
pub(crate) mod bench {
    pub(crate) use super::infer::{
        Arm, Budget, Docket, Ending, Machine, Observation, Roster, Setting, TestNo,
    };
}
