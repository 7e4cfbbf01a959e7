//! What can be wrong with a set-up command or a service, and what to do about it.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;

use super::copy::FileError;
use crate::model::SlotId;
use crate::process::{Exit, Group, SpawnError};

/// How many lines of a log an error shows.
const LINES: usize = 20;

/// Why the surroundings of a test are not there. Cheap to clone: all who wait for the same service
/// get the same error.
#[derive(Debug, Clone, Error)]
pub(crate) enum ServiceError {
    #[error("cannot start {subject}")]
    Spawn { subject: Box<Subject>, source: Arc<SpawnError> },

    #[error("{subject} {exit}{log}")]
    SetupFailed { subject: Box<Subject>, exit: Exit, log: Excerpt },

    #[error(
        "{subject} was not done within its `timeout` of {timeout:?}, and was ended{log}\n  \
         a program that keeps running is a [[service]]; if it only needs longer, raise `timeout`"
    )]
    SetupTimedOut { subject: Box<Subject>, timeout: Duration, log: Excerpt },

    #[error(
        "{subject} was not started: another program listens on {address} already\n  \
         end it, or choose another port"
    )]
    PortTaken { subject: Box<Subject>, address: String },

    #[error("{subject} {exit} before it was ready{log}")]
    ExitedEarly { subject: Box<Subject>, exit: Exit, log: Excerpt },

    #[error("{subject} was not ready within its `startup_timeout` of {timeout:?}: {last}{log}")]
    NotReady { subject: Box<Subject>, timeout: Duration, last: String, log: Excerpt },

    #[error(
        "{subject} is not there: for {timeout:?}, {last}\n  \
         it has a `url`, so callboard does not start it: start it, or give it a `command`"
    )]
    NotThere { subject: Box<Subject>, timeout: Duration, last: String },

    #[error("cannot tell when {subject} is ready: {why}")]
    Unaskable { subject: Box<Subject>, why: String },

    #[error("{subject} {exit} while it was needed{log}")]
    Exited { subject: Box<Subject>, exit: Exit, log: Excerpt },

    #[error("cannot make the folder `{}`", path.display())]
    Folder { path: PathBuf, source: Arc<io::Error> },

    #[error("cannot {doing} of slot {slot}: {source}")]
    Files { doing: &'static str, slot: SlotId, source: Arc<FileError> },
}

/// Who an error is about: what it is, whose, and where it is configured.
#[derive(Debug, Clone)]
pub(crate) struct Subject {
    /// "service `app`", "set-up command `seed --all`".
    pub(super) what: String,
    /// The configuration file and the line in it.
    pub(super) file: PathBuf,
    pub(super) line: usize,
    /// The slot and its port, for what belongs to one.
    pub(super) slot: Option<(SlotId, u16)>,
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        if let Some((slot, port)) = self.slot {
            write!(f, " of slot {slot}, port {port}")?;
        }
        write!(f, " ({}:{})", self.file.display(), self.line)
    }
}

/// The last lines of a log.
#[derive(Debug, Clone)]
pub(crate) struct Excerpt {
    path: PathBuf,
    lines: Vec<String>,
}

impl Excerpt {
    /// What a group of processes wrote last.
    pub(super) fn of(group: &Group) -> Self {
        Self { path: group.log().to_owned(), lines: group.last_lines(LINES) }
    }
}

impl fmt::Display for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        if self.lines.is_empty() {
            return write!(f, "\n  it wrote nothing to {path}");
        }
        write!(f, "\n  the last it wrote to {path}:")?;
        self.lines.iter().try_for_each(|line| write!(f, "\n    | {line}"))
    }
}
