//! The course of an analysis: runs of the suite, experiments, confirmations, until all is known that can be or the budget
//! is spent.

use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use super::evidence::Evidence;
use super::infer::{
    Belief, Budget, Docket, Ending, Experiment, Machine, Observation, Plan, Roster, TestNo, Verdict,
};
use super::kinship::{kinship, writes};
use super::planner::{Batch, Places};
use super::words;
use crate::model::{Event, Record, Schedule, SlotId, TestId};
use crate::run::{Lab, LabError};
use crate::story::Story;

/// As many experiments in a row may come to nothing before it is given up.
const VAIN: u32 = 4;
/// As many processes for each core keep a machine busy on purpose.
const BUSY: u16 = 3;
/// How busy a machine is guessed to be with one test, before it was measured.
const ALONE: f64 = 0.3;

/// What an analysis is to find out, and what it may cost.
#[derive(Debug, Clone)]
pub(crate) struct Asks {
    /// All tests of the suite, with the slots where each can run.
    pub(crate) tests: Vec<(TestId, Vec<SlotId>)>,
    /// Whose failures are looked into, by name; everybody's where it is empty.
    pub(crate) only: Vec<TestId>,
    pub(crate) slots: u16,
    pub(crate) workers: u16,
    pub(crate) cores: u16,
    pub(crate) limit: Limit,
    pub(crate) seed: u64,
}

/// What an analysis may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Limit {
    /// In runs of the suite: as many executions of tests as these have.
    Suites(usize),
    /// In time. What runs when it is over comes to its end.
    Time(Duration),
}

/// How far an analysis is.
#[derive(Debug, Clone)]
pub(crate) enum Progress {
    /// An experiment begins: what it is to show, and how much of the budget is spent, from 0 to 1.
    Begins { purpose: String, spent: f64 },
    /// What is believed of the failures that were seen, after an experiment.
    Believes(Vec<String>),
    /// An experiment could not be made.
    Vain(String),
}

/// What an analysis came to.
pub(crate) struct Findings {
    pub(crate) roster: Roster,
    pub(crate) verdicts: Vec<Verdict>,
    /// For each verdict, what makes the failure happen again.
    pub(crate) replays: Vec<Option<Schedule>>,
    pub(crate) story: Story,
    /// Executions of tests that were made.
    pub(crate) executions: usize,
    /// Why it ended before all was known that can be, where it did.
    pub(crate) ended: Ended,
    pub(crate) took: Duration,
}

/// Why an analysis ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ended {
    /// Nothing is left that would tell more than it costs, or the budget in executions is spent.
    Done,
    /// The time was over.
    Time,
    Interrupted,
    /// Experiments could not be made: why the last one could not.
    Vain(String),
}

/// See the file's documentation.
pub(crate) struct Analysis {
    asks: Asks,
    roster: Roster,
    slots: Vec<Vec<SlotId>>,
    lab: Lab,
    records: Receiver<Record>,
    story: Story,
    on_progress: Box<dyn FnMut(Progress) + Send>,
    began: Instant,
    executions: usize,
    vain: u32,
    seed: u64,
}

impl Analysis {
    /// An analysis that is about to begin. `records` are the events of the laboratory.
    pub(crate) fn new(
        asks: Asks,
        lab: Lab,
        records: Receiver<Record>,
        on_progress: impl FnMut(Progress) + Send + 'static,
    ) -> Self {
        let tests = asks.tests.iter().map(|(test, _)| test.clone()).collect();
        let roster = Roster::new(tests, asks.slots, asks.workers);
        let mut slots = vec![Vec::new(); roster.len()];
        for (test, places) in &asks.tests {
            if let Some(number) = roster.number(test) {
                slots[number.index()].clone_from(places);
            }
        }
        Self {
            seed: asks.seed,
            asks,
            roster,
            slots,
            lab,
            records,
            story: Story::default(),
            on_progress: Box::new(on_progress),
            began: Instant::now(),
            executions: 0,
            vain: 0,
        }
    }

    /// Makes it, to its end or until `interrupted` is ready, and ends all that was started.
    pub(crate) async fn make(mut self, interrupted: impl Future<Output = ()>) -> Findings {
        let mut docket = None;
        let ended = {
            let course = self.course(&mut docket);
            tokio::select! {
                ended = course => ended,
                () = interrupted => Ended::Interrupted,
            }
        };
        let verdicts = docket.map(|mut docket: Docket| docket.verdicts()).unwrap_or_default();
        let places = self.places();
        let replay = |verdict: &Verdict| {
            let (cause, _) = verdict.claim().and(verdict.belief.causes.first())?;
            places.replay(verdict.belief.test, *cause, self.seed)
        };
        let replays = verdicts.iter().map(replay).collect();
        self.lab.cancel();
        self.lab.close(ended == Ended::Interrupted).await;
        while let Ok(record) = self.records.try_recv() {
            self.story.tell(record);
        }
        Findings {
            replays,
            roster: self.roster,
            verdicts,
            story: self.story,
            executions: self.executions,
            ended,
            took: self.began.elapsed(),
        }
    }

