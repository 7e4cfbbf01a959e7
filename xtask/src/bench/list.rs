//! Listing 1,000 tests: what an editor does whenever a file is saved.

use super::Bench;
use super::consumer::Consumer;
use super::empty;
use super::error::Error;
use super::sample::Sample;
use super::table::{Row, Unit};

pub(super) fn rows(bench: &Bench) -> Result<Vec<Row>, Error> {
    let executable = bench.workspace.consumer(empty::CONSUMER)?;
    let consumer = Consumer::new(executable, &bench.stage("list")?, "")?;
    consumer.run(&["--list"], None)?;
    let mut sample = Sample::default();
    for _ in 0..bench.times(20, 5) {
        sample.add(consumer.run(&["--list"], None)?.took.as_secs_f64() * 1e3);
    }
    Ok(vec![Row::new("--list of 1,000 tests, the whole process", Unit::Milliseconds, sample).at_most(20.0)])
}
