//! The summary of a run: a pure function of its story.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use super::again::Again;
use super::bound;
use super::message::from_here;
use super::recheck;
use crate::model::{Counts, LimitReason, SlotId, TestId, seconds};
use crate::story::{AttachedFile, AttemptStory, SpanKind, Standing, Story, TestStory};
use crate::trace::PAGE;
use crate::video::is_film;

/// How many tests are named as the slowest.
const SLOWEST: usize = 5;
/// Of no kind more than this many tests are named.
const NAMED: usize = 10;

/// What is known of a run beside its story.
#[derive(Debug, Clone)]
pub(super) struct Around<'a> {
    /// The run's folder.
    pub(super) folder: &'a Path,
    /// The report to look at, where one was made.
    pub(super) page: Option<&'a Path>,
    pub(super) again: &'a Again,
    /// Nothing could be set up at all: why.
    pub(super) never_up: Option<&'a str>,
}

/// Counts by outcome, time, and where to look further.
pub(super) fn short(story: &Story, around: &Around) -> String {
    let mut text = String::new();
    if story.end.is_some_and(|end| end.interrupted) {
        text.push_str("Interrupted.\n");
    }
    if let Some(reason) = around.never_up {
        let _ = writeln!(text, "Nothing could be set up: {reason}");
    }
    if let Some(failures) = story.end.and_then(|end| end.stopped_after) {
        let _ = writeln!(text, "Stopped when {failures} test{} had failed (--max-failures).", s(failures));
    }
    outcomes(&mut text, story);
    tried(&mut text, story);
    place(&mut text, around.folder);
    text
}

/// The same, and what to know and to do besides: what was flaky and slow, how well slots were used, and how a failed test
/// runs again.
pub(super) fn whole(story: &Story, around: &Around) -> String {
    let mut text = short(story, around);
    let end = text.rfind("Events, logs").unwrap_or(text.len());
    text.truncate(end);
    rate(&mut text, story);
    if let Some((average, why)) = story.used {
        let _ = writeln!(text, "{}", used(average, why, story.run.workers));
    }
    let renewals =
        story.lanes.values().flat_map(|lane| &lane.spans).filter(|span| span.kind == SpanKind::Renewal);
    let renewed = renewals.count();
    if renewed > 0 {
        let were = if renewed == 1 { "was" } else { "were" };
        let _ = writeln!(text, "{renewed} browser{} {were} renewed between tests", s(renewed));
    }
    slowest(&mut text, story);
    flaky(&mut text, story);
    again(&mut text, story, around.again);
    files(&mut text, "Trace", story, around.folder, |_, file| file.name == PAGE);
    files(&mut text, "Film", story, around.folder, |attempt, file| is_film(&attempt.folder, &file.path));
    if let Some(page) = around.page {
        let _ = writeln!(text, "Report: {}", from_here(page).display());
    }
    place(&mut text, around.folder);
    text
}

fn place(text: &mut String, folder: &Path) {
    let _ = writeln!(text, "Events, logs and what failing tests left: {}", from_here(folder).display());
}

/// `58 tests in 44.0 s: 54 passed, 3 failed, 1 errored (10 workers, 10 slots)`
fn outcomes(text: &mut String, story: &Story) {
    let counts = story.counts();
    let all = all(&counts);
    let outcomes = [
        (counts.passed, "passed"),
        (counts.flaky, "flaky"),
        (counts.expected_failures, "expected failures"),
        (counts.failed, "failed"),
        (counts.errored, "errored"),
        (counts.timed_out, "timed out"),
        (counts.crashed, "crashed"),
        (counts.skipped, "skipped"),
        (counts.did_not_run, "did not run"),
    ];
    let shown: Vec<String> = outcomes
        .iter()
        .filter(|(count, word)| *count > 0 || *word == "passed")
        .map(|(count, word)| match *word {
            "flaky" => format!("{count} of them flaky"),
            "expected failures" => format!("{count} of them expected failure{}", s(*count)),
            word => format!("{count} {word}"),
        })
        .collect();
    let (workers, slots) = (story.run.workers, slots_used(story));
    let _ = writeln!(
        text,
        "{all} test{} in {}: {} ({workers} worker{}, {slots} slot{}){}",
        s(all),
        seconds(Duration::from_micros(story.took_us())),
        shown.join(", "),
        s(workers),
        s(slots),
        closeness(story),
    );
}

