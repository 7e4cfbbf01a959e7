//! The folder in which runs are kept: where it is, which runs there are, and which have to go.

mod history;
mod lines;
#[cfg(feature = "harness")]
mod prune;

use std::fs;
use std::path::{Path, PathBuf};

#[cfg(feature = "harness")]
pub(crate) use history::diagnoses;
#[cfg(all(test, feature = "harness"))]
pub(crate) use history::tests;
pub(crate) use history::{Earlier, History, Unreadable};
pub(crate) use lines::{after, last_number, lines, read};
#[cfg(feature = "harness")]
pub(crate) use prune::{Running, prune};

/// Where this program finds the runs of its project: `CALLBOARD_OUTPUT`, else `callboard` in the target folder of cargo in which
/// it is itself. Nothing where there is no such folder.
pub fn output_dir() -> Option<PathBuf> {
    if let Some(folder) = std::env::var_os("CALLBOARD_OUTPUT") {
        return Some(PathBuf::from(folder));
    }
    // Cargo marks its target folder; the executable is somewhere below.
    let executable = std::env::current_exe().ok()?;
    let target = executable.ancestors().find(|folder| folder.join("CACHEDIR.TAG").is_file())?;
    Some(target.join("callboard"))
}

/// The folder of the newest run, where there is one.
pub(crate) fn latest(output: &Path) -> Option<PathBuf> {
    let link = fs::canonicalize(output.join("latest")).ok();
    // Where there are no links, a file says it.
    let named = || {
        let id = fs::read_to_string(output.join("latest.txt")).ok()?;
        fs::canonicalize(output.join("runs").join(id.trim())).ok()
    };
    link.or_else(named).filter(|folder| folder.is_dir())
}

/// The folder of the run that is named so: by its id among those that are kept, by its folder, or by its `events.jsonl`.
pub(crate) fn find(name: &Path, output: &Path) -> Option<PathBuf> {
    let folder = if name.is_file() { name.parent()?.to_owned() } else { name.to_owned() };
    let kept = output.join("runs").join(name);
    let found = [folder, kept].into_iter().find(|folder| folder.join("events.jsonl").is_file())?;
    fs::canonicalize(found).ok()
}

/// The ids of all runs in a folder, the newest first: they begin with the time. What is called otherwise is none.
pub(crate) fn ids(runs: &Path) -> Vec<String> {
    let entries = fs::read_dir(runs).into_iter().flatten().flatten();
    let folders = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
    let names = folders.filter_map(|entry| entry.file_name().into_string().ok());
    let mut ids: Vec<String> = names.filter(|name| is_id(name)).collect();
    ids.sort_unstable_by(|a, b| b.cmp(a));
    ids
}

/// `2026-11-22T07-15-02Z-3f9a`
fn is_id(name: &str) -> bool {
    const FORM: &str = "0000-00-00T00-00-00Z-xxxx";
    let fits = |(form, c): (char, char)| match form {
        '0' => c.is_ascii_digit(),
        'x' => c.is_ascii_hexdigit(),
        other => c == other,
    };
    name.len() == FORM.len() && FORM.chars().zip(name.chars()).all(fits)
}
