//! What became of a run's tests in earlier runs of their suite, as the events of these tell it.

use std::collections::HashMap;
use std::path::Path;
use std::time::Instant;

use jiff::Timestamp;
use serde::Deserialize;

use crate::kept::{Earlier, History, after, last_number, lines, read};
use crate::model::{Outcome, PlannedTest, TestId};
use crate::story::{Standing, Story};

/// Of each run, so many bytes are read.
const MOST_BYTES: u64 = 16 * 1024 * 1024;

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Chronicle {
    /// Those in which one of the tests was executed, the oldest first.
    pub(super) runs: Vec<EarlierRun>,
    tests: HashMap<TestId, Vec<Fate>>,
}

/// A run before the one that is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct EarlierRun {
    pub(super) id: String,
    /// RFC 3339.
    pub(super) started: String,
}

/// What became of a test in an earlier run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fate {
    /// Its place among the runs.
    pub(super) run: usize,
    pub(super) standing: Standing,
    /// How long its last attempt took.
    pub(super) took_us: Option<u64>,
}

/// The event that tells of which test each is a repetition.
#[derive(Deserialize)]
struct Planned {
    tests: Vec<PlannedTest>,
}

impl Chronicle {
    /// What the runs in this folder that began before a story tell of its tests. After `until` no further run is begun; the
    /// newest is read in any case. What is damaged is passed over: nothing but this depends on it.
    pub(crate) fn before(story: &Story, kept: &Path, until: Option<Instant>) -> Self {
        let (Some(suite), Ok(began)) = (&story.run.suite, story.run.started.parse::<Timestamp>()) else {
            return Self::default();
        };
        let known: Names = story
            .tests
            .iter()
            .map(|test| (as_json(test.planned.written()), test.planned.written().clone()))
            .collect();
        let runs = History::of(suite, kept).runs.into_iter();
        let mut found = Vec::new();
        for (number, run) in runs.filter(|run| run.began().is_some_and(|run| run < began)).enumerate() {
            if number > 0 && until.is_some_and(|until| Instant::now() > until) {
                break;
            }
            let fates = fates(&run, &known);
            if !fates.is_empty() {
                found.push((EarlierRun { id: run.id, started: run.first.started }, fates));
            }
        }
        let mut chronicle = Self::default();
        for (run, (earlier, fates)) in found.into_iter().rev().enumerate() {
            chronicle.runs.push(earlier);
            for (test, standing, took_us) in fates {
                chronicle.tests.entry(test).or_default().push(Fate { run, standing, took_us });
            }
        }
        chronicle
    }

    /// What became of a test, in the order of the runs. Of a test that was repeated there, all of it.
    pub(super) fn of(&self, test: &TestId) -> &[Fate] {
        self.tests.get(test).map_or(&[], Vec::as_slice)
    }
}

/// Tests by their names as JSON has them, without the quotes: so nothing has to be parsed where they are looked for.
type Names = HashMap<Vec<u8>, TestId>;

fn as_json(test: &TestId) -> Vec<u8> {
    let mut name = serde_json::to_vec(test.as_str()).unwrap_or_default();
    name.pop();
    name.drain(..1.min(name.len()));
    name
}

