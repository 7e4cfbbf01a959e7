//! Properties of the match of tests to slots, over random suites, configurations and turns of events.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use proptest::prelude::*;

use super::board::{Board, Need, Placement};
use super::order::best_order;
use crate::model::{SlotId, can_assign};

const GROUPS: [Option<&str>; 4] = [None, None, Some("mail"), Some("import")];

prop_compose! {
    fn a_need(slots: u16)(
        // At least one slot can run it: tests with none are refused before the run.
        places in prop::collection::btree_set(0..slots, 1..=usize::from(slots)),
        companions in prop::collection::vec(
            prop::collection::btree_set(0..slots, 1..=usize::from(slots)),
0..3,
        ),
        is_alone in prop::bool::weighted(0.6),
        group in 0..GROUPS.len(),
        exclusive in prop::bool::weighted(0.1),
        expected in prop::option::of(0_u64..90),
        prefers in prop::option::of(0..slots),
    ) -> Need {
        let slots = |ids: BTreeSet<u16>| ids.into_iter().map(SlotId).collect();
        Need {
            slots: slots(places),
            companions: companions.into_iter().filter(|_| !is_alone).map(slots).collect(),
            group: GROUPS[group],
            exclusive,
            roles: 0,
            expected: expected.map(Duration::from_secs),
            prefers: prefers.map(SlotId),
        }
    }
}

/// Whether a test can run when no test runs in the barred slots, and the gone ones are not there at all.
fn is_possible(need: &Need, barred: &BTreeSet<SlotId>, gone: &BTreeSet<SlotId>) -> bool {
    let left =
        |slots: &Vec<SlotId>| slots.iter().copied().filter(|slot| !gone.contains(slot)).collect::<Vec<_>>();
    let mut seekers = vec![left(&need.slots)];
    seekers[0].retain(|slot| !barred.contains(slot));
    seekers.extend(need.companions.iter().map(left));
    can_assign(&seekers)
}

