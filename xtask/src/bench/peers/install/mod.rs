//! The peers, each got by its ordinary client in the version that `tests/peers` says, into a folder of the bench.
//!
//! One that cannot be had is a reason why, not an error: it is named in the report, and the others are measured.

mod nextest;
mod node;
mod python;

use std::fs;
use std::path::Path;
use std::process::Command;

use super::super::Bench;
use super::super::error::Error;
use super::contender::Contender;

pub(super) use nextest::Nextest;
pub(super) use node::Node;
pub(super) use python::Python;

/// All peers, or why they cannot be had.
pub(super) struct Peers {
    pub(super) playwright: Result<Node, String>,
    pub(super) pytest: Result<Python, String>,
    pub(super) nextest: Result<Nextest, String>,
}

impl Peers {
    pub(super) fn install(bench: &Bench, install_nextest: bool) -> Result<Self, Error> {
        let dir = bench.workspace.target.join("bench/peers");
        let sources = bench.workspace.root.join("tests/peers");
        Ok(Self {
            playwright: told(Contender::Playwright, Node::install(&sources.join("playwright"), &dir)?),
            pytest: told(Contender::Pytest, Python::install(&sources.join("pytest"), &dir)?),
            nextest: told(Contender::Nextest, Nextest::find(&dir, install_nextest)),
        })
    }

    /// What each is, for the report and to know figures of another one by.
    pub(super) fn versions(&self) -> Vec<(String, String)> {
        let version = |peer: &dyn Fn() -> Result<String, String>| {
            peer().unwrap_or_else(|why| format!("missing: {why}"))
        };
        let playwright = || self.playwright.as_ref().map(Node::version).map_err(String::clone);
        let pytest = || self.pytest.as_ref().map(Python::version).map_err(String::clone);
        let nextest = || self.nextest.as_ref().map(Nextest::version).map_err(String::clone);
        vec![
            (Contender::Playwright.to_string(), version(&playwright)),
            (Contender::Pytest.to_string(), version(&pytest)),
            (Contender::Nextest.to_string(), version(&nextest)),
            (Contender::Thirtyfour.to_string(), "as tests/peers/thirtyfour/Cargo.lock says".to_owned()),
        ]
    }
}

/// Says at once what will be missing.
fn told<T>(peer: Contender, found: Result<T, String>) -> Result<T, String> {
    if let Err(why) = &found {
        eprintln!("missing: {peer}: {why}");
    }
    found
}

/// Runs a client; `Err` says how it failed, in a line.
fn client(command: &mut Command) -> Result<(), String> {
    let words: Vec<String> = std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(|word| word.display().to_string())
        .collect();
    let words = words.join(" ");
    eprintln!("$ {words}");
    let output = command.output().map_err(|error| format!("`{words}` cannot be run: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let reason = said
        .lines()
        .rev()
        .find(|line| line.to_ascii_lowercase().contains("error"))
        .or_else(|| said.lines().last());
    Err(format!("`{words}`: {}: {}", output.status, reason.unwrap_or("it does not say why").trim()))
}

/// The first line that a program prints.
fn first_line(command: &mut Command) -> Option<String> {
    let output = command.output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.lines().next().map(|line| line.trim().to_owned())
}

/// Copies the files of a suite over what is there, and leaves what else is there.
fn copy(from: &Path, to: &Path) -> Result<(), Error> {
    fs::create_dir_all(to).map_err(|error| Error::file(to, error))?;
    for entry in fs::read_dir(from).map_err(|error| Error::file(from, error))? {
        let entry = entry.map_err(|error| Error::file(from, error))?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        if source.is_dir() {
            copy(&source, &target)?;
        } else {
            fs::copy(&source, &target).map_err(|error| Error::file(&source, error))?;
        }
    }
    Ok(())
}
