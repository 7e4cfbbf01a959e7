//! How long tests took in the last runs.

use std::collections::HashMap;
use std::io::BufRead as _;
use std::time::{Duration, Instant};

use serde::Deserialize;

use crate::kept::{Earlier, History, after, last_number, lines, read};
use crate::model::{PlannedTest, TestId, micros};

/// As many runs are read.
const RUNS: usize = 10;
/// Within this time reading begins; what was not read by then is not. The newest run is read in any case.
const LIMIT: Duration = Duration::from_millis(20);
/// Of each run, so many bytes are read.
const MOST_BYTES: u64 = 4 * 1024 * 1024;

/// What is known of the durations of tests.
#[derive(Debug, Default)]
pub(crate) struct Experience(HashMap<String, Vec<u64>>);

/// The event that tells of which test each is a repetition.
#[derive(Deserialize)]
struct Planned {
    tests: Vec<PlannedTest>,
}

impl Experience {
    /// From the passed attempts of the last runs, as long as these were of more than one test: what an editor or nextest runs one
    /// by one would be all that is left. What is damaged is passed over: only the order depends on it.
    pub(crate) fn read(history: &History) -> Self {
        let until = Instant::now() + LIMIT;
        let mut experience = Self::default();
        for run in history.runs.iter().filter(|run| run.first.tests > 1).take(RUNS) {
            if !experience.0.is_empty() && Instant::now() > until {
                break;
            }
            experience.learn(run);
        }
        experience
    }

    /// The same, however long reading takes: where something depends on it that must not depend on the machine.
    pub(crate) fn read_in_any_time(history: &History) -> Self {
        let mut experience = Self::default();
        for run in history.runs.iter().filter(|run| run.first.tests > 1).take(RUNS) {
            experience.learn(run);
        }
        experience
    }

    /// How long this test takes, as a rule, in microseconds.
    pub(super) fn micros(&self, test: &TestId) -> Option<u64> {
        self.of(test).map(micros)
    }

    /// How long this test takes, as a rule: the median, which one slow day does not move.
    pub(crate) fn of(&self, test: &TestId) -> Option<Duration> {
        let mut took = self.0.get(test.as_str())?.clone();
        took.sort_unstable();
        took.get(took.len() / 2).copied().map(Duration::from_micros)
    }

    fn learn(&mut self, run: &Earlier) {
        let Ok(bytes) = read(&run.events, MOST_BYTES) else { return };
        let is_repeated = run.first.repeat_each.is_some();
        let mut written = HashMap::new();
        for line in lines(&bytes) {
            if is_repeated && after(line, br#","event":"planned","#).is_some() {
                let Ok(Planned { tests }) = serde_json::from_slice(line) else { return };
                written =
                    tests.into_iter().map(|one| (one.test.to_string(), one.written().clone())).collect();
            }
            let Some((test, took_us)) = passed(line) else { continue };
            let test = written.get(test).map_or(test, TestId::as_str);
            match self.0.get_mut(test) {
                Some(took) => took.push(took_us),
                None => drop(self.0.insert(test.to_owned(), vec![took_us])),
            }
        }
    }
}