fn all(counts: &Counts) -> usize {
    counts.passed + counts.bad() + counts.skipped + counts.did_not_run
}

fn slots_used(story: &Story) -> usize {
    story
        .attempts()
        .filter_map(|(_, attempt)| attempt.worker.and(attempt.slot))
        .collect::<BTreeSet<SlotId>>()
        .len()
}

/// Whether its time is also that of attempts after the verdicts.
fn has_rechecks(story: &Story) -> bool {
    story.tests.iter().any(|test| test.recheck.is_some())
}

/// How close a whole run came to what no order of its tests could have gone below.
fn closeness(story: &Story) -> String {
    let is_whole = story.end.is_some_and(|end| !end.interrupted && end.stopped_after.is_none());
    let is_whole = is_whole && !has_rechecks(story);
    let attempts = |test: &TestStory| {
        let ends = test.attempts.iter().filter_map(|attempt| attempt.end.as_ref());
        Duration::from_micros(ends.map(|end| end.took_us).sum())
    };
    let bound = bound::of(story.tests.iter().map(attempts), story.run.workers);
    let Some(bound) = bound.filter(|_| is_whole) else { return String::new() };
    let took = Duration::from_micros(story.took_us());
    let over = took.saturating_sub(bound).as_secs_f64() / bound.as_secs_f64();
    format!(", within {:.0}% of the bound of {}", (over * 100.0).ceil(), seconds(bound))
}

/// `93% (54/58) in 44 s; the leased slots ran tests during 81% of the time`
fn rate(text: &mut String, story: &Story) {
    let counts = story.counts();
    let executed = all(&counts) - counts.skipped;
    if executed == 0 {
        return;
    }
    // Not all passed is not 100%, and not none is not 0%.
    let percent = match counts.passed * 100 / executed {
        0 if counts.passed > 0 => 1,
        percent => percent,
    };
    let took = Duration::from_micros(story.took_us());
    let took = if took < Duration::from_secs(10) || took >= Duration::from_mins(2) {
        seconds(took)
    } else {
        format!("{:.0} s", took.as_secs_f64())
    };
    let _ = write!(text, "{percent}% ({}/{executed}) in {took}", counts.passed);
    if let Some(busy) = utilisation(story) {
        let _ = write!(text, "; the leased slots ran tests during {:.0}% of the time", busy * 100.0);
    }
    text.push('\n');
}

/// Which part of the time in which slots were leased they ran tests.
fn utilisation(story: &Story) -> Option<f64> {
    let end_us = story.took_us();
    let leased = story.lanes.values().filter_map(|lane| lane.leased_us);
    let leased_us: u64 = leased.map(|since_us| end_us.saturating_sub(since_us)).sum();
    let attempts = story.attempts().filter(|(_, attempt)| attempt.worker.is_some());
    let busy_us: u64 =
        attempts.map(|(_, attempt)| attempt.ended_us(story).saturating_sub(attempt.started_us)).sum();
    (leased_us > 0 && !has_rechecks(story)).then(|| (busy_us as f64 / leased_us as f64).min(1.0))
}

/// `ran 5.2 of 16 workers on average: CPU`
fn used(average: f64, why: LimitReason, workers: usize) -> String {
    let why = match why {
        LimitReason::Start | LimitReason::Room => "it took time to find out that there was room for more",
        LimitReason::Cpu => "CPU",
        LimitReason::Memory => "memory",
        LimitReason::Delay => "the harness itself was run late",
    };
    format!("ran {average:.1} of {workers} workers on average: {why}")
}

/// What failed tests came to when they were tried once more.
fn tried(text: &mut String, story: &Story) {
    let told = story.tests.iter().filter_map(|test| Some((test, recheck::words(test, story)?)));
    for (number, (test, words)) in told.enumerate() {
        if number == 0 {
            text.push_str("Tried once more, alone:\n");
        }
        let _ = writeln!(text, "    {}: {words}", test.planned.test);
    }
}

