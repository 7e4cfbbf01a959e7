//! `--shard`: the part of a suite that one of several machines executes.

use super::experience::Experience;
use super::plan::Plan;
use crate::model::{Shard, TestId, fingerprint};

impl Plan {
    /// Leaves the tests of this shard. All shards take about as long, as far as experience tells; without it they have as many
    /// tests. Whoever has the same tests and the same experience divides them in the same way.
    pub(crate) fn divide(&mut self, shard: Shard, experience: &Experience) {
        let known: Vec<Option<u64>> =
            self.tests.iter().map(|planned| experience.micros(&planned.test.id)).collect();
        let mut sorted: Vec<u64> = known.iter().copied().flatten().collect();
        sorted.sort_unstable();
        let usual = sorted.get(sorted.len() / 2).copied().unwrap_or(1).max(1);
        let tests = self.tests.iter().zip(known).map(|(planned, known)| {
            // What is only shown takes no time.
            let weight = if planned.ignored.is_some() { 1 } else { known.unwrap_or(usual).max(1) };
            (planned.test.id.clone(), weight)
        });
        let tests: Vec<(TestId, u64)> = tests.collect();
        let numbers = numbers(&tests, shard.of);
        self.division = Some(division(&tests, &numbers, shard.of));
        let mut numbers = numbers.into_iter();
        self.tests.retain(|_| numbers.next() == Some(shard.number));
        self.shard = Some(shard);
    }
}

/// The number of each test's shard: the longest first, each to the shard that has least to do.
fn numbers(tests: &[(TestId, u64)], of: u32) -> Vec<u32> {
    let mut order: Vec<usize> = (0..tests.len()).collect();
    order.sort_by(|a, b| tests[*b].1.cmp(&tests[*a].1).then_with(|| tests[*a].0.cmp(&tests[*b].0)));
    // Those beyond the number of tests have nothing to do in any case.
    let shards = of.min(u32::try_from(tests.len()).unwrap_or(of));
    let mut loads: Vec<(u64, u32)> = (1..=shards).map(|number| (0, number)).collect();
    let mut numbers = vec![0; tests.len()];
    for test in order {
        if let Some(least) = loads.iter_mut().min() {
            numbers[test] = least.1;
            least.0 = least.0.saturating_add(tests[test].1);
        }
    }
    numbers
}

/// What tells one division from another: the FNV-1a hash of all names, each with its shard.
fn division(tests: &[(TestId, u64)], numbers: &[u32], of: u32) -> String {
    let mut lines: Vec<String> =
        tests.iter().zip(numbers).map(|((test, _), number)| format!("{test}\0{number}/{of}\n")).collect();
    lines.sort_unstable();
    fingerprint(lines.iter().flat_map(|line| line.bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn divided(weights: &[(&str, u64)], of: u32) -> Vec<u32> {
        let tests: Vec<(TestId, u64)> =
            weights.iter().map(|(test, weight)| (TestId::new(*test), *weight)).collect();
        numbers(&tests, of)
    }

    #[test]
    fn without_experience_they_have_as_many_tests_by_name() {
        assert_eq!(divided(&[("b", 1), ("a", 1), ("c", 1), ("e", 1), ("d", 1)], 2), [2, 1, 1, 1, 2]);
    }

    #[test]
    fn with_experience_they_take_as_long() {
        assert_eq!(divided(&[("a", 10), ("b", 50), ("c", 20), ("d", 20)], 2), [2, 1, 2, 2]);
    }

    #[test]
    fn more_shards_than_tests_leave_some_with_nothing() {
        assert_eq!(divided(&[("a", 1), ("b", 1)], u32::MAX), [1, 2]);
        assert!(divided(&[], 3).is_empty());
    }

    #[test]
    fn who_divides_otherwise_can_be_told() {
        let tests = [(TestId::new("a"), 1), (TestId::new("b"), 1)];
        let of = |numbers: [u32; 2]| division(&tests, &numbers, 2);
        assert_eq!(of([1, 2]), of([1, 2]));
        assert_ne!(of([1, 2]), of([2, 1]));
        let swapped = [tests[1].clone(), tests[0].clone()];
        assert_eq!(division(&swapped, &[2, 1], 2), of([1, 2]), "the order of the tests is no matter");
    }
}
