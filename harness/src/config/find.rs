//! Finds `callboard.toml`.

use std::path::{Path, PathBuf};

use super::Environment;
use super::diagnostic::{ConfigError, Diagnostic};
use super::source::shown;

const NAME: &str = "callboard.toml";

/// Names another file, wherever it is and whatever it is called.
const VARIABLE: &str = "CALLBOARD_CONFIG";

/// The least that a suite with a server and a role needs. A test reads it.
pub(super) const MINIMAL: &str = r#"[slots]
count = 4
base_port = 3002

[roles.user]
username = "user{slot}@example.test"
password = "only-for-tests"

[[service]]
name = "app"
command = ["{bin_dir}/my-app", "--port", "{port}"]
"#;

/// The file to read: the one that `CALLBOARD_CONFIG` names, else the nearest one in `start` and the
/// folders above it, up to the root of the repository or workspace.
pub(super) fn find(start: &Path, environment: Environment<'_>) -> Result<PathBuf, ConfigError> {
    if let Some(named) = environment(VARIABLE).filter(|value| !value.is_empty()) {
        let file = PathBuf::from(named);
        if file.is_file() {
            return Ok(file);
        }
        return Err(Diagnostic::new(
            format!("{VARIABLE} names `{}`, which is not a file", file.display()),
            "set it to the path of a callboard.toml, or unset it to have one found",
        )
        .at(format!("environment variable {VARIABLE}"))
        .into());
    }
    let start = std::path::absolute(start).unwrap_or_else(|_| start.to_owned());
    let folders = folders(&start);
    if let Some(file) = folders.iter().map(|folder| folder.join(NAME)).find(|file| file.is_file()) {
        return Ok(file);
    }
    let looked: Vec<String> = folders.iter().map(|folder| shown(folder)).collect();
    let help = format!(
        "write one beside Cargo.toml, or set {VARIABLE} to the path of another file. For a start:\n\n{MINIMAL}"
    );
    Err(ConfigError::NotFound(Box::new(Diagnostic::new(
        format!("there is no {NAME} in {}", looked.join(", or above it in ")),
        help.trim_end(),
    ))))
}

/// `start` and the folders above it that belong to the same repository, or to the same workspace where
/// there is no repository.
fn folders(start: &Path) -> Vec<&Path> {
    let all: Vec<&Path> = start.ancestors().collect();
    let repository = all.iter().position(|folder| folder.join(".git").exists());
    let workspace = || all.iter().rposition(|folder| folder.join("Cargo.toml").is_file());
    let root = repository.or_else(workspace).unwrap_or(0);
    all[..=root].to_vec()
}
