//! The command that runs a test again.

use std::path::Path;

use serde::Deserialize;

use crate::model::{SlotId, TestId};
use crate::story::RunFacts;

/// Says how the run was started: `cargo xtask e2e -p shop`. Set by programs that start test executables, so that what is printed can
/// be typed.
pub(crate) const VARIABLE: &str = "CALLBOARD_COMMAND";

/// The command that the tests of a suite are run with, up to where its arguments begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Again(String);

impl Again {
    /// Of the test target of a package. `command` is what [`VARIABLE`] says.
    pub(crate) fn new(package: &str, target: &str, manifest_dir: &Path, command: Option<String>) -> Self {
        if let Some(command) = command.filter(|command| !command.is_empty()) {
            return Self(command);
        }
        Self::cargo(package, &written(target, manifest_dir))
    }

    /// Of a run that is over, as it told itself; from what versions told that did not know it, if that is enough.
    pub(super) fn of(run: &RunFacts) -> Option<Self> {
        if let Some(command) = &run.command {
            return Some(Self(command.clone()));
        }
        let (package, target) = run.suite.as_deref()?.split_once('/')?;
        Some(Self::cargo(package, target))
    }

    fn cargo(package: &str, target: &str) -> Self {
        Self(format!("cargo test -p {} --test {} --", quoted(package), quoted(target)))
    }

    /// All of it.
    #[cfg(feature = "harness")]
    pub(crate) fn command(&self) -> &str {
        &self.0
    }

    /// One test, in this slot.
    pub(super) fn test(&self, test: &TestId, slot: Option<SlotId>) -> String {
        let slot = slot.map(|slot| format!(" --slot {slot}")).unwrap_or_default();
        format!("{} --exact {}{slot}", self.0, quoted(test.as_str()))
    }

    /// All that did not pass.
    pub(super) fn last_failed(&self) -> String {
        format!("{} --last-failed", self.0)
    }
}

/// The name of a test target, of which the compiler knows only the crate's: `my_e2e` may be `my-e2e`.
fn written(target: &str, manifest_dir: &Path) -> String {
    #[derive(Deserialize)]
    struct Manifest {
        #[serde(default)]
        test: Vec<Target>,
    }
    #[derive(Deserialize)]
    struct Target {
        name: Option<String>,
    }
    let manifest = std::fs::read_to_string(manifest_dir.join("Cargo.toml")).ok();
    let manifest = manifest.and_then(|text| toml::from_str::<Manifest>(&text).ok());
    let names = manifest.into_iter().flat_map(|manifest| manifest.test).filter_map(|target| target.name);
    let mut known = names.into_iter().filter(|name| name.replace('-', "_") == target);
    known.next().unwrap_or_else(|| target.to_owned())
}

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    let is_plain = |sign: char| sign.is_ascii_alphanumeric() || "_-:./=@%+".contains(sign);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_runs_again_in_its_slot() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("Cargo.toml"), "[[test]]\nname = \"my-e2e\"\nharness = false\n")
            .unwrap();
        let again = Again::new("shop", "my_e2e", folder.path(), None);
        assert_eq!(
            again.test(&TestId::new("cart::fills"), Some(SlotId(3))),
            "cargo test -p shop --test my-e2e -- --exact cart::fills --slot 3"
        );
        assert_eq!(again.last_failed(), "cargo test -p shop --test my-e2e -- --last-failed");
        let none = Again::new("shop", "my_e2e", Path::new("/none"), Some(String::new()));
        assert_eq!(none.test(&TestId::new("a"), None), "cargo test -p shop --test my_e2e -- --exact a");
    }

    #[test]
    fn who_started_the_run_says_how() {
        let again = Again::new("shop", "e2e", Path::new("/none"), Some("cargo xtask e2e -p shop".to_owned()));
        assert_eq!(
            again.test(&TestId::new("it's $HOME"), Some(SlotId(0))),
            r"cargo xtask e2e -p shop --exact 'it'\''s $HOME' --slot 0"
        );
    }
}
