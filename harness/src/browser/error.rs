//! What can go wrong between a test and its browser, in words for the person who reads the report.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use crate::process::{Exit, Group, SpawnError};

/// Why the browser of a slot is of no use, or not yet.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BrowserError {
    /// The folder for profile and logs cannot be made.
    #[error("cannot create `{}` for the browser", path.display())]
    Folder { path: PathBuf, source: io::Error },
    /// The executable cannot be started.
    #[error("cannot start the {program}")]
    Spawn { program: Program, source: SpawnError },
    /// It ended before it was of use, or while it was wanted.
    #[error("the {program} {status}; its log is {}{tail}{hint}", log.display())]
    Ended { program: Program, status: Exit, log: PathBuf, tail: Tail, hint: Hint },
    /// It runs, but does not say that it is ready.
    #[error("the {program} was not ready within {} s; its log is {}{tail}{hint}", waited.as_secs(), log.display())]
    NotReady { program: Program, waited: Duration, log: PathBuf, tail: Tail, hint: Hint },
    /// A driver does not start a browser.
    #[error("the driver at {url} does not start a browser: {message}")]
    NoSession { url: String, message: String },
    /// A browser was started that cannot be talked to.
    #[error("the browser that {url} started offers no {way}, by which callboard drives it")]
    NoSocket { url: String, way: &'static str },
    /// The socket to the browser cannot be opened.
    #[error("cannot connect to the browser at {url}")]
    Connect { url: String, source: Box<tokio_tungstenite::tungstenite::Error> },
    /// The socket to the browser closed.
    #[error("the browser is gone ({reason}); its last words are in {}", log.display())]
    Gone { reason: String, log: PathBuf },
    /// Nobody answers at the driver's address.
    #[error("the driver is gone; its last words are in {}", log.display())]
    DriverGone { log: PathBuf },
    /// The browser refused a command.
    #[error("the browser refused `{method}`: {message}")]
    Refused { method: &'static str, message: String },
    /// The browser has nothing of the kind, or does not let itself be told.
    #[error("{what} needs Chromium: what this browser is driven by (WebDriver BiDi) does not have it")]
    NotThere { what: &'static str },
    /// The browser did not answer a command.
    #[error("the browser did not answer `{method}` within {} s", waited.as_secs())]
    NoAnswer { method: &'static str, waited: Duration },
    /// The driver cannot attach to a page of the browser.
    #[error("the driver cannot attach to the page: {message}{hint}")]
    Attach { message: String, hint: Hint },
    /// The driver did not attach in time.
    #[error("the driver did not attach to the page within {} s; its log is {}", waited.as_secs(), log.display())]
    AttachTooSlow { waited: Duration, log: PathBuf },
    /// A session's page and context could not be closed in time.
    #[error("a session did not close within {} s", waited.as_secs_f32())]
    CloseTooSlow { waited: Duration },
    /// There is one context for all sessions, and somebody has it.
    #[error(
        "another session is open, and with `isolation = \"reset\"` under [browser] there is one at a time: close it first, or write \
         `isolation = \"context\"`, with which each has a context of its own"
    )]
    ContextTaken,
    /// The runtime ends while a session is being opened.
    #[error("the attempt was over before its session was open")]
    Closing,
    /// A picture or the text of the page could not be had.
    #[error("no {what} could be taken of the page")]
    NoPicture { what: &'static str },
}

/// One of the two programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Program {
    Browser,
    Driver,
}

impl std::fmt::Display for Program {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Browser => "browser",
            Self::Driver => "driver",
        })
    }
}

/// The last lines of a log, each indented on a line of its own; nothing for an empty log.
#[derive(Debug, Default)]
pub(crate) struct Tail(Vec<String>);

impl Tail {
    /// As many lines as help: a browser without a display or a sandbox says so in its last few.
    const LINES: usize = 20;

    pub(crate) fn of(process: &Group) -> Self {
        Self(process.last_lines(Self::LINES))
    }

    /// Whether one of the lines has this in it.
    pub(super) fn contains(&self, text: &str) -> bool {
        self.0.iter().any(|line| line.contains(text))
    }
}

impl std::fmt::Display for Tail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|line| write!(f, "\n  | {line}"))
    }
}

/// What may be the matter and what to do about it, on a line of its own; or nothing.
#[derive(Debug, Default)]
pub(crate) struct Hint(pub(crate) Option<String>);

impl std::fmt::Display for Hint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.0 {
            Some(hint) => write!(f, "\n{hint}"),
            None => Ok(()),
        }
    }
}
