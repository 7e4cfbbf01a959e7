//! What may explain the failures of one test, and how probable each was before anything was seen.
//!
//! Every cause says of every attempt whether it was *exposed* to it, and how much, as a number x from 0 to 1. An attempt then fails
//! with the probability `1 - (1 - ε)(1 - p x)`: ε is noise, and p the cause's own rate, which nobody knows and which is summed
//! over (a grid, each point as probable as the others). So one attempt is evidence about all causes at once, in
//! whichever experiment it was made: a noisy group test ([Scarlett 2018](https://arxiv.org/abs/1803.05099)).

use serde::{Deserialize, Serialize};

use super::observation::{Roster, TestNo};
use crate::model::SlotId;

/// With which probability an attempt fails for no reason that anybody will find.
pub(crate) const NOISE: f64 = 0.003;

/// How many points the grid of rates has.
pub(super) const POINTS: usize = 8;

/// The rates that a cause may have.
pub(super) const RATES: [f64; POINTS] = [0.05, 0.1, 0.2, 0.32, 0.47, 0.65, 0.85, 0.98];

/// How probable each of [`RATES`] is where a set-up is missing: what is not there is missed nearly always.
pub(super) const RATES_WITHOUT: [f64; POINTS] = [0.02, 0.03, 0.04, 0.05, 0.07, 0.13, 0.22, 0.44];

/// The rate of a test that fails always.
pub(super) const ALWAYS: f64 = 0.99;

/// In steps of a tenth, from which part of its time on a machine may be too busy. Below two tenths no machine that does anything is.
pub(super) const LOADS: std::ops::RangeInclusive<u8> = 2..=9;

/// From how many tests before it in its slot a test may be too late.
pub(super) const AGES: [u16; 7] = [1, 2, 3, 5, 8, 16, 32];

/// How probable it is of each slot that it is wrong, if several are.
pub(super) const WRONG_SLOT: f64 = 0.12;

/// Prior weights of the classes; over the causes of a class they are spread.
const PRIORS: [(Class, f64); 9] = [
    (Class::OneOff, 20.0),
    (Class::Deterministic, 1.0),
    (Class::Random, 1.0),
    (Class::Slot, 1.0),
    (Class::Order, 1.0),
    (Class::Brittle, 0.5),
    (Class::Overlap, 2.0),
    (Class::Load, 1.0),
    (Class::Surroundings, 1.0),
];

/// A kind of cause: what a person is told first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Class {
    /// Noise: nothing that was tried makes it fail.
    OneOff,
    /// It fails always.
    Deterministic,
    /// It fails anywhere with the same probability.
    Random,
    /// It fails in one slot, or some: that account, that port, that data.
    Slot,
    /// It fails after another test.
    Order,
    /// It fails where another test did not run before.
    Brittle,
    /// It fails while another test runs, or while many do.
    Overlap,
    /// It fails on a busy machine.
    Load,
    /// What fails hits whoever runs, in proportion to the time that it runs.
    Surroundings,
}

/// Where a test ran before another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Place {
    /// In the same slot.
    Here,
    /// In any slot.
    Anywhere,
}

/// One possible cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "cause", rename_all = "snake_case")]
pub(crate) enum Cause {
    /// See [`Class::OneOff`].
    OneOff,
    /// See [`Class::Deterministic`].
    Deterministic,
    /// See [`Class::Random`].
    Random,
    /// See [`Class::Surroundings`].
    Surroundings,
    /// Some slots, each of which may be one of them.
    Slots,
    /// One slot.
    Slot {
        /// Which.
        slot: SlotId,
    },
    /// A test that ran at the same time.
    Beside {
        /// Which.
        test: TestNo,
    },
    /// A test that ran before.
    After {
        /// Which.
        test: TestNo,
        /// Where.
        place: Place,
    },
    /// A test that did not run before.
    Without {
        /// Which.
        test: TestNo,
        /// Where.
        place: Place,
    },
    /// That so many ran before in the slot, whichever.
    Aged {
        /// How many at least.
        tests: u16,
    },
    /// That so many attempts run at once, whichever.
    Crowd {
        /// How many at least, itself included.
        in_flight: u16,
    },
    /// That the machine is so busy.
    Busy {
        /// In which part of the time some task waits for a core, in tenths.
        tenths: u8,
    },
}

