//! A cause that is to be confirmed on fresh data: attempts with it, attempts without it.

use super::choose::{Candidates, Experiment, LONGEST};
use super::evalue::{Comparison, Excess, Tally, WITHOUT_PER_WITH};
use super::hypothesis::{Cause, Class, Culprit, NOISE, Place};
use super::interval::clopper_pearson;
use super::label::{ALPHA, Belief, Fresh};
use super::observation::{Side, TestNo};
use crate::model::SlotId;

/// See the module's documentation.
#[derive(Debug)]
pub(super) struct Trial {
    class: Class,
    culprit: Culprit,
    with: Experiment,
    /// Nothing of a cause that is always there: it is compared with noise.
    without: Option<Experiment>,
    test: Test,
}

#[derive(Debug)]
enum Test {
    Comparison(Comparison),
    Excess(Excess),
}

impl Trial {
    /// Of what is believed most.
    pub(super) fn new(belief: &Belief, candidates: &Candidates<'_>) -> Self {
        let (class, _) = belief.class();
        let (culprit, _) = belief.culprit();
        let slot = candidates.calm_slot();
        let alone = Experiment::Isolated { slot };
        let (with, without) = match class {
            Class::Slot => {
                let suspected = match culprit {
                    Culprit::Slot { slot } => slot,
                    _ => candidates.slots().first().copied().unwrap_or(slot),
                };
                (Experiment::InSlot { slot: suspected }, Some(alone))
            }
            Class::Overlap => {
                let mut tests = accused(culprit, || candidates.company());
                tests.truncate(candidates.room);
                (Experiment::Beside { slot, tests }, Some(alone))
            }
            Class::Order => (after(belief, candidates, slot), Some(alone)),
            Class::Brittle => (alone, Some(after(belief, candidates, slot))),
            Class::Load => (Experiment::Loaded { slot }, Some(alone)),
            Class::OneOff | Class::Deterministic | Class::Random | Class::Surroundings => (alone, None),
        };
        let test = match without {
            Some(_) => Test::Comparison(Comparison::new(belief.rate, NOISE)),
            None => Test::Excess(Excess::new(belief.rate, NOISE)),
        };
        Self { class, culprit, with, without, test }
    }

    /// Whether it is still this that is believed.
    pub(super) fn is_about(&self, belief: &Belief) -> bool {
        self.is_about_class(belief) && self.culprit == belief.culprit().0
    }

    /// Whether it is still this class that is believed.
    pub(super) fn is_about_class(&self, belief: &Belief) -> bool {
        self.class == belief.class().0
    }

    /// What is to be done next: in this slot, where the slot is not what is tried.
    pub(super) fn wanted(&self, slot: SlotId) -> (Side, Experiment) {
        let side = match &self.test {
            Test::Comparison(comparison) => comparison.wanted(),
            Test::Excess(_) => Side::With,
        };
        let experiment = match (&self.without, side) {
            (Some(without), Side::Without) => without,
            _ => &self.with,
        };
        let there = match experiment.clone() {
            Experiment::Isolated { .. } => Experiment::Isolated { slot },
            Experiment::Loaded { .. } => Experiment::Loaded { slot },
            Experiment::Beside { tests, .. } => Experiment::Beside { slot, tests },
            Experiment::After { tests, .. } => Experiment::After { slot, tests },
            other => other,
        };
        (side, there)
    }

    pub(super) fn observe(&mut self, side: Side, failed: bool) {
        match &mut self.test {
            Test::Comparison(comparison) => comparison.observe(side, failed),
            Test::Excess(excess) => excess.observe(failed),
        }
    }

    /// The natural logarithm of the e-value.
    pub(super) fn log_e(&self) -> f64 {
        match &self.test {
            Test::Comparison(comparison) => comparison.log_e(),
            Test::Excess(excess) => excess.log_e(),
        }
    }

    /// What one attempt with the cause costs, and those that go with it, in executions of a test.
    pub(super) fn block_costs(&self, tests: usize) -> f64 {
        let of = |experiment: &Experiment| experiment.cost(tests) as f64;
        let without = self.without.as_ref().map_or(0.0, |without| f64::from(WITHOUT_PER_WITH) * of(without));
        of(&self.with) + without
    }

    /// What it says. `discount` is added to the logarithm of the e-value.
    pub(super) fn fresh(&self, discount: f64) -> Fresh {
        let (with, without) = match &self.test {
            Test::Comparison(comparison) => comparison.tallies(),
            Test::Excess(excess) => (excess.tally(), Tally::default()),
        };
        let rate = |tally: Tally| clopper_pearson(tally.failed, tally.attempts, ALPHA);
        let log_e = self.log_e() + discount;
        Fresh { with, with_rate: rate(with), without, without_rate: rate(without), log_e }
    }
}

fn accused(culprit: Culprit, suspects: impl FnOnce() -> Vec<TestNo>) -> Vec<TestNo> {
    match culprit {
        Culprit::Test { test } => vec![test],
        _ => suspects(),
    }
}

/// After whom it is suspected to fail, or to pass; in another slot, if that is what is believed.
fn after(belief: &Belief, candidates: &Candidates<'_>, slot: SlotId) -> Experiment {
    let (class, _) = belief.class();
    let cause = belief.causes.iter().map(|(cause, _)| *cause).find(|cause| cause.class() == class);
    let is_anywhere = matches!(
        cause,
        Some(Cause::After { place: Place::Anywhere, .. } | Cause::Without { place: Place::Anywhere, .. })
    );
    let mut tests = accused(belief.culprit().0, || candidates.predecessors(Place::Here));
    tests.truncate(LONGEST);
    match tests[..] {
        [test] if is_anywhere && candidates.all.slots > 1 => {
            let other = SlotId(u16::from(slot.0 == 0));
            Experiment::AfterElsewhere { slot, test, other }
        }
        _ => Experiment::After { slot, tests },
    }
}
