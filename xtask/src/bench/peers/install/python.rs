//! pytest with pytest-xdist and pytest-playwright, by pip into a virtual environment.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::super::super::error::Error;
use super::{client, copy, first_line};

/// An installed pytest, and its suite.
pub(in super::super) struct Python {
    environment: PathBuf,
    suite: PathBuf,
}

impl Python {
    /// `Ok(Err(_))`: why it cannot be had.
    pub(super) fn install(sources: &Path, peers: &Path) -> Result<Result<Self, String>, Error> {
        let python = Self { environment: peers.join("python"), suite: peers.join("pytest") };
        copy(sources, &python.suite)?;
        let (wanted, installed) =
            (python.suite.join("requirements.txt"), python.environment.join("installed.txt"));
        let same = fs::read(&wanted).ok() == fs::read(&installed).ok();
        if same && python.program("pytest").exists() {
            return Ok(Ok(python));
        }
        let install = || {
            client(Command::new("python3").args(["-m", "venv"]).arg(&python.environment))?;
            client(
                Command::new(python.program("pip"))
                    .args(["install", "--quiet", "--requirement"])
                    .arg(&wanted),
            )
        };
        if let Err(why) = install() {
            return Ok(Err(why));
        }
        fs::copy(&wanted, &installed).map_err(|error| Error::file(&installed, error))?;
        Ok(Ok(python))
    }

    pub(super) fn version(&self) -> String {
        let requirements = fs::read_to_string(self.suite.join("requirements.txt")).unwrap_or_default();
        let of = |package: &str| {
            requirements.lines().find_map(|line| line.strip_prefix(package)?.strip_prefix("=="))
        };
        let packages = ["pytest", "pytest-xdist", "pytest-playwright", "playwright"];
        let packages = packages.map(|package| format!("{package} {}", of(package).unwrap_or("?"))).join(", ");
        let python = first_line(Command::new(self.program("python")).arg("--version")).unwrap_or_default();
        format!("{packages}, {python}")
    }

    /// `pytest` with these arguments.
    pub(in super::super) fn test(&self, args: &[&str]) -> Command {
        let mut command = Command::new(self.program("pytest"));
        command.args(args).current_dir(&self.suite);
        command
    }

    fn program(&self, name: &str) -> PathBuf {
        self.environment.join("bin").join(name)
    }
}