/// Of few tests each is seen anyway.
fn slowest(text: &mut String, story: &Story) {
    let mut times: Vec<(u64, &TestId)> =
        story.tests.iter().filter_map(|test| Some((test.took_us()?, &test.planned.test))).collect();
    if times.len() <= SLOWEST {
        return;
    }
    times.sort_by_key(|(took_us, test)| (std::cmp::Reverse(*took_us), *test));
    text.push_str("Slowest:\n");
    for (took_us, test) in times.iter().take(SLOWEST) {
        let _ = writeln!(text, "{:>12}  {test}", seconds(Duration::from_micros(*took_us)));
    }
}

fn flaky(text: &mut String, story: &Story) {
    let flaky: Vec<_> = story.tests.iter().filter(|test| test.standing() == Standing::Flaky).collect();
    if flaky.is_empty() {
        return;
    }
    text.push_str("Flaky, passed only on a retry:\n");
    for test in flaky.iter().take(NAMED) {
        let first = test.problem().map(|problem| problem.outcome.word()).unwrap_or_default();
        let _ =
            writeln!(text, "    {} (attempt {}, at first {first})", test.planned.test, test.attempts.len());
    }
    more(text, flaky.len());
}

/// Each with the command that runs it once more where it was.
fn again(text: &mut String, story: &Story, again: &Again) {
    let bad: Vec<_> = story.tests.iter().filter(|test| is_bad(test)).collect();
    if bad.is_empty() {
        return;
    }
    let _ = writeln!(text, "Again, in the same slot:");
    for test in bad.iter().take(NAMED) {
        let slot = test.attempts.iter().rev().find_map(|attempt| attempt.slot);
        let _ = writeln!(text, "    {}", again.test(test.planned.written(), slot));
    }
    if bad.len() > NAMED {
        let _ = writeln!(text, "    all {}: {}", bad.len(), again.last_failed());
    }
}

fn is_bad(test: &TestStory) -> bool {
    matches!(test.standing(), Standing::Is(outcome) if !outcome.is_ok())
}

/// Where the files of a kind are that attempts left.
fn files(
    text: &mut String,
    kind: &str,
    story: &Story,
    folder: &Path,
    is_one: impl Fn(&AttemptStory, &AttachedFile) -> bool,
) {
    let attempts = story.attempts();
    let attached = attempts.flat_map(|(_, attempt)| attempt.attached.iter().map(move |file| (attempt, file)));
    let files: Vec<_> = attached
        .filter(|(attempt, file)| is_one(attempt, file))
        .map(|(_, file)| folder.join(&file.path))
        .collect();
    if files.is_empty() {
        return;
    }
    let _ = writeln!(text, "{kind}{}:", s(files.len()));
    for file in files.iter().take(NAMED) {
        let _ = writeln!(text, "    {}", from_here(file).display());
    }
    more(text, files.len());
}

fn more(text: &mut String, all: usize) {
    if all > NAMED {
        let _ = writeln!(text, "    and {} more", all - NAMED);
    }
}

