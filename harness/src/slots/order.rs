//! The order in which tests best start, so that the tail is short: no long test, and no row of tests that can only run
//! one after the other, may be what is left at the end.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::time::Duration;

use super::board::Need;
use crate::model::SlotId;

/// The order in which these tests best start, `workers` at once.
///
/// Where nothing is known of their durations: those that need several slots first, then those that fit in the fewest,
/// then those of most roles, then as they are given.
///
/// Else the most urgent first. That is the longest, as in [Graham 1969], but tests that wait for each other anyway (those
/// of a role with fewer accounts than there are workers, those of a group) are as urgent as all that is left of their row.
/// Scarcity alone does not go first: a long test of a common role would start when the short ones of a rare one are over.
///
/// [Graham 1969]: https://doi.org/10.1137/0117039
pub(crate) fn best_order(needs: &[Need], workers: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..needs.len()).collect();
    let scarcity = |test: usize| {
        let need = &needs[test];
        (Reverse(need.companions.len()), need.slots.len(), Reverse(need.roles))
    };
    match needs.iter().filter_map(|need| need.expected).max() {
        None => order.sort_by_key(|&test| scarcity(test)),
        Some(longest) => {
            // What is new counts as long: at the end it might make a long tail.
            let expected: Vec<Duration> = needs.iter().map(|need| need.expected.unwrap_or(longest)).collect();
            let urgency = urgency(needs, &expected, workers);
            order.sort_by_key(|&test| (Reverse(urgency[test]), scarcity(test)));
        }
    }
    order
}

/// How long it takes at least from the start of each test until what has to wait for it is over, too.
fn urgency(needs: &[Need], expected: &[Duration], workers: usize) -> Vec<Duration> {
    let mut urgency = expected.to_vec();
    for Bottleneck { mut tests, at_once } in bottlenecks(needs) {
        if at_once >= workers {
            continue;
        }
        tests.sort_by_key(|&test| expected[test]);
        let mut row = Duration::ZERO;
        for test in tests {
            row += expected[test];
            urgency[test] = urgency[test].max(row / u32::try_from(at_once.max(1)).unwrap_or(u32::MAX));
        }
    }
    urgency
}

/// Tests of which only so many can run at once, whatever else runs.
struct Bottleneck {
    tests: Vec<usize>,
    at_once: usize,
}

