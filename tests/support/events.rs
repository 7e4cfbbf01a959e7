//! `events.jsonl` of a run, and what holds for the events of any run.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;

/// The events of a run, in order.
#[derive(Debug, Clone, Default)]
pub struct Events(pub Vec<Value>);

impl Events {
    /// Reads a file of which every line must be whole.
    pub fn read(file: &Path) -> Self {
        let text =
            std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let event = |line: &str| {
            serde_json::from_str(line).unwrap_or_else(|error| panic!("{}: {error}: {line}", file.display()))
        };
        Self(text.lines().map(event).collect())
    }

    /// Reads the file of a run that goes on, or was killed: its last line may be torn.
    pub fn so_far(file: &Path) -> Self {
        let text = std::fs::read_to_string(file).unwrap_or_default();
        let whole = text.rfind('\n').map_or("", |end| &text[..end]);
        let event = |line: &str| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        Self(whole.lines().map(event).collect())
    }

    /// All of one kind.
    pub fn of<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Value> {
        self.0.iter().filter(move |event| event["event"] == kind)
    }

    /// How many of one kind.
    pub fn count(&self, kind: &str) -> usize {
        self.of(kind).count()
    }

    /// The tests in the order in which they started, retries included.
    pub fn started(&self) -> Vec<&str> {
        self.of("attempt_started").map(|event| text(event, "test")).collect()
    }

    /// The tests of the plan, in its order.
    pub fn planned(&self) -> Vec<&str> {
        let tests = self.of("planned").filter_map(|event| event["tests"].as_array()).flatten();
        tests.map(|planned| text(planned, "test")).collect()
    }

    /// The slots in which attempts of this test were made.
    pub fn slots_of(&self, test: &str) -> Vec<u64> {
        self.of("attempt_started")
            .filter(|event| event["test"] == test)
            .map(|event| number(event, "slot"))
            .collect()
    }

    /// The slots that were leased, in order.
    pub fn leased(&self) -> Vec<u64> {
        self.of("slot_leased").map(|event| number(event, "slot")).collect()
    }

    /// What a test came to in the end.
    pub fn outcome(&self, test: &str) -> &str {
        let finished = self.of("test_finished").find(|event| event["test"] == test);
        finished.map_or("not finished", |event| text(event, "outcome"))
    }

    /// Times never go back, the run begins and ends once, and so does each attempt.
    pub fn check(&self) {
        let all = &self.0;
        let kind = |event: Option<&Value>| event.map(|event| event["event"].clone()).unwrap_or_default();
        assert_eq!(kind(all.first()), "run_started", "{all:#?}");
        assert_eq!(kind(all.last()), "run_finished", "{all:#?}");
        assert_eq!((self.count("run_started"), self.count("run_finished")), (1, 1), "{all:#?}");
        assert_eq!(kind(all.get(1)), "planned", "{all:#?}");
        let (mut planned, mut names) = (self.planned(), BTreeSet::new());
        assert_eq!(all[0]["tests"], planned.len(), "{all:#?}");
        planned.retain(|test| !names.insert(*test));
        assert!(planned.is_empty(), "twice in the plan: {planned:?}");
        let started = self.started();
        assert!(started.iter().all(|test| names.contains(test)), "not in the plan: {started:?}");
        let times: Vec<u64> = all.iter().map(|event| number(event, "at_us")).collect();
        assert!(times.is_sorted(), "{times:?}");

        let counts = &all[all.len() - 1]["counts"];
        let interrupted = all[all.len() - 1]["interrupted"] == true;
        let mut attempts: BTreeMap<(&str, u64), (u32, u32)> = BTreeMap::new();
        for event in self.of("attempt_started") {
            attempts.entry(attempt(event)).or_default().0 += 1;
        }
        for event in self.of("attempt_cancelled") {
            assert!(interrupted, "{event}");
            attempts.entry(attempt(event)).or_default().1 += 1;
        }
        for event in self.of("attempt_finished") {
            let (started, finished) = attempts.entry(attempt(event)).or_default();
            *finished += 1;
            // Where there was no slot, nothing was started.
            *started += u32::from(event["slot"].is_null());
        }
        for (attempt, times) in attempts {
            assert!(times == (1, 1) || interrupted && times == (1, 0), "{attempt:?}: {times:?}");
        }
        self.check_steps(interrupted);
        for outcome in ["passed", "failed", "errored", "timed_out"] {
            let finished = self.of("test_finished").filter(|event| event["outcome"] == outcome).count();
            assert_eq!(counts[outcome], finished, "{outcome} in {all:#?}");
        }
    }
}

impl Events {
    /// Each step begins and ends once, within its attempt and, as a rule, its parent.
    fn check_steps(&self, interrupted: bool) {
        let mut open: BTreeMap<(&str, u64), Vec<u64>> = BTreeMap::new();
        for event in &self.0 {
            match event["event"].as_str() {
                Some("attempt_started") => drop(open.insert(attempt(event), Vec::new())),
                Some("step_started") => {
                    let steps =
                        open.get_mut(&attempt(event)).unwrap_or_else(|| panic!("no attempt: {event}"));
                    let parent = event["parent"].as_u64();
                    assert!(
                        parent.is_none_or(|parent| steps.contains(&parent)),
                        "its parent is over: {event}"
                    );
                    steps.push(number(event, "step"));
                }
                Some("step_finished") => {
                    let steps =
                        open.get_mut(&attempt(event)).unwrap_or_else(|| panic!("no attempt: {event}"));
                    let before = steps.len();
                    steps.retain(|step| *step != number(event, "step"));
                    assert_eq!(steps.len() + 1, before, "it did not begin, or ended before: {event}");
                }
                Some("attempt_finished" | "attempt_cancelled") => {
                    let left = open.remove(&attempt(event)).unwrap_or_default();
                    assert!(left.is_empty(), "steps {left:?} did not end: {event}");
                }
                _ => {}
            }
        }
        assert!(open.is_empty() || interrupted, "{open:?}");
    }
}

fn attempt(event: &Value) -> (&str, u64) {
    (text(event, "test"), number(event, "attempt"))
}

fn text<'a>(event: &'a Value, key: &str) -> &'a str {
    event[key].as_str().unwrap_or_else(|| panic!("no {key} in {event}"))
}

fn number(event: &Value, key: &str) -> u64 {
    event[key].as_u64().unwrap_or_else(|| panic!("no {key} in {event}"))
}
