//! One isolated test of a tiny page (a context, a page, one expectation, closing) with one worker and with two: ours and
//! Playwright Test's in turn, wall-clock and processor time.

use std::time::Duration;

use super::Bench;
use super::consumer::Consumer;
use super::error::Error;
use super::playwright::Playwright;
use super::sample::{Rounds, Sample, alternate};
use super::site::Site;
use super::spent::Spent;
use super::table::{Row, Unit};

/// As many tests `tiny::…` the consumer has.
const TESTS: u32 = 40;
/// By what factor of Playwright's a test may take, at one worker and at two.
const GOALS: [(usize, f64); 2] = [(1, 0.7), (2, 0.6)];

pub(super) fn rows(
    bench: &Bench,
    site: &Site,
    consumer: &Consumer,
    playwright: Result<&Playwright, &str>,
) -> Result<Vec<Row>, Error> {
    let repeat = bench.times(3, 1);
    let tests = TESTS * u32::try_from(repeat).unwrap_or(1);
    let mut rows = Vec::new();
    for (workers, goal) in GOALS {
        let what = format!("an isolated test of a tiny page, {workers} at a time, its part of the run");
        let exactly = format!("{workers}!");
        let repeat = repeat.to_string();
        let run = || {
            let began = Spent::so_far()?;
            consumer.run(&["tiny::", "--workers", &exactly, "--repeat-each", &repeat], None)?;
            began.until_now(tests)
        };
        let Ok(playwright) = playwright else {
            let spent = run()?;
            rows.push(Row::new(what, Unit::Milliseconds, one(spent.wall)));
            rows.push(Row::new("… processor time", Unit::Milliseconds, one(spent.processor)));
            continue;
        };
        let theirs = || {
            let began = Spent::so_far()?;
            playwright.tests(&site.url(), TESTS, workers, &repeat)?;
            began.until_now(tests)
        };
        let (mut processor, mut their_processor) = (Rounds::default(), Rounds::default());
        let [wall, their_wall] = alternate(
            bench.times(5, 2),
            [
                Box::new(|| {
                    let spent = run()?;
                    processor.add(one(spent.processor));
                    Ok(one(spent.wall))
                }),
                Box::new(|| {
                    let spent = theirs()?;
                    their_processor.add(one(spent.processor));
                    Ok(one(spent.wall))
                }),
            ],
        )?;
        rows.push(Row::new(what, Unit::Milliseconds, wall.all()));
        rows.push(Row::new("… with Playwright Test", Unit::Milliseconds, their_wall.all()));
        rows.push(Row::new("… ours to theirs", Unit::Times, wall.ratios(&their_wall)).at_most(goal));
        rows.push(Row::new("… its processor time", Unit::Milliseconds, processor.all()));
        rows.push(Row::new("… with Playwright Test", Unit::Milliseconds, their_processor.all()));
        let ratios = processor.ratios(&their_processor);
        rows.push(Row::new("… ours to theirs", Unit::Times, ratios).at_most(1.0));
    }
    Ok(rows)
}

fn one(time: Duration) -> Sample {
    std::iter::once(time.as_secs_f64() * 1e3).collect()
}
