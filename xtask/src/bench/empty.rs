//! A thousand tests that do nothing: what the harness itself costs.

use std::time::Duration;

use super::Bench;
use super::consumer::Consumer;
use super::error::Error;
use super::sample::Sample;
use super::table::{Row, Unit};

pub(super) const CONSUMER: &str = "consumer-many";

const CONFIG: &str = "[slots]\ncount = 16\nbase_port = 29400\nworkers = 16\n";

pub(super) fn rows(bench: &Bench) -> Result<Vec<Row>, Error> {
    let executable = bench.workspace.consumer(CONSUMER)?;
    let consumer = Consumer::new(executable, &bench.stage("empty")?, CONFIG)?;
    consumer.run(&[], None)?;
    let (mut times, mut memory) = (Sample::default(), Sample::default());
    for _ in 0..bench.times(10, 3) {
        times.add(consumer.run(&[], None)?.took.as_secs_f64() * 1e3);
    }
    // Runs of their own: watching costs time.
    for _ in 0..bench.times(5, 2) {
        let ran = consumer.run(&[], Some(Duration::from_millis(1)))?;
        memory.extend(&ran.peak.iter().map(|&bytes| megabytes(bytes)).collect());
    }
    let what = "1,000 empty tests, 16 slots";
    let time = Row::new(format!("{what}, the whole process"), Unit::Milliseconds, times).at_most(400.0);
    let memory_of = format!("{what}: peak resident memory");
    let memory = match memory.len() {
        0 => Row::missing(memory_of, "the system does not tell"),
        _ => Row::new(memory_of, Unit::Megabytes, memory).at_most(40.0),
    };
    Ok(vec![time, memory])
}

pub(super) fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}
