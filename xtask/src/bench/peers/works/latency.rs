//! (f) How soon an expectation sees a change of the page.

use std::path::Path;
use std::process::Command;

use super::super::super::consumer::Consumer;
use super::super::super::error::Error;
use super::super::super::sample::Sample;
use super::super::super::table::Unit;
use super::super::case::{Case, Figure};
use super::super::contender::Contender;
use super::super::install::{Node, Python};
use super::super::setting::{PORT, Setting, all_passed, figures};

pub(super) fn cases<'a>(setting: &'a Setting<'_>) -> Result<Vec<Case<'a>>, Error> {
    let count = setting.bench.times(100, 30).to_string();
    let page = setting.bench.workspace.root.join("tests/consumers/page.html");
    let executable = setting.bench.workspace.consumer("consumer-page")?;
    let config = format!("[slots]\ncount = 1\nbase_port = {PORT}\n");
    let consumer = Consumer::new(executable, &setting.bench.stage("peers-latency")?, &config)?;
    let plain = setting.thirtyfour("latency")?;

    let mut case = Case::new("an expectation, from the change until the test goes on", Unit::Milliseconds);
    let times = count.clone();
    case.ours(move |log| {
        let mut command = consumer.prepared()?;
        command.args(["--ignored", "--exact", "measures_expectations"]).env("CALLBOARD_BENCH_COUNT", &times);
        median(command, "CALLBOARD_BENCH_FILE", log)
    });
    let theirs = move |mut command: Command, log: &Path| {
        command.env("PEERS_COUNT", &count).env("PEERS_PAGE", &page);
        median(command, "PEERS_NOTE", log)
    };
    let (of_pytest, of_thirtyfour) = (theirs.clone(), theirs.clone());
    case.add(Contender::Playwright, &setting.peers.playwright, move |node: &Node, log: &Path| {
        theirs(setting.playwright(node, &["latency", "--workers", "1"]), log)
    });
    case.add(Contender::Pytest, &setting.peers.pytest, move |python: &Python, log: &Path| {
        of_pytest(setting.pytest(python, &["test_latency.py"]), log)
    });
    // It asks every half second: hundred times is a minute.
    case.beside(Contender::Thirtyfour, plain, move |executable, log| {
        let (command, _driver) = setting.with_driver(Command::new(executable))?;
        of_thirtyfour(command, log)
    });
    Ok(vec![case])
}

/// Of the figures that a test writes into the file that a variable names.
fn median(mut command: Command, variable: &str, log: &Path) -> Result<Figure, Error> {
    let note = log.with_extension("note");
    command.env(variable, &note);
    all_passed(command, log, 1)?;
    let median = figures(&note)?.into_iter().collect::<Sample>().median();
    let value = median.ok_or_else(|| Error::content(&note, "there are no figures"))?;
    Ok(Figure { value, passed: None })
}
