//! Reports of runs that are over, made again from what they left, and those of several runs as one.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use super::chronicle::Chronicle;
use super::files::{self, Subject, WriteError, s};
use crate::config::Reports;
use crate::kept;
use crate::story::{Notice, Story};

/// What was made.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Made {
    /// The reports, each a file.
    pub files: Vec<PathBuf>,
    /// What is remarkable about the runs: what could not be read, what is missing, what does not fit together. Each is a sentence.
    pub notices: Vec<String>,
}

/// No reports could be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReportsError {
    /// No run was named, and none has been kept.
    #[error("there is no run in {}: run the tests first, or name the folder of a run", .0.display())]
    NoRuns(PathBuf),
    /// What was named is no run.
    #[error(
        "there is no run `{name}`: it is neither the folder of a run nor its events.jsonl, and not among those in {}",
        runs.display()
    )]
    NoSuchRun {
        /// As it was named.
        name: String,
        /// Where it was looked for.
        runs: PathBuf,
    },
    /// No kept run has such a test.
    #[error("no test whose name contains `{name}` was executed in the runs of {}", runs.display())]
    NoSuchTest {
        /// As it was asked for.
        name: String,
        /// Where the runs are.
        runs: PathBuf,
    },
    /// None of the runs can be read.
    #[error("{}", .0.join("\n"))]
    Unreadable(Vec<String>),
    /// They do not belong together.
    #[error("{0}")]
    Unlike(String),
    /// The folder for the reports cannot be made.
    #[error("the folder {} cannot be made: {source}", folder.display())]
    Folder {
        /// Which one.
        folder: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A report cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
}

/// Makes all reports of these runs again. Several are told as one: the shards of a suite.
///
/// A run is named by its id, its folder, or its `events.jsonl`; where none is named, it is the newest in `kept`, which is where
/// ids are looked for. The reports of a single run go to its own folder, those of several to `merged` in `kept`, unless
/// `into` says where; what they refer to is found from there by relative paths.
///
/// # Errors
///
/// What is named is no run, no run can be read, those that can are of different suites, or the disk refuses the reports. A run that
/// cannot be read beside others is a notice.
pub fn make(runs: &[OsString], kept: &Path, into: Option<&Path>) -> Result<Made, ReportsError> {
    let folders = match runs {
        [] => vec![kept::latest(kept).ok_or_else(|| ReportsError::NoRuns(kept.join("runs")))?],
        _ => runs.iter().map(|name| find(name, kept)).collect::<Result<_, _>>()?,
    };
    let into = match (into, &folders[..]) {
        (Some(into), _) => into.to_owned(),
        (None, [run]) if run.is_file() => run.parent().unwrap_or(run).to_owned(),
        (None, [run]) => run.clone(),
        (None, _) => kept.join("merged"),
    };
    let error = |source| ReportsError::Folder { folder: into.clone(), source };
    fs::create_dir_all(&into).map_err(error)?;
    let into_as_is = fs::canonicalize(&into).map_err(error)?;
    let mut notices = Vec::new();
    let stories = read(&folders, &into_as_is, &mut notices)?;
    let (mut story, remarks) =
        Story::merge(stories).map_err(|error| ReportsError::Unlike(error.to_string()))?;
    notices.extend(remarks);
    let said: Vec<Notice> =
        notices.iter().map(|text| Notice { at_us: 0, text: text.clone(), slot: None }).collect();
    story.notices.splice(0..0, said);
    let earlier = Chronicle::before(&story, kept, None);
    let subject = Subject { story: &story, run: &into_as_is, earlier: &earlier };
    files::write(&subject, &into_as_is, &Reports::all())?;
    let files = files::KINDS.iter().map(|kind| into.join(kind.file)).collect();
    Ok(Made { files, notices })
}

/// The folder of a run, or the file of its events.
fn find(name: &OsString, kept: &Path) -> Result<PathBuf, ReportsError> {
    let path = Path::new(name);
    // A file may have any name.
    let found = if path.is_file() { Some(path.to_owned()) } else { kept::find(path, kept) };
    let found = found.and_then(|found| fs::canonicalize(found).ok());
    let error = || ReportsError::NoSuchRun { name: name.display().to_string(), runs: kept.join("runs") };
    found.ok_or_else(error)
}

