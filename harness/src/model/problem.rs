//! What an attempt came to, and what was wrong with it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What an attempt came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The test ended without an objection.
    Passed,
    /// The test itself said no: an `Err`, a panic, an expectation.
    Failed,
    /// The surroundings said no: a service, the browser, a sign-in, a fixture's set-up.
    Errored,
    /// The test's own deadline went by.
    TimedOut,
    /// The process that executed the test died.
    Crashed,
    /// The test was not executed: it is ignored.
    Skipped,
}

impl Outcome {
    /// Whether a run with this outcome is still a good one.
    pub fn is_ok(self) -> bool {
        matches!(self, Self::Passed | Self::Skipped)
    }

    /// The word for it in messages: `timed out`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Errored => "errored",
            Self::TimedOut => "timed out",
            Self::Crashed => "crashed",
            Self::Skipped => "skipped",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A place in source code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Location {
    /// The file, as the compiler was told of it (relative to the workspace, as a rule).
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1.
    pub column: u32,
}

impl From<&std::panic::Location<'_>> for Location {
    fn from(location: &std::panic::Location<'_>) -> Self {
        Self { file: location.file().to_owned(), line: location.line(), column: location.column() }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// Why an attempt did not pass.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Which kind of not passing it was.
    pub outcome: Outcome,
    /// What happened, for a person; may have several lines.
    pub message: String,
    /// Where in the source, as near to the cause as is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
}

impl Problem {
    /// The surroundings' fault.
    pub fn errored(message: impl fmt::Display) -> Self {
        Self { outcome: Outcome::Errored, message: message.to_string(), location: None }
    }

    /// The test's own objection.
    pub fn failed(message: impl fmt::Display, location: Option<Location>) -> Self {
        Self { outcome: Outcome::Failed, message: message.to_string(), location }
    }
}

/// An error and its causes, each on a line of its own.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let line = error.to_string();
        // Many libraries print their cause themselves; said once is enough.
        if !text.contains(&line) {
            text.push_str("\n  caused by: ");
            text.push_str(&line);
        }
        cause = error.source();
    }
    text
}
