//! Several culprits: which of many suspects together make a test fail, if each question may have to be asked several times.
//!
//! Delta debugging ([Zeller and Hildebrandt 2002](https://doi.org/10.1109/32.988498), ddmin) halves a set of suspects as long as a part
//! still makes the test fail. Each of its questions is decided by a sequential probability ratio test
//! ([Wald 1945](https://doi.org/10.1214/aoms/1177731118)), because a part that has the culprits makes the test fail only sometimes.

use std::collections::BTreeMap;

use super::hypothesis::NOISE;
use super::observation::TestNo;

/// Of each question, how probable an error of either kind is at the most: a set is taken for guilty that is not, or the
/// other way round.
const ERROR: f64 = 0.01;

/// Wald's sequential test: does a test fail with the probability `rate`, or only by noise?
///
/// Of `ln Π P(y | rate) / P(y | noise)` it waits until it is at least `ln((1 − β) / α)`, and then says yes, or at most
/// `ln(β / (1 − α))`, and then says no.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Ratio {
    rate: f64,
    log: f64,
}

impl Ratio {
    fn observe(&mut self, failed: bool) {
        self.log += if failed { (self.rate / NOISE).ln() } else { ((1.0 - self.rate) / (1.0 - NOISE)).ln() };
    }

    fn decision(self) -> Option<bool> {
        let bound = ((1.0 - ERROR) / ERROR).ln();
        (self.log.abs() >= bound).then_some(self.log > 0.0)
    }
}

/// A search for the sets of tests each of which makes a test fail, when all its members run (beside it, or before it,
/// whatever was confirmed), and none of which has a member too many.
#[derive(Debug, Clone)]
pub(crate) struct Search {
    suspects: Vec<TestNo>,
    rate: f64,
    asked: BTreeMap<Vec<TestNo>, Ratio>,
}

/// A search is over, or needs to know whether this set makes the test fail.
type Found<T> = Result<T, Vec<TestNo>>;

impl Search {
    /// Among these suspects, of which the first are suspected most. `rate` is with which probability an attempt fails where
    /// all is there that it takes, from 0 to 1: the lower it is, the more often is asked.
    pub(crate) fn new(mut suspects: Vec<TestNo>, rate: f64) -> Self {
        let mut seen = Vec::new();
        suspects.retain(|test| {
            let is_new = !seen.contains(test);
            seen.push(*test);
            is_new
        });
        Self { suspects, rate: rate.clamp(0.05, 0.95), asked: BTreeMap::new() }
    }

    /// With which tests the next attempt is to be made; none when the search is over.
    pub(crate) fn next(&self) -> Option<Vec<TestNo>> {
        self.sets().err()
    }

    /// Takes the outcome of an attempt with the tests of [`Search::next`].
    pub(crate) fn observe(&mut self, failed: bool) {
        if let Some(set) = self.next() {
            let fresh = Ratio { rate: self.rate, log: 0.0 };
            self.asked.entry(sorted(&set)).or_insert(fresh).observe(failed);
        }
    }

    /// The sets, when the search is over. There is more than one where each of several suspects suffices, and a set has more than one
    /// member where it takes them together.
    pub(crate) fn found(&self) -> Option<Vec<Vec<TestNo>>> {
        self.sets().ok()
    }

    /// Played again from the start each time, as far as the answers go: so its state is its answers, and nothing else.
    fn sets(&self) -> Found<Vec<Vec<TestNo>>> {
        let mut left = self.suspects.clone();
        let mut sets = Vec::new();
        while !left.is_empty() && self.fails(&left)? {
            let set = self.minimal(left.clone())?;
            left.retain(|test| !set.contains(test));
            sets.push(set);
        }
        Ok(sets)
    }

