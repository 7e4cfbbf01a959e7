//! What it costs that tests run in a process of their own: its memory, and the time until there is another after a crash.

use std::time::Duration;

use serde_json::Value;

use super::Bench;
use super::consumer::Consumer;
use super::empty::{self, megabytes};
use super::error::Error;
use super::sample::Sample;
use super::table::{Row, Unit};

const CRASHES: &str = "consumer-rough";

/// Tests that end their process as soon as they begin: by a signal of their own, by a status, by somebody else's signal.
const CRASHING: [&str; 5] =
    ["--exact", "ends::by_abort", "ends::by_status", "ends::by_signal", "--repeat-each=10"];

const CONFIG: &str = "[slots]\ncount = 1\nbase_port = 29430\n";

pub(super) fn rows(bench: &Bench) -> Result<Vec<Row>, Error> {
    Ok(vec![memory(bench)?, crash(bench)?])
}

fn memory(bench: &Bench) -> Result<Row, Error> {
    let executable = bench.workspace.consumer(empty::CONSUMER)?;
    let consumer = Consumer::new(executable, &bench.stage("worker")?, CONFIG)?;
    let mut memory = Sample::default();
    for _ in 0..bench.times(5, 2) {
        let ran = consumer.run_watching_workers(Duration::from_millis(1))?;
        memory.extend(&ran.peak.into_iter().map(megabytes).collect());
    }
    let what = "a worker process after 1,000 empty tests: peak resident memory";
    if memory.len() == 0 {
        return Ok(Row::missing(what, "the system does not tell"));
    }
    Ok(Row::new(what, Unit::Megabytes, memory).at_most(20.0))
}

fn crash(bench: &Bench) -> Result<Row, Error> {
    let consumer = Consumer::new(bench.workspace.consumer(CRASHES)?, &bench.stage("crash")?, CONFIG)?;
    let mut costs = Sample::default();
    for _ in 0..bench.times(5, 1) {
        consumer.run_anyhow(&CRASHING, None)?;
        let events = consumer.events()?;
        let starts: Vec<f64> = events.iter().filter_map(begun).collect();
        costs.extend(&starts.windows(2).map(|pair| (pair[1] - pair[0]) / 1e3).collect());
    }
    let what = "a test that ends its process at once: until the next one begins in the slot";
    Ok(Row::new(what, Unit::Milliseconds, costs).at_most(200.0))
}

/// When the attempt began of which this event tells, in microseconds.
fn begun(event: &Value) -> Option<f64> {
    (event["event"] == "attempt_started").then(|| event["at_us"].as_f64())?
}
