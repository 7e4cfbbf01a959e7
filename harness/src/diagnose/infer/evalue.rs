//! Evidence that may be looked at after every attempt.
//!
//! An e-value is a number whose mean is at most 1 if the null hypothesis is true, so that it exceeds `1 / α` with a probability of at
//! most α (Markov), also where one stops because of it (Ville). Of a test that is repeated after each run that does not hold: Fisher's
//! at 5 % is wrong in 13 % then.

use serde::{Deserialize, Serialize};

use super::observation::Side;

/// How many attempts without the cause go with one that has it.
pub(crate) const WITHOUT_PER_WITH: u32 = 3;

/// Failures of attempts, as counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Tally {
    /// How many failed.
    pub(crate) failed: u32,
    /// How many there were.
    pub(crate) attempts: u32,
}

impl Tally {
    pub(crate) fn add(&mut self, failed: bool) {
        self.failed += u32::from(failed);
        self.attempts += 1;
    }

    /// The rate as it would be if it had been guessed before by as much as `weight` attempts.
    fn smoothed(self, guess: f64, weight: f64) -> f64 {
        (f64::from(self.failed) + guess * weight) / (f64::from(self.attempts) + weight)
    }
}

/// The e-process of a 2×2 table: does a test fail more often with the cause than without?
///
/// In blocks of one attempt with the cause and three without, the factor of each block is `p_â(y_a) p_b̂(y_b) / p_θ̂(y_a, y_b)`, with the
/// rates â and b̂ as guessed from all that was known before the block, and θ̂ = (â + 3 b̂) / 4, which is the rate of the
/// null hypothesis that comes closest to them ([Turner, Ly and Grünwald 2021](https://arxiv.org/abs/2106.02693), eq. 2 and
/// theorem 1). A guess with â ≤ b̂ bets nothing: that a test fails *less* often confirms no cause.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Comparison {
    guess_with: f64,
    guess_without: f64,
    with: Tally,
    without: Tally,
    block_with: Tally,
    block_without: Tally,
    log_e: f64,
}

impl Comparison {
    /// With the rates that are expected from what was seen before: these bets are better the nearer they are, and fair in
    /// any case.
    pub(crate) fn new(with: f64, without: f64) -> Self {
        let none = Tally::default();
        Self {
            guess_with: with.clamp(0.05, 0.97),
            guess_without: without.clamp(0.003, 0.9),
            with: none,
            without: none,
            block_with: none,
            block_without: none,
            log_e: 0.0,
        }
    }

    /// Which side the block that is under way needs next.
    pub(crate) fn wanted(&self) -> Side {
        if self.block_with.attempts == 0 { Side::With } else { Side::Without }
    }

    /// Takes an attempt. What the block has enough of counts for none.
    pub(crate) fn observe(&mut self, side: Side, failed: bool) {
        match side {
            Side::With if self.block_with.attempts == 0 => self.block_with.add(failed),
            Side::Without if self.block_without.attempts < WITHOUT_PER_WITH => self.block_without.add(failed),
            _ => return,
        }
        if self.block_with.attempts == 1 && self.block_without.attempts == WITHOUT_PER_WITH {
            self.close_block();
        }
    }

    fn close_block(&mut self) {
        let a = self.with.smoothed(self.guess_with, 1.0);
        let b = self.without.smoothed(self.guess_without, 3.0);
        if a > b {
            let mixed = f64::midpoint(f64::midpoint(a, b), b);
            self.log_e += log_ratio(self.block_with, a, mixed) + log_ratio(self.block_without, b, mixed);
        }
        for (all, block) in
            [(&mut self.with, &mut self.block_with), (&mut self.without, &mut self.block_without)]
        {
            all.failed += block.failed;
            all.attempts += block.attempts;
            *block = Tally::default();
        }
    }

    /// The natural logarithm of the e-value so far.
    pub(crate) fn log_e(&self) -> f64 {
        self.log_e
    }

    /// What was counted with and without the cause, in whole blocks.
    pub(crate) fn tallies(&self) -> (Tally, Tally) {
        (self.with, self.without)
    }
}

/// `ln(p^k (1-p)^(n-k) / q^k (1-q)^(n-k))`
fn log_ratio(tally: Tally, p: f64, q: f64) -> f64 {
    let passed = f64::from(tally.attempts - tally.failed);
    f64::from(tally.failed) * (p / q).ln() + passed * ((1.0 - p) / (1.0 - q)).ln()
}

/// The e-process of one rate: does a test that runs alone fail more often than noise does?
///
/// Each attempt's factor is the ratio of its probability at the rate guessed before to that at `noise`. Below `noise` its mean is less
/// than 1, at `noise` it is 1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Excess {
    noise: f64,
    guess: f64,
    tally: Tally,
    log_e: f64,
}

impl Excess {
    /// Against a noise of so many failures an attempt, from 0 to 1.
    pub(crate) fn new(guess: f64, noise: f64) -> Self {
        Self { noise, guess: guess.clamp(noise, 0.97), tally: Tally::default(), log_e: 0.0 }
    }

