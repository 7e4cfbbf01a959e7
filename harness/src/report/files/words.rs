//! Words that several reports have in common.

use crate::story::Story;

/// Why a test that was planned did not run.
pub(super) fn why_not_run(story: &Story) -> String {
    match story.end {
        Some(end) if end.interrupted => "the run was interrupted".to_owned(),
        Some(end) => match end.stopped_after {
            Some(failures) => {
                format!("the run was stopped when {failures} test{} had failed (--max-failures)", s(failures))
            }
            None => "the run ended before".to_owned(),
        },
        None => "the run had not come to it when its events end".to_owned(),
    }
}

/// Why an attempt has no end.
pub(super) fn why_unfinished(story: &Story) -> &'static str {
    match story.end {
        Some(end) if end.interrupted => "the run was interrupted while it was under way",
        Some(_) => "the run ended while it was under way",
        None => "it was under way when the events of the run end: the run was killed, or goes on",
    }
}

/// The first line of a message that says something.
pub(super) fn first_line(message: &str) -> &str {
    message.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default()
}

/// The plural's letter.
pub(crate) fn s(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}