impl Cause {
    /// Which kind of cause it is.
    pub(crate) fn class(self) -> Class {
        match self {
            Self::OneOff => Class::OneOff,
            Self::Deterministic => Class::Deterministic,
            Self::Random => Class::Random,
            Self::Surroundings => Class::Surroundings,
            Self::Slots | Self::Slot { .. } => Class::Slot,
            Self::Beside { .. } | Self::Crowd { .. } => Class::Overlap,
            Self::After { .. } | Self::Aged { .. } => Class::Order,
            Self::Without { .. } => Class::Brittle,
            Self::Busy { .. } => Class::Load,
        }
    }

    /// Whom it accuses, where two causes of one class may accuse the same.
    pub(crate) fn culprit(self) -> Culprit {
        match self {
            Self::Slot { slot } => Culprit::Slot { slot },
            Self::Beside { test } | Self::After { test, .. } | Self::Without { test, .. } => {
                Culprit::Test { test }
            }
            Self::Slots | Self::Aged { .. } | Self::Crowd { .. } => Culprit::Many,
            Self::OneOff | Self::Deterministic | Self::Random | Self::Surroundings | Self::Busy { .. } => {
                Culprit::Nobody
            }
        }
    }
}

/// Whom a cause accuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "culprit", rename_all = "snake_case")]
pub(crate) enum Culprit {
    /// The class has none.
    Nobody,
    /// Several together, or so many of whichever.
    Many,
    /// One slot.
    Slot {
        /// Which.
        slot: SlotId,
    },
    /// One other test.
    Test {
        /// Which.
        test: TestNo,
    },
}

/// All causes of a suite in one row, so that what is known of each is a plain array.
#[derive(Debug, Clone)]
pub(super) struct Hypotheses {
    pub(super) causes: Vec<Cause>,
    pub(super) tests: usize,
    pub(super) slots: usize,
    pub(super) crowds: usize,
    /// Logarithms of the factors by which an attempt changes the likelihood of a cause, against its being noise: by how
    /// exposed it was, whether it failed, and the cause's rate.
    terms: [[[f64; POINTS]; 2]; EXPOSURES.len()],
}

/// The degrees of exposure that are told apart.
pub(super) const EXPOSURES: [f64; 3] = [0.3, 0.7, 1.0];

/// How exposed an attempt is to a test that ran during this part of its time. A short overlap may have missed the moment that
/// matters.
pub(super) fn exposure(share: f64) -> Option<usize> {
    match share {
        share if share <= 0.0 || share.is_nan() => None,
        share if share < 0.12 => Some(0),
        share if share < 0.4 => Some(1),
        _ => Some(2),
    }
}

/// The causes that every suite has, before all others.
pub(super) const GENERAL: [Cause; 5] =
    [Cause::OneOff, Cause::Deterministic, Cause::Random, Cause::Surroundings, Cause::Slots];

impl Hypotheses {
    pub(super) fn new(roster: &Roster) -> Self {
        let mut causes = GENERAL.to_vec();
        causes.extend((0..roster.slots()).map(|slot| Cause::Slot { slot: SlotId(slot) }));
        causes.extend(roster.numbers().map(|test| Cause::Beside { test }));
        for place in [Place::Here, Place::Anywhere] {
            causes.extend(roster.numbers().map(|test| Cause::After { test, place }));
        }
        for place in [Place::Here, Place::Anywhere] {
            causes.extend(roster.numbers().map(|test| Cause::Without { test, place }));
        }
        let crowds = usize::from(roster.workers().max(2) - 1);
        causes.extend((2..=roster.workers().max(2)).map(|in_flight| Cause::Crowd { in_flight }));
        causes.extend(LOADS.map(|tenths| Cause::Busy { tenths }));
        causes.extend(AGES.map(|tests| Cause::Aged { tests }));
        let slots = usize::from(roster.slots());
        Self { causes, tests: roster.len(), slots, crowds, terms: terms() }
    }

    pub(super) fn slot(&self, slot: usize) -> usize {
        debug_assert!(slot < self.slots);
        GENERAL.len() + slot
    }

    pub(super) fn beside(&self, test: usize) -> usize {
        GENERAL.len() + self.slots + test
    }

    pub(super) fn after(&self, place: Place, test: usize) -> usize {
        let block = match place {
            Place::Here => 1,
            Place::Anywhere => 2,
        };
        self.beside(block * self.tests + test)
    }

    pub(super) fn without(&self, place: Place, test: usize) -> usize {
        self.after(place, test) + 2 * self.tests
    }

    /// `place` from 0, for crowds of two.
    pub(super) fn crowd(&self, place: usize) -> usize {
        self.beside(5 * self.tests + place)
    }

    /// `place` from 0, for the lowest of [`LOADS`].
    pub(super) fn busy(&self, place: usize) -> usize {
        self.crowd(self.crowds + place)
    }