/// The bottlenecks of slots and of groups. Exclusive tests are in none: they run when all others are over.
fn bottlenecks(needs: &[Need]) -> Vec<Bottleneck> {
    let mut places: BTreeMap<(Vec<SlotId>, usize), Vec<usize>> = BTreeMap::new();
    let mut groups: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (test, need) in needs.iter().enumerate().filter(|(_, need)| !need.exclusive) {
        let mut slots = need.slots.clone();
        if !need.companions.is_empty() {
            slots.extend(need.companions.iter().flatten());
            slots.sort_unstable();
            slots.dedup();
        }
        places.entry((slots, 1 + need.companions.len())).or_default().push(test);
        if let Some(group) = need.group {
            groups.entry(group).or_default().push(test);
        }
    }
    let of_places = places.keys().map(|(slots, parts)| {
        // Those that are confined to fewer of the same slots, or need more of them at once, are in the same row.
        let is_within = |(inner, more): &(Vec<SlotId>, usize)| {
            more >= parts && inner.iter().all(|slot| slots.binary_search(slot).is_ok())
        };
        let within = places.iter().filter(|(place, _)| is_within(place)).flat_map(|(_, tests)| tests);
        Bottleneck { tests: within.copied().collect(), at_once: slots.len() / parts }
    });
    let of_groups = groups.into_values().map(|tests| Bottleneck { tests, at_once: 1 });
    of_places.chain(of_groups).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::slots::{Board, Placement};

    fn need(slots: std::ops::Range<u16>, seconds: u64) -> Need {
        let expected = Some(Duration::from_secs(seconds));
        Need { slots: slots.map(SlotId).collect(), expected, ..Need::default() }
    }

    /// How long a run of these tests takes, each exactly as long as is expected of it.
    fn played(needs: &[Need], slots: u16, workers: usize, order: Vec<usize>) -> Duration {
        let mut board = Board::new(needs.to_vec(), slots, workers, order);
        let mut now = Duration::ZERO;
        let mut running: Vec<(Duration, SlotId)> = Vec::new();
        loop {
            let started = std::iter::from_fn(|| board.next()).collect::<Vec<Placement>>();
            running.extend(
                started
                    .iter()
                    .map(|placed| (now + needs[placed.test].expected.expect("a duration"), placed.slot)),
            );
            running.sort_unstable_by_key(|next| Reverse(*next));
            let Some((over, slot)) = running.pop() else { return now };
            now = over;
            board.finished(slot);
        }
    }

    fn best(needs: &[Need], slots: u16, workers: usize) -> u64 {
        played(needs, slots, workers, best_order(needs, workers)).as_secs()
    }

    #[test]
    fn a_long_test_of_a_common_role_does_not_start_last() {
        // Two slots have the rare role, and two tests run at once anyway.
        let mut needs = vec![need(0..2, 1); 30];
        needs.push(need(0..16, 20));
        assert_eq!(best(&needs, 16, 2), 25);
        assert_eq!(best_order(&needs, 2)[0], 30);
    }

    #[test]
    fn a_row_of_short_tests_that_wait_for_each_other_does_not_start_last() {
        for row in [need(0..1, 1), Need { group: Some("mail"), ..need(0..4, 1) }] {
            let mut needs = vec![need(0..4, 2); 12];
            needs.extend(vec![row; 12]);
            assert_eq!(best(&needs, 4, 3), 12);
        }
        let mut needs = vec![need(0..5, 2); 12];
        let pair = Need { companions: vec![need(0..3, 0).slots], ..need(0..3, 1) };
        needs.extend(vec![pair; 12]);
        assert_eq!(best(&needs, 5, 3), 12);
    }

    #[test]
    fn what_is_new_counts_as_long() {
        let needs = [need(0..2, 3), need(0..2, 9), Need { expected: None, ..need(0..2, 0) }, need(0..2, 8)];
        assert_eq!(best_order(&needs, 2), [1, 2, 3, 0]);
    }

    #[test]
    fn without_experience_the_hardest_to_place_come_first_then_those_of_most_roles() {
        let plain = |slots| Need { expected: None, ..need(slots, 0) };
        let pair = Need { companions: vec![plain(0..3).slots], ..plain(0..3) };
        let of_two_roles = Need { roles: 2, ..plain(0..3) };
        let needs = [plain(0..3), of_two_roles, plain(1..2), plain(0..3), pair];
        assert_eq!(best_order(&needs, 2), [4, 2, 1, 0, 3]);
    }

    prop_compose! {
        fn a_need()(first in 0_u16..6, more in 0_u16..6, seconds in 1_u64..60, group in 0_u8..6) -> Need {
            let group = (group == 0).then_some("mail");
            Need { group, ..need(first..(first + more + 1).min(6), seconds) }
        }
    }

    proptest! {
        #[test]
        fn every_test_has_its_turn(needs in prop::collection::vec(a_need(), 0..30), workers in 1_usize..7) {
            let mut order = best_order(&needs, workers);
            order.sort_unstable();
            prop_assert_eq!(order, (0..needs.len()).collect::<Vec<_>>());
        }

        /// Graham's bound of any list, and no list goes below the other.
        #[test]
        fn tests_that_run_anywhere_end_within_the_bound_of_lists(
            seconds in prop::collection::vec(1_u64..60, 1..40),
            workers in 1_u64..7,
        ) {
            let needs: Vec<Need> = seconds.iter().map(|seconds| need(0..8, *seconds)).collect();
            let took = best(&needs, 8, usize::try_from(workers).unwrap());
            let (total, longest) = (seconds.iter().sum::<u64>(), seconds.iter().copied().max().unwrap_or(0));
            prop_assert!(took >= longest.max(total.div_ceil(workers)));
            prop_assert!(took * workers <= total + longest * (workers - 1));
        }
    }
}
