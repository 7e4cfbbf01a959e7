//! (b) Isolated tests of a tiny page: a context, a page, one expectation.

use std::path::Path;
use std::process::Command;

use super::super::super::consumer::Consumer;
use super::super::super::error::Error;
use super::super::super::table::Unit;
use super::super::case::{Case, Figure};
use super::super::contender::Contender;
use super::super::install::{Node, Python};
use super::super::setting::{PORT, Setting, all_passed, seconds};
use super::super::tree::Watch;

const TESTS: u32 = 100;

pub(super) fn cases<'a>(setting: &'a Setting<'_>) -> Result<Vec<Case<'a>>, Error> {
    let plain = setting.thirtyfour("tiny")?;
    let mut cases = Vec::new();
    for workers in [1, 2, 4] {
        let s = if workers == 1 { "" } else { "s" };
        let mut case = Case::new(format!("100 tests of a tiny page, {workers} worker{s}"), Unit::Seconds);
        let consumer = consumer(setting, &format!("tiny-{workers}"))?;
        case.ours(move |log| seconds(ours(&consumer, &workers.to_string())?, log, TESTS));
        playwright(setting, &mut case, workers, seconds);
        pytest(setting, &mut case, workers, seconds);
        // A browser for each test takes long.
        if !setting.bench.quick || workers == 2 {
            let plain = plain.clone();
            case.beside(Contender::Thirtyfour, plain, move |executable, log| {
                let mut command = Command::new(executable);
                command.args(["--test-threads", &workers.to_string()]);
                let (command, _driver) = setting.with_driver(command)?;
                seconds(command, log, TESTS)
            });
        }
        cases.push(case);
    }
    Ok(cases)
}

/// (e) The memory of the same, at exactly four workers.
pub(super) fn memory<'a>(setting: &'a Setting<'_>) -> Result<Vec<Case<'a>>, Error> {
    let name = "100 tests of a tiny page, 4 workers: most memory at once";
    let mut case = Case::new(name, Unit::Megabytes);
    let consumer = consumer(setting, "memory")?;
    case.ours(move |log| most(ours(&consumer, "4!")?, log, TESTS));
    playwright(setting, &mut case, 4, most);
    pytest(setting, &mut case, 4, most);
    Ok(vec![case])
}

fn most(command: Command, log: &Path, tests: u32) -> Result<Figure, Error> {
    let watch = Watch::begin();
    let ran = all_passed(command, log, tests);
    let most = watch.most();
    ran?;
    Ok(Figure { value: most as f64 / 1e6, passed: None })
}

fn consumer(setting: &Setting<'_>, stage: &str) -> Result<Consumer, Error> {
    let executable = setting.bench.workspace.tests("peer-callboard", "tiny")?;
    let site = setting.site.url();
    let config =
        format!("[slots]\ncount = 4\nbase_port = {PORT}\n[[service]]\nname = \"site\"\nurl = \"{site}\"\n");
    Consumer::new(executable, &setting.bench.stage(&format!("peers-{stage}"))?, &config)
}

fn ours(consumer: &Consumer, workers: &str) -> Result<Command, Error> {
    let mut command = consumer.prepared()?;
    command.args(["--ignored", "--workers", workers]);
    Ok(command)
}

/// How a run of so many tests is measured.
type OfRun = fn(Command, &Path, u32) -> Result<Figure, Error>;

fn playwright<'a>(setting: &'a Setting<'_>, case: &mut Case<'a>, workers: usize, measure: OfRun) {
    case.add(Contender::Playwright, &setting.peers.playwright, move |node: &Node, log: &Path| {
        let mut command = setting.playwright(node, &["tiny", "--workers", &workers.to_string()]);
        command.env("PEERS_COUNT", TESTS.to_string());
        measure(command, log, TESTS)
    });
}

fn pytest<'a>(setting: &'a Setting<'_>, case: &mut Case<'a>, workers: usize, measure: OfRun) {
    case.add(Contender::Pytest, &setting.peers.pytest, move |python: &Python, log: &Path| {
        let mut command = setting.pytest(python, &["test_tiny.py", "-n", &workers.to_string()]);
        command.env("PEERS_COUNT", TESTS.to_string());
        measure(command, log, TESTS)
    });
}
