//! A page: how soon an expectation sees a change, and how soon an action begins with an element that has become ready.

use std::fs;

use serde_json::{Value, json};

use super::Bench;
use super::consumer::Consumer;
use super::error::Error;
use super::playwright::Playwright;
use super::sample::{Sample, alternate};
use super::table::{Row, Unit};

const CONFIG: &str = "[slots]\ncount = 1\nbase_port = 29460\n";
const EXPECTATION: &str = "an expectation, from the change of the page until the test goes on";
const ACTION: &str = "an action, from the moment in which the element is ready to the click";

pub(super) fn rows(bench: &Bench) -> Result<Vec<Row>, Error> {
    let found = match callboard::setup::find(None, None) {
        Ok(found) => found,
        Err(error) => {
            let why = error.to_string();
            return Ok(vec![Row::missing(EXPECTATION, why.lines().next().unwrap_or_default())]);
        }
    };
    let executable = bench.workspace.consumer("consumer-page")?;
    let consumer = Consumer::new(executable, &bench.stage("page")?, CONFIG)?;
    let (rounds, count) = (bench.times(3, 1), bench.times(100, 20));
    let ours = |test: &str| figures(&consumer, test, count);

    let playwright = match Playwright::install(&bench.workspace.target, &found.browser)? {
        Ok(playwright) => playwright,
        Err(why) => {
            let [expectations, actions] = alternate(
                rounds,
                [Box::new(|| ours("measures_expectations")), Box::new(|| ours("measures_actions"))],
            )?;
            return Ok(vec![
                Row::new(EXPECTATION, Unit::Milliseconds, expectations.all()).at_most(20.0),
                Row::missing("… with Playwright", &why),
                Row::new(ACTION, Unit::Milliseconds, actions.all()).at_most(20.0),
                Row::missing("… with Playwright", &why),
            ]);
        }
    };
    let content = bench.workspace.root.join("tests/consumers/page.html");
    let theirs = |key: &str| -> Result<Sample, Error> {
        let task = json!({ "browser": found.browser, "count": count, "content": content });
        let told = playwright.script("page.mjs", &task)?;
        let told = told[key].as_array().into_iter().flatten();
        Ok(told.filter_map(Value::as_f64).collect())
    };
    let [expectations, their_expectations, actions, their_actions] = alternate(
        rounds,
        [
            Box::new(|| ours("measures_expectations")),
            Box::new(|| theirs("expectations")),
            Box::new(|| ours("measures_actions")),
            Box::new(|| theirs("actions")),
        ],
    )?;
    Ok(vec![
        Row::new(EXPECTATION, Unit::Milliseconds, expectations.all()).at_most(20.0),
        Row::new("… with Playwright (waitFor)", Unit::Milliseconds, their_expectations.all()),
        Row::new(
            "… ours to theirs, medians of a round",
            Unit::Times,
            expectations.ratios(&their_expectations),
        )
        .at_most(1.0),
        Row::new(ACTION, Unit::Milliseconds, actions.all()).at_most(20.0),
        Row::new("… with Playwright", Unit::Milliseconds, their_actions.all()),
        Row::new("… ours to theirs, medians of a round", Unit::Times, actions.ratios(&their_actions)),
    ])
}

/// The figures that one of the consumer's tests has written.
fn figures(consumer: &Consumer, test: &str, count: usize) -> Result<Sample, Error> {
    let file = consumer.dir.join(format!("{test}.txt"));
    let (count, shown) = (count.to_string(), file.display().to_string());
    let env = [("CALLBOARD_BENCH_COUNT", &*count), ("CALLBOARD_BENCH_FILE", &*shown)];
    consumer.run_with(&["--ignored", "--exact", test], &env, None)?;
    let written = fs::read_to_string(&file).map_err(|error| Error::file(&file, error))?;
    Ok(written.lines().filter_map(|line| line.parse::<f64>().ok()).collect())
}