/// The slots that a placement uses.
fn used(placement: &Placement) -> Vec<SlotId> {
    std::iter::once(placement.slot)
        .chain(placement.companions.iter().map(|companion| companion.slot))
        .collect()
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
    let mut board = Board::new(needs.to_vec(), slots, workers, best_order(needs, workers));
    let mut choices = choices.iter().copied().cycle();
    let mut running: Vec<Placement> = Vec::new();
    // Which slots are up, as a run would know it.
    let mut up: BTreeSet<SlotId> = BTreeSet::new();
    let (mut barred, mut gone) = (BTreeSet::new(), BTreeSet::new());
    let mut seen: BTreeMap<usize, u32> = BTreeMap::new();
    let mut hopeless = BTreeSet::new();
    let mut turns = 0;
    while !board.is_done() {
        turns += 1;
        prop_assert!(turns < 2_000, "no end in sight: {board:?}");
        for test in board.hopeless() {
            prop_assert!(!is_possible(&needs[test], &barred, &gone), "test {test} could still run");
            hopeless.insert(test);
        }
        board.look_again();
        while let Some(placement) = board.next() {
            let need = &needs[placement.test];
            let choice = choices.next().unwrap();
            let slots = used(&placement);
            prop_assert!(need.slots.contains(&placement.slot), "a role only where it has an account");
            prop_assert!(!barred.contains(&placement.slot), "no test where none can run");
            prop_assert_eq!(placement.companions.len(), need.companions.len());
            for (companion, may_be) in placement.companions.iter().zip(&need.companions) {
                prop_assert!(may_be.contains(&companion.slot), "an account only where it is");
                prop_assert_eq!(companion.cold, !up.contains(&companion.slot), "as it was before");
            }
            prop_assert_eq!(placement.cold, !up.contains(&placement.slot), "as it was before");
            prop_assert_eq!(slots.iter().collect::<BTreeSet<_>>().len(), slots.len(), "each slot once");
            for slot in &slots {
                prop_assert!(!gone.contains(slot));
                prop_assert!(
                    !running.iter().any(|other| used(other).contains(slot)),
                    "never two tests in a slot"
                );
            }
            let cold = std::iter::once((placement.slot, placement.cold))
                .chain(placement.companions.iter().map(|companion| (companion.slot, companion.cold)));
            let cold: Vec<SlotId> = cold.filter(|(_, cold)| *cold).map(|(slot, _)| slot).collect();
            let a_cold = cold.get(choice as usize / 16 % cold.len().max(1));
            if mishaps && choice % 7 == 0 {
                board.unusable(placement.slot);
                up.remove(&placement.slot);
                barred.insert(placement.slot);
                continue;
            }
            if let Some(&slot) = a_cold.filter(|_| mishaps && choice % 13 == 0) {
                board.lost(placement.slot, slot);
                gone.insert(slot);
                continue;
            }
            if let Some(&slot) = a_cold.filter(|_| mishaps && choice % 5 == 1) {
                board.elsewhere(placement.slot, slot);
                break;
            }
            for other in &running {
                let other = &needs[other.test];
                prop_assert!(!need.exclusive && !other.exclusive, "exclusive means alone");
                prop_assert!(need.group.is_none() || need.group != other.group, "one of a group at a time");
            }
            *seen.entry(placement.test).or_default() += 1;
            running.push(placement);
            prop_assert!(running.len() <= workers, "never more than workers at once");
        }
        let choice = choices.next().unwrap();
        if running.is_empty() {
            if mishaps && let Some(slot) = up.pop_first() {
                board.given_back(slot);
            }
            continue;
        }
        let Placement { test, slot, .. } = running.swap_remove(choice as usize % running.len());
        if mishaps && choice % 7 == 0 {
            board.retired(slot);
            barred.insert(slot);
            up.remove(&slot);
        } else {
            board.finished(slot);
            up.insert(slot);
        }
        if mishaps && choice % 3 == 0 && seen[&test] == 1 {
            board.again(test);
        }
    }
    hopeless.extend(board.hopeless());
    for (test, need) in needs.iter().enumerate() {
        let is_possible = is_possible(need, &barred, &gone);
        prop_assert!(
            seen.contains_key(&test) || (hopeless.contains(&test) && !is_possible),
            "test {test} starved"
        );
    }
    if !mishaps {
        // What needs more slots at once than there are is told so, and nothing else is.
        let possible = |test: &usize| is_possible(&needs[*test], &barred, &gone);
        prop_assert!(seen.values().all(|&times| times == 1));
        prop_assert!(!hopeless.iter().any(possible));
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
        let anywhere = need(&(0..slots).collect::<Vec<_>>());
        let mut board = Board::new(vec![anywhere; tests], slots, workers, (0..tests).collect());
        let started = std::iter::from_fn(|| board.next()).count();
        prop_assert_eq!(started, tests.min(workers).min(usize::from(slots)));
    }

    #[test]
    fn as_many_pairs_run_at_once_as_can((slots, workers, tests) in (1_u16..9, 1_usize..12, 0_usize..30)) {
        let anywhere = pair(&(0..slots).collect::<Vec<_>>());
        let mut board = Board::new(vec![anywhere; tests], slots, workers, (0..tests).collect());
        let started = std::iter::from_fn(|| board.next()).count();
        prop_assert_eq!(started, tests.min(workers).min(usize::from(slots) / 2));
    }
}

#[test]
fn a_test_of_several_slots_does_not_wait_behind_all_that_need_one() {
    // Two singles run, and many more wait behind the pair.
    let mut needs = vec![need(&[0, 1]); 20];
    needs[2] = pair(&[0, 1]);
    let mut board = Board::new(needs, 2, 2, (0..20).collect());
    let first: Vec<_> = std::iter::from_fn(|| board.next()).collect();
    assert_eq!(first.iter().map(|placed| placed.test).collect::<Vec<_>>(), [0, 1]);
    board.finished(first[0].slot);
    assert_eq!(board.next(), None, "the slot is kept for the pair");
    board.finished(first[1].slot);
    assert_eq!(board.next().unwrap().test, 2);
}

#[test]
fn slots_that_will_come_free_together_leave_the_others_to_others() {
    let mut needs = vec![pair(&[0, 1, 2]); 2];
    needs.extend(vec![need(&[0, 1, 2]); 3]);
    let mut board = Board::new(needs, 3, 3, (0..5).collect());
    let first: Vec<_> = std::iter::from_fn(|| board.next()).collect();
    assert_eq!(
        first.iter().map(|placed| placed.test).collect::<Vec<_>>(),
        [0, 2],
        "a pair, and one beside it"
    );
    board.finished(first[1].slot);
    assert_eq!(board.next().unwrap().test, 3, "one more beside it");
    board.finished(first[0].slot);
    assert_eq!(board.next().unwrap().test, 1, "and then the other pair");
}

