//! How tests did in the runs that are kept.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::time::Duration;

use serde::Serialize;

use super::ReportsError;
use super::files::s;
use crate::kept;
use crate::model::{Outcome, SlotId, TestId, seconds};
use crate::story::{ReadError, Standing, Story, TestStory};

/// What is known of the tests of the kept runs.
#[derive(Debug, Clone, Default, Serialize)]
#[non_exhaustive]
pub struct Past {
    /// Each suite by itself, by name.
    pub suites: Vec<PastSuite>,
    /// What could not be read.
    #[serde(skip)]
    pub notices: Vec<String>,
    /// Whether single tests were asked for.
    #[serde(skip)]
    details: bool,
}

/// The runs of a suite.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct PastSuite {
    /// `course-records/e2e`
    pub suite: String,
    /// The ids of its runs, the oldest first.
    pub runs: Vec<String>,
    /// Its tests: those that fail now first, then those that were flaky, then by name.
    pub tests: Vec<PastTest>,
}

/// What became of a test in all these runs.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct PastTest {
    /// Its name as it is written; repetitions count each by itself.
    pub test: TestId,
    /// How often it was executed to its end.
    pub executed: usize,
    /// How often it passed, those times included in which it needed a retry.
    pub passed: usize,
    /// How often it needed a retry.
    pub flaky: usize,
    /// The median of its passed attempts, in microseconds.
    pub median_us: Option<u64>,
    /// Nine of ten passed attempts took no longer, in microseconds.
    pub p90_us: Option<u64>,
    /// Where its attempts were, by the number of the slot.
    pub by_slot: BTreeMap<SlotId, Place>,
    /// Beside how many others its attempts may have been, by the number of workers.
    pub by_workers: BTreeMap<usize, Place>,
    /// Since when it has not passed any more, where it did not pass the last time.
    pub failing_since: Option<Since>,
}

/// Attempts that have something in common.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Place {
    /// How many.
    pub attempts: usize,
    /// How many of them passed.
    pub passed: usize,
}

/// The first run of those in a row in which a test did not pass.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Since {
    /// The id of the run.
    pub run: String,
    /// When that began, RFC 3339.
    pub started: String,
    /// What the test came to there.
    pub outcome: Outcome,
    /// How often in a row it has not passed since.
    pub times: usize,
}

