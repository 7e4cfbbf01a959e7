//! What the page is told of a run: one compact document, whose times are microseconds since the run began.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;

use super::super::Subject;
use super::capacity;
use super::excerpt::{Excerpt, Excerpts};
use super::shelf::{Kept, Shelf};
use crate::model::{
    LimitReason, Location, Outcome, PageProblem, Pressure, Problem, Role, SlotId, StepResult,
};
use crate::report::again::Again;
use crate::report::chronicle::Fate;
use crate::report::recheck;
use crate::story::{AttemptStory, Lane, Span, SpanKind, Standing, Story, TestStory};

/// See the module.
#[derive(Serialize)]
pub(super) struct Document<'a> {
    run: Run<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end: Option<End>,
    last: u64,
    capacity: Vec<[String; 3]>,
    tests: Vec<Test<'a>>,
    /// Earlier runs, the oldest first: the id of each, and when it began.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    earlier: Vec<(&'a str, &'a str)>,
    /// Of several runs told as one, what each is called, and the first number of its slots.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    machines: Vec<(&'a str, u16)>,
    lanes: Vec<LaneData<'a>>,
    shared: Vec<SpanData<'a>>,
    loads: Vec<(u64, Pressure)>,
    limits: Vec<(u64, usize, LimitReason)>,
    notices: Vec<(u64, &'a str, Option<SlotId>)>,
    flaws: Vec<(usize, &'a str)>,
    sources: BTreeMap<String, Excerpt>,
}

#[derive(Serialize)]
struct Run<'a> {
    id: &'a str,
    started: &'a str,
    callboard: &'a str,
    suite: Option<&'a str>,
    cores: usize,
    workers: usize,
    accounts: &'a BTreeMap<Role, usize>,
    shuffle_seed: Option<u64>,
}

#[derive(Serialize)]
struct End {
    took: u64,
    interrupted: bool,
    stopped_after: Option<usize>,
}

#[derive(Serialize)]
struct Test<'a> {
    name: &'a str,
    standing: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<&'a Location>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    roles: &'a [String],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    tags: &'a [String],
    /// Why it was skipped.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fixme: Option<&'a str>,
    /// What it came to when it was tried once more, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    tried: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    attempts: Vec<Attempt<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    history: Vec<Past>,
}

/// Which of the earlier runs, what it came to there, and how long it took.
type Past = (usize, &'static str, Option<u64>);

#[derive(Serialize)]
struct Attempt<'a> {
    number: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    slot: Option<SlotId>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    companions: &'a [SlotId],
    #[serde(skip_serializing_if = "Option::is_none")]
    worker: Option<u32>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    accounts: &'a [String],
    from: u64,
    /// When it was over; nothing of one that was not.
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    took: Option<u64>,
    /// Nothing of one that is not over, or that the run itself ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<Outcome>,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<&'a Problem>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    steps: Vec<Step<'a>>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pages: &'a [PageProblem],
    #[serde(skip_serializing_if = "str::is_empty")]
    folder: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    kept: Option<Kept>,
    #[serde(skip_serializing_if = "Option::is_none")]
    again: Option<String>,
}

/// Its number, that of the step around it, what it is called, when it began, how it ended, and how long it took.
type Step<'a> = (u32, Option<u32>, &'a str, u64, Option<StepResult>, Option<u64>);

#[derive(Serialize)]
struct LaneData<'a> {
    slot: SlotId,
    #[serde(skip_serializing_if = "Option::is_none")]
    port: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    leased: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    skipped: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    spans: Vec<SpanData<'a>>,
}

/// What it is of, its beginning, its end, and more about it.
type SpanData<'a> = (&'static str, u64, Option<u64>, &'a str);

/// The document of a story, and the pictures that it names by their numbers. Files of the run are taken off the shelf for those
/// tests first that did not pass.
pub(super) fn of<'a>(subject: &Subject<'a>) -> (Document<'a>, Vec<String>) {
    let Subject { story, run, earlier } = *subject;
    let mut shelf = Shelf::new(run);
    let mut excerpts = Excerpts::new(run, &story.run.started);
    let mut kept = HashMap::new();
    for (test, attempt) in by_interest(story) {
        kept.insert((&test.planned.test, attempt.number), shelf.take(attempt));
        let problem = attempt.end.as_ref().and_then(|end| end.problem.as_ref());
        if let Some(location) = problem.and_then(|problem| problem.location.as_ref()) {
            excerpts.add(location);
        }
    }
    let facts = &story.run;
    let tests = story.tests.iter().map(|test| {
        let mut kept = |attempt: &AttemptStory| kept.remove(&(&test.planned.test, attempt.number)).flatten();
        let attempts = test.attempts.iter().map(|attempt| of_attempt(story, test, attempt, kept(attempt)));
        of_test(test, story, attempts.collect(), earlier.of(test.planned.written()))
    });
    let document = Document {
        run: Run {
            id: &facts.id,
            started: &facts.started,
            callboard: &facts.callboard,
            suite: facts.suite.as_deref(),
            cores: facts.cores,
            workers: facts.workers,
            accounts: &facts.accounts,
            shuffle_seed: facts.shuffle_seed,
        },
        end: story.end.map(|end| End {
            took: end.took_us,
            interrupted: end.interrupted,
            stopped_after: end.stopped_after,
        }),
        last: story.last_us,
        capacity: capacity::rows(story),
        tests: tests.collect(),
        earlier: earlier.runs.iter().map(|run| (run.id.as_str(), run.started.as_str())).collect(),
        machines: story.machines.iter().map(|machine| (machine.label.as_str(), machine.slots_from)).collect(),
        lanes: story.lanes.iter().map(|(slot, lane)| of_lane(*slot, lane)).collect(),
        shared: story.shared.iter().map(of_span).collect(),
        loads: story.loads.iter().map(|load| (load.at_us, load.pressure)).collect(),
        limits: story.limits.iter().map(|limit| (limit.at_us, limit.limit, limit.why)).collect(),
        notices: story
            .notices
            .iter()
            .map(|notice| (notice.at_us, notice.text.as_str(), notice.slot))
            .collect(),
        flaws: story.flaws.iter().map(|flaw| (flaw.line, flaw.why.as_str())).collect(),
        sources: excerpts.done(),
    };
    (document, shelf.pictures())
}