/// What became of these tests in a run, in the order in which they were over.
fn fates(run: &Earlier, known: &Names) -> Vec<(TestId, Standing, Option<u64>)> {
    let Ok(bytes) = read(&run.events, MOST_BYTES) else { return Vec::new() };
    let mut repetitions = Names::new();
    let (mut took, mut fates) = (HashMap::new(), Vec::new());
    for line in lines(&bytes) {
        let Some(event) = after(line, br#","event":""#) else { continue };
        if let Some(rest) = event.strip_prefix(br#"attempt_finished","test":""#) {
            if let (Some((test, _)), Some((_, took_us))) = (name(rest), last_number(line)) {
                took.insert(test, took_us);
            }
        } else if let Some(rest) = event.strip_prefix(br#"test_finished","test":""#) {
            let Some((name, rest)) = name(rest) else { continue };
            let test = repetitions.get(name).or_else(|| known.get(name));
            if let (Some(test), Some(standing)) = (test, standing(rest)) {
                fates.push((test.clone(), standing, took.get(name).copied()));
            }
        } else if run.first.repeat_each.is_some() && event.starts_with(br#"planned","#) {
            let Ok(Planned { tests }) = serde_json::from_slice(line) else { continue };
            let repeated = tests.into_iter().filter(|test| test.repetition.is_some());
            let repeated = repeated.filter(|test| known.values().any(|known| known == test.written()));
            repetitions.extend(repeated.map(|test| (as_json(&test.test), test.written().clone())));
        }
    }
    fates
}

/// A string of JSON up to its end, and what follows.
fn name(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut is_escaped = false;
    let end = text.iter().position(|byte| {
        let ends = *byte == b'"' && !is_escaped;
        is_escaped = *byte == b'\\' && !is_escaped;
        ends
    })?;
    Some((&text[..end], &text[end + 1..]))
}

/// What a test came to whose end is told so after its name; nothing where it was not executed.
fn standing(rest: &[u8]) -> Option<Standing> {
    let (outcome, rest) = name(rest.strip_prefix(br#","outcome":""#)?)?;
    let rest = rest.strip_prefix(br#","flaky":"#)?;
    Some(match outcome {
        b"passed" if rest.starts_with(b"true") => Standing::Flaky,
        // No text can have it: quotes are escaped there.
        b"passed" if rest.windows(10).any(|part| part == br#","fixme":""#) => Standing::FailedAsExpected,
        b"passed" => Standing::Is(Outcome::Passed),
        b"failed" => Standing::Is(Outcome::Failed),
        b"errored" => Standing::Is(Outcome::Errored),
        b"timed_out" => Standing::Is(Outcome::TimedOut),
        b"crashed" => Standing::Is(Outcome::Crashed),
        // It was skipped.
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::kept::tests::run;
    use crate::model::{Event, Record, Repetition, SlotId};

    /// What a test is called that wants to be misunderstood.
    const NAME: &str = "a::\"b\",\"outcome\":\"failed\"\\";

    fn line(event: Event) -> String {
        format!("{}\n", serde_json::to_string(&Record { at_us: 1_234_567, event }).unwrap())
    }

    /// The events of a test that had one attempt.
    fn over(test: &str, outcome: Outcome, took_us: u64, flaky: bool, fixme: Option<&str>) -> String {
        let (test, slot, problem) = (TestId::new(test), Some(SlotId(0)), None);
        let attempt =
            Event::AttemptFinished { test: test.clone(), attempt: 1, slot, outcome, problem, took_us };
        let reason = (outcome == Outcome::Skipped).then(|| ",\"fixme\":\"".to_owned());
        let fixme = fixme.map(str::to_owned);
        [attempt, Event::TestFinished { test, outcome, flaky, attempts: 1, reason, fixme }].map(line).concat()
    }

    fn planned(name: &str, repetition: Option<Repetition>) -> PlannedTest {
        let mut test: PlannedTest = serde_json::from_value(serde_json::json!({ "test": name })).unwrap();
        test.repetition = repetition;
        test
    }

    /// A story that begins at this second, of these tests.
    fn story(second: u32, tests: &[&str]) -> Story {
        let mut story = Story::default();
        let started = format!("2026-11-22T07:15:{second:02}Z");
        let first = format!(
            r#"{{"at_us":1,"event":"run_started","format":1,"run":"r","started":"{started}","callboard":"x","suite":"p/e2e","cores":2,"slots":1,"base_port":1,"workers":1,"accounts":{{}},"tests":1}}"#
        );
        story.tell(serde_json::from_str(&first).unwrap());
        let tests = tests.iter().map(|name| planned(name, None)).collect();
        story.tell(Record { at_us: 2, event: Event::Planned { tests } });
        story
    }

    /// The id of the run that began at this second, which is kept with these events.
    fn kept(output: &Path, second: u32, events: &str) -> String {
        let id = format!("2026-11-22T07-15-{second:02}Z-aaaa");
        run(output, &id, "p/e2e", &format!("2026-11-22T07:15:{second:02}Z"), events);
        id
    }

    #[test]
    fn what_became_of_a_test_is_told_from_the_oldest_on() {
        let output = tempfile::tempdir().unwrap();
        let outcomes = [
            (Outcome::Passed, false, None, Some(Standing::Is(Outcome::Passed))),
            (Outcome::Passed, true, None, Some(Standing::Flaky)),
            (Outcome::Passed, false, Some("no \"luck\""), Some(Standing::FailedAsExpected)),
            (Outcome::Skipped, false, None, None),
            (Outcome::Failed, false, None, Some(Standing::Is(Outcome::Failed))),
            (Outcome::TimedOut, false, None, Some(Standing::Is(Outcome::TimedOut))),
        ];
        let mut ids = Vec::new();
        for (second, (outcome, flaky, fixme, standing)) in (10..).zip(outcomes) {
            let other = over("of no interest", Outcome::Crashed, 9, false, None);
            let own = over(NAME, outcome, u64::from(second), flaky, fixme);
            let id = kept(output.path(), second, &format!("{other}{own}"));
            ids.extend(standing.map(|standing| (id, standing, Some(u64::from(second)))));
        }
        // The run itself, and one that began later.
        for second in [30, 40] {
            kept(output.path(), second, &over(NAME, Outcome::Crashed, 9, false, None));
        }
        let test = TestId::new(NAME);
        let chronicle = Chronicle::before(&story(30, &[NAME]), output.path(), None);
        let told: Vec<_> = chronicle
            .of(&test)
            .iter()
            .map(|fate| (chronicle.runs[fate.run].id.clone(), fate.standing, fate.took_us))
            .collect();
        assert_eq!(told, ids);
        assert!(chronicle.of(&TestId::new("of no interest")).is_empty());
        // When the time is over, the newest is left.
        let chronicle = Chronicle::before(&story(30, &[NAME]), output.path(), Some(Instant::now()));
        assert_eq!(chronicle.of(&test).len(), 1);
        assert_eq!(chronicle.runs[0].id, ids.last().unwrap().0);
    }

    #[test]
    fn repetitions_are_of_their_test() {
        let output = tempfile::tempdir().unwrap();
        let repetitions = [1, 2].map(|number| Repetition { of: TestId::new("a"), number, times: 2 });
        let tests = repetitions.iter().map(|one| planned(one.name().as_str(), Some(one.clone()))).collect();
        let mut events = line(Event::Planned { tests });
        for (repetition, outcome) in repetitions.iter().zip([Outcome::Passed, Outcome::Failed]) {
            events.push_str(&over(repetition.name().as_str(), outcome, 7, false, None));
        }
        kept(output.path(), 10, &events);
        let chronicle = Chronicle::before(&story(30, &["a"]), output.path(), None);
        let told: Vec<_> = chronicle.of(&TestId::new("a")).iter().map(|fate| fate.standing).collect();
        assert_eq!(told, [Standing::Is(Outcome::Passed), Standing::Is(Outcome::Failed)]);
        assert_eq!(chronicle.runs.len(), 1);
    }

    #[test]
    fn what_is_damaged_is_passed_over() {
        let output = tempfile::tempdir().unwrap();
        let whole = over("a", Outcome::Passed, 7, false, None);
        let damaged = "nonsense\n{\"at_us\":1,\"event\":\"test_finished\",\"test\":7}\n\
                       {\"at_us\":1,\"event\":\"test_finished\",\"test\":\"a\",\"outcome\":\"?\",\"flaky\":false}\n";
        kept(output.path(), 10, &format!("{damaged}{whole}"));
        kept(output.path(), 11, &whole[..whole.len() - 9]);
        let none = output.path().join("runs/2026-11-22T07-15-12Z-aaaa");
        fs::create_dir_all(none).unwrap();
        let chronicle = Chronicle::before(&story(30, &["a"]), output.path(), None);
        assert_eq!(chronicle.of(&TestId::new("a")).len(), 1);
        assert!(Chronicle::before(&Story::default(), output.path(), None).runs.is_empty());
    }
}