    async fn course(&mut self, result: &mut Option<Docket>) -> Ended {
        let suite = Experiment::Suite { workers: self.asks.workers };
        let first = Plan {
            test: None,
            cost: suite.cost(self.roster.len()),
            experiment: suite,
            information: 0.0,
            believed: None,
            side: None,
        };
        let seen = match self.perform(&[first]).await {
            Ok(seen) => seen,
            Err(ended) => return ended,
        };
        let docket = result.insert(Docket::new(self.roster.clone(), self.budget(), self.machine(&seen)));
        self.tell_kinship(docket);
        docket.observe(&seen);
        loop {
            if let Limit::Time(limit) = self.asks.limit
                && self.began.elapsed() >= limit
            {
                return Ended::Time;
            }
            let plans = docket.next(usize::from(self.asks.cores.max(1)));
            if plans.is_empty() {
                return Ended::Done;
            }
            let seen = match self.perform(&plans).await {
                Ok(seen) => seen,
                Err(ended) => return ended,
            };
            self.tell_kinship(docket);
            docket.observe(&seen);
            let believed = self.beliefs(&docket.beliefs());
            (self.on_progress)(Progress::Believes(believed));
        }
    }

    /// Makes the experiments that these plans need, and returns what they told.
    async fn perform(&mut self, plans: &[Plan]) -> Result<Vec<Observation>, Ended> {
        self.seed = self.seed.wrapping_add(1);
        let mut seen = Vec::new();
        for batch in self.places().batches(plans, self.seed) {
            seen.extend(self.experiment(&batch, plans).await?);
        }
        Ok(seen)
    }

    async fn experiment(&mut self, batch: &Batch, plans: &[Plan]) -> Result<Vec<Observation>, Ended> {
        let purposes = batch.plans.iter().map(|&plan| words::purpose(&plans[plan], &self.roster));
        let purpose = purposes.collect::<Vec<_>>().join("; ");
        let spent = self.spent();
        (self.on_progress)(Progress::Begins { purpose: purpose.clone(), spent });
        let made = self.lab.perform(&purpose, &batch.schedule).await;
        let experiment = self.catch_up();
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
        let evidence = Evidence::of(&self.story, &self.roster);
        let mut seen = evidence.observations(experiment, &batch.answers);
        self.executions += evidence.attempts_of(experiment);
        seen.retain(|observation| observation.ending == Ending::Passed || self.is_asked(observation.test));
        Ok(seen)
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

    fn places(&self) -> Places<'_> {
        Places { roster: &self.roster, slots: &self.slots, busy: self.asks.cores * BUSY }
    }

    fn is_asked(&self, test: TestNo) -> bool {
        self.asks.only.is_empty() || self.roster.name(test).is_some_and(|name| self.asks.only.contains(name))
    }

    fn budget(&self) -> Budget {
        let suites = match self.asks.limit {
            Limit::Suites(suites) => suites.saturating_sub(1),
            // More than anybody waits for.
            Limit::Time(_) => 10_000,
        };
        Budget::of(suites, self.roster.len())
    }

    /// From 0 to 1.
    fn spent(&self) -> f64 {
        match self.asks.limit {
            #[expect(clippy::cast_precision_loss, reason = "numbers of tests")]
            Limit::Suites(suites) => self.executions as f64 / (suites * self.roster.len()).max(1) as f64,
            Limit::Time(limit) => self.began.elapsed().as_secs_f64() / limit.as_secs_f64().max(1e-3),
        }
        .min(1.0)
    }

    /// Who writes what others write is suspected more, by what was seen so far.
    fn tell_kinship(&self, docket: &mut Docket) {
        for (test, suspected) in kinship(&writes(&self.story, &self.roster), self.roster.len()) {
            docket.set_kinship(test, suspected);
        }
    }

    /// How busy the machine was in a run of the suite.
    fn machine(&self, seen: &[Observation]) -> Machine {
        let seconds: f64 = seen.iter().map(|one| one.setting.seconds).sum();
        let busy: f64 = seen.iter().map(|one| one.setting.load * one.setting.seconds).sum();
        let full = if seconds > 0.0 { busy / seconds } else { 1.0 };
        Machine { alone: ALONE.min(full), full, throttled: full.max(0.95), workers: self.asks.workers }
    }

    fn beliefs(&self, beliefs: &[Belief]) -> Vec<String> {
        beliefs.iter().map(|belief| words::belief(belief, &self.roster)).collect()
    }
}
