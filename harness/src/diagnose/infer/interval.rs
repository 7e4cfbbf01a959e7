//! How sure a rate is that was seen in a fixed number of runs.
//!
//! The limits of [Clopper and Pearson 1934] are found by halving on the exact sum of the binomial distribution: the number of
//! runs is small, and a quantile of the beta distribution would be a dependency for one formula.
//!
//! [Clopper and Pearson 1934]: https://doi.org/10.1093/biomet/26.4.404

use serde::{Deserialize, Serialize};

/// A rate and what it may be in truth, all from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Interval {
    /// The lower limit.
    pub(crate) low: f64,
    /// The upper limit.
    pub(crate) high: f64,
}

/// The interval that has the true rate in it with a probability of at least `1 - alpha`, whatever that rate is, after `hits` in
/// `runs` independent runs whose number was fixed before (Clopper and Pearson). Of no runs, from 0 to 1.
pub(crate) fn clopper_pearson(hits: u32, runs: u32, alpha: f64) -> Interval {
    let hits = hits.min(runs);
    // P(X >= hits) rises with the rate, P(X <= hits) falls with it.
    let low = if hits == 0 { 0.0 } else { root(|p| 1.0 - at_most(hits - 1, runs, p) < alpha / 2.0) };
    let high = if hits == runs { 1.0 } else { root(|p| at_most(hits, runs, p) > alpha / 2.0) };
    Interval { low, high }
}

/// What a rate is at the most, at the confidence `1 - alpha`, that was not hit in `runs` runs: `1 - alpha^(1/runs)`, which for
/// .05 is about `3 / runs` (the rule of three; [Hanley and Lippman-Hand 1983](https://doi.org/10.1001/jama.1983.03330370053031)).
pub(crate) fn upper_bound_of_none(runs: u32, alpha: f64) -> f64 {
    if runs == 0 {
        return 1.0;
    }
    1.0 - alpha.powf(1.0 / f64::from(runs))
}

/// `P(X <= most)` of a binomial variable.
fn at_most(most: u32, runs: u32, p: f64) -> f64 {
    if p <= 0.0 || most >= runs {
        return 1.0;
    }
    if p >= 1.0 {
        return 0.0;
    }
    let odds = (p / (1.0 - p)).ln();
    // In logarithms, because the first term of many runs is too small for a float.
    let mut term = f64::from(runs) * (-p).ln_1p();
    let mut sum = term.exp();
    for k in 0..most {
        term += (f64::from(runs - k) / f64::from(k + 1)).ln() + odds;
        sum += term.exp();
    }
    sum.min(1.0)
}

/// Where between 0 and 1 something stops to be so.
fn root(is_below: impl Fn(f64) -> bool) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..52 {
        let middle = f64::midpoint(low, high);
        if is_below(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn probability(hits: u32, runs: u32, p: f64) -> f64 {
        let below = if hits == 0 { 0.0 } else { at_most(hits - 1, runs, p) };
        at_most(hits, runs, p) - below
    }

    #[test]
    fn limits_are_those_of_the_tables() {
        let of = |hits, runs| clopper_pearson(hits, runs, 0.05);
        let near = |a: f64, b: f64| assert!((a - b).abs() < 5e-4, "{a} is not {b}");
        near(of(0, 10).high, 0.3085);
        near(of(3, 10).low, 0.0667);
        near(of(3, 10).high, 0.6525);
        near(of(10, 10).low, 0.6915);
        near(upper_bound_of_none(10, 0.05), 0.2589);
        assert_eq!(of(0, 0), Interval { low: 0.0, high: 1.0 });
    }

    #[test]
    fn it_covers_every_rate_as_often_as_it_says() {
        for runs in 1..=14 {
            for rate in 1..100 {
                let rate = f64::from(rate) / 100.0;
                let covered: f64 = (0..=runs)
                    .filter(|&hits| {
                        let Interval { low, high } = clopper_pearson(hits, runs, 0.1);
                        low <= rate && rate <= high
                    })
                    .map(|hits| probability(hits, runs, rate))
                    .sum();
                assert!(covered >= 0.9 - 1e-9, "{covered} at {rate} in {runs}");
            }
        }
    }

    proptest! {
        #[test]
        fn it_has_the_observed_rate_in_it(runs in 1_u32..400, part in 0.0_f64..=1.0) {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is between 0 and `runs`")]
            let hits = (part * f64::from(runs)) as u32;
            let Interval { low, high } = clopper_pearson(hits, runs, 0.05);
            let rate = f64::from(hits) / f64::from(runs);
            prop_assert!((0.0..=rate + 1e-9).contains(&low) && (rate - 1e-9..=1.0).contains(&high));
        }

        #[test]
        fn the_bound_of_none_leaves_alpha(runs in 1_u32..1000) {
            let bound = upper_bound_of_none(runs, 0.05);
            prop_assert!(((1.0 - bound).powf(f64::from(runs)) - 0.05).abs() < 1e-9);
        }
    }
}