/// Reads what can be read, with paths as they are from the folder of the reports.
fn read(folders: &[PathBuf], into: &Path, notices: &mut Vec<String>) -> Result<Vec<Story>, ReportsError> {
    let mut stories: Vec<Story> = Vec::new();
    for run in folders {
        let events = if run.is_dir() { run.join("events.jsonl") } else { run.clone() };
        let folder = events.parent().unwrap_or(run);
        let mut story = match Story::read(&events) {
            Ok(story) => story,
            Err(error) => {
                notices.push(error.to_string());
                continue;
            }
        };
        let is_there =
            |other: &Story| (&other.run.id, &other.run.started) == (&story.run.id, &story.run.started);
        if stories.iter().any(is_there) {
            notices.push(format!("the run {} is named twice; it counts once", story.run.id));
            continue;
        }
        notices.extend(flaws(&story, &events));
        notices.extend(rebase(&mut story, folder, into));
        stories.push(story);
    }
    if stories.is_empty() {
        return Err(ReportsError::Unreadable(std::mem::take(notices)));
    }
    Ok(stories)
}

/// What of the events could not be read: the first of it, and how much there is more.
fn flaws(story: &Story, events: &Path) -> Option<String> {
    let first = story.flaws.first()?;
    let more = match story.flaws.len() - 1 {
        0 => String::new(),
        1 => "; so was 1 more line".to_owned(),
        more => format!("; so were {more} more lines"),
    };
    Some(format!("{}, line {} was left out: {}{more}", events.display(), first.line, first.why))
}

/// Turns paths below the folder of the run into such from the folder of the reports. What leads out of the run's folder is none of
/// its files, whatever the events say.
fn rebase(story: &mut Story, run: &Path, into: &Path) -> Vec<String> {
    let way = way(into, run);
    let (mut strange, mut missing) = (0, 0);
    for attempt in story.tests.iter_mut().flat_map(|test| &mut test.attempts) {
        attempt.attached.retain(|file| {
            let is_own = is_below(&file.path);
            strange += usize::from(!is_own);
            missing += usize::from(is_own && !run.join(&file.path).is_file());
            is_own
        });
        for file in &mut attempt.attached {
            file.path.insert_str(0, &way);
        }
        if !attempt.folder.is_empty() && !is_below(&attempt.folder) {
            attempt.folder.clear();
            strange += 1;
        }
        if !attempt.folder.is_empty() {
            attempt.folder.insert_str(0, &way);
        }
    }
    let id = &story.run.id;
    let mut said = Vec::new();
    if strange > 0 {
        said.push(format!(
            "{strange} file{} of the run {id} would be outside of its folder: left out",
            s(strange)
        ));
    }
    if missing > 0 {
        let is = if missing == 1 { "is" } else { "are" };
        said.push(format!("{missing} attached file{} of the run {id} {is} missing", s(missing)));
    }
    said
}

/// Whether a path of the events leads to something in their folder.
fn is_below(path: &str) -> bool {
    !path.is_empty() && Path::new(path).components().all(|part| matches!(part, Component::Normal(_)))
}

/// From one folder to another: `../../runs/x/`, and nothing where they are the same.
fn way(from: &Path, to: &Path) -> String {
    let shared = from.components().zip(to.components()).take_while(|(a, b)| a == b).count();
    let up = from.components().skip(shared).map(|_| "../".to_owned());
    let down = to.components().skip(shared).map(|part| format!("{}/", part.as_os_str().display()));
    up.chain(down).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_leads_from_folder_to_folder() {
        let way = |from: &str, to: &str| way(Path::new(from), Path::new(to));
        assert_eq!(way("/a/b", "/a/b"), "");
        assert_eq!(way("/a/merged", "/a/runs/x"), "../runs/x/");
        assert_eq!(way("/a", "/a/runs"), "runs/");
        assert_eq!(way("/a/b", "/a"), "../");
    }

    #[test]
    fn only_what_is_below_is_a_file_of_the_run() {
        assert!(is_below("tests/a/attempt-1"));
        for path in ["", "/etc", "..", "tests/../..", "./x"] {
            assert!(!is_below(path), "{path}");
        }
    }
}
