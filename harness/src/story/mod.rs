//! A run as its events tell it. All reports are made of a story, and of the files that the run left beside its events.
//!
//! A story is told event by event, while the run goes on or afterwards from its `events.jsonl`; it is worth something at
//! any moment, also when the run was killed and there is no end. What cannot be read is a [`Flaw`] and nothing more.

mod merge;
mod read;
mod tell;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};

pub(crate) use read::ReadError;

use crate::model::{
    Counts, Findings, LimitReason, Outcome, PageProblem, PlannedTest, Pressure, Problem, Role, Schedule,
    SentRequest, Shard, SlotId, StepResult, TestId, Trial,
};

/// A run, as far as it was told.
#[derive(Debug, Clone, Default)]
pub(crate) struct Story {
    pub(crate) run: RunFacts,
    /// In the order in which they were to start, then those that are only shown.
    pub(crate) tests: Vec<TestStory>,
    pub(crate) lanes: BTreeMap<SlotId, Lane>,
    /// Of the services that all slots share.
    pub(crate) shared: Vec<Span>,
    pub(crate) loads: Vec<Load>,
    pub(crate) limits: Vec<Limit>,
    /// How many attempts ran at once on average, and what held the others back, where the machine did.
    pub(crate) used: Option<(f64, LimitReason)>,
    pub(crate) notices: Vec<Notice>,
    /// The parts of a diagnosis: more than one where it was stopped and went on.
    pub(crate) diagnoses: Vec<DiagnosisStory>,
    /// Those of a diagnosis, in their order.
    pub(crate) experiments: Vec<ExperimentStory>,
    /// Nothing of a run that goes on, or that was killed.
    pub(crate) end: Option<RunEnd>,
    /// When the last event happened, in microseconds since the run began, as all times of a story.
    pub(crate) last_us: u64,
    pub(crate) flaws: Vec<Flaw>,
    /// Those that were put together in this one, in the order of their numbers; none where it is one run.
    pub(crate) machines: Vec<Machine>,
    places: HashMap<TestId, usize>,
}

/// What the first event says.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct RunFacts {
    pub(crate) id: String,
    /// RFC 3339, in UTC.
    pub(crate) started: String,
    pub(crate) callboard: String,
    pub(crate) suite: Option<String>,
    /// What its tests are run with, up to where its arguments begin.
    pub(crate) command: Option<String>,
    pub(crate) cores: usize,
    pub(crate) slots: u16,
    pub(crate) base_port: u16,
    pub(crate) workers: usize,
    pub(crate) exact: bool,
    pub(crate) accounts: BTreeMap<Role, usize>,
    pub(crate) shuffle_seed: Option<u64>,
    pub(crate) repeat_each: Option<u32>,
    pub(crate) shard: Option<Shard>,
    pub(crate) division: Option<String>,
    pub(crate) diagnosis: bool,
    pub(crate) build: Option<String>,
    pub(crate) configuration: Option<String>,
}

/// One of several runs that are told as one: a shard, as a rule.
#[derive(Debug, Clone)]
pub(crate) struct Machine {
    /// `shard 2`
    pub(crate) label: String,
    pub(crate) run: RunFacts,
    /// What was added to the numbers of its slots.
    pub(crate) slots_from: u16,
    /// Nothing of one that was killed.
    pub(crate) end: Option<RunEnd>,
}

/// A test of the run.
#[derive(Debug, Clone)]
pub(crate) struct TestStory {
    /// Of a test that is only shown, its name and nothing else.
    pub(crate) planned: PlannedTest,
    /// In the order of their numbers.
    pub(crate) attempts: Vec<AttemptStory>,
    /// Those that were made when it had its verdict: what it does alone.
    pub(crate) afterwards: Vec<AttemptStory>,
    /// What they came to.
    pub(crate) recheck: Option<Vec<Trial>>,
    /// Nothing of a test that did not run, or not to its end.
    pub(crate) verdict: Option<TestVerdict>,
}

/// What a test came to in the end.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct TestVerdict {
    pub(crate) at_us: u64,
    pub(crate) outcome: Outcome,
    pub(crate) flaky: bool,
    /// Why it was skipped.
    pub(crate) reason: Option<String>,
    /// Why it is expected to fail.
    pub(crate) fixme: Option<String>,
}

