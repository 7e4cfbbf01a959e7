//! Mail: how soon a test sees it, and how much of it a slot takes.

use std::fs;
use std::time::Duration;

use super::Bench;
use super::consumer::Consumer;
use super::empty::megabytes;
use super::error::Error;
use super::sample::Sample;
use super::table::{Row, Unit};

pub(super) const CONSUMER: &str = "consumer-mail";

const CONFIG: &str =
    "[slots]\ncount = 1\nbase_port = 29440\n[ports]\nsmtp = 29441\n[mail]\nport = \"smtp\"\n";
const MESSAGES: usize = 10_000;

pub(super) fn rows(bench: &Bench) -> Result<Vec<Row>, Error> {
    let executable = bench.workspace.consumer(CONSUMER)?;
    let consumer = Consumer::new(executable, &bench.stage("mail")?, CONFIG)?;

    let (waits, _) = run(&consumer, "measures_waiting", bench.times(1000, 100), None)?;
    let waits = waits.into_iter().map(|micros| micros / 1e3).collect();
    let wait = Row::new("mail: from the answer to its final dot to the test", Unit::Milliseconds, waits)
        .at_most(5.0);

    let (mut times, mut memory) = (Sample::default(), Sample::default());
    for _ in 0..bench.times(3, 1) {
        let (took, peak) = run(&consumer, "measures_load", MESSAGES, Some(Duration::from_millis(5)))?;
        times.extend(&took.into_iter().map(|micros| micros / 1e6).collect());
        memory.extend(&peak.iter().map(|&bytes| megabytes(bytes)).collect());
    }
    let what = "mail: 10,000 messages of 10 kB into one slot";
    let time = Row::new(what, Unit::Seconds, times).note("none lost; four connections");
    let memory_of = "… peak resident memory, the senders' included";
    let memory = match memory.len() {
        0 => Row::missing(memory_of, "the system does not tell"),
        _ => Row::new(memory_of, Unit::Megabytes, memory).at_most(200.0),
    };
    Ok(vec![wait, time, memory])
}

/// Runs one of the consumer's tests, and reads the figures that it wrote, and its peak of memory.
fn run(
    consumer: &Consumer,
    test: &str,
    count: usize,
    watch_memory: Option<Duration>,
) -> Result<(Vec<f64>, Option<u64>), Error> {
    let file = consumer.dir.join(format!("{test}.txt"));
    let (count, shown) = (count.to_string(), file.display().to_string());
    let env = [("CALLBOARD_BENCH_COUNT", &*count), ("CALLBOARD_BENCH_FILE", &*shown)];
    let ran = consumer.run_with(&["--ignored", "--exact", test], &env, watch_memory)?;
    let written = fs::read_to_string(&file).map_err(|error| Error::file(&file, error))?;
    let figure = |line: &str| {
        line.parse().map_err(|error| Error::content(&file, format!("not a figure: {error}: {line}")))
    };
    Ok((written.lines().map(figure).collect::<Result<_, _>>()?, ran.peak))
}
