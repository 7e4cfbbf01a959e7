//! How short a run could have been at best.

use std::time::Duration;

/// Below this, starting and ending the run is what counts.
const SHORTEST: Duration = Duration::from_secs(1);

/// The lower bound of list scheduling, max(longest test, total / workers) (Graham 1969): whatever the order, some worker has to
/// execute the longest test, and all together have to execute everything. Nothing where that says nothing: of tests that
/// all ran at once, or took less than a second.
pub(super) fn of(tests: impl Iterator<Item = Duration>, workers: usize) -> Option<Duration> {
    let executed: Vec<Duration> = tests.filter(|took| !took.is_zero()).collect();
    if executed.len() <= workers {
        return None;
    }
    let total: Duration = executed.iter().sum();
    let shared = total / u32::try_from(workers.max(1)).unwrap_or(u32::MAX);
    let longest = executed.into_iter().max()?;
    Some(longest.max(shared)).filter(|bound| *bound >= SHORTEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bound(seconds: &[u64], workers: usize) -> Option<u64> {
        let tests = seconds.iter().copied().map(Duration::from_secs);
        of(tests, workers).map(|bound| bound.as_secs())
    }

    #[test]
    fn it_is_the_longest_test_or_the_share_of_each_worker() {
        assert_eq!(bound(&[4, 4, 4], 2), Some(6));
        assert_eq!(bound(&[4, 4, 9], 2), Some(9));
        assert_eq!(bound(&[4, 4, 9], 1), Some(17));
    }

    #[test]
    fn it_is_left_out_where_it_says_nothing() {
        assert_eq!(bound(&[4, 4], 2), None, "all at once");
        assert_eq!(bound(&[4, 4, 0], 2), None, "the third was not executed");
        assert_eq!(of([Duration::from_millis(10); 100].into_iter(), 2), None, "shorter than a second");
    }
}
