//! Cargo, as this program was started by it.

use std::ffi::OsString;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;

use crate::error::Error;
use crate::message::{Built, Messages};
use crate::process;
use crate::suite::Suite;

/// What `cargo run` tells the program that it runs about that program's own package. It must not reach
/// the programs that are run from here, which belong to other packages.
const OF_OUR_PACKAGE: [&str; 7] = [
    "CARGO_MANIFEST_DIR",
    "CARGO_MANIFEST_PATH",
    "CARGO_MANIFEST_LINKS",
    "CARGO_BIN_NAME",
    "CARGO_CRATE_NAME",
    "CARGO_PRIMARY_PACKAGE",
    "OUT_DIR",
];

/// The cargo to call, with arguments still to come.
pub(crate) fn command() -> Command {
    let mut command = Command::new(program());
    forget_our_package(&mut command);
    command
}

/// Builds the tests of a suite, and the programs of its package.
pub(crate) fn build(suite: &Suite) -> Result<Built, Error> {
    let mut command = command();
    command.args(["test", "-p", &suite.package, "--test", &suite.target, "--no-run"]);
    command.arg("--message-format=json-render-diagnostics").stdout(Stdio::piped());
    let program = || program().display().to_string();
    let read = |source| Error::Read { program: program(), source };

    let mut child = command.spawn().map_err(|source| Error::Start { program: program(), source })?;
    let mut messages = Messages::default();
    for line in BufReader::new(child.stdout.take().expect("its output is piped")).lines() {
        if let Some(line) = messages.take(&line.map_err(read)?) {
            println!("{line}");
        }
    }
    let code = process::code(child.wait().map_err(read)?);
    if code != 0 {
        return Err(Error::Build { code });
    }
    messages.built(suite).ok_or_else(|| Error::NotBuilt(suite.to_string()))
}

/// The folders of the packages of these suites; none if cargo does not know one of them.
pub(crate) fn folders(suites: &[Suite]) -> Vec<PathBuf> {
    if suites.is_empty() {
        return Vec::new();
    }
    let metadata = process::output(command().args(["metadata", "--no-deps", "--format-version=1"]));
    let metadata = metadata.ok().and_then(|text| serde_json::from_slice(&text).ok());
    let Some(Workspace { packages }) = metadata else { return Vec::new() };
    let folder = |suite: &Suite| {
        let package = packages.iter().find(|package| package.name == suite.package)?;
        package.manifest_path.parent().map(Path::to_owned)
    };
    suites.iter().map(folder).collect::<Option<_>>().unwrap_or_default()
}

#[derive(Deserialize)]
struct Workspace {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    manifest_path: PathBuf,
}

/// The command that runs a built test, with arguments still to come, as `cargo test` would run it.
pub(crate) fn test_binary(built: &Built) -> Command {
    let mut command = Command::new(&built.executable);
    forget_our_package(&mut command);
    command.current_dir(&built.root).envs(built.environment.iter().map(|(name, value)| (name, value)));
    command.env("CARGO", program());
    command
}

fn program() -> OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

fn forget_our_package(command: &mut Command) {
    for name in OF_OUR_PACKAGE {
        command.env_remove(name);
    }
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(|name| name.starts_with("CARGO_PKG_")) {
            command.env_remove(name);
        }
    }
}
