//! What the machinery of fixtures costs: a thousand tests with a chain of three, beside a thousand without.

use super::Bench;
use super::consumer::Consumer;
use super::empty;
use super::error::Error;
use super::sample::Sample;
use super::table::{Row, Unit};

const CHAIN: &str = "consumer-chain";

/// One slot, so that what one test costs is not divided by the number of cores.
const CONFIG: &str = "[slots]\ncount = 1\nbase_port = 29420\n";

pub(super) fn rows(bench: &Bench) -> Result<Vec<Row>, Error> {
    let with = Consumer::new(bench.workspace.consumer(CHAIN)?, &bench.stage("chain")?, CONFIG)?;
    let without =
        Consumer::new(bench.workspace.consumer(empty::CONSUMER)?, &bench.stage("no-chain")?, CONFIG)?;
    let took = |consumer: &Consumer| Ok::<_, Error>(consumer.run(&[], None)?.took.as_secs_f64() * 1e3);
    let mut costs = Sample::default();
    for _ in 0..bench.times(15, 3) {
        let before = took(&without)?;
        let loaded = took(&with)?;
        let after = took(&without)?;
        // Milliseconds for a thousand tests are microseconds for one.
        costs.add(loaded - f64::midpoint(before, after));
    }
    let what = "three fixtures in a chain: for each test, set-up, events and tear-down";
    Ok(vec![Row::new(what, Unit::Microseconds, costs).at_most(20.0)])
}
