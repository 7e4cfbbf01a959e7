//! (a) Tests that do nothing: what a runner costs.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::super::super::consumer::Consumer;
use super::super::super::empty::CONSUMER;
use super::super::super::error::Error;
use super::super::super::table::Unit;
use super::super::case::Case;
use super::super::contender::Contender;
use super::super::install::{Nextest, Node, Python};
use super::super::setting::{PORT, Setting, seconds};

const TESTS: u32 = 1_000;

pub(super) fn cases<'a>(setting: &'a Setting<'_>) -> Result<Vec<Case<'a>>, Error> {
    let mut cases = Vec::new();
    for workers in [2, 16] {
        let mut case = Case::new(format!("1,000 empty tests, {workers} workers"), Unit::Seconds);
        let consumer = consumer(setting, &format!("empty-{workers}"), 16)?;
        case.ours(move |log| {
            let mut command = consumer.prepared()?;
            command.args(["--workers", &workers.to_string()]);
            seconds(command, log, TESTS)
        });
        let plain = setting.thirtyfour("empty")?;
        peers(setting, &mut case, workers, TESTS, &plain)?;
        case.beside(Contender::Libtest, plain, move |executable, log| {
            let mut command = Command::new(executable);
            command.args(["--test-threads", &workers.to_string()]);
            seconds(command, log, TESTS)
        });
        cases.push(case);
    }
    Ok(cases)
}

/// A thousand empty tests of callboard's.
pub(super) fn consumer(setting: &Setting<'_>, stage: &str, slots: usize) -> Result<Consumer, Error> {
    let executable = setting.bench.workspace.consumer(CONSUMER)?;
    let config = format!("[slots]\ncount = {slots}\nbase_port = {PORT}\n");
    Consumer::new(executable, &setting.bench.stage(&format!("peers-{stage}"))?, &config)
}

/// So many of each peer; of nextest at most the thousand that there are.
pub(super) fn peers<'a>(
    setting: &'a Setting<'_>,
    case: &mut Case<'a>,
    workers: usize,
    tests: u32,
    plain: &Result<PathBuf, String>,
) -> Result<(), Error> {
    let built = match (&setting.peers.nextest, plain) {
        (Ok(nextest), Ok(_)) => Some(Built::by(setting, nextest)?),
        _ => None,
    };
    case.add(Contender::Nextest, &setting.peers.nextest, move |nextest: &Nextest, log: &Path| {
        let Some(built) = &built else {
            return Err(Error::content(log, "the crate with thirtyfour could not be built"));
        };
        seconds(built.run(nextest, workers, tests), log, tests)
    });
    case.add(Contender::Playwright, &setting.peers.playwright, move |node: &Node, log: &Path| {
        let mut command = setting.playwright(node, &["empty", "--workers", &workers.to_string()]);
        command.env("PEERS_COUNT", tests.to_string());
        seconds(command, log, tests)
    });
    case.add(Contender::Pytest, &setting.peers.pytest, move |python: &Python, log: &Path| {
        let mut command = setting.pytest(python, &["test_empty.py", "-n", &workers.to_string()]);
        command.env("PEERS_COUNT", tests.to_string());
        seconds(command, log, tests)
    });
    Ok(())
}

/// The empty tests as nextest takes them when they are built: as for callboard, no time is spent on asking whether they are.
struct Built {
    dir: PathBuf,
    binaries: PathBuf,
    metadata: PathBuf,
}

impl Built {
    fn by(setting: &Setting<'_>, nextest: &Nextest) -> Result<Self, Error> {
        let dir = setting.thirtyfour_crate();
        let (binaries, metadata) = (setting.dir.join("binaries.json"), setting.dir.join("metadata.json"));
        let mut list = nextest.command();
        list.args(["list", "--list-type", "binaries-only", "--message-format", "json", "--test", "empty"]);
        list.arg("--target-dir").arg(setting.thirtyfour_target());
        write(list.current_dir(&dir), &binaries)?;
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.args(["metadata", "--format-version=1"]);
        write(cargo.current_dir(&dir), &metadata)?;
        Ok(Self { dir, binaries, metadata })
    }

    fn run(&self, nextest: &Nextest, workers: usize, tests: u32) -> Command {
        let mut command = nextest.command();
        command.arg("run").arg("--binaries-metadata").arg(&self.binaries);
        command.arg("--cargo-metadata").arg(&self.metadata);
        command.args(["--test-threads", &workers.to_string()]).current_dir(&self.dir);
        match tests {
            10 => command.args(["-E", "test(/^h0::t0/)"]),
            100 => command.args(["-E", "test(/^h0::/)"]),
            _ => &mut command,
        };
        command
    }
}

/// Writes what a program prints into a file.
fn write(command: &mut Command, file: &Path) -> Result<(), Error> {
    let program = command.get_program().display().to_string();
    let output = command.output().map_err(|error| Error::run(&program, error))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(Error::Ended { program, how: format!("ended with {}", output.status), output: said });
    }
    std::fs::write(file, output.stdout).map_err(|error| Error::file(file, error))
}
