//! From attempts to causes, without I/O: nothing here knows a file, a clock or a process, and the same attempts in the same
//! order always give the same answers. Where chance is needed its seed is given, and ties are broken by names.
//!
//! A [`Docket`] has a question ([`inquiry`]) for each test that failed, and each way in which it failed. It takes
//! [`Observation`]s, says what is best done next ([`Docket::next`]), what is believed ([`Docket::beliefs`]), and in the end what may be
//! said ([`Docket::verdicts`]).
//!
//! 1. *Discover.* The suite runs in random order until a further run would hardly show a new failing test ([`good_turing`]).
//! 2. *Adapt.* Every attempt is evidence about all causes at once ([`hypothesis`], [`posterior`]). The experiment is made that
//!    tells most for what it costs ([`choose`]), for one question or for several together.
//! 3. *Confirm.* What seems clear is compared with and without its cause, on fresh data ([`trial`], [`evalue`]).
//!
//! What that says is bounded by rules ([`label`]): a class is *confirmed* only by its posterior and by fresh data, and what was
//! not seen again is told with the bound of its rate ([`interval`]). Where no single test is guilty of an overlap, those are searched
//! for that are so together ([`sprt`]); on request there is the curve of failures against the number of workers ([`isotonic`]).
//!
//! Costs are counted in test executions. How good it is, `cargo xtask bench infer` measures in simulated worlds (`sim`).

mod belief;
mod choose;
mod docket;
mod evalue;
mod good_turing;
mod hypothesis;
mod inquiry;
mod interval;
mod isotonic;
mod label;
mod observation;
mod posterior;
mod sprt;
mod trial;

#[cfg(test)]
mod properties;
#[cfg(test)]
mod sim;

pub(crate) use choose::{Experiment, Machine, Plan};
pub(crate) use docket::{Budget, Docket};
pub(crate) use evalue::Tally;
pub(crate) use hypothesis::{Cause, Class, Culprit, Place};
pub(crate) use interval::{Interval, clopper_pearson};
pub(crate) use isotonic::{Count, Point, rising};
pub(crate) use label::{Belief, Blame, Fresh, Label, Traits, Verdict};
pub(crate) use observation::{Arm, Ending, Observation, Roster, Setting, Side, TestNo};