#[test]
fn companions_are_cold_slots_that_few_others_wait_for() {
    // Slot 0 is up; slot 1 is the only one for the last test, and nobody but the pair waits for 2 and 3.
    let needs = vec![need(&[0]), pair(&[0, 1, 2, 3]), need(&[1])];
    let mut board = Board::new(needs, 4, 1, vec![0, 1, 2]);
    let first = board.next().unwrap();
    board.finished(first.slot);
    let placed = board.next().unwrap();
    assert_eq!((placed.slot, placed.cold), (SlotId(0), false));
    assert_eq!(placed.companions.iter().map(|companion| companion.slot.0).collect::<Vec<_>>(), [3]);
}

#[test]
fn a_companion_that_is_up_stays_up() {
    let needs = vec![need(&[0]), need(&[1]), pair(&[0, 1]), need(&[1])];
    let mut board = Board::new(needs, 2, 2, vec![0, 1, 2, 3]);
    let first: Vec<_> = std::iter::from_fn(|| board.next()).collect();
    for placed in &first {
        board.finished(placed.slot);
    }
    let both = board.next().unwrap();
    assert!(!both.cold && !both.companions[0].cold);
    assert_eq!(board.next(), None, "it is busy meanwhile");
    board.finished(both.slot);
    let last = board.next().unwrap();
    assert_eq!((last.slot, last.cold), (SlotId(1), false));
}

#[test]
fn a_slot_where_no_test_can_run_still_lends_its_accounts() {
    let mut board = Board::new(vec![need(&[1]), pair(&[0, 1])], 2, 2, vec![0, 1]);
    let placed = board.next().unwrap();
    board.unusable(placed.slot);
    assert_eq!(board.hopeless(), [0]);
    let both = board.next().unwrap();
    assert_eq!((both.test, both.slot, both.companions[0].slot), (1, SlotId(0), SlotId(1)));
}

#[test]
fn a_retry_takes_other_companions_too() {
    let mut board = Board::new(vec![pair(&[0, 1, 2, 3])], 4, 1, vec![0]);
    let first = board.next().unwrap();
    board.finished(first.slot);
    board.again(0);
    let second = board.next().unwrap();
    assert!(
        !used(&first).contains(&second.companions[0].slot) && second.slot != first.slot,
        "{first:?} {second:?}"
    );
}

#[test]
fn what_brings_a_test_nearer_to_all_its_slots() {
    let board = Board::new(
        vec![Need { companions: vec![vec![SlotId(0), SlotId(2)]], ..need(&[0, 1]) }],
        3,
        1,
        vec![0],
    );
    let missing = |has: &[u16]| {
        let has = has.iter().copied().map(SlotId).collect();
        board.missing(0, &has).into_iter().map(|slot| slot.0).collect::<Vec<_>>()
    };
    assert_eq!(missing(&[]), [0, 1, 2]);
    assert_eq!(missing(&[0]), [1, 2]);
    assert_eq!(missing(&[1]), [0, 2]);
    assert_eq!(missing(&[0, 1]), [] as [u16; 0]);
}

fn need(slots: &[u16]) -> Need {
    let slots = slots.iter().copied().map(SlotId).collect();
    Need { slots, ..Need::default() }
}

/// A test of two users of one role, both in these slots.
fn pair(slots: &[u16]) -> Need {
    Need { companions: vec![need(slots).slots], ..need(slots) }
}

#[test]
fn the_longest_start_first_and_leave_the_slots_of_others_to_them() {
    let timed = |slots: &[u16], seconds| Need { expected: Some(Duration::from_secs(seconds)), ..need(slots) };
    let needs = vec![timed(&[0, 1, 2], 1), timed(&[0, 1, 2], 9), timed(&[2], 1), need(&[0, 1, 2])];
    let mut board = Board::new(needs.clone(), 3, 3, best_order(&needs, 3));
    let started: Vec<(usize, u16)> =
        std::iter::from_fn(|| board.next()).map(|p| (p.test, p.slot.0)).collect();
    assert_eq!(started, [(1, 0), (3, 1), (2, 2)]);
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
        board.again(first.test);
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
