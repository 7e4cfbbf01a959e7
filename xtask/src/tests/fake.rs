//! A machine below a temporary folder, with only the programs that a test gives it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use callboard::setup::{Browsers, Machine};
use tempfile::TempDir;

use crate::install::{Installer, Platform};

pub(super) struct Fake {
    dir: TempDir,
}

impl Fake {
    pub(super) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join("usr/bin")).unwrap();
        Self { dir }
    }

    pub(super) fn path(&self, path: &str) -> PathBuf {
        self.dir.path().join(path)
    }

    /// A command of the machine, as a script of the shell; `$root` is the machine's root.
    pub(super) fn command(&self, name: &str, script: &str) {
        let file = self.path("usr/bin").join(name);
        let root = self.dir.path().display();
        let script = format!("#!/bin/sh\nroot='{root}'\n{script}\n");
        // Another process writes it: a file that this one has open for writing could be open in a program
        // that another test is just starting, and while that is so it cannot be run.
        let mut writer = Command::new("sh");
        writer.args(["-c", "printf %s \"$2\" > \"$1\" && chmod +x \"$1\"", "sh"]).arg(file).arg(script);
        assert!(writer.status().unwrap().success());
    }

    /// A command that this machine has as well. Says whether it does.
    pub(super) fn command_of_ours(&self, name: &str) -> bool {
        let ours = Machine::this().on_path(name);
        if let Some(ours) = &ours {
            self.command(name, &format!("exec '{}' \"$@\"", ours.display()));
        }
        ours.is_some()
    }

    pub(super) fn machine(&self) -> Machine {
        let variables =
            [("PATH", self.path("usr/bin").into()), ("XDG_CACHE_HOME", self.path("cache").into())];
        Machine::below(self.dir.path().to_owned(), variables)
    }

    /// What root would use on it.
    pub(super) fn installer(&self) -> Installer {
        Installer {
            machine: self.machine(),
            forbidden_by: None,
            superuser: true,
            platform: Platform::of("linux", "x86_64"),
            // Nothing is listening there.
            mirror: Some("http://127.0.0.1:1".to_owned()),
        }
    }

    pub(super) fn found(&self) -> Option<Browsers> {
        self.machine().find(None, None).ok()
    }

    /// The lines of a file, none if it is not there.
    pub(super) fn lines(&self, path: impl AsRef<Path>) -> Vec<String> {
        let text = fs::read_to_string(self.dir.path().join(path)).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }
}