/// Reads the runs that are kept in this folder, of tests whose names contain this.
///
/// # Errors
///
/// There are no runs, or none of such a test.
pub fn past(kept: &Path, test: Option<&str>) -> Result<Past, ReportsError> {
    let runs = kept.join("runs");
    let mut past = Past { details: test.is_some(), ..Past::default() };
    let mut suites: BTreeMap<String, (Vec<String>, BTreeMap<TestId, Gathered>)> = BTreeMap::new();
    let mut ids = kept::ids(&runs);
    ids.reverse();
    if ids.is_empty() {
        return Err(ReportsError::NoRuns(runs));
    }
    let mut stories = Vec::new();
    for id in ids {
        let events = runs.join(&id).join("events.jsonl");
        match Story::read(&events) {
            Ok(story) => stories.push(story),
            // A run that was killed before it had said anything.
            Err(ReadError::Io { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => past.notices.push(error.to_string()),
        }
    }
    // Ids tell the second, and no more.
    stories.sort_by_cached_key(|story| story.run.started.parse::<jiff::Timestamp>().ok());
    for story in &stories {
        let suite = story.run.suite.clone().unwrap_or_else(|| "tests under the standard harness".to_owned());
        let (runs, tests) = suites.entry(suite).or_default();
        runs.push(story.run.id.clone());
        let wanted =
            |told: &&TestStory| test.is_none_or(|test| told.planned.written().as_str().contains(test));
        for told in story.tests.iter().filter(wanted) {
            tests.entry(told.planned.written().clone()).or_default().add(told, story);
        }
    }
    past.suites =
        suites.into_iter().filter_map(|(suite, (runs, tests))| of_suite(suite, runs, tests)).collect();
    match test {
        Some(test) if past.suites.is_empty() => Err(ReportsError::NoSuchTest { name: test.to_owned(), runs }),
        _ => Ok(past),
    }
}

fn of_suite(suite: String, runs: Vec<String>, tests: BTreeMap<TestId, Gathered>) -> Option<PastSuite> {
    let tests = tests.into_iter().filter(|(_, gathered)| gathered.executed > 0);
    let mut tests: Vec<PastTest> = tests.map(|(test, gathered)| gathered.into_past(test)).collect();
    tests.sort_by_key(|test| (test.failing_since.is_none(), test.passed == test.executed, test.flaky == 0));
    (!tests.is_empty()).then_some(PastSuite { suite, runs, tests })
}

/// What is gathered of a test, run by run.
#[derive(Default)]
struct Gathered {
    executed: usize,
    passed: usize,
    flaky: usize,
    took_us: Vec<u64>,
    by_slot: BTreeMap<SlotId, Place>,
    by_workers: BTreeMap<usize, Place>,
    failing_since: Option<Since>,
}

impl Gathered {
    fn add(&mut self, test: &TestStory, story: &Story) {
        for attempt in &test.attempts {
            let Some(end) = &attempt.end else { continue };
            let has_passed = match end.outcome {
                Some(Outcome::Skipped) | None => continue,
                Some(outcome) => outcome == Outcome::Passed,
            };
            let places = [
                attempt.slot.map(|slot| self.by_slot.entry(slot).or_default()),
                Some(self.by_workers.entry(story.run.workers).or_default()),
            ];
            for place in places.into_iter().flatten() {
                place.attempts += 1;
                place.passed += usize::from(has_passed);
            }
            if has_passed {
                self.took_us.push(end.took_us);
            }
        }
        let outcome = match test.standing() {
            Standing::DidNotRun | Standing::Unfinished | Standing::Is(Outcome::Skipped) => return,
            Standing::Flaky | Standing::FailedAsExpected => Outcome::Passed,
            Standing::Is(outcome) => outcome,
        };
        self.executed += 1;
        self.flaky += usize::from(test.standing() == Standing::Flaky);
        if outcome == Outcome::Passed {
            self.passed += 1;
            self.failing_since = None;
            return;
        }
        let first =
            || Since { run: story.run.id.clone(), started: story.run.started.clone(), outcome, times: 0 };
        self.failing_since.get_or_insert_with(first).times += 1;
    }

    fn into_past(mut self, test: TestId) -> PastTest {
        self.took_us.sort_unstable();
        // The nearest rank: a time that was measured, and none between two.
        let rank = |percent: usize| {
            let rank = (self.took_us.len() * percent).div_ceil(100);
            self.took_us.get(rank.saturating_sub(1)).copied()
        };
        PastTest {
            test,
            executed: self.executed,
            passed: self.passed,
            flaky: self.flaky,
            median_us: rank(50),
            p90_us: rank(90),
            by_slot: self.by_slot,
            by_workers: self.by_workers,
            failing_since: self.failing_since,
        }
    }
}

impl Past {
    /// All of it as one JSON document.
    pub fn to_json(&self) -> String {
        // It has texts and numbers only, and no key that is not one.
        serde_json::to_string_pretty(self).unwrap_or_default()
    }
}

impl fmt::Display for Past {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, suite) in self.suites.iter().enumerate() {
            if number > 0 {
                writeln!(f)?;
            }
            let (runs, first, last) = (suite.runs.len(), suite.runs.first(), suite.runs.last());
            let from_to = match (first, last) {
                (Some(first), Some(last)) if runs > 1 => format!("{first} to {last}"),
                (Some(first), _) => first.clone(),
                _ => String::new(),
            };
            writeln!(f, "{}: {runs} run{} ({from_to})", suite.suite, s(runs))?;
            writeln!(f, "{:>11}  {:>5}  {:>9}  {:>9}  test", "passed", "flaky", "median", "90%")?;
            for test in &suite.tests {
                write_test(f, test, self.details)?;
            }
        }
        Ok(())
    }
}

fn write_test(f: &mut fmt::Formatter<'_>, test: &PastTest, details: bool) -> fmt::Result {
    let took =
        |micros: Option<u64>| micros.map_or_else(|| "—".to_owned(), |us| seconds(Duration::from_micros(us)));
    let rate = (test.passed * 100).checked_div(test.executed).unwrap_or_default();
    let passed = format!("{rate}% ({}/{})", test.passed, test.executed);
    let (median, p90) = (took(test.median_us), took(test.p90_us));
    writeln!(f, "{passed:>11}  {:>5}  {median:>9}  {p90:>9}  {}", test.flaky, test.test)?;
    if let Some(since) = &test.failing_since {
        let times = match since.times {
            1 => "the last time".to_owned(),
            times => format!("{times} times in a row"),
        };
        writeln!(f, "{:>40}  not passed {times}, first in {} ({})", "", since.run, since.outcome)?;
    }
    if details {
        let places = |f: &mut fmt::Formatter<'_>, what: &str, places: Vec<String>| {
            if places.is_empty() {
                Ok(())
            } else {
                writeln!(f, "{:>40}  by {what}: {}", "", places.join(", "))
            }
        };
        let of = |name: String, place: &Place| format!("{name}: {}/{}", place.passed, place.attempts);
        places(f, "slot", test.by_slot.iter().map(|(slot, place)| of(slot.to_string(), place)).collect())?;
        places(
            f,
            "workers",
            test.by_workers.iter().map(|(number, place)| of(number.to_string(), place)).collect(),
        )?;
    }
    Ok(())
}
