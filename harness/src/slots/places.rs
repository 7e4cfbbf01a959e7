//! Properties of the place that a test gets: elsewhere when it is tried again, where it prefers to be else, and at once.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::board::{Board, Need, Placement};
use crate::model::SlotId;

prop_compose! {
    fn a_need(slots: u16)(
        places in prop::collection::btree_set(0..slots, 1..=usize::from(slots)),
        prefers in prop::option::of(0..slots),
    ) -> Need {
        let slots = places.into_iter().map(SlotId).collect();
        Need { slots, prefers: prefers.map(SlotId), ..Need::default() }
    }
}

/// Needs, number of slots, number of workers, and random numbers that decide which test ends next.
fn a_run() -> impl Strategy<Value = (Vec<Need>, u16, usize, Vec<usize>)> {
    (1_u16..7).prop_flat_map(|slots| {
        let needs = prop::collection::vec(a_need(slots), 1..20);
        (needs, Just(slots), 1_usize..7, prop::collection::vec(any::<usize>(), 100))
    })
}

/// Which of the slots that are free a test should get, having been in `before`: of those where it was never, the one that it
/// prefers, if that is among them; else the one that it left longest ago. Several, where it makes no difference.
fn best(need: &Need, free: &BTreeSet<SlotId>, before: &[SlotId]) -> BTreeSet<SlotId> {
    let fitting = || need.slots.iter().copied().filter(|slot| free.contains(slot));
    let unknown: BTreeSet<SlotId> = fitting().filter(|slot| !before.contains(slot)).collect();
    if let Some(preferred) = need.prefers.filter(|slot| unknown.contains(slot)) {
        return [preferred].into();
    }
    if !unknown.is_empty() {
        return unknown;
    }
    let last = |slot: &SlotId| before.iter().rposition(|one| one == slot);
    fitting().min_by_key(last).into_iter().collect()
}

proptest! {
    #[test]
    fn a_test_gets_the_best_of_the_slots_that_are_free_and_waits_for_none(
        (needs, slots, workers, choices) in a_run(),
    ) {
        const ATTEMPTS: usize = 4;
        let mut board = Board::new(needs.clone(), slots, workers, (0..needs.len()).collect());
        let mut choices = choices.into_iter().cycle();
        let mut before: Vec<Vec<SlotId>> = vec![Vec::new(); needs.len()];
        let mut waiting: BTreeSet<usize> = (0..needs.len()).collect();
        let mut running: Vec<Placement> = Vec::new();
        while !board.is_done() {
            let mut free: BTreeSet<SlotId> = (0..slots).map(SlotId).collect();
            free.retain(|slot| !running.iter().any(|placed| placed.slot == *slot));
            while let Some(placed) = board.next() {
                let best = best(&needs[placed.test], &free, &before[placed.test]);
                prop_assert!(best.contains(&placed.slot), "{:?} of {:?} for {:?}", placed, best, before);
                before[placed.test].push(placed.slot);
                waiting.remove(&placed.test);
                free.remove(&placed.slot);
                running.push(placed);
            }
            let could_start = |test: &usize| needs[*test].slots.iter().any(|slot| free.contains(slot));
            prop_assert!(running.len() == workers || !waiting.iter().any(could_start), "it waits for nothing");
            let over = running.swap_remove(choices.next().unwrap() % running.len());
            board.finished(over.slot);
            if before[over.test].len() < ATTEMPTS {
                board.again(over.test);
                waiting.insert(over.test);
            }
        }
        prop_assert!(before.iter().all(|slots| slots.len() == ATTEMPTS));
    }
}

#[test]
fn slots_that_others_need_are_left_to_them() {
    let anywhere = Need { slots: vec![SlotId(0), SlotId(1)], ..Need::default() };
    let only_there = Need { slots: vec![SlotId(0)], ..Need::default() };
    let mut board = Board::new(vec![anywhere, only_there], 2, 2, vec![0, 1]);
    let placed: Vec<_> =
        std::iter::from_fn(|| board.next()).map(|placed| (placed.test, placed.slot.0)).collect();
    assert_eq!(placed, [(0, 1), (1, 0)]);
}