    /// `place` in [`AGES`].
    pub(super) fn aged(&self, place: usize) -> usize {
        self.busy(LOADS.count() + place)
    }

    /// See [`Hypotheses::terms`].
    pub(super) fn term(&self, exposure: usize, failed: bool) -> &[f64; POINTS] {
        &self.terms[exposure][usize::from(failed)]
    }

    /// The logarithms of the priors of all causes of `test`'s failures. `kinship` says of each other test how much more than
    /// others it is suspected, because it writes what `test` reads, for instance: 1 for no more, never below 0.
    pub(super) fn log_priors(&self, test: TestNo, kinship: &[f64]) -> Vec<f64> {
        let kin = |other: TestNo| {
            if other == test { 0.0 } else { kinship.get(other.index()).copied().unwrap_or(1.0).max(0.0) }
        };
        let kin_in_all: f64 =
            (0..self.tests).filter_map(|n| u16::try_from(n).ok()).map(|n| kin(TestNo(n))).sum();
        let among = |other: TestNo| if kin_in_all > 0.0 { kin(other) / kin_in_all } else { 0.0 };
        let weight = |class| PRIORS.iter().find(|(of, _)| *of == class).map_or(0.0, |(_, weight)| *weight);
        self.causes
            .iter()
            .map(|&cause| {
                let part = match cause {
                    Cause::OneOff | Cause::Deterministic | Cause::Random | Cause::Surroundings => 1.0,
                    Cause::Slots => 0.25,
                    Cause::Slot { .. } => 0.75 / self.slots as f64,
                    Cause::Beside { test } => 0.7 * among(test),
                    Cause::Crowd { .. } => 0.3 / self.crowds as f64,
                    Cause::After { test, place: Place::Anywhere } => 0.3 * among(test),
                    Cause::Aged { .. } => 0.2 / AGES.len() as f64,
                    Cause::After { test, place: Place::Here } | Cause::Without { test, .. } => {
                        0.5 * among(test)
                    }
                    Cause::Busy { .. } => 1.0 / LOADS.count() as f64,
                };
                (weight(cause.class()) * part).ln()
            })
            .collect()
    }
}

fn terms() -> [[[f64; POINTS]; 2]; EXPOSURES.len()] {
    EXPOSURES.map(|exposure| {
        let fails = RATES.map(|rate| failure(rate * exposure));
        [fails.map(|fails| ((1.0 - fails) / (1.0 - NOISE)).ln()), fails.map(|fails| (fails / NOISE).ln())]
    })
}

/// The probability of a failure of an attempt in which its cause strikes with this probability.
pub(super) fn failure(strikes: f64) -> f64 {
    1.0 - (1.0 - NOISE) * (1.0 - strikes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::TestId;

    #[test]
    fn every_cause_is_where_it_is_looked_for() {
        let tests = (0..7).map(|n| TestId::new(format!("t{n}"))).collect();
        let all = Hypotheses::new(&Roster::new(tests, 5, 4));
        let at = |place: usize| all.causes[place];
        let test = TestNo(3);
        assert_eq!(at(all.slot(2)), Cause::Slot { slot: SlotId(2) });
        assert_eq!(at(all.beside(3)), Cause::Beside { test });
        for place in [Place::Here, Place::Anywhere] {
            assert_eq!(at(all.after(place, 3)), Cause::After { test, place });
            assert_eq!(at(all.without(place, 3)), Cause::Without { test, place });
        }
        assert_eq!(at(all.crowd(1)), Cause::Crowd { in_flight: 3 });
        assert_eq!(at(all.busy(1)), Cause::Busy { tenths: 3 });
        assert_eq!(at(all.aged(1)), Cause::Aged { tests: 2 });
        assert_eq!(all.aged(AGES.len()), all.causes.len());
    }

    #[test]
    fn priors_are_those_of_the_classes_and_nobody_is_his_own_culprit() {
        let tests = (0..7).map(|n| TestId::new(format!("t{n}"))).collect();
        let all = Hypotheses::new(&Roster::new(tests, 5, 4));
        let priors = all.log_priors(TestNo(2), &[]);
        for (class, weight) in PRIORS {
            let sum: f64 = all
                .causes
                .iter()
                .zip(&priors)
                .filter(|(cause, _)| cause.class() == class)
                .map(|(_, p)| p.exp())
                .sum();
            assert!((sum - weight).abs() < 1e-9, "{class:?}: {sum}");
        }
        assert!(priors[all.beside(2)].exp() < f64::MIN_POSITIVE);
        let kin = all.log_priors(TestNo(2), &[1.0, 4.0]);
        assert!(kin[all.beside(1)] > kin[all.beside(0)]);
    }
}
