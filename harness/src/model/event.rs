//! What happens in a run. Reports and diagnosis are made of nothing else.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{
    Counts, Findings, LimitReason, Outcome, PageProblem, PlannedTest, Pressure, Problem, Role, Schedule,
    SentRequest, Shard, SlotId, TestId, Trial,
};

/// The version of the format of events.
pub(crate) const FORMAT: u32 = 1;

/// One event and when it happened: a line of `events.jsonl`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Microseconds since the run began, by a clock that never goes back.
    pub at_us: u64,
    /// What happened.
    #[serde(flatten)]
    pub event: Event,
}

/// One thing that happened in a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// The first event of every run.
    RunStarted {
        /// The version of this format; a reader refuses what is newer than it knows.
        format: u32,
        /// The run's id, which is also the name of its folder.
        run: String,
        /// When the run began, RFC 3339 in UTC.
        started: String,
        /// The version of callboard.
        callboard: String,
        /// Whose tests they are: the consumer's package and test target, `course-records/e2e`. Nobody's where the standard
        /// harness runs each test by itself.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        suite: Option<String>,
        /// What the tests of the suite are run with, up to where its arguments begin: `cargo test -p shop --test e2e --`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        command: Option<String>,
        /// Cores of the machine that the process may use.
        cores: usize,
        /// How many slots the configuration has.
        slots: u16,
        /// The port of slot 0.
        base_port: u16,
        /// How many attempts run at once at the most.
        workers: usize,
        /// Whether it is so many whatever is measured.
        #[serde(default)]
        exact: bool,
        /// How many accounts each role has.
        accounts: BTreeMap<Role, usize>,
        /// How many tests were selected.
        tests: usize,
        /// The seed that replays this run's order, where it was shuffled.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        shuffle_seed: Option<u64>,
        /// How often each test is executed, where that is more than once.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        repeat_each: Option<u32>,
        /// It is a diagnosis: its attempts are experiments, and tests have no verdicts.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        diagnosis: bool,
        /// It is an audit: its attempts are sign-ins and probes.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        audit: bool,
        /// Which part of the suite it is, where several machines share it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        shard: Option<Shard>,
        /// What tells whether two shards are parts of the same whole: who divided it otherwise has another.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        division: Option<String>,
        /// What tells whether two runs are of the same test executable: of one that was built anew it is another.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        build: Option<String>,
        /// What tells whether two runs had the same `callboard.toml`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        configuration: Option<String>,
    },
    /// The second event of every run: what it is going to execute. A test of it that has no `TestFinished` did not run.
    Planned {
        /// In the order in which they start, as far as the slots that they need are free.
        tests: Vec<PlannedTest>,
    },
    /// Something that the user should know and that stops nothing.
    Notice {
        /// The sentence as it was shown.
        text: String,
    },
    /// How many attempts may run at once from now on. Never said where it is always as many as there are workers.
    WorkersLimited {
        /// How many.
        limit: usize,
        /// Why no more, or why more than before.
        why: LimitReason,
        /// How many ran at this moment. Those above the limit come to their end.
        running: usize,
        /// What that was decided by: of a second, or of less where that was enough, the averages, and the least of the
        /// delays. Nothing where nothing was measured: the first limit is a guess, and tests that are over in a moment
        /// raise it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pressure: Option<Pressure>,
    },
    /// How many attempts ran at once, of a run in which the limit held others back for more than a moment.
    WorkersUsed {
        /// On average, over the time in which tests waited.
        average: f64,
        /// What held them back for longest.
        why: LimitReason,
    },
    /// What was asked of the machine since the last time that this was said, about a second ago.
    MachineMeasured {
        /// The averages of this time.
        pressure: Pressure,
    },
    /// A slot belongs to this run from now on.
    SlotLeased {
        /// Which slot.
        slot: SlotId,
        /// The slot's own port.
        port: u16,
    },
    /// A slot will not be used (any more) in this run.
    SlotSkipped {
        /// Which slot.
        slot: SlotId,
        /// Why not.
        reason: String,
    },
    /// The services of a slot, or (without a slot) of the run, are being started.
    ServicesStarting {
        /// Which slot.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        slot: Option<SlotId>,
    },
    /// The services of a slot or of the run answered.
    ServicesReady {
        /// Which slot.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        slot: Option<SlotId>,
        /// How long that took.
        took_us: u64,
    },
    /// A browser was started for a slot.
    BrowserReady {
        /// Which slot.
        slot: SlotId,
        /// How long that took.
        took_us: u64,
    },
    /// The browser of a slot was ended between two attempts, because it had served enough. The next session starts another.
    /// Counts in no test's time.
    BrowserRenewed {
        /// Which slot.
        slot: SlotId,
        /// Why.
        why: RenewWhy,
        /// How many attempts had used it.
        attempts: u32,
        /// How much memory it had, where that was asked for, in bytes.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        memory: Option<u64>,
        /// The end of the worker, and the tear-down of what lived as long as the slot, included.
        took_us: u64,
    },
    /// A role was signed in, and the state is kept for the next sessions of the slot.
    SignedIn {
        /// Which slot.
        slot: SlotId,
        /// Which role.
        role: Role,
        /// The slot whose account it is, where that is another one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        companion: Option<SlotId>,
        /// How long that took.
        took_us: u64,
        /// Whether a kept state had to be renewed because the application refused it.
        renewed: bool,
    },
    /// An isolated browser context is ready for a test, or for a sign-in, that waited for it.
    SessionOpened {
        /// Which slot.
        slot: SlotId,
        /// Whose it is; nobody's when it is anonymous.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        role: Option<Role>,
        /// The slot whose account it is, where that is another one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        companion: Option<SlotId>,
        /// From asking to a page that can be driven.
        took_us: u64,
    },
    /// A fixture of the consumer's own is set up.
    FixtureReady {
        /// Which slot.
        slot: SlotId,
        /// The function that makes it, or its type.
        fixture: String,
        /// Whether it lives as long as the slot, and not only as long as the test.
        of_slot: bool,
        /// What it takes from others included, where they were not there yet.
        took_us: u64,
    },
    /// The tear-down of a fixture failed where there is no test whose problem it could be: one that lives as long as the
    /// slot, or one of a sign-in.
    TearDownFailed {
        /// Which slot.
        slot: SlotId,
        /// What happened.
        problem: Problem,
    },
    /// A test began in a slot.
    AttemptStarted {
        /// Which test.
        test: TestId,
        /// From 1.
        attempt: u32,
        /// Where.
        slot: SlotId,
        /// The slots whose accounts it uses as well, those of `#2` first.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        companions: Vec<SlotId>,
        /// The worker's incarnation: counted over the run and never used twice.
        worker: u32,
        /// Where the application is in this slot.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        base_url: String,
        /// The usernames of the accounts that it may use, in the order of its roles.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        accounts: Vec<String>,
        /// Where what is kept of it will be, below the folder of the run, with `/` between the parts. A folder that is not
        /// there when it is over has nothing to keep.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        folder: String,
        /// The experiment that it is made for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        experiment: Option<u32>,
    },
    /// A named part of a test began.
    StepStarted {
        /// Which test.
        test: TestId,
        /// In which of its attempts.
        attempt: u32,
        /// The number of the step within the attempt, from 1.
        step: u32,
        /// The step that it is a part of, if it is one of another.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        parent: Option<u32>,
        /// What it is called.
        title: String,
    },
    /// A named part of a test ended.
    StepFinished {
        /// Which test.
        test: TestId,
        /// In which of its attempts.
        attempt: u32,
        /// The number of the step within the attempt.
        step: u32,
        /// How it ended.
        result: StepResult,
        /// From start to end.
        took_us: u64,
    },
    /// Something went wrong on a page of a test, or of a sign-in that a test waited for. Of one attempt no more than 50 that differ
    /// are told.
    PageProblem {
        /// Which test.
        test: TestId,
        /// In which of its attempts.
        attempt: u32,
        /// What happened.
        problem: PageProblem,
    },
    /// A probe of an audit has come to its end, and found this.
    Found {
        /// Which probe, and in which slot.
        test: TestId,
        /// In which of its attempts.
        attempt: u32,
        /// What the account sees.
        findings: Findings,
    },
    /// What the pages of a test asked of servers, at its end. Not told where there is nothing.
    RequestsSent {
        /// Which test.
        test: TestId,
        /// In which of its attempts.
        attempt: u32,
        /// At most 60 kinds, in the order of their first requests.
        requests: Vec<SentRequest>,
    },
    /// What the services of the slot logged during an attempt that looks like trouble. Not told where there is nothing.
    TroubleLogged {
        /// Which test.
        test: TestId,
        /// In which of its attempts.
        attempt: u32,
        /// At most 20 lines that differ in more than numbers, in the order in which they were written first.
        lines: Vec<String>,
    },
    /// A test attached a file.
    Attached {
        /// Which test.
        test: TestId,
        /// In which of its attempts.
        attempt: u32,
        /// The name that the test gave it.
        name: String,
        /// Where the file is, below the folder of the run, with `/` between the parts.
        path: String,
        /// What it is: `application/json`.
        media_type: String,
        /// The step in which it was attached.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        step: Option<u32>,
    },
    /// A test ended.
    AttemptFinished {
        /// Which test.
        test: TestId,
        /// From 1.
        attempt: u32,
        /// Where; nowhere when no slot could be had.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        slot: Option<SlotId>,
        /// What it came to.
        outcome: Outcome,
        /// Why it did not pass.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        problem: Option<Problem>,
        /// From the first fixture's set-up to the end of the last tear-down.
        took_us: u64,
    },
    /// An attempt was ended before its time, because the run was: it has no outcome.
    AttemptCancelled {
        /// Which test.
        test: TestId,
        /// From 1.
        attempt: u32,
        /// Where.
        slot: SlotId,
        /// From the first fixture's set-up to the end of the last tear-down.
        took_us: u64,
    },
    /// A slot was brought back to the state in which its first test found it. Counts in no test's time.
    SlotReset {
        /// Which slot.
        slot: SlotId,
        /// The test after which it was due.
        after: TestId,
        /// Why it was.
        why: ResetWhy,
        /// How it was done.
        how: ResetHow,
        /// The tear-down of what lived as long as the slot included.
        took_us: u64,
    },
    /// A diagnosis begins, or goes on after it was stopped.
    DiagnosisStarted {
        /// It is all tests once, and those that fail alone, and no choice of experiments.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        quick: bool,
        /// How many executions of a test it may cost in all, those of its first run of the suite not counted. Nothing of a quick one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        executions: Option<usize>,
        /// How long it may take from now on, where that is limited.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        time_us: Option<u64>,
        /// From which its random orders come.
        seed: u64,
        /// Whose failures are looked into; everybody's where there is none.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        only: Vec<TestId>,
        /// The run whose failing tests they are.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        since: Option<String>,
    },
    /// A diagnosis begins an experiment. Its attempts say so.
    ExperimentStarted {
        /// Counted from 1.
        experiment: u32,
        /// What it is to show, in words.
        purpose: String,
        /// What is going to be made.
        schedule: Schedule,
    },
    /// All attempts of an experiment are over.
    ExperimentFinished {
        /// Which.
        experiment: u32,
        /// From its start, the renewal of what all slots share included.
        took_us: u64,
        /// Why it was not made, or not wholly.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        failure: Option<String>,
    },
    /// A test will not be tried again, or is not executed at all.
    TestFinished {
        /// Which test.
        test: TestId,
        /// What its last attempt came to; `passed` of a test that failed as its `fixme` says.
        outcome: Outcome,
        /// Whether it passed only on a retry.
        flaky: bool,
        /// How many attempts there were; 0 of a test that was not executed.
        attempts: u32,
        /// Why it was skipped.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
        /// Why it is expected to fail, of a test with `fixme`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        fixme: Option<String>,
    },
    /// A test that failed was tried once more, alone, when the others were over. Its verdict stays what it is; the attempts are told
    /// as others are, after [`TestFinished`](Self::TestFinished).
    Rechecked {
        /// Which test.
        test: TestId,
        /// Where it failed, and in another slot; less where one of these could not be had.
        trials: Vec<Trial>,
    },
    /// The last event of a run that was not killed.
    RunFinished {
        /// Tests by what they came to.
        counts: Counts,
        /// From start to end.
        took_us: u64,
        /// Whether it was interrupted.
        interrupted: bool,
        /// How many tests had failed for good when it started nothing more, where that left something out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        stopped_after: Option<usize>,
    },
}

/// How a step ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepResult {
    /// It came to its end.
    Ok,
    /// It returned an `Err`, or panicked.
    Failed,
    /// It was given up before its end: the test's time was over, the test was skipped, or another
    /// future was faster.
    Cancelled,
}

/// Why a browser was renewed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RenewWhy {
    /// As many attempts had used it as `browser.renew_after` says, or `browser.isolation`.
    Attempts,
    /// It had more memory than `browser.renew_above` says.
    Memory,
}

/// Why a slot was reset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResetWhy {
    /// The test did not pass.
    AfterFailure,
    /// It is done after each test.
    AfterEach,
    /// The test that failed is tried once more there.
    BeforeTrial,
}

/// How a slot was reset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResetHow {
    /// By the commands of its services, which went on running.
    Command,
    /// Its services were ended and its files restored, then they were started again.
    Restore,
}

/// A duration as events have it.
pub(crate) fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
