//! One isolated, signed-in session, from asking to a page that can be driven: ours and Playwright's in turn, in
//! the same browser binary, on the same site.

use std::cell::RefCell;

use serde_json::Value;

use super::Bench;
use super::consumer::Consumer;
use super::error::Error;
use super::playwright::{Block, Playwright};
use super::sample::{Rounds, Sample, alternate};
use super::site::Site;
use super::table::{Row, Unit};

const ROLE: &str = "[roles.user]\nusername = \"user{slot}\"\npassword = \"only-for-tests\"\n";
const OPEN: &str = "a signed-in session, warm, until its page can be driven";
const CYCLE: &str = "the same, a page, a text of it, and closing";

pub(super) fn rows(bench: &Bench) -> Result<Vec<Row>, Error> {
    let found = match callboard::setup::find(None, None) {
        Ok(found) => found,
        Err(error) => {
            let why = error.to_string();
            return Ok(vec![Row::missing(OPEN, why.lines().next().unwrap_or_default())]);
        }
    };
    let executable = bench.workspace.consumer("consumer-sessions")?;
    let site = Site::start().map_err(|source| Error::run("the site", source))?;
    let service = format!("[[service]]\nname = \"site\"\nurl = \"{}\"\n", site.url());
    let config = format!("[slots]\ncount = 1\nbase_port = 29420\n{ROLE}{service}");
    let consumer = Consumer::new(executable, &bench.stage("session")?, &config)?;

    // Of the forty tests of a kind, all or those of which the name ends in a number below ten.
    let filter = |kind: &str| if bench.quick { format!("{kind}::t0") } else { format!("{kind}::") };
    let (open, cycle) = (filter("open"), filter("cycle"));
    let rounds = bench.times(3, 2);
    let ours = |filter: &str| -> Result<Block, Error> {
        consumer.run(&[filter, "--workers", "1"], None)?;
        Ok(block(&consumer.events()?))
    };

    let playwright = match Playwright::install(&bench.workspace.target, &found.browser)? {
        Ok(playwright) => playwright,
        Err(why) => {
            let [open, cycle] = alternate(
                rounds,
                [Box::new(|| Ok(ours(&open)?.open)), Box::new(|| Ok(ours(&cycle)?.cycle))],
            )?;
            let mut rows = vec![
                Row::new(OPEN, Unit::Milliseconds, open.all()).at_most(100.0),
                Row::missing("… Playwright's newContext + newPage", &why),
                Row::new(CYCLE, Unit::Milliseconds, cycle.all()),
                Row::missing("… with Playwright", &why),
            ];
            rows.extend(tests(bench, &site, &consumer, Err(&why))?);
            return Ok(rows);
        }
    };
    let isolated = tests(bench, &site, &consumer, Ok(&playwright))?;
    let (site, count) = (site.url(), bench.times(40, 10));
    // What a block of whole cycles says of opening, for information.
    let within = RefCell::new((Sample::default(), Sample::default()));
    let [open, their_open, cycle, their_cycle] = alternate(
        rounds,
        [
            Box::new(|| Ok(ours(&open)?.open)),
            Box::new(|| Ok(playwright.block(&site, count, false)?.open)),
            Box::new(|| {
                let block = ours(&cycle)?;
                within.borrow_mut().0.extend(&block.open);
                Ok(block.cycle)
            }),
            Box::new(|| {
                let block = playwright.block(&site, count, true)?;
                within.borrow_mut().1.extend(&block.open);
                Ok(block.cycle)
            }),
        ],
    )?;
    let (within, their_within) = within.into_inner();
    let mut rows = compared(OPEN, "… Playwright's newContext + newPage", &open, &their_open);
    rows[0] = rows[0].clone().at_most(100.0);
    rows[2] = rows[2].clone().at_most(0.8);
    rows.extend(compared(CYCLE, "… with Playwright", &cycle, &their_cycle));
    rows.push(Row::new("opening within that", Unit::Milliseconds, within));
    rows.push(Row::new("… with Playwright", Unit::Milliseconds, their_within));
    rows.extend(isolated);
    Ok(rows)
}

/// What a whole test costs.
#[cfg(target_os = "linux")]
use super::session_tests::rows as tests;

/// Processor time is read as only Linux tells it.
#[cfg(not(target_os = "linux"))]
fn tests(_: &Bench, _: &Site, _: &Consumer, _: Result<&Playwright, &str>) -> Result<Vec<Row>, Error> {
    Ok(vec![Row::missing("an isolated test of a tiny page", "processor time is read as Linux tells it")])
}

/// Ours, theirs, and by what factor, round by round.
fn compared(what: &str, what_theirs: &str, ours: &Rounds, theirs: &Rounds) -> Vec<Row> {
    vec![
        Row::new(what, Unit::Milliseconds, ours.all()),
        Row::new(what_theirs, Unit::Milliseconds, theirs.all()),
        Row::new("… ours to theirs, medians of a round", Unit::Times, ours.ratios(theirs)),
    ]
}

/// The times of a run with one worker, without its first test and what came before: those were cold.
fn block(events: &[Value]) -> Block {
    let first = events.iter().position(|event| event["event"] == "attempt_finished");
    let warm = &events[first.map_or(events.len(), |first| first + 1)..];
    let took = |kind: &str| {
        let events = warm.iter().filter(|event| event["event"] == kind);
        events.filter_map(|event| event["took_us"].as_f64()).map(|microseconds| microseconds / 1e3).collect()
    };
    Block { open: took("session_opened"), cycle: took("attempt_finished") }
}
