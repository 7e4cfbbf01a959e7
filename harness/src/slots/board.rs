//! The match of tests to slots: which test starts next, and where.
//!
//! Pure: it knows no clock, process or file. Slots *pull*: whenever something may have changed, the
//! run asks for the next placement until there is none.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::time::Duration;

use super::queue::Queue;
use crate::model::{SlotId, assign, can_assign};

/// What a test needs of its place.
#[derive(Debug, Clone, Default)]
pub(crate) struct Need {
    /// Where it may run: slots that have an account for each of its roles, and the pinned one alone
    /// when there is one. Sorted.
    pub(crate) slots: Vec<SlotId>,
    /// Which slots it needs besides, each another one, to use only their accounts: for each of these companions,
    /// the slots that have what it lends.
    pub(crate) companions: Vec<Vec<SlotId>>,
    /// One at a time within the group.
    pub(crate) group: Option<&'static str>,
    /// Nothing else runs meanwhile.
    pub(crate) exclusive: bool,
    /// Of how many roles it needs an account.
    pub(crate) roles: usize,
    /// How long it took in earlier runs, where that is known.
    pub(crate) expected: Option<Duration>,
    /// Where it runs if that is free when its turn comes, and it did not run there before.
    pub(crate) prefers: Option<SlotId>,
}

/// A test that is to start now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Placement {
    /// The test's index.
    pub(crate) test: usize,
    /// Where.
    pub(crate) slot: SlotId,
    /// Whether the slot is not up.
    pub(crate) cold: bool,
    /// Whose accounts it uses besides.
    pub(crate) companions: Vec<Companion>,
}

/// A slot of which a test that runs elsewhere uses the accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Companion {
    pub(crate) slot: SlotId,
    /// Whether the slot is not up, and need not be.
    pub(crate) cold: bool,
}

impl Placement {
    fn uses(&self, slot: SlotId) -> bool {
        self.slot == slot || self.companions.iter().any(|companion| companion.slot == slot)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Not held by this run.
    Cold,
    /// Up, and nothing runs in it.
    Idle,
    /// This test runs in it.
    Busy(usize),
    /// A test that runs elsewhere uses its accounts.
    Lent,
    /// Another run has it, at the moment.
    Elsewhere,
    /// Not to be used (any more).
    Gone,
}

/// Who waits, who runs, and where.
#[derive(Debug)]
pub(crate) struct Board {
    needs: Vec<Need>,
    /// Indices of tests that wait.
    waiting: Queue,
    /// Where each test was placed last.
    places: Vec<Option<Placement>>,
    /// Where a test that is tried again ran before, the last one last: it goes elsewhere if it can.
    before: Vec<Vec<Placement>>,
    slots: Vec<State>,
    /// Slots in which no test can run (any more), though their accounts can still be used elsewhere.
    barred: Vec<bool>,
    groups: BTreeSet<&'static str>,
    exclusive: bool,
    running: usize,
    /// How many may run at once, at the moment.
    workers: usize,
    /// Whether slots were lost since it was last asked who can run nowhere any more.
    lost_slots: bool,
}

impl Board {
    /// A board on which all tests wait and all `slots` slots are cold. Tests start in the `order` of these
    /// indices, as far as their needs leave a choice.
    pub(crate) fn new(needs: Vec<Need>, slots: u16, workers: usize, order: Vec<usize>) -> Self {
        Self {
            places: vec![None; needs.len()],
            before: vec![Vec::new(); needs.len()],
            waiting: Queue::new(order, &needs, usize::from(slots)),
            // Tests may have no place from the start, where the command line leaves slots out.
            lost_slots: true,
            needs,
            slots: vec![State::Cold; usize::from(slots)],
            barred: vec![false; usize::from(slots)],
            groups: BTreeSet::new(),
            exclusive: false,
            running: 0,
            workers: workers.max(1),
        }
    }

    /// The next test to start; it counts as running from now on, as one however many slots it uses.
    ///
    /// Exclusive tests come last: they start when nothing runs and nothing else can.
    pub(crate) fn next(&mut self) -> Option<Placement> {
        if self.exclusive || self.running >= self.workers {
            return None;
        }
        let place = self.find(false).or_else(|| if self.running == 0 { self.find(true) } else { None });
        let (position, slots) = place?;
        let test = self.waiting.remove(position, &self.needs);
        let is_cold = |slot: SlotId| self.slots[slot.index()] == State::Cold;
        let companion = |slot: &SlotId| Companion { slot: *slot, cold: is_cold(*slot) };
        let companions = slots[1..].iter().map(companion).collect();
        let placement = Placement { test, slot: slots[0], cold: is_cold(slots[0]), companions };
        for slot in &slots[1..] {
            self.slots[slot.index()] = State::Lent;
        }
        self.slots[placement.slot.index()] = State::Busy(test);
        self.places[test] = Some(placement.clone());
        self.exclusive = self.needs[test].exclusive;
        self.groups.extend(self.needs[test].group);
        self.running += 1;
        Some(placement)
    }

