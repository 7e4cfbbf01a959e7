//! `faults.toml`: what is wrong in truth.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use crate::bench::error::Error;

/// The file.
#[derive(Debug, Deserialize)]
pub(super) struct Planted {
    #[serde(default)]
    sets: BTreeMap<String, Vec<String>>,
    fault: Vec<Fault>,
}

/// One fault, as far as it is judged by.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Fault {
    pub(super) name: String,
    pub(super) class: String,
    /// Those that it makes fail.
    pub(super) tests: Vec<String>,
    /// Whom to blame for order and brittle.
    #[serde(default)]
    after: Vec<String>,
    /// Whom to blame for an overlap, where these are others than `tests`.
    #[serde(default)]
    beside: Vec<String>,
    /// Which slots to blame.
    #[serde(default)]
    slots: Vec<u64>,
    /// Nothing was tuned with it.
    #[serde(default)]
    held_out: bool,
}

impl Planted {
    pub(super) fn read(file: &Path) -> Result<Self, Error> {
        let text = std::fs::read_to_string(file).map_err(|error| Error::file(file, error))?;
        toml::from_str(&text).map_err(|error| Error::content(file, error.to_string()))
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.fault.iter().map(|fault| fault.name.as_str())
    }

    /// `a`, `a+b`, or the name of a set.
    pub(super) fn named(&self, text: &str) -> Result<Vec<String>, Error> {
        let mut names = Vec::new();
        for name in text.split('+') {
            match self.sets.get(name) {
                Some(set) => names.extend(set.iter().cloned()),
                None if self.names().any(|known| known == name) => names.push(name.to_owned()),
                None => return Err(Error::Fault(name.to_owned())),
            }
        }
        Ok(names)
    }

    pub(super) fn check_class(&self, class: &str) -> Result<(), Error> {
        if self.fault.iter().any(|fault| fault.class == class) {
            return Ok(());
        }
        Err(Error::Option { name: "--only".to_owned(), wants: "a class that a planted fault has" })
    }

    pub(super) fn of(&self, names: &[String]) -> Vec<Fault> {
        self.fault.iter().filter(|fault| names.contains(&fault.name)).cloned().collect()
    }

    /// Whether nothing was tuned with any of these.
    pub(super) fn is_held_out(&self, names: &[String]) -> bool {
        !names.is_empty() && self.of(names).iter().all(|fault| fault.held_out)
    }
}

impl Fault {
    /// Whether it makes a test fail of this full name.
    pub(super) fn hits(&self, test: &str) -> bool {
        is_one_of(&self.tests, test)
    }

    /// Whether it is right to blame this test.
    pub(super) fn blames_test(&self, test: &str) -> bool {
        let of = if self.class == "overlap" && self.beside.is_empty() { &self.tests } else { &self.beside };
        is_one_of(of, test) || is_one_of(&self.after, test)
    }

    /// Whether it is right to blame this slot.
    pub(super) fn blames_slot(&self, slot: u64) -> bool {
        self.slots.contains(&slot)
    }
}

/// The names of the file have no modules.
fn is_one_of(names: &[String], test: &str) -> bool {
    let short = test.rsplit("::").next().unwrap_or(test);
    // Of rows of a table the name goes on.
    names.iter().any(|name| {
        short == name || test.contains(&format!("::{name}::")) || test.starts_with(&format!("{name}::"))
    })
}
