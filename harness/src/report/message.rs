//! The words for a test that did not pass.

use std::fmt::Write;
use std::path::Path;

use crate::model::Location;
use crate::run::Verdict;

/// Outcome, message, place in the source, slot and attempt, and what was kept.
///
/// The first line has the shape in which libtest announces a panic: by it editors find the place in the source.
pub(crate) fn message(verdict: &Verdict, retries_allowed: bool) -> String {
    let Some(problem) = &verdict.problem else { return String::new() };
    let mut text = String::new();
    if let Some(location) = &problem.location {
        let _ = writeln!(text, "thread '{}' panicked at {}:", verdict.test, place(location));
    }
    let _ = write!(text, "{}: {}", verdict.outcome, problem.message.trim_end());
    if let Some(place) = &verdict.place {
        let _ = write!(text, "\n  in slot {} ({})", place.slot.id(), place.base_url);
        for (index, account) in place.accounts.iter().enumerate() {
            let _ = write!(text, "{} {}", if index == 0 { " as" } else { " and" }, account.username());
        }
        let attempt = verdict.attempts;
        let of = if retries_allowed { format!(" of {attempt}") } else { String::new() };
        let _ = write!(text, ", attempt {attempt}{of}, after {}", super::terminal::seconds(verdict.took));
        if place.kept.is_dir() {
            let _ = write!(text, "\n  kept in {}", from_here(&place.kept).display());
        }
    }
    text
}

fn place(location: &Location) -> String {
    format!("{}:{}:{}", location.file, location.line, location.column)
}

/// A path as one would type it in the current folder.
pub(crate) fn from_here(path: &Path) -> &Path {
    std::env::current_dir().ok().and_then(|here| path.strip_prefix(here).ok()).unwrap_or(path)
}
