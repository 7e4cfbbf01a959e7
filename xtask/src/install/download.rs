//! Downloading and unpacking with the programs that the machine has for it.
//!
//! To link an implementation of TLS would cost every consumer more than all the rest of this crate.

use std::path::{Path, PathBuf};
use std::process::Command;

use callboard::setup::Machine;

use crate::process::{self, Failed};

/// A program that downloads.
#[derive(Debug)]
pub(super) enum Fetcher {
    Curl(PathBuf),
    Wget(PathBuf),
}

impl Fetcher {
    pub(super) fn of(machine: &Machine) -> Option<Self> {
        let wget = || machine.on_path("wget").map(Self::Wget);
        machine.on_path("curl").map(Self::Curl).or_else(wget)
    }

    /// A small file, as text.
    pub(super) fn text(&self, url: &str) -> Result<Vec<u8>, Failed> {
        self.run("-", url)
    }

    /// A large file, into a file.
    pub(super) fn file(&self, url: &str, to: &Path) -> Result<(), Failed> {
        self.run(to, url).map(drop)
    }

    fn run(&self, to: impl AsRef<Path>, url: &str) -> Result<Vec<u8>, Failed> {
        let (Self::Curl(program) | Self::Wget(program)) = self;
        let name = program.file_name().unwrap_or_default().display();
        // Its many options say nothing to somebody who wonders why a file did not come.
        process::output(&mut self.command(to, url))
            .map_err(|failed| Failed { command: format!("{name} {url}"), ..failed })
    }

    /// One that gives up when nothing comes any more.
    fn command(&self, to: impl AsRef<Path>, url: &str) -> Command {
        match self {
            Self::Curl(program) => {
                let mut curl = Command::new(program);
                curl.args(["--fail", "--silent", "--show-error", "--location", "--retry", "2"]);
                curl.args(["--connect-timeout", "20", "--speed-limit", "1000", "--speed-time", "60"]);
                curl.arg("--output").arg(to.as_ref()).arg(url);
                curl
            }
            Self::Wget(program) => {
                let mut wget = Command::new(program);
                wget.args(["-nv", "-T", "60", "-t", "3"]).arg("-O").arg(to.as_ref()).arg(url);
                wget
            }
        }
    }
}

/// A program that unpacks archives.
#[derive(Debug)]
pub(super) enum Unpacker {
    Unzip(PathBuf),
    Bsdtar(PathBuf),
    Python(PathBuf),
}

impl Unpacker {
    pub(super) fn of(machine: &Machine) -> Option<Self> {
        let bsdtar = || machine.on_path("bsdtar").map(Self::Bsdtar);
        let python = || machine.on_path("python3").map(Self::Python);
        machine.on_path("unzip").map(Self::Unzip).or_else(bsdtar).or_else(python)
    }

    /// Unpacks `archive` into the folder `into`.
    pub(super) fn unpack(&self, archive: &Path, into: &Path) -> Result<(), Failed> {
        let mut command = match self {
            Self::Unzip(program) => {
                let mut unzip = Command::new(program);
                unzip.args(["-q", "-o"]).arg(archive).arg("-d").arg(into);
                unzip
            }
            Self::Bsdtar(program) => {
                let mut bsdtar = Command::new(program);
                bsdtar.arg("-xf").arg(archive).arg("-C").arg(into);
                bsdtar
            }
            Self::Python(program) => {
                let mut python = Command::new(program);
                python.args(["-m", "zipfile", "-e"]).arg(archive).arg(into);
                python
            }
        };
        process::output(&mut command).map(drop)
    }
}
