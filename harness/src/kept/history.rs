//! What earlier runs of the same suite have left: where their events are, the newest first.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::Deserialize;

use crate::model::FORMAT;

/// They are looked for among as many of the newest: of several suites that share a folder, one runs more often.
const LOOKED_AT: usize = 50;
/// No first line is longer.
const LONGEST_FIRST_LINE: u64 = 64 * 1024;

/// Earlier runs of a suite.
#[derive(Debug, Default)]
pub(crate) struct History {
    /// The newest first.
    pub(crate) runs: Vec<Earlier>,
    /// A newer one than all of these of which nobody knows whose it is.
    pub(crate) unreadable: Option<Unreadable>,
}

/// An earlier run.
#[derive(Debug)]
pub(crate) struct Earlier {
    pub(crate) id: String,
    /// Its `events.jsonl`.
    pub(crate) events: PathBuf,
    pub(crate) first: First,
}

impl Earlier {
    /// When it began.
    pub(crate) fn began(&self) -> Option<Timestamp> {
        self.first.started.parse().ok()
    }
}

/// What is read of the first line of its events.
#[derive(Debug, Deserialize)]
pub(crate) struct First {
    format: u32,
    suite: Option<String>,
    pub(crate) started: String,
    pub(crate) tests: usize,
    pub(crate) repeat_each: Option<u32>,
    /// Its attempts are experiments, and nothing of a run as others are.
    #[serde(default)]
    diagnosis: bool,
    /// Its attempts are probes.
    #[serde(default)]
    audit: bool,
}

/// What an earlier run left is not what a run leaves.
#[derive(Debug, thiserror::Error)]
#[error("the events of an earlier run cannot be read: {}, line {line}: {reason}", file.display())]
pub(crate) struct Unreadable {
    pub(crate) file: PathBuf,
    pub(crate) line: usize,
    pub(crate) reason: String,
}

impl History {
    /// The runs of this suite below the folder `output`.
    pub(crate) fn of(suite: &str, output: &Path) -> Self {
        let mut history = Self::default();
        let folder = output.join("runs");
        for id in newest(&folder) {
            let events = folder.join(&id).join("events.jsonl");
            match first_of(&events) {
                Ok(Some(first))
                    if first.suite.as_deref() == Some(suite) && !first.diagnosis && !first.audit =>
                {
                    history.runs.push(Earlier { id, events, first });
                }
                Err(reason) if history.runs.is_empty() && history.unreadable.is_none() => {
                    history.unreadable = Some(Unreadable { file: events, line: 1, reason });
                }
                Ok(_) | Err(_) => {}
            }
        }
        // Names tell the second, and no more.
        history.runs.sort_by_cached_key(|run| std::cmp::Reverse(run.began()));
        history
    }
}

/// The folders of the diagnoses of this suite, the newest first.
pub(crate) fn diagnoses(suite: &str, output: &Path) -> impl Iterator<Item = PathBuf> {
    let folder = output.join("runs");
    newest(&folder).into_iter().map(move |id| folder.join(id)).filter(move |run| {
        let first = first_of(&run.join("events.jsonl")).ok().flatten();
        first.is_some_and(|first| first.diagnosis && first.suite.as_deref() == Some(suite))
    })
}

/// The names of the newest runs, the newest first: they begin with the time.
fn newest(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    if names.len() > LOOKED_AT {
        names.select_nth_unstable_by(LOOKED_AT, |a, b| b.cmp(a));
        names.truncate(LOOKED_AT);
    }
    names.sort_unstable_by(|a, b| b.cmp(a));
    names
}

