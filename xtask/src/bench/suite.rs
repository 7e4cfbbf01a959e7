//! The browser tests of course-records, at 1, 2, 4 and 16 workers, the last of which the machine may not carry.

use std::time::Duration;

use serde_json::Value;

use super::Bench;
use super::consumer::Consumer;
use super::empty::megabytes;
use super::error::Error;
use super::sample::Sample;
use super::table::{Row, Unit};

const PACKAGE: &str = "course-records";
const WORKERS: [&str; 4] = ["1", "2", "4", "16"];

/// What all runs with a number of workers came to.
#[derive(Default)]
struct Figures {
    seconds: Sample,
    memory: Sample,
    events: Sample,
    /// Tests that passed, of how many, in each run.
    passed: Vec<String>,
}

pub(super) fn rows(bench: &Bench) -> Result<Vec<Row>, Error> {
    if let Err(error) = callboard::setup::find(None, None) {
        let why = error.to_string();
        return Ok(vec![Row::missing(PACKAGE, why.lines().next().unwrap_or_default())]);
    }
    let dir = bench.workspace.root.join("examples").join(PACKAGE);
    let consumer = Consumer {
        executable: bench.workspace.suite(PACKAGE)?,
        config: dir.join("callboard.toml"),
        dir,
        output: bench.stage("suite")?.join("output"),
    };
    let mut all: [Figures; 4] = Default::default();
    for _ in 0..bench.times(3, 1) {
        for (workers, figures) in WORKERS.iter().zip(&mut all) {
            let ran = consumer.run_anyhow(&["--workers", workers], Some(Duration::from_millis(20)))?;
            let events = consumer.events()?;
            figures.seconds.add(ran.took.as_secs_f64());
            figures.memory.extend(&ran.peak.iter().map(|&bytes| megabytes(bytes)).collect());
            figures.events.add(events.len() as f64);
            figures.passed.push(passed(&events));
        }
    }
    let mut rows = Vec::new();
    let (mut memory, mut events) = (Sample::default(), Sample::default());
    for (workers, figures) in WORKERS.iter().zip(all) {
        let s = if *workers == "1" { "" } else { "s" };
        let mut passed = figures.passed;
        passed.dedup();
        rows.push(
            Row::new(format!("{PACKAGE}' suite, {workers} worker{s}"), Unit::Seconds, figures.seconds)
                .note(format!("{} passed", passed.join(", "))),
        );
        memory.extend(&figures.memory);
        events.extend(&figures.events);
    }
    rows.push(match memory.len() {
        0 => Row::missing("… peak resident memory of the harness", "the system does not tell"),
        _ => Row::new("… peak resident memory of the harness", Unit::Megabytes, memory).at_most(50.0),
    });
    rows.push(Row::new("… events of a run", Unit::Events, events));
    Ok(rows)
}

/// `57 of 58`
fn passed(events: &[Value]) -> String {
    let Some(counts) = events.iter().rev().find_map(|event| event["counts"].as_object()) else {
        return "no run".to_owned();
    };
    let count = |outcome: &str| counts.get(outcome).and_then(Value::as_u64).unwrap_or_default();
    let bad = ["failed", "errored", "timed_out", "crashed", "did_not_run"].map(count);
    let passed = count("passed");
    format!("{passed} of {}", passed + bad.iter().sum::<u64>())
}
