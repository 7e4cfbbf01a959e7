//! The words for a test that did not pass.

use std::fmt::Write;
use std::path::Path;

use super::output::printed;
use crate::model::{Location, Outcome, path_of, seconds};
use crate::run::Verdict;

/// Outcome, message, place in the source, slot and attempt, and what was kept.
///
/// The first line has the shape in which libtest announces a panic: by it editors find the place in the source.
pub(crate) fn message(verdict: &Verdict, retries_allowed: bool) -> String {
    let before = format!("{}: ", verdict.outcome);
    text(verdict, &before, retries_allowed)
}

/// The same of a test that passed only on a retry, where that is a failure.
pub(crate) fn message_of_flaky(verdict: &Verdict) -> String {
    let first = verdict.problem.as_ref().map_or(Outcome::Failed, |problem| problem.outcome);
    let before = format!("flaky: passed on attempt {}, but before that {first}: ", verdict.attempts);
    text(verdict, &before, true)
}

/// `before` comes before the words of the problem.
fn text(verdict: &Verdict, before: &str, retries_allowed: bool) -> String {
    let Some(problem) = &verdict.problem else { return String::new() };
    let mut text = String::new();
    if let Some(location) = &problem.location {
        let _ = writeln!(text, "thread '{}' panicked at {}:", verdict.test, place(location));
    }
    let _ = write!(text, "{before}{}", problem.message.trim_end());
    // Of a test that is out of time the message itself says where it stood.
    if !problem.steps.is_empty() && problem.outcome != Outcome::TimedOut {
        let _ = write!(text, "\n  in step {}", path_of(problem.steps.iter().map(String::as_str)));
    }
    if let Some(place) = &verdict.place {
        let _ = write!(text, "\n  in slot {} ({})", place.slot.id(), place.base_url);
        for (index, account) in place.accounts.iter().enumerate() {
            let _ = write!(text, "{} {}", if index == 0 { " as" } else { " and" }, account.username());
        }
        let attempt = verdict.attempts;
        let of = if retries_allowed { format!(" of {attempt}") } else { String::new() };
        let _ = write!(text, ", attempt {attempt}{of}, after {}", seconds(verdict.took));
        if !place.attached.is_empty() {
            let _ = write!(text, "\n  attached: {}", attached(&place.attached));
        }
        if let Some(trace) = &place.trace {
            let _ = write!(text, "\n  trace: {}", from_here(trace).display());
        }
        if place.kept.is_dir() {
            let _ = write!(text, "\n  kept in {}", from_here(&place.kept).display());
        }
    }
    if let Some(printed) = printed(verdict) {
        let _ = write!(text, "\n  it printed:\n{}", printed.trim_end_matches('\n'));
    }
    text
}

/// The first files that were attached, and how many more there are.
fn attached(files: &[String]) -> String {
    const SHOWN: usize = 10;
    let mut shown: Vec<String> = files.iter().take(SHOWN).map(|file| format!("attachments/{file}")).collect();
    if files.len() > SHOWN {
        shown.push(format!("and {} more", files.len() - SHOWN));
    }
    shown.join(", ")
}

fn place(location: &Location) -> String {
    format!("{}:{}:{}", location.file, location.line, location.column)
}

/// A path as one would type it in the current folder.
pub(crate) fn from_here(path: &Path) -> &Path {
    std::env::current_dir().ok().and_then(|here| path.strip_prefix(here).ok()).unwrap_or(path)
}