    /// The position of a test that can start now, and its slots: first the one where it runs.
    fn find(&self, exclusive: bool) -> Option<(usize, Vec<SlotId>)> {
        let mut kept = None;
        if !self.has_free_beside(&[]) {
            return None;
        }
        for (position, &test) in self.waiting.tests().iter().enumerate() {
            let need = &self.needs[test];
            let group_is_free = need.group.is_none_or(|group| !self.groups.contains(group));
            if need.exclusive != exclusive || !group_is_free {
                continue;
            }
            if let Some(slots) = self.place_for(test, kept.as_deref().unwrap_or_default()) {
                return Some((position, slots));
            }
            if kept.is_none() && !need.companions.is_empty() {
                let keep = self.keep_for(test);
                // All that is free is kept: nobody else needs to be asked, and they may be many.
                if !self.has_free_beside(&keep) {
                    return None;
                }
                kept = Some(keep);
            }
        }
        None
    }

    fn has_free_beside(&self, kept: &[SlotId]) -> bool {
        (0..self.slots.len()).any(|slot| self.is_free(slot) && kept.iter().all(|kept| kept.index() != slot))
    }

    /// Where the test can run now, if it can: in a slot where it did not run before, or did so longest ago; in the one that it
    /// prefers; in one that is up; in one that few others wait for. For companions rather a cold one, since nothing has to
    /// be started there.
    fn place_for(&self, test: usize, kept: &[SlotId]) -> Option<Vec<SlotId>> {
        let is_free = |slot: SlotId| self.is_free(slot.index()) && !kept.contains(&slot);
        let mut seekers = self.seekers(test, is_free);
        if !can_assign(&seekers) {
            return None;
        }
        let prefers = self.needs[test].prefers;
        let is_cold = |slot: SlotId| self.slots[slot.index()] == State::Cold;
        let (main, companions) = seekers.split_first_mut()?;
        main.sort_by_key(|&slot| {
            let used = self.last_use(test, |before| before.slot == slot);
            (used, Some(slot) != prefers, is_cold(slot), self.demand(slot), slot)
        });
        for companion in companions {
            companion.sort_by_key(|&slot| {
                let used = self.last_use(test, |before| before.slot != slot && before.uses(slot));
                (used, !is_cold(slot), self.demand(slot), Reverse(slot))
            });
        }
        assign(&seekers).into_iter().collect()
    }

    /// Which of the earlier placements of this test was such a one, from 1; 0 where none was.
    fn last_use(&self, test: usize, is_such: impl Fn(&Placement) -> bool) -> usize {
        self.before[test].iter().rposition(is_such).map_or(0, |position| position + 1)
    }

    /// The free slots that no later test may take, because this one waits for more slots at once than are free, and
    /// those that come free one by one would go to others for ever.
    fn keep_for(&self, test: usize) -> Vec<SlotId> {
        let running = self.slots.iter().filter_map(|state| match state {
            State::Busy(test) => self.places[*test].as_ref(),
            _ => None,
        });
        for placement in running {
            // They come free together, and then this test is first.
            if can_assign(&self.seekers(test, |slot| placement.uses(slot))) {
                return Vec::new();
            }
        }
        let comes_free = |slot: SlotId| !matches!(self.slots[slot.index()], State::Elsewhere | State::Gone);
        let mut seekers = self.seekers(test, comes_free);
        for seeker in &mut seekers {
            seeker.sort_by_key(|slot| !self.is_free(slot.index()));
        }
        let slots: Option<Vec<SlotId>> = assign(&seekers).into_iter().collect();
        slots.unwrap_or_default().into_iter().filter(|slot| self.is_free(slot.index())).collect()
    }

    /// For a test and each of its companions, which of these slots it could have.
    fn seekers(&self, test: usize, may_have: impl Fn(SlotId) -> bool) -> Vec<Vec<SlotId>> {
        let need = &self.needs[test];
        let runs = need.slots.iter().copied().filter(|slot| !self.barred[slot.index()] && may_have(*slot));
        let lend = |slots: &Vec<SlotId>| slots.iter().copied().filter(|slot| may_have(*slot)).collect();
        std::iter::once(runs.collect()).chain(need.companions.iter().map(lend)).collect()
    }

    /// How many tests wait to run in this slot.
    pub(crate) fn demand(&self, slot: SlotId) -> usize {
        if self.barred[slot.index()] { 0 } else { self.waiting.demand(slot) }
    }

    fn is_free(&self, slot: usize) -> bool {
        matches!(self.slots[slot], State::Idle | State::Cold)
    }

    /// The test in this slot is over, and the slot can be used again.
    pub(crate) fn finished(&mut self, slot: SlotId) {
        self.leave(slot, State::Idle);
    }

    /// The test in this slot is over, and no other is to run in it.
    pub(crate) fn retired(&mut self, slot: SlotId) {
        self.leave(slot, State::Cold);
        self.bar(slot);
    }

    /// The test that was placed in this slot did not start, because another run has a slot that it needs: it waits
    /// again, at the front.
    pub(crate) fn elsewhere(&mut self, slot: SlotId, held: SlotId) {
        self.put_back(slot);
        self.slots[held.index()] = State::Elsewhere;
    }

