//! Who gets which slot, when several are needed at once and each only once.

use super::SlotId;

/// Gives as many of these seekers as possible a slot of their own: one of their candidates, the first that the
/// others leave to them. Seekers that come first choose first, but are moved where that helps a later one.
pub(crate) fn assign(seekers: &[Vec<SlotId>]) -> Vec<Option<SlotId>> {
    let mut assigned = vec![None; seekers.len()];
    for seeker in 0..seekers.len() {
        seat(seeker, seekers, &mut assigned, &mut Vec::new());
    }
    assigned
}

/// Whether each of these seekers can have a slot of its own.
pub(crate) fn can_assign(seekers: &[Vec<SlotId>]) -> bool {
    assign(seekers).iter().all(Option::is_some)
}

/// One step of bipartite matching: finds this seeker a slot, if need be by moving others. `tried` are slots of which
/// it is known that they cannot be freed.
fn seat(
    seeker: usize,
    seekers: &[Vec<SlotId>],
    assigned: &mut [Option<SlotId>],
    tried: &mut Vec<SlotId>,
) -> bool {
    let free = seekers[seeker].iter().find(|slot| !assigned.contains(&Some(**slot)));
    if let Some(&slot) = free {
        assigned[seeker] = Some(slot);
        return true;
    }
    for &slot in &seekers[seeker] {
        if tried.contains(&slot) {
            continue;
        }
        tried.push(slot);
        let Some(holder) = assigned.iter().position(|other| *other == Some(slot)) else { continue };
        if seat(holder, seekers, assigned, tried) {
            assigned[seeker] = Some(slot);
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn slots(ids: &[u16]) -> Vec<SlotId> {
        ids.iter().copied().map(SlotId).collect()
    }

    #[test]
    fn the_first_chooses_first_and_is_moved_only_where_it_helps() {
        let given = |seekers: &[&[u16]]| {
            let seekers: Vec<_> = seekers.iter().map(|ids| slots(ids)).collect();
            assign(&seekers).into_iter().map(|slot| slot.map(|slot| slot.0)).collect::<Vec<_>>()
        };
        assert_eq!(given(&[&[3, 1], &[3, 1]]), [Some(3), Some(1)]);
        assert_eq!(given(&[&[3, 1], &[3]]), [Some(1), Some(3)]);
        assert_eq!(given(&[&[0], &[0]]), [Some(0), None]);
        assert_eq!(given(&[&[0, 1], &[0, 2], &[0]]), [Some(1), Some(2), Some(0)]);
    }

    /// The largest number of seekers that can be served, by trying everything.
    fn most(seekers: &[Vec<SlotId>], taken: &BTreeSet<SlotId>) -> usize {
        let Some((first, rest)) = seekers.split_first() else { return 0 };
        let with = first.iter().filter(|slot| !taken.contains(slot)).map(|slot| {
            let mut taken = taken.clone();
            taken.insert(*slot);
            1 + most(rest, &taken)
        });
        with.chain([most(rest, taken)]).max().unwrap_or(0)
    }

    proptest! {
        #[test]
        fn as_many_as_possible_and_no_slot_twice(
            seekers in prop::collection::vec(prop::collection::vec((0_u16..5).prop_map(SlotId), 0..4), 0..5)
        ) {
            let assigned = assign(&seekers);
            let given: Vec<SlotId> = assigned.iter().copied().flatten().collect();
            prop_assert_eq!(given.iter().collect::<BTreeSet<_>>().len(), given.len());
            for (seeker, slot) in assigned.iter().enumerate() {
                prop_assert!(slot.is_none_or(|slot| seekers[seeker].contains(&slot)));
            }
            prop_assert_eq!(given.len(), most(&seekers, &BTreeSet::new()));
            prop_assert_eq!(can_assign(&seekers), given.len() == seekers.len());
        }
    }
}
