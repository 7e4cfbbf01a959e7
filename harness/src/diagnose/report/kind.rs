//! What kind of failure it is, in the words of whoever looks at it first.

use serde::Serialize;

use crate::diagnose::infer::Class;
use crate::model::Outcome;

/// A kind of failure, told from outcome, message and class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FailureKind {
    /// Something that should be there is not, or too much of it is.
    Data,
    /// A page did not become what it should in time.
    Wait,
    /// It depends on what else happens at the same moment.
    Race,
    /// A request of a page failed.
    Fetch,
    /// An error in a page's script.
    Script,
    Crash,
    TimedOut,
    /// The surroundings, in another way.
    Surroundings,
    Assertion,
}

impl FailureKind {
    /// The words for it in a table.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Data => "Data",
            Self::Wait => "Wait timed out",
            Self::Race => "Timing/Race",
            Self::Fetch => "Fetch error",
            Self::Script => "JavaScript error",
            Self::Crash => "Crash",
            Self::TimedOut => "Timed out",
            Self::Surroundings => "Surroundings",
            Self::Assertion => "Assertion",
        }
    }
}

/// The kind of a failure with this outcome and message, whose class is claimed to be this one.
pub(super) fn kind_of(outcome: Outcome, message: &str, claimed: Option<Class>) -> FailureKind {
    let has = |words: &[&str]| words.iter().any(|word| message.contains(word));
    match outcome {
        Outcome::Crashed => return FailureKind::Crash,
        Outcome::TimedOut => return FailureKind::TimedOut,
        _ => {}
    }
    if has(&["HTTP error", "failed request"]) {
        return FailureKind::Fetch;
    }
    if has(&["exception after", "unhandled rejection", "console.error"]) {
        return FailureKind::Script;
    }
    if outcome == Outcome::Errored {
        return FailureKind::Surroundings;
    }
    if matches!(claimed, Some(Class::Overlap | Class::Load)) {
        return FailureKind::Race;
    }
    if has(&["to count", "to have text", "to have the text", "to contain", "no element", "matches nothing"]) {
        return FailureKind::Data;
    }
    if has(&["to be ", "to have "]) && has(&["after "]) {
        return FailureKind::Wait;
    }
    FailureKind::Assertion
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_told_by_what_was_said() {
        let of = |outcome, message| kind_of(outcome, message, None);
        let dialog = "expected `dialog[open]` not to be visible: after 20.0 s, it was \"visible\"";
        assert_eq!(of(Outcome::Failed, dialog), FailureKind::Wait);
        let count = "expected `td` to count 0: after 20.0 s, it was 1";
        assert_eq!(of(Outcome::Failed, count), FailureKind::Data);
        let fetch = "there was an error on a page\n  HTTP error after 9.5 s: GET /api/dashboard";
        assert_eq!(of(Outcome::Errored, fetch), FailureKind::Fetch);
        assert_eq!(of(Outcome::Failed, "assertion `left == right` failed"), FailureKind::Assertion);
        assert_eq!(kind_of(Outcome::Failed, count, Some(Class::Overlap)), FailureKind::Race);
        assert_eq!(of(Outcome::Crashed, count), FailureKind::Crash);
    }
}