/// The plural's letter.
pub(super) fn s(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Event, Outcome, PlannedTest, Problem, Record};

    /// A run of eight tests of as many seconds as their number, in slots 3 and 5, which were leased for 40 s each.
    fn story(finish: impl FnOnce(Counts) -> Event) -> Story {
        let mut story = Story::default();
        let mut tell = |at_s: u64, event| story.tell(Record { at_us: at_s * 1_000_000, event });
        let first = r#"{"event":"run_started","format":1,"run":"r","started":"x","callboard":"x","cores":2,"slots":16,"base_port":1,"workers":2,"accounts":{},"tests":8}"#;
        tell(0, serde_json::from_str(first).unwrap());
        let names: Vec<String> = (1..=8).map(|number| format!("a::takes_{number}")).collect();
        let planned = |name: &String| {
            serde_json::from_value::<PlannedTest>(serde_json::json!({ "test": name })).unwrap()
        };
        tell(0, Event::Planned { tests: names.iter().map(planned).collect() });
        let mut counts = Counts::default();
        for slot in [SlotId(3), SlotId(5)] {
            tell(4, Event::SlotLeased { slot, port: 9 });
        }
        let mut now = [4, 4];
        for (number, name) in (1..).zip(&names) {
            let lane = usize::from(number % 2 == 0);
            let (test, slot) = (TestId::new(name.clone()), SlotId([3, 5][lane]));
            let outcomes = match number {
                2 => vec![Outcome::Failed, Outcome::Passed],
                7 => vec![Outcome::Errored],
                8 => vec![Outcome::Failed],
                _ => vec![Outcome::Passed],
            };
            for (attempt, outcome) in (1..).zip(&outcomes) {
                let test = test.clone();
                tell(now[lane], started(&test, attempt, slot));
                if number == 7 {
                    tell(now[lane], trace(&test));
                }
                now[lane] += number;
                let problem = (*outcome != Outcome::Passed)
                    .then(|| Problem { outcome: *outcome, ..Problem::failed("no", None) });
                let (slot, took_us) = (Some(slot), number * 1_000_000);
                tell(
                    now[lane],
                    Event::AttemptFinished { test, attempt, slot, outcome: *outcome, problem, took_us },
                );
            }
            let (outcome, flaky) = (outcomes[outcomes.len() - 1], outcomes.len() > 1);
            counts.add(outcome, flaky);
            let attempts = 1;
            tell(
                now[lane],
                Event::TestFinished { test, outcome, flaky, attempts, reason: None, fixme: None },
            );
        }
        tell(44, finish(counts));
        story
    }

    fn started(test: &TestId, attempt: u32, slot: SlotId) -> Event {
        Event::AttemptStarted {
            test: test.clone(),
            attempt,
            slot,
            companions: Vec::new(),
            worker: 1,
            base_url: String::new(),
            accounts: Vec::new(),
            folder: String::new(),
            experiment: None,
        }
    }

    fn trace(test: &TestId) -> Event {
        let (name, path) = (PAGE.to_owned(), "tests/x/attempt-1/trace.html".to_owned());
        Event::Attached {
            test: test.clone(),
            attempt: 1,
            name,
            path,
            media_type: "text/html".to_owned(),
            step: None,
        }
    }

    fn finished(counts: Counts) -> Event {
        Event::RunFinished { counts, took_us: 44_000_000, interrupted: false, stopped_after: None }
    }

    fn said(story: &Story, form: fn(&Story, &Around) -> String) -> String {
        let again = Again::new("shop", "e2e", Path::new("/none"), None);
        let page = Some(Path::new("/run/report/index.html"));
        form(story, &Around { folder: Path::new("/run"), page, again: &again, never_up: None })
    }

    #[test]
    fn everything_that_is_to_be_known_and_done() {
        assert_eq!(
            said(&story(finished), whole),
            "8 tests in 44.0 s: 6 passed, 1 of them flaky, 1 failed, 1 errored (2 workers, 2 slots), within 132% of the bound of 19.0 s\n\
             75% (6/8) in 44 s; the leased slots ran tests during 48% of the time\n\
             Slowest:\n       8.0 s  a::takes_8\n       7.0 s  a::takes_7\n       6.0 s  a::takes_6\n       5.0 s  a::takes_5\n       4.0 s  a::takes_4\n\
             Flaky, passed only on a retry:\n    a::takes_2 (attempt 2, at first failed)\n\
             Again, in the same slot:\n\
             \x20   cargo test -p shop --test e2e -- --exact a::takes_7 --slot 3\n\
             \x20   cargo test -p shop --test e2e -- --exact a::takes_8 --slot 5\n\
             Trace:\n    /run/tests/x/attempt-1/trace.html\n\
             Report: /run/report/index.html\n\
             Events, logs and what failing tests left: /run\n"
        );
    }

    #[test]
    fn in_short_it_is_the_counts_and_the_place() {
        let stopped = |counts| Event::RunFinished {
            counts,
            took_us: 44_000_000,
            interrupted: true,
            stopped_after: Some(2),
        };
        assert_eq!(
            said(&story(stopped), short),
            "Interrupted.\nStopped when 2 tests had failed (--max-failures).\n\
             8 tests in 44.0 s: 6 passed, 1 of them flaky, 1 failed, 1 errored (2 workers, 2 slots)\n\
             Events, logs and what failing tests left: /run\n"
        );
    }

    #[test]
    fn what_the_machine_held_back_is_said() {
        let mut story = story(finished);
        story.used = Some((1.16, LimitReason::Cpu));
        assert!(said(&story, whole).contains("\nran 1.2 of 2 workers on average: CPU\n"));
    }

    #[test]
    fn of_a_killed_run_what_is_known() {
        let story = Story::default();
        assert!(said(&story, whole).starts_with("0 tests in 0 ms: 0 passed (0 workers, 0 slots)\nReport: "));
    }
}