/// All attempts: those first whose files are looked at first.
fn by_interest(story: &Story) -> Vec<(&TestStory, &AttemptStory)> {
    let mut attempts: Vec<_> = story.attempts().collect();
    attempts.sort_by_key(|(test, attempt)| {
        let is_bad = match test.standing() {
            Standing::Is(outcome) => !outcome.is_ok(),
            standing => standing == Standing::Unfinished,
        };
        let passed = attempt.end.as_ref().is_some_and(|end| end.outcome.is_some_and(Outcome::is_ok));
        let is_last = test.attempts.last().is_some_and(|last| last.number == attempt.number);
        (!is_bad, passed, !is_last)
    });
    attempts
}

fn of_test<'a>(test: &'a TestStory, story: &Story, attempts: Vec<Attempt<'a>>, earlier: &[Fate]) -> Test<'a> {
    let planned = &test.planned;
    let verdict = test.verdict.as_ref();
    Test {
        name: planned.test.as_str(),
        standing: word(test.standing()),
        location: planned.location.as_ref(),
        roles: &planned.roles,
        tags: &planned.tags,
        reason: verdict.and_then(|verdict| verdict.reason.as_deref()),
        fixme: verdict.and_then(|verdict| verdict.fixme.as_deref()),
        tried: recheck::words(test, story),
        attempts,
        history: earlier.iter().map(|fate| (fate.run, word(fate.standing), fate.took_us)).collect(),
    }
}

/// As the page's script and its search know it.
fn word(standing: Standing) -> &'static str {
    match standing {
        Standing::Is(Outcome::TimedOut) => "timed-out",
        Standing::Is(outcome) => outcome.word(),
        Standing::Flaky => "flaky",
        Standing::FailedAsExpected => "expected-failure",
        Standing::Unfinished => "unfinished",
        Standing::DidNotRun => "did-not-run",
    }
}

fn of_attempt<'a>(
    story: &Story,
    test: &'a TestStory,
    attempt: &'a AttemptStory,
    kept: Option<Kept>,
) -> Attempt<'a> {
    let end = attempt.end.as_ref();
    // As its own machine has it.
    let slot = attempt.slot.map(|slot| story.own_slot(slot));
    let again = Again::of(story.run_of(attempt.slot));
    let steps = attempt.steps.iter().map(|step| {
        let (result, took) = step.end.unzip();
        (step.id, step.parent, step.title.as_str(), step.started_us, result, took)
    });
    Attempt {
        number: attempt.number,
        slot: attempt.slot,
        companions: &attempt.companions,
        worker: attempt.worker,
        accounts: &attempt.accounts,
        from: attempt.started_us,
        to: end.map(|end| end.at_us),
        took: end.map(|end| end.took_us),
        outcome: end.and_then(|end| end.outcome),
        problem: end.and_then(|end| end.problem.as_ref()),
        steps: steps.collect(),
        pages: &attempt.page_problems,
        folder: &attempt.folder,
        kept,
        again: again.map(|again| again.test(test.planned.written(), slot)),
    }
}

fn of_lane(slot: SlotId, lane: &Lane) -> LaneData<'_> {
    LaneData {
        slot,
        port: lane.port,
        leased: lane.leased_us,
        skipped: lane.skipped.as_deref(),
        spans: lane.spans.iter().map(of_span).collect(),
    }
}

fn of_span(span: &Span) -> SpanData<'_> {
    let kind = match span.kind {
        SpanKind::Services => "services",
        SpanKind::Browser => "browser",
        SpanKind::SignIn => "sign-in",
        SpanKind::Session => "session",
        SpanKind::Fixture => "fixture",
        SpanKind::Reset => "reset",
        SpanKind::Renewal => "renewal",
    };
    (kind, span.from_us, span.to_us, &span.of)
}
