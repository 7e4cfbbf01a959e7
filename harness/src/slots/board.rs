//! The match of tests to slots: which test starts next, and where.
//!
//! Pure: it knows no clock, process or file. Slots *pull*: whenever something may have changed, the
//! run asks for the next placement until there is none.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::model::SlotId;

/// What a test needs of its place.
#[derive(Debug, Clone)]
pub(crate) struct Need {
    /// Where it may run: slots that have an account for each of its roles, and the pinned one alone
    /// when there is one. Sorted.
    pub(crate) slots: Vec<SlotId>,
    /// One at a time within the group.
    pub(crate) group: Option<&'static str>,
    /// Nothing else runs meanwhile.
    pub(crate) exclusive: bool,
    /// How long it took in earlier runs, where that is known.
    pub(crate) expected: Option<Duration>,
}

/// The order in which tests best start: the hardest to place first, then the longest, so that the tail is
/// short; then as they are given.
pub(crate) fn hardest_first(needs: &[Need]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..needs.len()).collect();
    // Unknown durations count as long: a new test at the end would make a long tail.
    order.sort_by_key(|&test| {
        let need = &needs[test];
        (need.slots.len(), std::cmp::Reverse(need.expected.unwrap_or(Duration::MAX)))
    });
    order
}

/// A test that is to start now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Placement {
    /// The test's index.
    pub(crate) test: usize,
    /// Where.
    pub(crate) slot: SlotId,
    /// Whether the slot was not used by this run before.
    pub(crate) cold: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Not used by this run so far.
    Cold,
    /// Up, and nothing runs in it.
    Idle,
    /// This test runs in it.
    Busy(usize),
    /// Another run has it, at the moment.
    Elsewhere,
    /// Not to be used (any more).
    Gone,
}

/// Who waits, who runs, and where.
#[derive(Debug)]
pub(crate) struct Board {
    needs: Vec<Need>,
    /// Indices of tests that wait, in the order in which they should start.
    waiting: Vec<usize>,
    /// Where a test that is tried again ran before: it goes elsewhere if it can.
    avoid: Vec<Option<SlotId>>,
    slots: Vec<State>,
    groups: BTreeSet<&'static str>,
    exclusive: bool,
    running: usize,
    workers: usize,
    /// Whether slots were lost since it was last asked who can run nowhere any more.
    lost_slots: bool,
}

impl Board {
    /// A board on which all tests wait and all `slots` slots are cold. Tests start in the `order` of these
    /// indices, as far as their needs leave a choice.
    pub(crate) fn new(needs: Vec<Need>, slots: u16, workers: usize, order: Vec<usize>) -> Self {
        Self {
            avoid: vec![None; needs.len()],
            waiting: order,
            // Tests may have no place from the start, where the command line leaves slots out.
            lost_slots: true,
            needs,
            slots: vec![State::Cold; usize::from(slots)],
            groups: BTreeSet::new(),
            exclusive: false,
            running: 0,
            workers: workers.max(1),
        }
    }

    /// The next test to start; it counts as running from now on.
    ///
    /// Exclusive tests come last: they start when nothing runs and nothing else can.
    pub(crate) fn next(&mut self) -> Option<Placement> {
        if self.exclusive || self.running >= self.workers {
            return None;
        }
        let place = self.find(false).or_else(|| if self.running == 0 { self.find(true) } else { None });
        let (position, slot) = place?;
        let test = self.waiting.remove(position);
        let cold = self.slots[slot.index()] == State::Cold;
        self.slots[slot.index()] = State::Busy(test);
        self.exclusive = self.needs[test].exclusive;
        self.groups.extend(self.needs[test].group);
        self.running += 1;
        Some(Placement { test, slot, cold })
    }

    fn find(&self, exclusive: bool) -> Option<(usize, SlotId)> {
        self.waiting.iter().enumerate().find_map(|(position, &test)| {
            let need = &self.needs[test];
            let group_is_free = need.group.is_none_or(|group| !self.groups.contains(group));
            if need.exclusive != exclusive || !group_is_free {
                return None;
            }
            self.place_for(test).map(|slot| (position, slot))
        })
    }

    /// A slot that is up, else a cold one; one where the test did not run before, if there is one.
    fn place_for(&self, test: usize) -> Option<SlotId> {
        let candidates = || {
            let free = |slot: &&SlotId| matches!(self.slots[slot.index()], State::Idle | State::Cold);
            self.needs[test].slots.iter().filter(free).copied()
        };
        candidates().min_by_key(|&slot| {
            let used_before = self.avoid[test] == Some(slot);
            (used_before, self.slots[slot.index()] == State::Cold, slot)
        })
    }

    /// The test in this slot is over, and the slot can be used again.
    pub(crate) fn finished(&mut self, slot: SlotId) {
        self.leave(slot, State::Idle);
    }

    /// The test in this slot is over, and the slot must be brought up again before the next one.
    pub(crate) fn cooled(&mut self, slot: SlotId) {
        self.leave(slot, State::Cold);
    }

    /// The test that was placed in this slot did not start, because another run has the slot: it waits
    /// again, at the front.
    pub(crate) fn elsewhere(&mut self, slot: SlotId) {
        self.put_back(slot, State::Elsewhere);
    }

    /// The test that was placed in this slot did not start, because the slot cannot be used at all: it
    /// waits again, at the front.
    pub(crate) fn unusable(&mut self, slot: SlotId) {
        self.put_back(slot, State::Gone);
    }

    /// The test in this slot is over, and the slot is not to be used again.
    pub(crate) fn retired(&mut self, slot: SlotId) {
        self.leave(slot, State::Gone);
    }

    /// A test is to be tried again, after all that wait, and in another slot if one can be had.
    pub(crate) fn again(&mut self, test: usize, avoid: SlotId) {
        self.avoid[test] = Some(avoid);
        self.waiting.push(test);
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
        let (slots, needs) = (&self.slots, &self.needs);
        let is_hopeless =
            |test: &usize| needs[*test].slots.iter().all(|slot| slots[slot.index()] == State::Gone);
        self.waiting.extract_if(.., |test| is_hopeless(test)).collect()
    }

    /// Takes away all tests that wait.
    pub(crate) fn give_up(&mut self) -> Vec<usize> {
        std::mem::take(&mut self.waiting)
    }

    /// Whether nothing runs and nothing waits.
    pub(crate) fn is_done(&self) -> bool {
        self.running == 0 && self.waiting.is_empty()
    }

    /// Whether nothing runs, though something waits: only another run's slot can help.
    pub(crate) fn is_stuck(&self) -> bool {
        self.running == 0 && !self.waiting.is_empty()
    }

    fn put_back(&mut self, slot: SlotId, state: State) {
        if let Some(test) = self.leave(slot, state) {
            self.waiting.insert(0, test);
        }
    }

    fn leave(&mut self, slot: SlotId, state: State) -> Option<usize> {
        self.lost_slots |= state == State::Gone;
        let State::Busy(test) = std::mem::replace(&mut self.slots[slot.index()], state) else { return None };
        if let Some(group) = self.needs[test].group {
            self.groups.remove(group);
        }
        self.exclusive = false;
        self.running -= 1;
        Some(test)
    }
}