/// The first event of a run; nothing where it was killed before it had written one.
pub(super) fn first_of(events: &Path) -> Result<Option<First>, String> {
    let file = match File::open(events) {
        Ok(file) => file,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(error) => return Err(error.to_string()),
    };
    let mut line = Vec::new();
    let mut reader = BufReader::new(file).take(LONGEST_FIRST_LINE);
    reader.read_until(b'\n', &mut line).map_err(|error| error.to_string())?;
    if line.last() != Some(&b'\n') && reader.limit() > 0 {
        return Ok(None);
    }
    let first: First = serde_json::from_slice(&line).map_err(|error| error.to_string())?;
    if first.format > FORMAT {
        return Err("a newer version of callboard wrote it".to_owned());
    }
    Ok(Some(first))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// How many tests these runs have.
    const TESTS: usize = 7;

    /// Writes the events of a run, in which each test was executed twice.
    pub(crate) fn run(output: &Path, id: &str, suite: &str, started: &str, more: &str) -> PathBuf {
        let folder = output.join("runs").join(id);
        fs::create_dir_all(&folder).unwrap();
        let file = folder.join("events.jsonl");
        let first = format!(
            r#"{{"at_us":1,"event":"run_started","format":1,"run":"{id}","started":"{started}","suite":"{suite}","tests":{TESTS},"repeat_each":2}}"#
        );
        fs::write(&file, format!("{first}\n{more}")).unwrap();
        file
    }

    fn ids(history: &History) -> Vec<&str> {
        history.runs.iter().map(|run| run.id.as_str()).collect()
    }

    #[test]
    fn runs_of_the_suite_come_newest_first_also_within_a_second() {
        let output = tempfile::tempdir().unwrap();
        let time = |fraction: &str| format!("2026-11-22T07:15:02{fraction}Z");
        run(output.path(), "2026-11-22T07-15-02Z-aaaa", "p/e2e", &time(".25"), "");
        run(output.path(), "2026-11-22T07-15-02Z-bbbb", "p/e2e", &time(""), "");
        run(output.path(), "2026-11-22T07-15-09Z-aaaa", "other/e2e", "2026-11-22T07:15:09Z", "");
        run(output.path(), "2026-11-21T23-15-02Z-aaaa", "p/e2e", "2026-11-21T23:15:02Z", "");
        let history = History::of("p/e2e", output.path());
        assert_eq!(
            ids(&history),
            ["2026-11-22T07-15-02Z-aaaa", "2026-11-22T07-15-02Z-bbbb", "2026-11-21T23-15-02Z-aaaa"]
        );
        assert!(history.unreadable.is_none());
        assert!(History::of("p/e2e", &output.path().join("none")).runs.is_empty());
    }

    #[test]
    fn they_are_looked_for_among_the_newest_fifty() {
        let output = tempfile::tempdir().unwrap();
        for number in 100..200 {
            let id = format!("2026-11-22T07-15-02Z-a{number}");
            run(output.path(), &id, "p/e2e", "2026-11-22T07:15:02Z", "");
        }
        let history = History::of("p/e2e", output.path());
        assert_eq!(history.runs.len(), LOOKED_AT);
        assert_eq!(history.runs.iter().map(|run| run.id.as_str()).min(), Some("2026-11-22T07-15-02Z-a150"));
    }

    #[test]
    fn what_is_damaged_is_kept_in_mind_only_where_it_may_be_the_last() {
        let output = tempfile::tempdir().unwrap();
        let damaged = |id: &str, text: &str| {
            let file = run(output.path(), id, "", "", "");
            fs::write(file, text).unwrap();
        };
        damaged("2026-11-22T07-15-01Z-aaaa", "nonsense\n");
        run(output.path(), "2026-11-22T07-15-02Z-aaaa", "p/e2e", "2026-11-22T07:15:02Z", "");
        // Killed before they had said anything.
        damaged("2026-11-22T07-15-03Z-aaaa", "");
        damaged("2026-11-22T07-15-04Z-aaaa", r#"{"at_us":1,"ev"#);
        fs::create_dir_all(output.path().join("runs/2026-11-22T07-15-05Z-aaaa")).unwrap();
        fs::write(output.path().join("runs/a-file-that-is-no-run"), "").unwrap();
        assert!(History::of("p/e2e", output.path()).unreadable.is_none());
        damaged("2026-11-22T07-15-06Z-aaaa", "nonsense\n");
        let history = History::of("p/e2e", output.path());
        assert_eq!(ids(&history).len(), 1);
        let error = history.unreadable.unwrap().to_string();
        assert!(error.contains("07-15-06Z-aaaa/events.jsonl, line 1: "), "{error}");
    }
}
