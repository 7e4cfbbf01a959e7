//! `--last-failed`: which tests did not pass in the last run.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use serde::Deserialize;

use crate::kept::{Earlier, History, Unreadable, lines};
use crate::model::{Outcome, PlannedTest, TestId};

/// What the last run of a suite left to do.
#[derive(Debug)]
pub(crate) struct LastFailed {
    /// The id of that run.
    pub(crate) run: String,
    /// What did not pass, as it is written: also what did not run.
    pub(crate) tests: BTreeSet<TestId>,
}

/// It cannot be known.
#[derive(Debug, thiserror::Error)]
#[error("{0}\nRemove the folder of that run, or run without --last-failed.")]
pub(crate) struct LastFailedError(Unreadable);

/// The events that tell it.
#[derive(Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum Line {
    Planned {
        tests: Vec<PlannedTest>,
    },
    TestFinished {
        test: TestId,
        outcome: Outcome,
        flaky: bool,
    },
    #[serde(other)]
    Other,
}

impl LastFailed {
    /// What did not pass in the last run of this history, if there was one: a run that was killed before it had a plan was
    /// none. Whether `flaky_too`: what passed only on a retry did not.
    pub(crate) fn of(history: History, flaky_too: bool) -> Result<Option<Self>, LastFailedError> {
        if let Some(unreadable) = history.unreadable {
            return Err(LastFailedError(unreadable));
        }
        for run in history.runs {
            if let Some(tests) = not_passed(&run, flaky_too).map_err(LastFailedError)? {
                return Ok(Some(Self { run: run.id, tests }));
            }
        }
        Ok(None)
    }
}

/// What did not pass in a run; nothing at all where it had no plan.
fn not_passed(run: &Earlier, flaky_too: bool) -> Result<Option<BTreeSet<TestId>>, Unreadable> {
    let unreadable = |line, reason| Unreadable { file: run.events.clone(), line, reason };
    let bytes = fs::read(&run.events).map_err(|error| unreadable(1, error.to_string()))?;
    let mut left: Option<BTreeMap<TestId, TestId>> = None;
    for (line, number) in lines(&bytes).zip(1..) {
        let line = serde_json::from_slice(line).map_err(|error| unreadable(number, error.to_string()))?;
        match line {
            Line::Planned { tests } => {
                left = Some(tests.iter().map(|test| (test.test.clone(), test.written().clone())).collect());
            }
            Line::TestFinished { test, outcome, flaky } => {
                if outcome.is_ok() && !(flaky && flaky_too) {
                    left.as_mut().map(|left| left.remove(&test));
                }
            }
            Line::Other => {}
        }
    }
    Ok(left.map(|left| left.into_values().collect()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kept::tests::run;

    const PLANNED: &str = r#"{"at_us":2,"event":"planned","tests":[{"test":"a"},{"test":"b"},{"test":"c","repetition":{"of":"c","number":1,"times":2}},{"test":"c (2 of 2)","repetition":{"of":"c","number":2,"times":2}}]}"#;

    fn finished(test: &str, outcome: &str, flaky: bool) -> String {
        format!(
            "{{\"at_us\":3,\"event\":\"test_finished\",\"test\":\"{test}\",\"outcome\":\"{outcome}\",\"flaky\":{flaky},\"attempts\":1}}\n"
        )
    }

    /// What did not pass in a run of these events.
    fn of(events: &str, flaky_too: bool) -> Result<Option<Vec<String>>, String> {
        let output = tempfile::tempdir().unwrap();
        run(output.path(), "2026-11-22T07-15-02Z-aaaa", "p/e2e", "2026-11-22T07:15:02Z", events);
        let last = LastFailed::of(History::of("p/e2e", output.path()), flaky_too);
        let names = |last: LastFailed| last.tests.iter().map(ToString::to_string).collect();
        last.map(|last| last.map(names)).map_err(|error| error.to_string())
    }

    #[test]
    fn what_has_no_good_end_did_not_pass() {
        let events =
            [PLANNED, "\n", &finished("a", "passed", false), &finished("c", "skipped", false)].concat();
        assert_eq!(of(&events, false).unwrap().unwrap(), ["b", "c"], "the second `c` did not run");
        let events =
            [&events[..], &finished("b", "timed_out", false), &finished("c (2 of 2)", "passed", true)]
                .concat();
        assert_eq!(of(&events, false).unwrap().unwrap(), ["b"]);
        assert_eq!(of(&events, true).unwrap().unwrap(), ["b", "c"]);
    }

    #[test]
    fn a_killed_run_counts_with_what_it_had() {
        let events =
            [PLANNED, "\n", &finished("a", "passed", false), r#"{"at_us":4,"event":"test_fini"#].concat();
        assert_eq!(of(&events, false).unwrap().unwrap(), ["b", "c"]);
        assert_eq!(of("", false).unwrap(), None, "it had no plan");
    }

    #[test]
    fn damage_is_told_with_its_line() {
        let error = of(&[PLANNED, "\n\u{1}\u{2}\n"].concat(), false).unwrap_err();
        assert!(
            error.contains("events.jsonl, line 3: ") && error.contains("without --last-failed"),
            "{error}"
        );
    }
}
