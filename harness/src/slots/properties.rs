//! Properties of the match of tests to slots, over random suites, configurations and turns of events.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use proptest::prelude::*;

use super::board::{Board, Need, hardest_first};
use crate::model::SlotId;

const GROUPS: [Option<&str>; 4] = [None, None, Some("mail"), Some("import")];

prop_compose! {
    fn a_need(slots: u16)(
        // At least one slot can run it: tests with none are refused before the run.
        places in prop::collection::btree_set(0..slots, 1..=usize::from(slots)),
        group in 0..GROUPS.len(),
        exclusive in prop::bool::weighted(0.1),
        expected in prop::option::of(0_u64..90),
    ) -> Need {
        Need {
            slots: places.into_iter().map(SlotId).collect(),
            group: GROUPS[group],
            exclusive,
            expected: expected.map(Duration::from_secs),
        }
    }
}

/// Needs, number of slots, number of workers, and random numbers that decide what happens next.
fn a_run() -> impl Strategy<Value = (Vec<Need>, u16, usize, Vec<u32>)> {
    (1_u16..9).prop_flat_map(|slots| {
        (
            prop::collection::vec(a_need(slots), 0..40),
            Just(slots),
            1_usize..12,
            prop::collection::vec(any::<u32>(), 200),
        )
    })
}

/// Plays a whole run: whatever is chosen, each rule holds at each moment, and every test gets its turn.
fn play(
    needs: &[Need],
    slots: u16,
    workers: usize,
    choices: &[u32],
    mishaps: bool,
) -> Result<(), TestCaseError> {
    let mut board = Board::new(needs.to_vec(), slots, workers, hardest_first(needs));
    let mut choices = choices.iter().copied().cycle();
    let mut running: BTreeMap<SlotId, usize> = BTreeMap::new();
    let mut gone: BTreeSet<SlotId> = BTreeSet::new();
    let mut seen: BTreeMap<usize, u32> = BTreeMap::new();
    let mut hopeless = BTreeSet::new();
    let mut turns = 0;
    while !board.is_done() {
        turns += 1;
        prop_assert!(turns < 2_000, "no end in sight: {board:?}");
        hopeless.extend(board.hopeless());
        board.look_again();
        while let Some(placement) = board.next() {
            let need = &needs[placement.test];
            let choice = choices.next().unwrap();
            prop_assert!(need.slots.contains(&placement.slot), "a role only where it has an account");
            prop_assert!(!gone.contains(&placement.slot));
            prop_assert!(!running.contains_key(&placement.slot), "never two tests in a slot");
            if mishaps && placement.cold && choice % 5 == 0 {
                board.unusable(placement.slot);
                gone.insert(placement.slot);
                continue;
            }
            if mishaps && placement.cold && choice % 5 == 1 {
                board.elsewhere(placement.slot);
                break;
            }
            for &other in running.values() {
                prop_assert!(!need.exclusive && !needs[other].exclusive, "exclusive means alone");
                prop_assert!(
                    need.group.is_none() || need.group != needs[other].group,
                    "one of a group at a time"
                );
            }
            running.insert(placement.slot, placement.test);
            prop_assert!(running.len() <= workers, "never more than workers at once");
            *seen.entry(placement.test).or_default() += 1;
        }
        let choice = choices.next().unwrap();
        let Some((&slot, &test)) = running.iter().nth(choice as usize % running.len().max(1)) else {
            continue;
        };
        running.remove(&slot);
        if mishaps && choice % 7 == 0 {
            board.retired(slot);
            gone.insert(slot);
        } else {
            board.finished(slot);
        }
        if mishaps && choice % 3 == 0 && seen[&test] == 1 {
            board.again(test, slot);
        }
    }
    hopeless.extend(board.hopeless());
    for (test, need) in needs.iter().enumerate() {
        let nowhere = need.slots.iter().all(|slot| gone.contains(slot));
        prop_assert!(
            seen.contains_key(&test) || (hopeless.contains(&test) && nowhere),
            "test {test} starved"
        );
    }
    if !mishaps {
        prop_assert!(seen.values().all(|&times| times == 1) && hopeless.is_empty());
    }
    Ok(())
}

proptest! {
    #[test]
    fn rules_hold_and_nobody_starves((needs, slots, workers, choices) in a_run()) {
        play(&needs, slots, workers, &choices, false)?;
    }

    #[test]
    fn rules_hold_when_slots_are_lost_and_tests_repeated((needs, slots, workers, choices) in a_run()) {
        play(&needs, slots, workers, &choices, true)?;
    }

    #[test]
    fn as_many_run_at_once_as_can((slots, workers, tests) in (1_u16..9, 1_usize..12, 0_usize..30)) {
        let anywhere = Need { slots: (0..slots).map(SlotId).collect(), group: None, exclusive: false, expected: None };
        let mut board = Board::new(vec![anywhere; tests], slots, workers, (0..tests).collect());
        let started = std::iter::from_fn(|| board.next()).count();
        prop_assert_eq!(started, tests.min(workers).min(usize::from(slots)));
    }
}

fn need(slots: &[u16]) -> Need {
    Need { slots: slots.iter().copied().map(SlotId).collect(), group: None, exclusive: false, expected: None }
}

#[test]
fn the_hardest_to_place_start_first_then_the_longest() {
    let timed = |slots: &[u16], seconds| Need { expected: Some(Duration::from_secs(seconds)), ..need(slots) };
    let needs = vec![timed(&[0, 1, 2], 1), timed(&[0, 1, 2], 9), timed(&[2], 1), need(&[0, 1, 2])];
    let mut board = Board::new(needs.clone(), 3, 3, hardest_first(&needs));
    let started: Vec<(usize, u16)> =
        std::iter::from_fn(|| board.next()).map(|p| (p.test, p.slot.0)).collect();
    assert_eq!(started, [(2, 2), (3, 0), (1, 1)]);
}

#[test]
fn a_slot_that_is_up_is_preferred_to_a_cold_one() {
    let mut board = Board::new(vec![need(&[0, 1]); 2], 2, 1, vec![0, 1]);
    let first = board.next().unwrap();
    board.finished(first.slot);
    let second = board.next().unwrap();
    assert_eq!((second.slot, second.cold), (first.slot, false));
}

#[test]
fn a_retry_goes_to_another_slot_when_there_is_one() {
    for (slots, expected) in [(vec![0, 1], 1), (vec![0], 0)] {
        let mut board = Board::new(vec![need(&slots)], 2, 2, vec![0]);
        let first = board.next().unwrap();
        board.finished(first.slot);
        board.again(first.test, first.slot);
        assert_eq!(board.next().unwrap().slot, SlotId(expected));
    }
}

#[test]
fn a_given_order_is_kept() {
    let mut board = Board::new(vec![need(&[0]); 4], 1, 1, vec![2, 0, 3, 1]);
    let mut started = Vec::new();
    while let Some(placement) = board.next() {
        started.push(placement.test);
        board.finished(placement.slot);
    }
    assert_eq!(started, [2, 0, 3, 1]);
}
