//! When to stop looking for further failing tests.

/// How many tests that never failed before the next run is expected to bring: `f1 / runs`, where `f1` tests failed in exactly
/// one of the runs so far. [Good 1953] for single draws; of runs that each show a set, [Chao and Colwell 2017].
/// Infinite before the first run.
///
/// [Good 1953]: https://doi.org/10.1093/biomet/40.3-4.237
/// [Chao and Colwell 2017]: https://doi.org/10.2436/20.8080.02.49
pub(crate) fn new_per_run(failed_once: usize, runs: usize) -> f64 {
    if runs == 0 {
        return f64::INFINITY;
    }
    failed_once as f64 / runs as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_estimate_is_that_of_the_mean_over_all_orders() {
        // Of tests that fail independently, the expected number of new ones in run R+1 is Σ p (1-p)^R. The estimator's mean
        // over R runs is Σ p (1-p)^(R-1): a little more, never less.
        let rates: [f64; 4] = [0.1, 0.3, 0.5, 1.0];
        let runs = 6;
        let expected_once: f64 = rates.iter().map(|p| 6.0 * p * (1.0 - p).powi(5)).sum();
        let estimate = expected_once / f64::from(runs);
        let truth: f64 = rates.iter().map(|p| p * (1.0 - p).powi(6)).sum();
        assert!(estimate >= truth && estimate < truth * 1.5, "{estimate} for {truth}");
        assert!((new_per_run(3, 10) - 0.3).abs() < 1e-12);
        assert!(new_per_run(0, 0).is_infinite());
    }
}
