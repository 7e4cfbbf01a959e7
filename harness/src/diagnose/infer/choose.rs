//! Which experiment tells most for what it costs.
//!
//! The expected information of an experiment that has two outcomes is `H_b(Σ w_h f_h) − Σ w_h H_b(f_h)` bits: how uncertain its outcome is,
//! less what would be uncertain even if the cause were known ([Lindley 1956](https://doi.org/10.1214/aoms/1177728069)). It is divided by the cost in
//! test executions (TE).

use serde::{Deserialize, Serialize};

use super::hypothesis::{Cause, Hypotheses, NOISE, Place, failure};
use super::observation::{Arm, Setting, Side, TestNo};
use super::posterior::{Posterior, exposed};
use crate::model::SlotId;

/// One way to execute a test, in a slot that was reset and with nothing else running but what is named.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "experiment", rename_all = "snake_case")]
pub(crate) enum Experiment {
    /// All tests in random order, in random slots.
    Suite {
        /// How many at once.
        workers: u16,
    },
    /// Alone.
    Isolated {
        /// Where: a slot that is not suspected.
        slot: SlotId,
    },
    /// Alone, in a slot that is suspected.
    InSlot {
        /// Where.
        slot: SlotId,
    },
    /// Alone, while the processors are kept busy as in a parallel run.
    Loaded {
        /// Where.
        slot: SlotId,
    },
    /// While these others are looped in other slots, one in each.
    Beside {
        /// Where.
        slot: SlotId,
        /// Whom beside.
        tests: Vec<TestNo>,
    },
    /// After these others, one after the other, in the same slot.
    After {
        /// Where.
        slot: SlotId,
        /// After whom.
        tests: Vec<TestNo>,
    },
    /// One after the other in the same slot, without a reset between them, also after a failure: an attempt of each, and for those
    /// that come last one after nearly everything.
    Series {
        /// Where.
        slot: SlotId,
        /// Which are to come first.
        first: Vec<TestNo>,
        /// Those that fail, for which it is made.
        then: Vec<TestNo>,
    },
    /// After another one in another slot.
    AfterElsewhere {
        /// Where.
        slot: SlotId,
        /// After whom.
        test: TestNo,
        /// In which slot that one runs.
        other: SlotId,
    },
}

impl Experiment {
    /// What it costs, in executions of a test. `tests` is how many the suite has.
    pub(crate) fn cost(&self, tests: usize) -> usize {
        match self {
            Self::Suite { .. } => tests.max(1),
            Self::Isolated { .. } | Self::InSlot { .. } | Self::Loaded { .. } => 1,
            Self::Beside { tests, .. } | Self::After { tests, .. } => 1 + tests.len(),
            Self::Series { first, then, .. } => first.len() + then.len(),
            Self::AfterElsewhere { .. } => 2,
        }
    }

    /// In which setting it puts the test, as far as that can be known before; nothing can where several tests are.
    pub(super) fn setting(&self, machine: Machine, seconds: f64) -> Option<Setting> {
        let alone = |arm, slot: &SlotId| Setting {
            arm,
            slot: *slot,
            beside: Vec::new(),
            before_here: Vec::new(),
            before: Vec::new(),
            load: machine.load_of(1),
            in_flight: 1,
            seconds,
        };
        Some(match self {
            Self::Suite { .. } | Self::Series { .. } => return None,
            Self::Isolated { slot } => alone(Arm::Isolated, slot),
            Self::InSlot { slot } => alone(Arm::InSlot, slot),
            Self::Loaded { slot } => Setting { load: machine.throttled, ..alone(Arm::Loaded, slot) },
            Self::Beside { slot, tests } => {
                let arm = if tests.len() == 1 { Arm::Beside } else { Arm::Pool };
                let in_flight = u16::try_from(tests.len() + 1).unwrap_or(u16::MAX);
                let beside = tests.iter().map(|&test| (test, 1.0)).collect();
                Setting { beside, load: machine.load_of(in_flight), in_flight, ..alone(arm, slot) }
            }
            Self::After { slot, tests } => {
                let arm = if tests.len() == 1 { Arm::AfterHere } else { Arm::Sequence };
                Setting { before_here: tests.clone(), before: tests.clone(), ..alone(arm, slot) }
            }
            Self::AfterElsewhere { slot, test, .. } => {
                Setting { before: vec![*test], ..alone(Arm::AfterElsewhere, slot) }
            }
        })
    }
}

/// How busy the machine gets, each as a part of time from 0 to 1 in which some task waits for a core. It is used only to guess what
/// an experiment would tell; what it told is reckoned with what was measured.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Machine {
    /// With one test.
    pub(crate) alone: f64,
    /// With as many as there are workers.
    pub(crate) full: f64,
    /// With one test, when the processors are kept busy on purpose.
    pub(crate) throttled: f64,
    /// How many that is.
    pub(crate) workers: u16,
}

impl Machine {
    fn load_of(self, in_flight: u16) -> f64 {
        let part = f64::from(in_flight.saturating_sub(1)) / f64::from(self.workers.max(2) - 1);
        self.alone + (self.full - self.alone) * part.min(1.0)
    }
}

/// An experiment that is to be made for a test, and why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Plan {
    /// For which test; for all of them where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) test: Option<TestNo>,
    /// What is to be done.
    pub(crate) experiment: Experiment,
    /// What it costs, in executions of a test.
    pub(crate) cost: usize,
    /// How much it is expected to tell, in bits.
    pub(crate) information: f64,
    /// What is believed most so far. It confirms that, where there is a side.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) believed: Option<Cause>,
    /// If it is there to confirm on fresh data: with the cause or without. It has to be said with the observation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) side: Option<Side>,
}

