//! The course of an analysis: runs of the suite, experiments, confirmations, until all is known that can be or the budget
//! is spent.

use std::collections::{BTreeMap, VecDeque};
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use super::evidence::Evidence;
use super::experiments::Experiments;
use super::infer::{
    Belief, Budget, Docket, Ending, Experiment, Machine, Observation, Plan, Roster, TestNo, Verdict,
};
use super::kinship::{kinship, writes};
use super::words;
use crate::model::{Event, Record, Schedule, SlotId, TestId, micros};
use crate::run::Lab;
use crate::story::{DiagnosisStory, Story};

/// As many processes for each core keep a machine busy on purpose.
const BUSY: u16 = 3;
/// And pages are so many times slower then, where the browser can do that: a page that waits for no other process notices little of
/// the processes.
const SLOW_PAGES: u16 = 2;
/// How busy a machine is guessed to be with one test, before it was measured.
const ALONE: f64 = 0.3;
/// As many runs of the suite are more than anybody waits for.
const NO_END: usize = 10_000;

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
    /// Whether the browser can let pages believe that their processor is slower.
    pub(crate) slows_pages: bool,
    pub(crate) course: Course,
    pub(crate) seed: u64,
    pub(crate) since: Option<Since>,
    /// What an analysis left that was stopped, and that goes on now.
    pub(crate) resumed: Option<Story>,
}

/// How it is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Course {
    /// All tests once, and those that fail three times alone.
    Quick,
    /// Runs and experiments. Nothing is said of the limit where an analysis goes on with what it had left.
    Full(Option<Limit>),
}

/// What an analysis may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Limit {
    /// In runs of the suite: as many executions of tests as these have.
    Suites(usize),
    /// In time. What runs when it is over comes to its end.
    Time(Duration),
}

/// A run whose failing tests are looked into.
#[derive(Debug, Clone)]
pub(crate) struct Since {
    pub(crate) run: String,
    pub(crate) failed: Vec<TestId>,
    /// The run itself, where its attempts were made as this analysis would make them.
    pub(crate) evidence: Option<Story>,
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
    pub(crate) is_quick: bool,
    pub(crate) since: Option<Since>,
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
    /// It cannot go on: this experiment of the part before is not the one that would be made now.
    Unlike(u32),
}

/// See the file's documentation.
pub(crate) struct Analysis {
    pub(super) asks: Asks,
    pub(super) experiments: Experiments,
    /// The smallest schedules that were found, by test and signature.
    pub(super) smallest: BTreeMap<(TestNo, String), Schedule>,
    /// What the parts before this one were given.
    earlier: Vec<DiagnosisStory>,
    /// How many experiments the parts before this one made.
    recorded: usize,
    /// Nothing of what was recorded is left.
    is_live: bool,
    /// What it may cost in executions after the first run of the suite, and when its time is over.
    pub(super) allowed: usize,
    until: Option<Instant>,
    began: Instant,
}

impl Analysis {
    /// An analysis that is about to begin, or to go on. `records` are the events of the laboratory.
    pub(crate) fn new(
        mut asks: Asks,
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
        let story = asks.resumed.take().unwrap_or_default();
        let over = story.experiments.iter().filter(|one| one.end.is_some());
        let recorded: VecDeque<u32> = over.map(|one| one.number).collect();
        Self {
            earlier: story.diagnoses.clone(),
            recorded: recorded.len(),
            experiments: Experiments {
                roster,
                slots,
                busy: asks.cores * BUSY,
                slow_pages: if asks.slows_pages { SLOW_PAGES } else { 0 },
                only: asks.only.clone(),
                lab,
                records,
                story,
                recorded,
                last: 0,
                on_progress: Box::new(on_progress),
                executions: 0,
                vain: 0,
                seed: asks.seed,
            },
            smallest: BTreeMap::new(),
            is_live: false,
            allowed: 0,
            until: None,
            began: Instant::now(),
            asks,
        }
    }