/// One execution of a test.
#[derive(Debug, Clone)]
pub(crate) struct AttemptStory {
    pub(crate) number: u32,
    /// Nowhere when no slot could be had.
    pub(crate) slot: Option<SlotId>,
    pub(crate) companions: Vec<SlotId>,
    pub(crate) worker: Option<u32>,
    /// Where the application was; empty where that is not known.
    pub(crate) base_url: String,
    pub(crate) accounts: Vec<String>,
    /// Below the folder of the run; empty where that is not known.
    pub(crate) folder: String,
    /// The experiment that it was made for.
    pub(crate) experiment: Option<u32>,
    pub(crate) started_us: u64,
    pub(crate) end: Option<AttemptEnd>,
    /// In the order in which they began.
    pub(crate) steps: Vec<StepStory>,
    pub(crate) page_problems: Vec<PageProblem>,
    /// Of a probe that came to its end.
    pub(crate) findings: Option<Findings>,
    /// See [`Event::RequestsSent`](crate::model::Event::RequestsSent).
    pub(crate) requests: Vec<SentRequest>,
    /// See [`Event::TroubleLogged`](crate::model::Event::TroubleLogged).
    pub(crate) trouble: Vec<String>,
    pub(crate) attached: Vec<AttachedFile>,
}

/// How an attempt ended.
#[derive(Debug, Clone)]
pub(crate) struct AttemptEnd {
    pub(crate) at_us: u64,
    pub(crate) took_us: u64,
    /// Nothing where the run itself ended it.
    pub(crate) outcome: Option<Outcome>,
    pub(crate) problem: Option<Problem>,
}

/// A named part of a test.
#[derive(Debug, Clone)]
pub(crate) struct StepStory {
    pub(crate) id: u32,
    pub(crate) parent: Option<u32>,
    pub(crate) title: String,
    pub(crate) started_us: u64,
    /// How it ended, and after how many microseconds.
    pub(crate) end: Option<(StepResult, u64)>,
}

/// A file that belongs to an attempt.
#[derive(Debug, Clone)]
pub(crate) struct AttachedFile {
    pub(crate) name: String,
    /// Below the folder of the run.
    pub(crate) path: String,
    pub(crate) media_type: String,
}

/// What a slot was busy with beside its attempts.
#[derive(Debug, Clone, Default)]
pub(crate) struct Lane {
    /// Nothing where the slot was never leased.
    pub(crate) port: Option<u16>,
    pub(crate) leased_us: Option<u64>,
    pub(crate) spans: Vec<Span>,
    /// Why it was not used (any more).
    pub(crate) skipped: Option<String>,
}

/// Something that took its time. Sign-ins and sessions happen within attempts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) kind: SpanKind,
    pub(crate) from_us: u64,
    /// Nothing as long as it goes on.
    pub(crate) to_us: Option<u64>,
    /// More about it: the role, the fixture, the test after which it was due.
    pub(crate) of: String,
}

/// What a span is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SpanKind {
    /// Services boot.
    Services,
    /// A browser starts.
    Browser,
    SignIn,
    Session,
    Fixture,
    Reset,
    /// A browser is ended because it has served enough.
    Renewal,
}

/// What was asked of the machine in the time before this moment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Load {
    pub(crate) at_us: u64,
    pub(crate) pressure: Pressure,
}

/// How many might run at once from this moment on.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_field_names, reason = "as the event has it")]
pub(crate) struct Limit {
    pub(crate) at_us: u64,
    pub(crate) limit: usize,
    pub(crate) why: LimitReason,
}

/// A diagnosis from its start, or from where it went on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DiagnosisStory {
    pub(crate) at_us: u64,
    /// How many experiments were over by then.
    pub(crate) after: usize,
    pub(crate) quick: bool,
    pub(crate) executions: Option<usize>,
    pub(crate) time_us: Option<u64>,
    pub(crate) seed: u64,
    pub(crate) only: Vec<TestId>,
    pub(crate) since: Option<String>,
}

/// An experiment of a diagnosis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ExperimentStory {
    pub(crate) number: u32,
    pub(crate) purpose: String,
    pub(crate) schedule: Schedule,
    pub(crate) started_us: u64,
    /// When it was over, and why it was not made wholly.
    pub(crate) end: Option<(u64, Option<String>)>,
}

/// Something that the user was told.
#[derive(Debug, Clone)]
pub(crate) struct Notice {
    pub(crate) at_us: u64,
    pub(crate) text: String,
    /// The slot, where it is about one: a tear-down that failed there.
    pub(crate) slot: Option<SlotId>,
}

