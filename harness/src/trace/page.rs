//! The page of a trace: one file that is looked at in any browser, made of the records and of nothing else that moves.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::hash::{BuildHasher, RandomState};
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::journal::harmless;
use super::secrets::Secrets;

const HTML: &str = include_str!("viewer/viewer.html");
const CSS: &str = include_str!("viewer/viewer.css");
const SCRIPT: &str = concat!(
    include_str!("viewer/data.js"),
    include_str!("viewer/panes.js"),
    include_str!("viewer/viewer.js")
);

/// A source file that is longer than this, in bytes, is left out, and so are more than so many.
const LONGEST_SOURCE: u64 = 200_000;
const MOST_SOURCES: usize = 12;

/// Makes the page. Source files are looked for from `dir`, from the current folder and from the executable upwards.
///
/// A record that is damaged, as the last one is after a crash, is left out.
pub(crate) fn make(records: &Path, page: &Path, secrets: &Secrets, dir: &Path) -> io::Result<()> {
    let (mut lines, mut sources) = (Vec::new(), BTreeSet::new());
    for line in BufReader::new(File::open(records)?).split(b'\n') {
        let Ok(line) = String::from_utf8(line?) else { continue };
        if serde_json::from_str::<IgnoredAny>(&line).is_err() {
            continue;
        }
        sources.extend(file_of(&line));
        lines.push(line);
    }
    // A browser executes the script that has this word, and no other; whoever wrote what is shown cannot know it.
    let word = format!("{:016x}{:016x}", random(), random());
    let mut out = BufWriter::new(File::create(page)?);
    let mut rest = HTML;
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((name, after)) = after.split_once("}}") else { break };
        out.write_all(before.as_bytes())?;
        match name {
            "word" => out.write_all(word.as_bytes())?,
            "style" => out.write_all(CSS.as_bytes())?,
            "script" => out.write_all(SCRIPT.as_bytes())?,
            "records" => {
                for (index, line) in lines.iter().enumerate() {
                    out.write_all(if index == 0 { b"[" } else { b",\n" })?;
                    out.write_all(harmless(line).as_bytes())?;
                }
                out.write_all(if lines.is_empty() { b"[]" } else { b"]" })?;
            }
            "sources" => out.write_all(read_sources(&sources, secrets, dir).as_bytes())?,
            _ => {}
        }
        rest = after;
    }
    out.write_all(rest.as_bytes())?;
    out.flush()
}

/// A record, as far as it is looked at here.
#[derive(Deserialize)]
struct Place {
    file: Option<String>,
}

fn file_of(line: &str) -> Option<String> {
    line.contains("\"is\":\"action\"").then(|| serde_json::from_str::<Place>(line).ok()?.file).flatten()
}

/// The sources as one object, by the names that the compiler knows them by.
fn read_sources(names: &BTreeSet<String>, secrets: &Secrets, dir: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    let program = std::env::current_exe().unwrap_or_default();
    let folders: Vec<&Path> = dir.ancestors().chain(here.ancestors()).chain(program.ancestors()).collect();
    let mut sources = serde_json::Map::new();
    for name in names.iter().take(MOST_SOURCES) {
        let found: Option<PathBuf> =
            folders.iter().map(|folder| folder.join(name)).find(|file| file.is_file());
        let Some(file) = found else { continue };
        let is_long = fs::metadata(&file).is_ok_and(|data| data.len() > LONGEST_SOURCE);
        if let (false, Ok(text)) = (is_long, fs::read_to_string(&file)) {
            sources.insert(name.clone(), secrets.text(text).into());
        }
    }
    harmless(&serde_json::Value::Object(sources).to_string())
}

/// The standard library's own keys are random, which is all that is needed.
fn random() -> u64 {
    RandomState::new().hash_one(0)
}