/// The test of an attempt that passed, and how long that took, if this line tells of one. It is taken from the text as
/// [`Event::AttemptFinished`](crate::model::Event) is written: to parse ten thousand lines takes a debug build a tenth of a second.
fn passed(line: &[u8]) -> Option<(&str, u64)> {
    let mut rest = after(line, br#","event":"attempt_finished","test":""#)?;
    let test = rest;
    let length = rest.skip_until(b'"').ok()?.checked_sub(1)?;
    let (before_time, took_us) = last_number(rest)?;
    if !before_time.ends_with(br#","outcome":"passed","took_us":"#) {
        return None;
    }
    Some((str::from_utf8(&test[..length]).ok()?, took_us))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::kept::tests::run;
    use crate::model::{Event, Outcome, Record, Repetition, SlotId, StepResult};

    fn record(event: Event) -> String {
        format!("{}\n", serde_json::to_string(&Record { at_us: 1_234_567, event }).unwrap())
    }

    /// The events of an attempt, as a run writes them.
    fn attempt(test: &str, outcome: Outcome, took_us: u64) -> String {
        let (test, slot) = (TestId::new(test), SlotId(3));
        let step = Event::StepFinished {
            test: test.clone(),
            attempt: 1,
            step: 1,
            result: StepResult::Ok,
            took_us: 9,
        };
        let started = Event::AttemptStarted {
            test: test.clone(),
            attempt: 1,
            slot,
            companions: Vec::new(),
            worker: 2,
            base_url: String::new(),
            accounts: Vec::new(),
            folder: "tests/a/attempt-1".to_owned(),
            experiment: None,
        };
        let finished =
            Event::AttemptFinished { test, attempt: 1, slot: Some(slot), outcome, problem: None, took_us };
        [started, step, finished].map(record).concat()
    }

    /// What is known after runs of these events, the first the newest.
    fn experience(runs: &[String]) -> Experience {
        let output = tempfile::tempdir().unwrap();
        for (events, second) in runs.iter().zip((10..60).rev()) {
            let id = format!("2026-11-22T07-15-{second}Z-aaaa");
            let started = format!("2026-11-22T07:15:{second}Z");
            run(output.path(), &id, "p/e2e", &started, events);
        }
        Experience::read(&History::of("p/e2e", output.path()))
    }

    fn of(experience: &Experience, test: &str) -> Option<u128> {
        experience.of(&TestId::new(test)).map(|took| took.as_micros())
    }

    #[test]
    fn the_median_of_passed_attempts_counts() {
        let runs = [5, 900, 6, 4, 5].map(|took| attempt("a::b", Outcome::Passed, took));
        let failed = attempt("a::c", Outcome::Failed, 70);
        let experience = experience(&[&runs[..], &[failed]].concat());
        assert_eq!(of(&experience, "a::b"), Some(5));
        assert_eq!(of(&experience, "a::c"), None);
    }

    #[test]
    fn repetitions_are_of_their_test() {
        let repetition = Repetition { of: TestId::new("a"), number: 2, times: 2 };
        let second = PlannedTest {
            test: repetition.name(),
            repetition: Some(repetition),
            prefers: None,
            location: None,
            roles: Vec::new(),
            tags: Vec::new(),
        };
        let planned = record(Event::Planned { tests: vec![second] });
        let experience = experience(&[[planned, attempt("a (2 of 2)", Outcome::Passed, 7)].concat()]);
        assert_eq!((of(&experience, "a"), of(&experience, "a (2 of 2)")), (Some(7), None));
    }

    #[test]
    fn runs_of_a_single_test_are_passed_over() {
        let output = tempfile::tempdir().unwrap();
        let attempt = attempt("a", Outcome::Passed, 7);
        let file = run(output.path(), "2026-11-22T07-15-02Z-aaaa", "p/e2e", "2026-11-22T07:15:02Z", &attempt);
        let known = || Experience::read(&History::of("p/e2e", output.path())).of(&TestId::new("a")).is_some();
        assert!(known());
        let events = fs::read_to_string(&file).unwrap();
        fs::write(file, events.replace("\"tests\":7", "\"tests\":1")).unwrap();
        assert!(!known());
    }

    #[test]
    fn what_is_damaged_is_passed_over() {
        let damaged = "nonsense\n{\"at_us\":1,\"event\":\"attempt_finished\",\"test\":7}\n".to_owned();
        let whole = attempt("a", Outcome::Passed, 7);
        assert_eq!(of(&experience(&[damaged.clone(), whole.clone()]), "a"), Some(7));
        assert_eq!(of(&experience(&[[damaged, whole].concat()]), "a"), Some(7));
    }
}
