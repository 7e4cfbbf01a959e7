//! The reports that are files in the folder of a run. Each is a pure function of the story, of what the run left
//! beside its events, and of what earlier runs tell.

mod html;
#[cfg(feature = "harness")]
pub(super) mod job;
mod junit;
mod left;
mod markdown;
#[cfg(test)]
mod tests;
mod timeline;
mod words;

pub(super) use words::s;

use std::fs;
use std::io;
use std::path::Path;

use super::chronicle::Chronicle;
use crate::config::Reports;
use crate::story::Story;

/// A kind of report.
pub(crate) struct Kind {
    /// The key under `[report]`.
    pub(crate) key: &'static str,
    /// Where it is, below the folder of the run.
    pub(crate) file: &'static str,
    render: fn(&Subject) -> String,
}

/// What reports are made of.
#[derive(Clone, Copy)]
pub(crate) struct Subject<'a> {
    pub(crate) story: &'a Story,
    /// The folder of its run.
    pub(crate) run: &'a Path,
    pub(crate) earlier: &'a Chronicle,
}

/// The report to look at.
pub(crate) const PAGE: &str = "report/index.html";

/// All kinds of reports.
pub(crate) const KINDS: [Kind; 4] = [
    Kind { key: "html", file: PAGE, render: html::render },
    Kind { key: "junit", file: "junit.xml", render: |of| junit::render(of.story, of.run) },
    Kind { key: "markdown", file: "summary.md", render: |of| markdown::render(of.story, &[], usize::MAX) },
    Kind { key: "timeline", file: "timeline.json", render: |of| timeline::render(of.story) },
];

/// A report cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("the report {} cannot be written: {source}", file.display())]
pub struct WriteError {
    file: std::path::PathBuf,
    source: io::Error,
}

/// How long all of them are together.
#[cfg(any(feature = "bench", all(test, feature = "harness")))]
pub(crate) fn rendered(story: &Story, run: &Path) -> usize {
    let subject = Subject { story, run, earlier: &Chronicle::default() };
    KINDS.iter().map(|kind| (kind.render)(&subject).len()).sum()
}

/// Makes the reports that are asked for and puts them into the folder, each in one go: whoever looks meanwhile sees the one
/// before, and a kill leaves a whole one.
///
/// # Errors
///
/// The first that cannot be written; the others are written all the same.
pub(crate) fn write(subject: &Subject, into: &Path, asked: &Reports) -> Result<(), WriteError> {
    let mut result = Ok(());
    for kind in KINDS.iter().filter(|kind| asked.has(kind.key)) {
        let file = into.join(kind.file);
        let written = replace(&file, (kind.render)(subject).as_bytes());
        result = result.and(written.map_err(|source| WriteError { file, source }));
    }
    result
}

/// Writes a file aside and renames it over.
fn replace(file: &Path, content: &[u8]) -> io::Result<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut aside = file.as_os_str().to_owned();
    aside.push(".new");
    fs::write(&aside, content)?;
    fs::rename(&aside, file)
}
