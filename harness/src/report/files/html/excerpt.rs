//! The lines of a source file around a place in it.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use jiff::Timestamp;
use serde::Serialize;

use crate::model::Location;
use crate::sheet;

/// So many lines before the place are shown, and so many after it.
const BEFORE: usize = 6;
const AFTER: usize = 3;
/// The longest line, in characters; a longer file, in bytes, is no source that anybody wrote.
const LONGEST_LINE: usize = 240;
const LONGEST_FILE: u64 = 2_000_000;
/// All excerpts of a page together, in bytes.
const MOST: usize = 500_000;

/// Some lines, or why there are none.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Excerpt {
    Lines { from: usize, lines: Vec<String> },
    None { why: &'static str },
}

/// The excerpts of a page, each once, by `file:line`.
pub(super) struct Excerpts {
    roots: Vec<PathBuf>,
    /// What was written later is not what ran.
    until: Option<SystemTime>,
    files: HashMap<String, Result<Vec<String>, &'static str>>,
    made: BTreeMap<String, Excerpt>,
    left: usize,
}

impl Excerpts {
    /// `started` is when the run began, as its first event says.
    pub(super) fn new(run: &Path, started: &str) -> Self {
        let until = started.parse::<Timestamp>().ok().map(SystemTime::from);
        let roots = sheet::source_roots(run);
        Self { roots, until, files: HashMap::new(), made: BTreeMap::new(), left: MOST }
    }

    /// Adds the lines around this place.
    pub(super) fn add(&mut self, place: &Location) {
        let key = format!("{}:{}", place.file, place.line);
        if self.made.contains_key(&key) {
            return;
        }
        let Self { roots, until, files, .. } = self;
        let file = files.entry(place.file.clone()).or_insert_with(|| read(&place.file, roots, *until));
        let excerpt = match file {
            Ok(_) if self.left == 0 => Excerpt::None { why: "there are too many others" },
            Ok(lines) => around(lines, place.line as usize),
            Err(why) => Excerpt::None { why },
        };
        if let Excerpt::Lines { lines, .. } = &excerpt {
            self.left = self.left.saturating_sub(lines.iter().map(String::len).sum());
        }
        self.made.insert(key, excerpt);
    }

    /// All of them.
    pub(super) fn done(self) -> BTreeMap<String, Excerpt> {
        self.made
    }
}

fn read(name: &str, roots: &[PathBuf], until: Option<SystemTime>) -> Result<Vec<String>, &'static str> {
    const MISSING: &str = "the file is not here";
    // Events of strangers name whatever they like.
    if Path::new(name).extension() != Some("rs".as_ref()) {
        return Err("it is no source file of Rust");
    }
    let file = sheet::find_source(name, roots).ok_or(MISSING)?;
    let data = fs::metadata(&file).map_err(|_| MISSING)?;
    if let (Ok(changed), Some(until)) = (data.modified(), until)
        && changed > until
    {
        return Err("the file was changed after the run began");
    }
    if data.len() > LONGEST_FILE {
        return Err("the file is too long");
    }
    let text = fs::read_to_string(&file).map_err(|_| "the file cannot be read as text")?;
    Ok(text.lines().map(|line| line.chars().take(LONGEST_LINE).collect()).collect())
}

/// The lines around this one, which counts from 1.
fn around(lines: &[String], line: usize) -> Excerpt {
    let from = line.saturating_sub(BEFORE).max(1);
    match lines.get(from - 1..lines.len().min(line + AFTER)) {
        Some(shown) if (1..=lines.len()).contains(&line) => Excerpt::Lines { from, lines: shown.to_vec() },
        _ => Excerpt::None { why: "the file has no such line" },
    }
}
