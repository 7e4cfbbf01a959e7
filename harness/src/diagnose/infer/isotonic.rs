//! The probability of a failure against the number of workers, if it can only rise with it.
//!
//! Pool-adjacent-violators ([Ayer et al. 1955]) is the maximum-likelihood fit of rates that do not fall. The band is that of
//! Clopper and Pearson over nested groups of neighbours: under a rising curve, what was seen at this number and all below it
//! bounds it from below, and what was seen at this and all above it from above.
//!
//! [Ayer et al. 1955]: https://doi.org/10.1214/aoms/1177728423

use serde::{Deserialize, Serialize};

use super::interval::{Interval, clopper_pearson};

/// What was seen at one number of workers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Count {
    /// How many workers.
    pub(crate) workers: u16,
    /// How many attempts failed.
    pub(crate) failed: u32,
    /// How many attempts there were.
    pub(crate) attempts: u32,
}

/// A point of the fitted curve.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Point {
    /// How many workers.
    pub(crate) workers: u16,
    /// The fitted probability of a failure.
    pub(crate) rate: f64,
    /// Its band; at each point by itself, not for the whole curve at once.
    pub(crate) band: Interval,
}

/// The rising curve that fits best, one point for each number of workers, in their order. Numbers without attempts are left out;
/// `alpha` is what each point's band may miss.
pub(crate) fn rising(counts: &[Count], alpha: f64) -> Vec<Point> {
    let counts = in_order(counts);
    let mut blocks: Vec<(u32, u32, usize)> = Vec::new();
    for count in &counts {
        blocks.push((count.failed, count.attempts, 1));
        while let [.., (failed, attempts, points), (next_failed, next_attempts, next_points)] = blocks[..] {
            // As products, so that equal rates are equal.
            if u64::from(failed) * u64::from(next_attempts) < u64::from(next_failed) * u64::from(attempts) {
                break;
            }
            blocks.truncate(blocks.len() - 2);
            blocks.push((failed + next_failed, attempts + next_attempts, points + next_points));
        }
    }
    let rates = blocks.iter().flat_map(|&(failed, attempts, points)| {
        std::iter::repeat_n(f64::from(failed) / f64::from(attempts), points)
    });
    let bands = bands(&counts, alpha);
    counts
        .iter()
        .zip(rates)
        .zip(bands)
        .map(|((count, rate), band)| {
            let band = Interval { low: band.low.min(rate), high: band.high.max(rate) };
            Point { workers: count.workers, rate, band }
        })
        .collect()
}

/// One for each number, those of the same number together.
fn in_order(counts: &[Count]) -> Vec<Count> {
    let mut counts: Vec<Count> = counts.iter().copied().filter(|count| count.attempts > 0).collect();
    counts.sort_by_key(|count| count.workers);
    counts.dedup_by(|next, first| {
        let is_same = next.workers == first.workers;
        if is_same {
            first.failed += next.failed;
            first.attempts += next.attempts;
        }
        is_same
    });
    counts
}

/// Each point by itself, then what its neighbours say: no lower than any before it, no higher than any after it.
fn bands(counts: &[Count], alpha: f64) -> Vec<Interval> {
    let mut bands: Vec<Interval> =
        counts.iter().map(|count| clopper_pearson(count.failed, count.attempts, alpha)).collect();
    for place in 1..bands.len() {
        bands[place].low = bands[place].low.max(bands[place - 1].low);
    }
    for place in (1..bands.len()).rev() {
        bands[place - 1].high = bands[place - 1].high.min(bands[place].high);
    }
    bands
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn count(workers: u16, failed: u32, attempts: u32) -> Count {
        Count { workers, failed, attempts }
    }

    #[test]
    fn what_falls_is_pooled() {
        let points = rising(&[count(8, 6, 10), count(1, 0, 10), count(2, 4, 10), count(4, 2, 10)], 0.05);
        let rates: Vec<(u16, f64)> = points.iter().map(|point| (point.workers, point.rate)).collect();
        assert_eq!(rates, [(1, 0.0), (2, 0.3), (4, 0.3), (8, 0.6)]);
    }

    #[test]
    fn a_number_without_attempts_has_no_point() {
        assert_eq!(rising(&[count(3, 0, 0)], 0.05), []);
    }

    proptest! {
        #[test]
        fn it_rises_keeps_the_sum_and_stays_in_its_band(
            seen in prop::collection::vec((1_u16..12, 1_u32..30, 0_u32..30), 1..10)
        ) {
            let counts: Vec<Count> = seen.iter().map(|&(workers, n, k)| count(workers, k.min(n), n)).collect();
            let points = rising(&counts, 0.05);
            prop_assert!(points.is_sorted_by(|a, b| a.workers < b.workers && a.rate <= b.rate + 1e-12));
            for point in &points {
                prop_assert!(0.0 <= point.band.low && point.band.low <= point.rate && point.rate <= point.band.high);
                prop_assert!(point.band.high <= 1.0);
            }
            let fitted: f64 = in_order(&counts).iter().zip(&points).map(|(c, p)| f64::from(c.attempts) * p.rate).sum();
            let failed: u32 = counts.iter().map(|count| count.failed).sum();
            prop_assert!((fitted - f64::from(failed)).abs() < 1e-6);
        }
    }
}
