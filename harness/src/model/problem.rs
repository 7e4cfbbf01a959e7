//! What an attempt came to, and what was wrong with it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What an attempt came to.
///
/// ```
/// use callboard::Outcome;
///
/// assert_eq!(Outcome::TimedOut.to_string(), "timed out");
/// assert!(Outcome::Skipped.is_ok() && !Outcome::Errored.is_ok());
/// ```
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
///
/// ```
/// let place = callboard::Location { file: "tests/e2e/main.rs".into(), line: 12, column: 5 };
/// assert_eq!(place.to_string(), "tests/e2e/main.rs:12:5");
/// ```
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
    /// The titles of the steps in which it happened, the outermost first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<String>,
}

impl Problem {
    /// The surroundings' fault.
    pub fn errored(message: impl fmt::Display) -> Self {
        Self { outcome: Outcome::Errored, message: message.to_string(), location: None, steps: Vec::new() }
    }

    /// The test's own objection.
    pub fn failed(message: impl fmt::Display, location: Option<Location>) -> Self {
        Self { outcome: Outcome::Failed, message: message.to_string(), location, steps: Vec::new() }
    }
}

/// The titles of steps as messages have them: `"adds the course" > "saves"`.
pub(crate) fn path_of<'a>(steps: impl IntoIterator<Item = &'a str>) -> String {
    let steps: Vec<_> = steps.into_iter().map(|title| format!("\"{title}\"")).collect();
    steps.join(" > ")
}

/// An error and its causes, each on a line of its own.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = without_addresses(&error.to_string());
    let mut cause = error.source();
    while let Some(error) = cause {
        let line = without_addresses(&error.to_string());
        // Many libraries print their cause themselves; said once is enough.
        if !text.contains(&line) {
            text.push_str("\n  caused by: ");
            text.push_str(&line);
        }
        cause = error.source();
    }
    text
}

/// A message without the stack of a driver: a screenful of lines such as `#3 0x55630258aaae <unknown>`.
fn without_addresses(message: &str) -> String {
    let is_address = |line: &str| {
        let frame = line.trim_start().strip_prefix('#').unwrap_or_default();
        let frame = frame.trim_start_matches(|c: char| c.is_ascii_digit());
        line.trim() == "Stacktrace:" || frame.starts_with(" 0x")
    };
    let kept: Vec<&str> = message.lines().filter(|line| !is_address(line)).map(str::trim_end).collect();
    kept.join("\n").trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("{0}")]
    struct Outer(&'static str, #[source] Inner);

    #[derive(Debug, thiserror::Error)]
    #[error("no such file")]
    struct Inner;

    #[test]
    fn causes_are_said_once_each() {
        assert_eq!(chain(&Outer("cannot start", Inner)), "cannot start\n  caused by: no such file");
        assert_eq!(chain(&Outer("cannot start: no such file", Inner)), "cannot start: no such file");
    }

    #[test]
    fn the_stack_of_a_driver_is_left_out() {
        let message = "Element not found:     \n  no such element #3\n  Stacktrace:\n    #0 0x55 <unknown>\n    #17 0x7f <unknown>\n";
        assert_eq!(
            chain(&Outer(message, Inner)),
            "Element not found:\n  no such element #3\n  caused by: no such file"
        );
    }
}
