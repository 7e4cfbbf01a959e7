//! From `events.jsonl` to a story.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::{Flaw, Story};
use crate::model::{FORMAT, Record};

/// The events of a run cannot be told as a story at all.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReadError {
    #[error("{} cannot be read: {source}", file.display())]
    Io { file: PathBuf, source: io::Error },
    #[error("{} does not begin with the event `run_started`: it has no events of a run of callboard", file.display())]
    Foreign { file: PathBuf },
    #[error(
        "{} was written by callboard {callboard}, whose events this version does not know: use callboard {callboard} or later",
        file.display()
    )]
    Newer { file: PathBuf, callboard: String },
}

/// What every version can read of a first line.
#[derive(Deserialize)]
struct First {
    event: String,
    format: u32,
    #[serde(default)]
    callboard: String,
}

impl Story {
    /// Reads the events of a run, as far as they go. The last line of a run that was killed may be torn.
    ///
    /// # Errors
    ///
    /// The file cannot be read, has no events of a run, or such of a newer format.
    pub(crate) fn read(file: &Path) -> Result<Self, ReadError> {
        let text = fs::read(file).map_err(|source| ReadError::Io { file: file.to_owned(), source })?;
        let mut lines = text.split(|byte| *byte == b'\n').zip(1..);
        let first = lines.clone().next().and_then(|(line, _)| serde_json::from_slice::<First>(line).ok());
        match first {
            Some(first) if first.format > FORMAT => {
                return Err(ReadError::Newer { file: file.to_owned(), callboard: first.callboard });
            }
            Some(first) if first.event == "run_started" => {}
            _ => return Err(ReadError::Foreign { file: file.to_owned() }),
        }
        let mut story = Self::default();
        while let Some((line, number)) = lines.next() {
            if line.is_empty() {
                continue;
            }
            match serde_json::from_slice::<Record>(line) {
                Ok(record) => story.tell(record),
                // What follows the last line break is what a kill has torn.
                Err(error) => {
                    let is_torn = lines.clone().next().is_none();
                    let why = if is_torn {
                        "the line is torn: the run was killed".to_owned()
                    } else {
                        error.to_string()
                    };
                    story.flaws.push(Flaw { line: number, why });
                }
            }
        }
        Ok(story)
    }
}
