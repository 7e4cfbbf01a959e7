//! The programs to be measured, built by the cargo that runs this one.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use super::error::Error;

/// This workspace.
pub(super) struct Workspace {
    pub(super) root: PathBuf,
    pub(super) target: PathBuf,
    pub(super) release: bool,
}

impl Workspace {
    pub(super) fn find(release: bool) -> Result<Self, Error> {
        let metadata = cargo(&["metadata", "--no-deps", "--format-version=1"], false)?;
        let metadata: Value = serde_json::from_slice(&metadata).unwrap_or_default();
        let folder = |key: &str| PathBuf::from(metadata[key].as_str().unwrap_or_default());
        Ok(Self { root: folder("workspace_root"), target: folder("target_directory"), release })
    }

    /// A consumer of the package `callboard-tests`.
    pub(super) fn consumer(&self, name: &str) -> Result<PathBuf, Error> {
        self.build(&["build", "-p", "callboard-tests", "--bin", name], name)
    }

    /// The pure rooms, each for counting.
    pub(super) fn rooms(&self) -> Result<PathBuf, Error> {
        let args = ["build", "-p", "callboard", "--features", "bench", "--bench", "instructions"];
        self.build(&args, "instructions")
    }

    /// The browser tests of a package, and the package's own programs.
    pub(super) fn suite(&self, package: &str) -> Result<PathBuf, Error> {
        self.tests(package, "e2e")
    }

    /// The tests of a name of a package.
    pub(super) fn tests(&self, package: &str, name: &str) -> Result<PathBuf, Error> {
        self.build(&["test", "-p", package, "--test", name, "--no-run"], name)
    }

    /// The tests of a name of a package that is no member.
    #[cfg(target_os = "linux")]
    pub(super) fn tests_of(&self, manifest: &Path, target: &Path, name: &str) -> Result<PathBuf, Error> {
        let (manifest, target) = (manifest.display().to_string(), target.display().to_string());
        let args =
            ["test", "--manifest-path", &manifest, "--target-dir", &target, "--test", name, "--no-run"];
        self.build(&args, name)
    }

    fn build(&self, args: &[&str], target: &str) -> Result<PathBuf, Error> {
        let mut args = args.to_vec();
        args.push("--message-format=json-render-diagnostics");
        if self.release {
            args.push("--release");
        }
        let messages = cargo(&args, true)?;
        executable(&String::from_utf8_lossy(&messages), target)
            .ok_or_else(|| Error::content(&self.root, format!("cargo built no `{target}`")))
    }
}

/// Among cargo's messages, the executable of a target.
fn executable(messages: &str, target: &str) -> Option<PathBuf> {
    messages.lines().find_map(|line| {
        let message: Value = serde_json::from_str(line).ok()?;
        let executable = message["executable"].as_str()?;
        (message["target"]["name"] == target).then(|| PathBuf::from(executable))
    })
}

/// What cargo writes to its standard output.
fn cargo(args: &[&str], shown: bool) -> Result<Vec<u8>, Error> {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut command = Command::new(&program);
    command.args(args).stdin(Stdio::null());
    if shown {
        command.stderr(Stdio::inherit());
    }
    // Both from here on are of the package of this program.
    command.env_remove("CARGO_MANIFEST_DIR").env_remove("CARGO_MANIFEST_PATH");
    let output = command.output().map_err(|source| Error::run(Path::new(&program), source))?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let code = output.status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1);
    Err(Error::Build { what: args.join(" "), code })
}