    fn minimal(&self, mut set: Vec<TestNo>) -> Found<Vec<TestNo>> {
        let mut parts = 2;
        while set.len() > 1 {
            let size = set.len().div_ceil(parts);
            if let Some(part) = self.first(set.chunks(size).map(<[TestNo]>::to_vec))? {
                set = part;
                parts = 2;
                continue;
            }
            let without = |part: &[TestNo]| set.iter().filter(|test| !part.contains(test)).copied().collect();
            if parts > 2
                && let Some(rest) = self.first(set.chunks(size).map(without))?
            {
                set = rest;
                parts = (parts - 1).max(2);
                continue;
            }
            if parts >= set.len() {
                break;
            }
            parts = (parts * 2).min(set.len());
        }
        Ok(set)
    }

    fn first(&self, sets: impl Iterator<Item = Vec<TestNo>>) -> Found<Option<Vec<TestNo>>> {
        for set in sets {
            if self.fails(&set)? {
                return Ok(Some(set));
            }
        }
        Ok(None)
    }

    fn fails(&self, set: &[TestNo]) -> Found<bool> {
        let decision = self.asked.get(&sorted(set)).and_then(|ratio| ratio.decision());
        decision.ok_or_else(|| set.to_vec())
    }
}

fn sorted(set: &[TestNo]) -> Vec<TestNo> {
    let mut set = set.to_vec();
    set.sort_unstable();
    set
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand_core::{Rng, SeedableRng};
    use rand_pcg::Pcg32;

    use super::*;

    fn searched(
        suspects: u16,
        rate: f64,
        seed: u64,
        is_guilty: impl Fn(&[TestNo]) -> bool,
    ) -> (Vec<Vec<TestNo>>, u32) {
        let mut chance = Pcg32::seed_from_u64(seed);
        let mut search = Search::new((0..suspects).map(TestNo).collect(), rate);
        let mut attempts = 0;
        while let Some(set) = search.next() {
            let strikes = f64::from(chance.next_u32()) / 4_294_967_296.0;
            search.observe(strikes < if is_guilty(&set) { rate } else { NOISE });
            attempts += 1;
            assert!(attempts < 5_000, "no end of questions");
        }
        (search.found().expect("the end of the search"), attempts)
    }

    #[test]
    fn those_that_fail_only_together_are_found_together() {
        let both = |set: &[TestNo]| set.contains(&TestNo(3)) && set.contains(&TestNo(11));
        let (sets, attempts) = searched(16, 0.95, 1, both);
        assert_eq!(sets, [[TestNo(3), TestNo(11)]]);
        assert!(attempts < 200, "{attempts}");
    }

    #[test]
    fn each_of_several_that_suffice_is_found() {
        let any = |set: &[TestNo]| [2, 9, 30].iter().any(|guilty| set.contains(&TestNo(*guilty)));
        let (mut sets, _) = searched(57, 0.8, 5, any);
        sets.sort_unstable();
        assert_eq!(sets, [[TestNo(2)], [TestNo(9)], [TestNo(30)]]);
    }

    #[test]
    fn nobody_is_accused_of_nothing() {
        assert_eq!(searched(20, 0.5, 3, |_| false).0, [] as [Vec<TestNo>; 0]);
        assert_eq!(searched(0, 0.5, 3, |_| true).0, [] as [Vec<TestNo>; 0]);
    }

    #[test]
    fn a_question_is_rarely_decided_wrongly() {
        let wrong = (0..400).filter(|seed| {
            let any = |set: &[TestNo]| set.contains(&TestNo(0));
            searched(1, 0.3, *seed, any).0 != [[TestNo(0)]]
        });
        // 1 % of 400, and what chance may add to it.
        assert!(wrong.count() <= 10);
    }

    proptest! {
        #[test]
        fn a_single_culprit_is_found_wherever_it_stands(suspects in 1_u16..40, place in 0_u16..40) {
            let guilty = TestNo(place % suspects);
            // Never by noise here: what is tested is the search, not its chance.
            let mut search = Search::new((0..suspects).map(TestNo).collect(), 0.9);
            while let Some(set) = search.next() {
                search.observe(set.contains(&guilty));
            }
            prop_assert_eq!(search.found(), Some(vec![vec![guilty]]));
        }
    }
}
