//! The tests that wait, and for how many of them each slot would do.

use super::board::Need;
use crate::model::SlotId;

/// See the file's documentation.
#[derive(Debug)]
pub(super) struct Queue {
    /// In the order in which they should start.
    tests: Vec<usize>,
    /// Kept up to date, because it is asked for at each placement of each of a thousand tests.
    demand: Vec<usize>,
}

impl Queue {
    /// These tests wait, in this order, and there are so many slots.
    pub(super) fn new(order: Vec<usize>, needs: &[Need], slots: usize) -> Self {
        let mut queue = Self { tests: Vec::new(), demand: vec![0; slots] };
        for test in &order {
            queue.wants(&needs[*test]);
        }
        queue.tests = order;
        queue
    }

    /// Those that wait, in their order.
    pub(super) fn tests(&self) -> &[usize] {
        &self.tests
    }

    /// How many of them could run in this slot.
    pub(super) fn demand(&self, slot: SlotId) -> usize {
        self.demand[slot.index()]
    }

    /// This one waits again, before all others.
    pub(super) fn push_front(&mut self, test: usize, need: &Need) {
        self.wants(need);
        self.tests.insert(0, test);
    }

    /// This one waits again, after all others.
    pub(super) fn push_back(&mut self, test: usize, need: &Need) {
        self.wants(need);
        self.tests.push(test);
    }

    /// The one at this position waits no longer.
    pub(super) fn remove(&mut self, position: usize, needs: &[Need]) -> usize {
        let test = self.tests.remove(position);
        self.wants_no_longer(&needs[test]);
        test
    }

    /// These do not wait any longer.
    pub(super) fn remove_all(&mut self, tests: &[usize], needs: &[Need]) {
        self.tests.retain(|test| !tests.contains(test));
        for test in tests {
            self.wants_no_longer(&needs[*test]);
        }
    }

    /// None waits any longer.
    pub(super) fn take(&mut self) -> Vec<usize> {
        self.demand.fill(0);
        std::mem::take(&mut self.tests)
    }

    fn wants(&mut self, need: &Need) {
        for slot in &need.slots {
            self.demand[slot.index()] += 1;
        }
    }

    fn wants_no_longer(&mut self, need: &Need) {
        for slot in &need.slots {
            self.demand[slot.index()] -= 1;
        }
    }
}