    /// Takes an attempt.
    pub(crate) fn observe(&mut self, failed: bool) {
        let rate = self.tally.smoothed(self.guess, 1.0).max(self.noise);
        let mut one = Tally::default();
        one.add(failed);
        self.log_e += log_ratio(one, rate, self.noise);
        self.tally.add(failed);
    }

    /// The natural logarithm of the e-value so far.
    pub(crate) fn log_e(&self) -> f64 {
        self.log_e
    }

    /// What was counted.
    pub(crate) fn tally(&self) -> Tally {
        self.tally
    }
}

/// Which of several e-values, given by their natural logarithms, reject their null hypotheses if of all rejections at most the part
/// `alpha` may be wrong on average, however they depend on each other: those of the k largest, for the largest k whose smallest is
/// at least `count / (alpha k)` (e-BH, [Wang and Ramdas 2022](https://doi.org/10.1111/rssb.12489)).
pub(crate) fn e_bh(log_e: &[f64], alpha: f64) -> Vec<bool> {
    let mut sorted = log_e.to_vec();
    sorted.sort_unstable_by(|a, b| b.total_cmp(a));
    let needed = |k: usize| (log_e.len() as f64 / (alpha * k as f64)).ln();
    let least = (1..=sorted.len()).rev().find(|&k| sorted[k - 1] >= needed(k)).map(|k| sorted[k - 1]);
    log_e.iter().map(|&log_e| least.is_some_and(|least| log_e >= least)).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The mean over all outcomes of `blocks` blocks, in all of which attempts fail with the probability `rate`.
    fn mean_under_null(blocks: u32, rate: f64, guess: (f64, f64)) -> f64 {
        let attempts = 4 * blocks;
        (0..1_u32 << attempts)
            .map(|bits| {
                let mut comparison = Comparison::new(guess.0, guess.1);
                let mut probability = 1.0;
                for attempt in 0..attempts {
                    let failed = bits >> attempt & 1 == 1;
                    probability *= if failed { rate } else { 1.0 - rate };
                    let side = comparison.wanted();
                    comparison.observe(side, failed);
                }
                probability * comparison.log_e().exp()
            })
            .sum()
    }

    #[test]
    fn its_mean_is_at_most_one_whatever_the_common_rate() {
        for rate in [0.0, 0.003, 0.1, 0.3, 0.5, 0.9, 1.0] {
            for guess in [(0.9, 0.003), (0.3, 0.003), (0.5, 0.5)] {
                let mean = mean_under_null(3, rate, guess);
                assert!(mean <= 1.0 + 1e-9, "{mean} at {rate}");
            }
        }
    }

    #[test]
    fn an_excess_has_a_mean_of_at_most_one_up_to_the_noise() {
        for rate in [0.0, 0.001, 0.003] {
            let mean: f64 = (0..1_u32 << 10)
                .map(|bits| {
                    let mut excess = Excess::new(0.4, 0.003);
                    let mut probability = 1.0;
                    for attempt in 0..10 {
                        let failed = bits >> attempt & 1 == 1;
                        probability *= if failed { rate } else { 1.0 - rate };
                        excess.observe(failed);
                    }
                    probability * excess.log_e().exp()
                })
                .sum();
            assert!(mean <= 1.0 + 1e-9, "{mean} at {rate}");
        }
    }

    #[test]
    fn what_fails_only_with_the_cause_is_known_after_a_few_blocks() {
        let mut comparison = Comparison::new(0.9, 0.003);
        for _ in 0..3 {
            comparison.observe(Side::With, true);
            for _ in 0..3 {
                comparison.observe(Side::Without, false);
            }
        }
        assert!(comparison.log_e().exp() > 20.0, "{}", comparison.log_e().exp());
        assert_eq!(comparison.tallies().1, Tally { failed: 0, attempts: 9 });
    }

    #[test]
    fn what_fails_less_often_with_it_confirms_nothing() {
        let mut comparison = Comparison::new(0.9, 0.003);
        for _ in 0..40 {
            comparison.observe(Side::With, false);
            for _ in 0..3 {
                comparison.observe(Side::Without, true);
            }
        }
        assert!(comparison.log_e() < 0.0);
    }

    #[test]
    fn of_several_the_weaker_ones_profit_from_the_stronger() {
        let logs = |values: &[f64]| values.iter().map(|value| value.ln()).collect::<Vec<f64>>();
        assert_eq!(e_bh(&logs(&[41.0, 21.0]), 0.05), [true, true]);
        assert_eq!(e_bh(&logs(&[30.0, 1.0]), 0.05), [false, false]);
        assert_eq!(e_bh(&logs(&[1.0, 100.0, 35.0]), 0.05), [false, true, true]);
        assert_eq!(e_bh(&[], 0.05), [] as [bool; 0]);
    }

    proptest! {
        #[test]
        fn more_evidence_never_rejects_less(values in prop::collection::vec(-3.0_f64..8.0, 1..12), which in 0_usize..12) {
            let before = e_bh(&values, 0.05);
            let mut more = values.clone();
            let which = which % values.len();
            more[which] += 2.0;
            let after = e_bh(&more, 0.05);
            prop_assert!(before.iter().zip(&after).all(|(before, after)| !before || *after));
        }
    }
}