    /// The test that was placed in this slot did not start, because no test can run there: it waits again, at the
    /// front. The slot is not up, also where it was.
    pub(crate) fn unusable(&mut self, slot: SlotId) {
        self.put_back(slot);
        self.slots[slot.index()] = State::Cold;
        self.bar(slot);
    }

    /// The test that was placed in this slot did not start, because a slot that it needs can be had by nobody: it
    /// waits again, at the front.
    pub(crate) fn lost(&mut self, slot: SlotId, lost: SlotId) {
        self.put_back(slot);
        self.slots[lost.index()] = State::Gone;
        self.lost_slots = true;
    }

    /// A slot that was up and idle was given back, so that others can have it.
    pub(crate) fn given_back(&mut self, slot: SlotId) {
        self.slots[slot.index()] = State::Cold;
    }

    /// A test is to be tried again, after all that wait, and in another slot if one can be had.
    pub(crate) fn again(&mut self, test: usize) {
        self.before[test].extend(self.places[test].clone());
        self.waiting.push_back(test, &self.needs[test]);
        // Its slots may have gone while it ran.
        self.lost_slots = true;
    }

    /// Slots that other runs had may be free by now.
    pub(crate) fn look_again(&mut self) {
        for state in &mut self.slots {
            if *state == State::Elsewhere {
                *state = State::Cold;
            }
        }
    }

    /// Takes away the tests that can run nowhere any more.
    pub(crate) fn hopeless(&mut self) -> Vec<usize> {
        if !std::mem::take(&mut self.lost_slots) {
            return Vec::new();
        }
        let is_there = |slot: SlotId| self.slots[slot.index()] != State::Gone;
        let is_hopeless = |test: &usize| !can_assign(&self.seekers(*test, is_there));
        let hopeless: Vec<usize> = self.waiting.tests().iter().copied().filter(is_hopeless).collect();
        self.waiting.remove_all(&hopeless, &self.needs);
        hopeless
    }

    /// Takes away all tests that wait.
    pub(crate) fn give_up(&mut self) -> Vec<usize> {
        self.waiting.take()
    }

    /// Whether nothing runs and nothing waits.
    pub(crate) fn is_done(&self) -> bool {
        self.running == 0 && self.waiting.tests().is_empty()
    }

    /// From now on this many may run at once. Those above it come to their end.
    pub(crate) fn set_limit(&mut self, workers: usize) {
        self.workers = workers.max(1);
    }

    /// How many tests run.
    pub(crate) fn running(&self) -> usize {
        self.running
    }

    /// Whether any test waits.
    pub(crate) fn is_waiting(&self) -> bool {
        !self.waiting.tests().is_empty()
    }

    /// Whether as many run as may, and others wait.
    pub(crate) fn is_full(&self) -> bool {
        self.running >= self.workers && self.is_waiting() && !self.exclusive
    }

    /// Whether one of them would start now, if one more might run.
    pub(crate) fn wants_more(&self) -> bool {
        self.is_full() && self.find(false).is_some()
    }

    /// Whether nothing runs, though something waits: only another run's slot can help.
    pub(crate) fn is_stuck(&self) -> bool {
        self.running == 0 && !self.waiting.tests().is_empty()
    }

    /// The first of the tests that wait and need several slots at once.
    pub(crate) fn wants_several(&self) -> Option<usize> {
        self.waiting.tests().iter().copied().find(|test| !self.needs[*test].companions.is_empty())
    }

    /// The slots, each of which would bring a test nearer to all that it needs at once, if it had those.
    pub(crate) fn missing(&self, test: usize, has: &BTreeSet<SlotId>) -> Vec<SlotId> {
        let seated = |further: Option<SlotId>| {
            let seekers = self.seekers(test, |slot| has.contains(&slot) || Some(slot) == further);
            assign(&seekers).into_iter().flatten().count()
        };
        let now = seated(None);
        let there = self.slots.iter().zip(0..).filter(|(state, _)| **state != State::Gone);
        let slots = there.map(|(_, slot)| SlotId(slot)).filter(|slot| !has.contains(slot));
        slots.filter(|slot| seated(Some(*slot)) > now).collect()
    }

    fn bar(&mut self, slot: SlotId) {
        self.barred[slot.index()] = true;
        self.lost_slots = true;
    }

    /// The placement in this slot never was.
    fn put_back(&mut self, slot: SlotId) {
        let State::Busy(test) = self.slots[slot.index()] else { return };
        let was_cold = self.places[test].as_ref().is_none_or(|place| place.cold);
        self.leave(slot, if was_cold { State::Cold } else { State::Idle });
        self.waiting.push_front(test, &self.needs[test]);
    }

    /// The test in this slot is over; its companions are again what they were.
    fn leave(&mut self, slot: SlotId, state: State) {
        let State::Busy(test) = std::mem::replace(&mut self.slots[slot.index()], state) else { return };
        for companion in self.places[test].iter().flat_map(|place| &place.companions) {
            self.slots[companion.slot.index()] = if companion.cold { State::Cold } else { State::Idle };
        }
        if let Some(group) = self.needs[test].group {
            self.groups.remove(group);
        }
        self.exclusive = false;
        self.running -= 1;
    }
}