    /// Makes it, to its end or until `interrupted` is ready, and ends all that was started.
    pub(crate) async fn make(mut self, interrupted: impl Future<Output = ()>) -> Findings {
        let mut docket = None;
        let before = Duration::from_micros(self.experiments.story.last_us);
        let ended = {
            let course = self.course(&mut docket);
            tokio::select! {
                ended = course => ended,
                () = interrupted => Ended::Interrupted,
            }
        };
        let verdicts = docket.map(|mut docket: Docket| docket.verdicts()).unwrap_or_default();
        let replays = verdicts.iter().map(|verdict| self.replay(verdict)).collect();
        let Self { asks, experiments, began, .. } = self;
        let Experiments { roster, lab, records, mut story, executions, .. } = experiments;
        lab.cancel();
        lab.close(ended == Ended::Interrupted, matches!(ended, Ended::Vain(_))).await;
        while let Ok(record) = records.try_recv() {
            story.tell(record);
        }
        Findings {
            replays,
            roster,
            verdicts,
            story,
            is_quick: asks.course == Course::Quick,
            since: asks.since,
            executions,
            ended,
            took: before + began.elapsed(),
        }
    }

    async fn course(&mut self, result: &mut Option<Docket>) -> Ended {
        let limit = match self.asks.course {
            Course::Quick => return self.quick(result).await,
            Course::Full(limit) => limit,
        };
        if self.earlier.is_empty() {
            self.is_live = true;
            self.set_limit(limit, 0);
        }
        let docket = match self.begin(result).await {
            Ok(docket) => docket,
            Err(ended) => return ended,
        };
        loop {
            if let Some(ended) = self.go_on(limit, docket) {
                return ended;
            }
            let plans = docket.next(usize::from(self.asks.cores.max(1)));
            if plans.is_empty() {
                break;
            }
            let seen = match self.perform(&plans).await {
                Ok(seen) => seen,
                Err(ended) => return ended,
            };
            self.tell_kinship(docket);
            docket.observe(&seen);
            if self.is_live {
                let believed = self.beliefs(&docket.beliefs());
                (self.experiments.on_progress)(Progress::Believes(believed));
            }
        }
        self.find_smallest(docket).await.err().unwrap_or(Ended::Done)
    }