/// Binary entropy, in bits.
pub(super) fn entropy(p: f64) -> f64 {
    if p <= 0.0 || p >= 1.0 {
        return 0.0;
    }
    -(p * p.log2() + (1.0 - p) * (1.0 - p).log2())
}

/// The bits that an attempt in this setting is expected to tell about which cause it is.
pub(super) fn information(all: &Hypotheses, found: &Posterior, setting: &Setting) -> f64 {
    let quiet = entropy(NOISE);
    let (mut fails, mut known) = (NOISE, quiet);
    exposed(all, found, setting, |cause, strikes| {
        let weight = found.weight[cause];
        // What is as good as ruled out has no say, and a logarithm costs.
        if weight > 1e-7 {
            let rate = failure(strikes);
            fails += weight * (rate - NOISE);
            known += weight * (entropy(rate) - quiet);
        }
    });
    (entropy(fails) - known).max(0.0)
}

/// The experiments that are worth a thought: few of each kind, with whom is suspected most.
pub(super) struct Candidates<'a> {
    pub(super) all: &'a Hypotheses,
    pub(super) found: &'a Posterior,
    /// How many looped tests fit beside one.
    pub(super) room: usize,
    /// How many slots were asked for before, so that not all attempts are made in the same.
    pub(super) turn: usize,
}

/// So many suspects of a kind are tried one by one.
const SUSPECTS: usize = 4;
/// A longer sequence is a run of the suite.
pub(super) const LONGEST: usize = 24;

impl Candidates<'_> {
    /// Where a test runs that is not to meet its slot's fault: the least suspected, in turn.
    pub(super) fn calm_slot(&self) -> SlotId {
        let suspicion = |slot: usize| {
            let weight = self.found.weight[self.all.slot(slot)];
            weight + self.found.weight[super::hypothesis::GENERAL.len() - 1] * self.found.in_set[slot]
        };
        let slots = self.all.slots;
        let in_turn = (0..slots).map(|slot| (slot + self.turn) % slots);
        let calmest = in_turn.min_by(|&a, &b| {
            // Differences that say nothing must not keep all attempts in one slot.
            let grade = |slot| suspicion(slot) > 2.0 / slots as f64 * self.class_of_slots() + 1e-9;
            grade(a).cmp(&grade(b))
        });
        slot_id(calmest.unwrap_or(0))
    }

    fn class_of_slots(&self) -> f64 {
        let one: f64 = (0..self.all.slots).map(|slot| self.found.weight[self.all.slot(slot)]).sum();
        one + self.found.weight[super::hypothesis::GENERAL.len() - 1]
    }

    /// The slots by suspicion.
    pub(super) fn slots(&self) -> Vec<SlotId> {
        let set = self.found.weight[super::hypothesis::GENERAL.len() - 1];
        let by_weight = sorted(self.all.slots, |slot| {
            self.found.weight[self.all.slot(slot)] + set * self.found.in_set[slot]
        });
        by_weight.into_iter().map(slot_id).collect()
    }

    /// The tests by how much they are suspected when they run at the same time.
    pub(super) fn company(&self) -> Vec<TestNo> {
        self.tests(|test| self.found.weight[self.all.beside(test)])
    }

    /// The tests by how much their having run or not before is suspected.
    pub(super) fn predecessors(&self, place: Place) -> Vec<TestNo> {
        self.tests(|test| {
            self.found.weight[self.all.after(place, test)] + self.found.weight[self.all.without(place, test)]
        })
    }

    fn tests(&self, weight: impl Fn(usize) -> f64) -> Vec<TestNo> {
        let by_weight = sorted(self.all.tests, weight);
        by_weight.into_iter().filter_map(|test| u16::try_from(test).ok().map(TestNo)).collect()
    }

    /// All of them.
    pub(super) fn experiments(&self) -> Vec<Experiment> {
        let slot = self.calm_slot();
        let mut all = vec![Experiment::Isolated { slot }, Experiment::Loaded { slot }];
        all.extend(self.slots().into_iter().take(3).map(|slot| Experiment::InSlot { slot }));
        let company = self.company();
        all.extend(one_by_one(&company).map(|tests| Experiment::Beside { slot, tests }));
        for size in [3, 6, self.room] {
            if size > 1 && company.len() >= size && size <= self.room {
                all.push(Experiment::Beside { slot, tests: company[..size].to_vec() });
            }
        }
        let here = self.predecessors(Place::Here);
        all.extend(one_by_one(&here).map(|tests| Experiment::After { slot, tests }));
        for size in [3, 8, LONGEST] {
            if here.len() >= size {
                all.push(Experiment::After { slot, tests: here[..size].to_vec() });
            }
        }
        let anywhere = self.predecessors(Place::Anywhere);
        let other = slot_id((slot.index() + 1) % self.all.slots);
        if other != slot {
            let first = anywhere.iter().take(SUSPECTS);
            all.extend(first.map(|&test| Experiment::AfterElsewhere { slot, test, other }));
        }
        all
    }
}

fn one_by_one(tests: &[TestNo]) -> impl Iterator<Item = Vec<TestNo>> {
    tests.iter().take(SUSPECTS).map(|&test| vec![test])
}

/// The numbers below `count`, those of most weight first, those of equal weight by number; none without weight.
fn sorted(count: usize, weight: impl Fn(usize) -> f64) -> Vec<usize> {
    let mut weighed: Vec<(f64, usize)> =
        (0..count).map(|n| (weight(n), n)).filter(|(weight, _)| *weight > 0.0).collect();
    weighed.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    weighed.into_iter().map(|(_, n)| n).collect()
}

fn slot_id(slot: usize) -> SlotId {
    SlotId(u16::try_from(slot).unwrap_or(u16::MAX))
}
