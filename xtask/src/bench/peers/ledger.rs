//! What was measured, a line of JSON each, written as it comes: a bench that was interrupted goes on where it was.

use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::super::error::Error;
use super::super::table::Unit;
use super::contender::Contender;

/// One measurement.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Entry {
    /// The work, `'a'` to `'h'`.
    pub(super) work: char,
    pub(super) case: String,
    pub(super) contender: Contender,
    pub(super) round: usize,
    pub(super) unit: Unit,
    pub(super) outcome: Outcome,
}

/// What it came to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Outcome {
    Figure {
        value: f64,
        /// Of how many tests how many passed, where tests may fail.
        #[serde(skip_serializing_if = "Option::is_none")]
        passed: Option<(u32, u32)>,
    },
    Failed(String),
    /// The contender cannot be had.
    Missing(String),
}

/// All measurements of one state of everything.
pub(super) struct Ledger {
    file: PathBuf,
    pub(super) entries: Vec<Entry>,
}

impl Ledger {
    /// Goes on with the file if what it says of the state of everything is the same, and begins it anew otherwise.
    pub(super) fn open(file: &Path, state: &[(String, String)], anew: bool) -> Result<Self, Error> {
        let ledger = Self { file: file.to_owned(), entries: Vec::new() };
        let head = serde_json::to_value(state).unwrap_or_default();
        if !anew && let Ok(text) = fs::read_to_string(file) {
            let mut lines = text.lines();
            let told: Option<Value> = lines.next().and_then(|line| serde_json::from_str(line).ok());
            if told.as_ref() == Some(&head) {
                // The last line may have been cut off.
                let entries: Vec<Entry> =
                    lines.filter_map(|line| serde_json::from_str(line).ok()).filter(Entry::is_kept).collect();
                eprintln!(
                    "going on after {} measurements of {}; --fresh begins anew",
                    entries.len(),
                    file.display()
                );
                let kept = Self { entries, ..ledger };
                kept.rewrite(&head)?;
                return Ok(kept);
            }
            eprintln!("what was measured of another state of the checkout or of the peers is not used");
        }
        ledger.rewrite(&head)?;
        Ok(ledger)
    }

    fn rewrite(&self, head: &Value) -> Result<(), Error> {
        let failed = |error| Error::file(&self.file, error);
        let mut file = File::create(&self.file).map_err(failed)?;
        writeln!(file, "{head}").map_err(failed)?;
        self.entries.iter().try_for_each(|entry| self.write(&mut file, entry))
    }

    pub(super) fn add(&mut self, entry: Entry) -> Result<(), Error> {
        let mut file = OpenOptions::new()
            .append(true)
            .open(&self.file)
            .map_err(|error| Error::file(&self.file, error))?;
        self.write(&mut file, &entry)?;
        self.entries.push(entry);
        Ok(())
    }

    fn write(&self, file: &mut File, entry: &Entry) -> Result<(), Error> {
        let line =
            serde_json::to_string(entry).map_err(|error| Error::content(&self.file, error.to_string()))?;
        writeln!(file, "{line}").map_err(|error| Error::file(&self.file, error))
    }

    pub(super) fn has(&self, work: char, case: &str, contender: Contender, round: usize) -> bool {
        let same = |entry: &Entry| {
            (entry.work, &*entry.case, entry.contender, entry.round) == (work, case, contender, round)
        };
        self.entries.iter().any(same)
    }
}

impl Entry {
    /// What failed or was missing is tried again.
    fn is_kept(&self) -> bool {
        matches!(self.outcome, Outcome::Figure { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(round: usize, outcome: Outcome) -> Entry {
        let case = "one thing".to_owned();
        Entry { work: 'a', case, contender: Contender::Callboard, round, unit: Unit::Seconds, outcome }
    }

    #[test]
    fn a_bench_goes_on_with_what_it_has_of_the_same_state() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("results.jsonl");
        let state = |version: &str| vec![("nextest".to_owned(), version.to_owned())];
        let figure = entry(0, Outcome::Figure { value: 1.5, passed: Some((19, 20)) });
        let mut ledger = Ledger::open(&file, &state("1"), false).unwrap();
        ledger.add(figure.clone()).unwrap();
        ledger.add(entry(1, Outcome::Failed("no disk".to_owned()))).unwrap();
        let mut cut_off = fs::read_to_string(&file).unwrap();
        cut_off.push_str("{\"work\":\"a\",\"ca");
        fs::write(&file, cut_off).unwrap();

        let again = Ledger::open(&file, &state("1"), false).unwrap();
        assert_eq!(again.entries, [figure]);
        assert!(again.has('a', "one thing", Contender::Callboard, 0));
        assert!(!again.has('a', "one thing", Contender::Callboard, 1), "what failed is tried again");
        assert_eq!(Ledger::open(&file, &state("2"), false).unwrap().entries, []);
        assert_eq!(Ledger::open(&file, &state("2"), true).unwrap().entries, []);
    }
}
