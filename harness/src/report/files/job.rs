//! The summary of a job in GitHub Actions: the file that it names is shown beside the job, as Markdown.

use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::path::Path;

use super::WriteError;
use super::markdown;
use crate::story::Story;

/// GitHub shows nothing at all of a step that has written more, in bytes.
const MOST: u64 = 1 << 20;
/// Room for steps that end their text without a line break, and for what counts otherwise there.
const MARGIN: u64 = 4 << 10;

/// Adds the summary of a run to what other programs of the same step have said.
///
/// # Errors
///
/// The file cannot be written.
pub(crate) fn append(story: &Story, summary: &Path) -> Result<(), WriteError> {
    write(story, summary).map_err(|source| WriteError { file: summary.to_owned(), source })
}

fn write(story: &Story, summary: &Path) -> io::Result<()> {
    let mut file = OpenOptions::new().append(true).create(true).open(summary)?;
    let room = MOST.saturating_sub(MARGIN).saturating_sub(file.metadata()?.len());
    let text = markdown::render(story, &[], usize::try_from(room).unwrap_or(usize::MAX));
    if u64::try_from(text.len()).is_ok_and(|length| length <= room) {
        file.write_all(format!("{text}\n").as_bytes())?;
    }
    Ok(())
}
