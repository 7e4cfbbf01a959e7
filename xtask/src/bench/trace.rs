//! What recording a trace costs a test: the same tests with it and without, in turn.

use super::Bench;
use super::consumer::Consumer;
use super::error::Error;
use super::sample::{Measure, Rounds, Sample, alternate};
use super::table::{Row, Unit};

const ROLE: &str = "[roles.student]\nusername = \"student{slot}\"\npassword = \"secret-s{slot}\"\n";
const SERVICE: &str = "[[service]]\nname = \"app\"\ncommand = [\"{bin_dir}/test-server\", \"{port}\"]\n\
                       ready = { http = \"/health\" }\n";
const MODES: [&str; 3] = ["off", "retain-on-failure", "on"];

pub(super) fn rows(bench: &Bench) -> Result<Vec<Row>, Error> {
    if let Err(error) = callboard::setup::find(None, None) {
        let why = error.to_string();
        return Ok(vec![Row::missing("a trace", why.lines().next().unwrap_or_default())]);
    }
    let executable = bench.workspace.consumer("consumer-trace")?;
    bench.workspace.consumer("test-server")?;
    let config = format!("[slots]\ncount = 1\nbase_port = 29420\n{ROLE}{SERVICE}");
    let consumer = Consumer::new(executable, &bench.stage("trace")?, &config)?;
    let mut rows = Vec::new();
    for (test, what) in [
        ("passes", "a test of 8 actions and two pages"),
        ("costs::dense", "a test of 100 actions on one page, one after another"),
    ] {
        rows.extend(of_test(bench, &consumer, test, what)?);
    }
    Ok(rows)
}

fn of_test(bench: &Bench, consumer: &Consumer, test: &str, what: &str) -> Result<Vec<Row>, Error> {
    let times = bench.times(9, 4).to_string();
    let measure = |mode: &'static str| -> Measure<'_> {
        let times = times.clone();
        Box::new(move || {
            let args = [test, "--exact", "--workers", "1", "--repeat-each", &times, "--trace", mode];
            consumer.run(&args, None)?;
            took(consumer)
        })
    };
    let [off, retained, on] = alternate(bench.times(5, 2), MODES.map(measure))?;
    let ratio = |rounds: &Rounds, goal: f64, mode: &str| {
        Row::new(format!("… with {mode}, by what factor"), Unit::Times, rounds.ratios(&off)).at_most(goal)
    };
    Ok(vec![
        Row::new(what, Unit::Milliseconds, off.all()),
        ratio(&retained, 1.15, "trace retain-on-failure"),
        ratio(&on, 1.3, "trace on"),
    ])
}

/// What the attempts took, without the first one, which is cold.
fn took(consumer: &Consumer) -> Result<Sample, Error> {
    let events = consumer.events()?;
    let finished = events.iter().filter(|event| event["event"] == "attempt_finished").skip(1);
    Ok(finished.filter_map(|event| event["took_us"].as_f64()).map(|took| took / 1e3).collect())
}
