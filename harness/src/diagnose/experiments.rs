//! The experiments of an analysis, one after the other: made in the laboratory, or, where an analysis goes on that was stopped,
//! read from what that left.

use std::collections::VecDeque;
use std::sync::mpsc::Receiver;

use super::analysis::{Ended, Progress};
use super::evidence::Evidence;
use super::infer::{Ending, Observation, Plan, Roster, TestNo};
use super::planner::{Batch, Places};
use super::words;
use crate::model::{Event, Record, SlotId, TestId};
use crate::run::{Lab, LabError};
use crate::story::Story;

/// As many experiments in a row may come to nothing before it is given up.
const VAIN: u32 = 4;

/// See the file's documentation.
pub(super) struct Experiments {
    pub(super) roster: Roster,
    /// For each test by its number, where it can run.
    pub(super) slots: Vec<Vec<SlotId>>,
    /// How many processes make the machine busy.
    pub(super) busy: u16,
    /// How many times slower pages are then.
    pub(super) slow_pages: u16,
    /// Whose failures are looked into; everybody's where it is empty.
    pub(super) only: Vec<TestId>,
    pub(super) lab: Lab,
    pub(super) records: Receiver<Record>,
    pub(super) story: Story,
    /// Those of the parts before this one, which are not made once more.
    pub(super) recorded: VecDeque<u32>,
    /// The number of the last one.
    pub(super) last: u32,
    pub(super) on_progress: Box<dyn FnMut(Progress) + Send>,
    /// Executions of tests.
    pub(super) executions: usize,
    pub(super) vain: u32,
    pub(super) seed: u64,
}

impl Experiments {
    /// Makes those that these plans need, and returns what they told. `spent` is the part of the budget, from 0 to 1.
    pub(super) async fn perform(&mut self, plans: &[Plan], spent: f64) -> Result<Vec<Observation>, Ended> {
        self.seed = self.seed.wrapping_add(1);
        let mut seen = Vec::new();
        for batch in self.places().batches(plans, self.seed) {
            let purposes = batch.plans.iter().map(|&plan| words::purpose(&plans[plan], &self.roster));
            let purpose = purposes.collect::<Vec<_>>().join("; ");
            seen.extend(self.make(&batch, &purpose, spent).await?);
        }
        Ok(seen)
    }

    /// Makes one, and returns what it told.
    pub(super) async fn make(
        &mut self,
        batch: &Batch,
        purpose: &str,
        spent: f64,
    ) -> Result<Vec<Observation>, Ended> {
        let number = match self.recorded.pop_front() {
            Some(number) => self.recall(number, batch)?,
            None => self.really_make(batch, purpose, spent).await?,
        };
        self.last = number;
        let evidence = Evidence::of(&self.story, &self.roster);
        let mut seen = evidence.observations(number, &batch.answers);
        self.executions += evidence.attempts_of(number);
        seen.retain(|observation| observation.ending == Ending::Passed || self.is_asked(observation.test));
        Ok(seen)
    }

    /// The course of an analysis follows from what it saw, so what was made is what would be made now.
    fn recall(&self, number: u32, batch: &Batch) -> Result<u32, Ended> {
        let known = self.story.experiments.iter().find(|known| known.number == number);
        if known.is_some_and(|known| known.schedule == batch.schedule) {
            return Ok(number);
        }
        Err(Ended::Unlike(number))
    }

    async fn really_make(&mut self, batch: &Batch, purpose: &str, spent: f64) -> Result<u32, Ended> {
        (self.on_progress)(Progress::Begins { purpose: purpose.to_owned(), spent });
        let made = self.lab.perform(purpose, &batch.schedule).await;
        let number = self.catch_up();
        match made {
            Ok(_) => self.vain = 0,
            Err(LabError::Interrupted) => return Err(Ended::Interrupted),
            Err(error) => {
                self.vain += 1;
                (self.on_progress)(Progress::Vain(error.to_string()));
                if self.vain >= VAIN {
                    return Err(Ended::Vain(error.to_string()));
                }
            }
        }
        Ok(number)
    }

    /// Takes all events up to the end of the experiment that is over, and returns its number.
    fn catch_up(&mut self) -> u32 {
        while let Ok(record) = self.records.recv() {
            let over = match &record.event {
                Event::ExperimentFinished { experiment, .. } => Some(*experiment),
                _ => None,
            };
            self.story.tell(record);
            if let Some(experiment) = over {
                return experiment;
            }
        }
        0
    }

    pub(super) fn places(&self) -> Places<'_> {
        Places { roster: &self.roster, slots: &self.slots, busy: self.busy, slow_pages: self.slow_pages }
    }

    pub(super) fn is_asked(&self, test: TestNo) -> bool {
        self.only.is_empty() || self.roster.name(test).is_some_and(|name| self.only.contains(name))
    }
}