    /// The first run of the suite, or another one that tells the same.
    pub(super) async fn begin<'d>(
        &mut self,
        result: &'d mut Option<Docket>,
    ) -> Result<&'d mut Docket, Ended> {
        let earlier = self.asks.since.as_ref().and_then(|since| since.evidence.as_ref());
        let seen = if let Some(story) = earlier {
            let mut seen = Evidence::of(story, &self.experiments.roster).observations_of_run();
            seen.retain(|one| one.ending == Ending::Passed || self.experiments.is_asked(one.test));
            seen
        } else {
            let suite = Experiment::Suite { workers: self.asks.workers };
            self.perform(&[plan(None, suite, self.experiments.roster.len())]).await?
        };
        let roster = &self.experiments.roster;
        let machine = self.machine(&seen);
        let docket = result.insert(Docket::new(roster.clone(), Budget::of(0, roster.len()), machine));
        for (test, places) in roster.numbers().zip(&self.experiments.slots) {
            docket.set_places(test, places.clone());
        }
        self.tell_kinship(docket);
        docket.observe(&seen);
        Ok(docket)
    }

    pub(super) async fn perform(&mut self, plans: &[Plan]) -> Result<Vec<Observation>, Ended> {
        let spent = self.spent();
        self.experiments.perform(plans, spent).await
    }

    /// Says what may be spent from now on, and whether that is nothing any more.
    fn go_on(&mut self, limit: Option<Limit>, docket: &mut Docket) -> Option<Ended> {
        if !self.is_live {
            let made = self.recorded - self.experiments.recorded.len();
            let given = self.earlier.iter().rfind(|part| part.after <= made);
            self.allowed = given.and_then(|part| part.executions).unwrap_or(self.allowed);
            if self.experiments.recorded.is_empty() {
                self.is_live = true;
                self.set_limit(limit, docket.spent());
            }
        }
        docket.allow(self.allowed);
        self.is_late().then_some(Ended::Time)
    }

    /// From here on experiments are made, and not read.
    fn set_limit(&mut self, limit: Option<Limit>, spent: usize) {
        let tests = self.experiments.roster.len();
        let is_first = self.earlier.is_empty();
        let time = match (limit, self.earlier.last()) {
            (Some(Limit::Time(time)), _) => {
                self.allowed = NO_END * tests;
                Some(time)
            }
            (Some(Limit::Suites(suites)), _) => {
                // The first run is not the docket's.
                let is_spent =
                    is_first && self.asks.since.as_ref().is_none_or(|since| since.evidence.is_none());
                self.allowed = spent + (suites - usize::from(is_spent)) * tests;
                None
            }
            (None, Some(part)) => {
                let used = self.experiments.story.last_us.saturating_sub(part.at_us);
                part.time_us.map(|given| Duration::from_micros(given.saturating_sub(used)))
            }
            (None, None) => None,
        };
        self.until = time.map(|time| Instant::now() + time);
        self.tell_start(Some(self.allowed), time.map(micros));
    }

    /// What it is, and what it may cost, for whoever goes on with it.
    pub(super) fn tell_start(&self, executions: Option<usize>, time_us: Option<u64>) {
        self.experiments.lab.tell(Event::DiagnosisStarted {
            quick: self.asks.course == Course::Quick,
            executions,
            time_us,
            seed: self.asks.seed,
            only: self.asks.only.clone(),
            since: self.asks.since.as_ref().map(|since| since.run.clone()),
        });
    }

    /// What makes a failure happen again.
    fn replay(&self, verdict: &Verdict) -> Option<Schedule> {
        let (cause, _) = verdict.claim().and(verdict.belief.causes.first())?;
        let key = (verdict.belief.test, verdict.belief.signature.clone());
        let found = self.smallest.get(&key).cloned();
        found.or_else(|| self.experiments.places().replay(verdict.belief.test, *cause, self.experiments.seed))
    }

    /// Executions that may still be made.
    pub(super) fn left(&self) -> usize {
        (self.allowed + self.experiments.roster.len()).saturating_sub(self.experiments.executions)
    }

    /// Whether its time is over.
    pub(super) fn is_late(&self) -> bool {
        self.until.is_some_and(|until| Instant::now() >= until)
    }

    /// From 0 to 1.
    pub(super) fn spent(&self) -> f64 {
        if let Some(until) = self.until {
            let left = until.saturating_duration_since(Instant::now()).as_secs_f64();
            let all = until.duration_since(self.began).as_secs_f64();
            return (1.0 - left / all.max(1e-3)).clamp(0.0, 1.0);
        }
        let all = self.allowed + self.experiments.roster.len();
        #[expect(clippy::cast_precision_loss, reason = "numbers of tests")]
        let part = self.experiments.executions as f64 / all.max(1) as f64;
        part.clamp(0.0, 1.0)
    }

    /// Who writes what others write is suspected more, by what was seen so far.
    fn tell_kinship(&self, docket: &mut Docket) {
        let Experiments { roster, story, last, .. } = &self.experiments;
        for (test, suspected) in kinship(&writes(story, roster, *last), roster.len()) {
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
        beliefs.iter().map(|belief| words::belief(belief, &self.experiments.roster)).collect()
    }
}

/// An experiment that nothing is believed of beforehand.
pub(super) fn plan(test: Option<TestNo>, experiment: Experiment, tests: usize) -> Plan {
    Plan { test, cost: experiment.cost(tests), experiment, information: 0.0, believed: None, side: None }
}
