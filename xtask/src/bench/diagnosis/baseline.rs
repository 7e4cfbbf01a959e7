//! What everybody does: the suite k times in parallel, each failing test k times alone, and what that says of a cause.

use super::judge::who_may_hit;
use super::planted::Fault;
use super::world::{RERUNS, Reruns};

/// How often, from the least thorough on.
pub(super) const TIMES: [usize; 3] = [3, 5, RERUNS];

/// What each k came to.
#[derive(Debug, Clone)]
pub(super) struct Baseline {
    pub(super) of: [Rerun; 3],
    pub(super) took_s: f64,
}

/// What k reruns said.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Rerun {
    /// Tests that failed in any of the parallel runs.
    pub(super) failing: usize,
    /// Those whose class is told rightly.
    pub(super) right: usize,
    pub(super) suite_equivalents: f64,
}

pub(super) fn judge(reruns: &Reruns, truth: &[Fault]) -> Baseline {
    let of = TIMES.map(|times| {
        let mut made = Rerun::default();
        for (test, parallel) in &reruns.parallel {
            let in_parallel = failed(parallel, times);
            if in_parallel == 0 {
                continue;
            }
            let alone = reruns.alone.get(test).map_or(0, |alone| failed(alone, times));
            let class = class_of(in_parallel, alone, times);
            made.failing += 1;
            made.right += usize::from(who_may_hit(test, truth).iter().any(|fault| fault.class == class));
        }
        made.suite_equivalents = times as f64 * (1.0 + made.failing as f64 / reruns.tests.max(1) as f64);
        made
    });
    Baseline { of, took_s: reruns.took_s }
}

/// All that the two figures can tell apart.
fn class_of(in_parallel: usize, alone: usize, times: usize) -> &'static str {
    match (in_parallel, alone) {
        (_, 0) => "overlap",
        (parallel, alone) if parallel == times && alone == times => "deterministic",
        _ => "random",
    }
}

fn failed(attempts: &[bool], times: usize) -> usize {
    attempts.iter().take(times).filter(|failed| **failed).count()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn two_figures_tell_three_classes_apart() {
        assert_eq!(class_of(3, 3, 3), "deterministic");
        assert_eq!(class_of(3, 0, 3), "overlap");
        assert_eq!(class_of(1, 1, 3), "random");
    }

    #[test]
    fn fewer_reruns_are_the_first_of_all() {
        let late: Vec<bool> = (0..10).map(|run| run == 7).collect();
        let reruns = Reruns {
            tests: 10,
            parallel: BTreeMap::from([("a".to_owned(), vec![true; 10]), ("b".to_owned(), late)]),
            alone: BTreeMap::from([("a".to_owned(), vec![true; 10]), ("b".to_owned(), vec![false; 10])]),
            took_s: 1.0,
        };
        let Baseline { of: [three, _, ten], .. } = judge(&reruns, &[]);
        assert_eq!((three.failing, ten.failing), (1, 2));
        assert!((three.suite_equivalents - 3.3).abs() < 1e-9 && (ten.suite_equivalents - 12.0).abs() < 1e-9);
    }
}