/// What the last event says.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RunEnd {
    pub(crate) counts: Counts,
    pub(crate) took_us: u64,
    pub(crate) interrupted: bool,
    pub(crate) stopped_after: Option<usize>,
}

/// A line of the events that says nothing to this version of callboard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Flaw {
    /// From 1.
    pub(crate) line: usize,
    pub(crate) why: String,
}

/// What is to be made of a test in a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    Is(Outcome),
    /// It passed, but only on a retry.
    Flaky,
    /// It failed, as its `fixme` says.
    FailedAsExpected,
    /// An attempt had begun when the run ended, or goes on.
    Unfinished,
    DidNotRun,
}

impl Story {
    /// Tests by what they came to, also where the run was killed before it could say so.
    pub(crate) fn counts(&self) -> Counts {
        if let Some(end) = &self.end {
            return end.counts;
        }
        let mut counts = Counts::default();
        for test in &self.tests {
            match &test.verdict {
                Some(verdict) => {
                    counts.add(verdict.outcome, verdict.flaky);
                    counts.expected_failures += usize::from(test.standing() == Standing::FailedAsExpected);
                }
                None => counts.did_not_run += 1,
            }
        }
        counts
    }

    /// How long the run took, or has taken until its last event, in microseconds.
    pub(crate) fn took_us(&self) -> u64 {
        self.end.map_or(self.last_us, |end| end.took_us)
    }

    /// The test of this name.
    pub(crate) fn test(&self, id: &TestId) -> Option<&TestStory> {
        self.places.get(id).map(|&place| &self.tests[place])
    }

    /// What the run says of itself that has this slot.
    pub(crate) fn run_of(&self, slot: Option<SlotId>) -> &RunFacts {
        slot.and_then(|slot| self.machine_of(slot)).map_or(&self.run, |machine| &machine.run)
    }

    /// The number that a slot has on its machine.
    pub(crate) fn own_slot(&self, slot: SlotId) -> SlotId {
        SlotId(slot.0 - self.machine_of(slot).map_or(0, |machine| machine.slots_from))
    }

    /// What a slot is called: `3`, and where several machines have such a slot, `3 of shard 2`.
    pub(crate) fn slot_name(&self, slot: SlotId) -> String {
        match self.machine_of(slot) {
            Some(machine) => format!("{} of {}", self.own_slot(slot), machine.label),
            None => slot.to_string(),
        }
    }

    fn machine_of(&self, slot: SlotId) -> Option<&Machine> {
        self.machines.iter().rfind(|machine| machine.slots_from <= slot.0)
    }

    /// All attempts, each with its test.
    pub(crate) fn attempts(&self) -> impl Iterator<Item = (&TestStory, &AttemptStory)> {
        self.tests.iter().flat_map(|test| test.attempts.iter().map(move |attempt| (test, attempt)))
    }
}

impl TestStory {
    /// What is to be made of it.
    pub(crate) fn standing(&self) -> Standing {
        match &self.verdict {
            None if self.attempts.is_empty() => Standing::DidNotRun,
            None => Standing::Unfinished,
            Some(TestVerdict { flaky: true, .. }) => Standing::Flaky,
            Some(TestVerdict { outcome: Outcome::Passed, fixme: Some(_), .. }) => Standing::FailedAsExpected,
            Some(verdict) => Standing::Is(verdict.outcome),
        }
    }

    /// The problem that decided: of its last attempt, or of the first of a flaky test.
    pub(crate) fn problem(&self) -> Option<&Problem> {
        let mut problems = self.attempts.iter().map(|attempt| attempt.end.as_ref()?.problem.as_ref());
        match self.standing() {
            Standing::Flaky => problems.find_map(|problem| problem),
            _ => problems.next_back()?,
        }
    }

    /// How long its last attempt took, in microseconds.
    pub(crate) fn took_us(&self) -> Option<u64> {
        self.attempts.iter().rev().find_map(|attempt| attempt.end.as_ref()).map(|end| end.took_us)
    }
}

impl AttemptStory {
    /// When it was over, as far as is known, in microseconds.
    pub(crate) fn ended_us(&self, story: &Story) -> u64 {
        self.end.as_ref().map_or(story.last_us, |end| end.at_us)
    }
}
