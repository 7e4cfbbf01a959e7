//! nextest: the one that is there, or by cargo into the bench's folder where that is asked for. It takes minutes to build.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{client, first_line};

/// Which version is installed.
const VERSION: &str = "0.9.143";

/// A nextest that is there.
pub(in super::super) struct Nextest {
    program: PathBuf,
    version: String,
}

impl Nextest {
    pub(super) fn find(peers: &Path, install: bool) -> Result<Self, String> {
        let ours = peers.join("nextest");
        let program = ours.join("bin/cargo-nextest");
        if let Some(found) = Self::at(program.clone()).or_else(|| Self::at("cargo-nextest".into())) {
            return Ok(found);
        }
        if !install {
            return Err("it is not installed; --install-nextest builds it, which takes minutes".to_owned());
        }
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.args(["install", "cargo-nextest", "--locked", "--version", VERSION, "--root"]).arg(&ours);
        client(&mut cargo)?;
        Self::at(program).ok_or_else(|| "cargo installed it, but it does not say its version".to_owned())
    }

    fn at(program: PathBuf) -> Option<Self> {
        let line = first_line(Command::new(&program).args(["nextest", "--version"]))?;
        let version = line.split(' ').nth(1)?.to_owned();
        Some(Self { program, version })
    }

    pub(super) fn version(&self) -> String {
        self.version.clone()
    }

    /// `cargo nextest` with these arguments.
    pub(in super::super) fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.arg("nextest");
        command
    }
}
