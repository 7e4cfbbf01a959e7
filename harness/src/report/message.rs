//! The words for a test that did not pass.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::output;
use crate::model::{Account, Location, Outcome, Problem, SlotId, path_of, seconds};
use crate::run::Verdict;
use crate::story::{AttemptStory, Standing, TestStory};
use crate::trace::PAGE;
use crate::video::is_film;

/// Outcome, message, place in the source, slot and attempt, and what was kept; of each attempt before the last, why there
/// was another one.
///
/// The first line has the shape in which libtest announces a panic: by it editors find the place in the source.
pub(crate) fn message(verdict: &Verdict, retries_allowed: bool) -> String {
    let Some(problem) = &verdict.problem else { return String::new() };
    let before = format!("{}: ", verdict.outcome);
    text(&of_verdict(verdict, problem, before, retries_allowed, 0))
}

/// The same of a test that passed only on a retry, where that is a failure.
pub(crate) fn message_of_flaky(verdict: &Verdict) -> String {
    let Some(problem) = &verdict.problem else { return String::new() };
    let before = flaky(verdict.attempts, problem);
    // The first attempt is what it begins with.
    text(&of_verdict(verdict, problem, before, true, 1))
}

/// The same of a test of a story, whose run has this folder. Nothing of a test that passed without a retry.
pub(crate) fn message_of(test: &TestStory, run: &Path) -> Option<String> {
    let problem = test.problem()?;
    let last = test.attempts.last()?;
    let is_flaky = test.standing() == Standing::Flaky;
    let before = if is_flaky { flaky(last.number, problem) } else { format!("{}: ", problem.outcome) };
    let earlier = test.attempts.iter().filter(|attempt| attempt.number < last.number);
    let earlier = earlier.skip(usize::from(is_flaky)).filter_map(|attempt| before_last(attempt, run));
    let name = test.planned.test.as_str();
    Some(text(&Failure {
        test: name,
        problem,
        before,
        number: last.number,
        retried: last.number > 1,
        took: took(last),
        at: at(last, run),
        earlier: earlier.collect(),
    }))
}

fn flaky(attempts: u32, first: &Problem) -> String {
    format!("flaky: passed on attempt {attempts}, but before that {}: ", first.outcome)
}

/// What there is to say, from wherever it is known.
struct Failure<'a> {
    test: &'a str,
    problem: &'a Problem,
    /// What comes before the words of the problem.
    before: String,
    /// Of the last attempt.
    number: u32,
    retried: bool,
    took: Duration,
    at: Option<At<'a>>,
    earlier: Vec<Before<'a>>,
}

/// Where the last attempt was made, and what it left.
struct At<'a> {
    slot: SlotId,
    base_url: &'a str,
    accounts: Vec<&'a str>,
    kept: PathBuf,
    attached: Vec<&'a str>,
    trace: Option<PathBuf>,
}

/// An attempt before the last.
struct Before<'a> {
    number: u32,
    problem: &'a Problem,
    slot: SlotId,
    took: Duration,
    kept: PathBuf,
}

fn of_verdict<'a>(
    verdict: &'a Verdict,
    problem: &'a Problem,
    before: String,
    retried: bool,
    skipped: usize,
) -> Failure<'a> {
    let at = verdict.place.as_ref().map(|place| At {
        slot: place.slot.id(),
        base_url: &place.base_url,
        accounts: place.accounts.iter().map(Account::username).collect(),
        kept: place.kept.clone(),
        attached: place.attached.iter().map(String::as_str).collect(),
        trace: place.trace.clone(),
    });
    let earlier = (1..).zip(&verdict.earlier).skip(skipped).filter_map(|(number, attempt)| {
        let problem = attempt.problem.as_ref()?;
        let kept = attempt.kept.clone();
        Some(Before { number, problem, slot: attempt.slot, took: attempt.took, kept })
    });
    Failure {
        test: verdict.test.as_str(),
        problem,
        before,
        number: verdict.attempts,
        retried,
        took: verdict.took,
        at,
        earlier: earlier.collect(),
    }
}

fn at<'a>(attempt: &'a AttemptStory, run: &Path) -> Option<At<'a>> {
    let kept = run.join(&attempt.folder);
    let attached =
        attempt.attached.iter().filter(|file| file.name != PAGE && !is_film(&attempt.folder, &file.path));
    Some(At {
        slot: attempt.slot?,
        base_url: &attempt.base_url,
        accounts: attempt.accounts.iter().map(String::as_str).collect(),
        attached: attached.map(|file| file.path.rsplit('/').next().unwrap_or(&file.path)).collect(),
        trace: Some(kept.join(PAGE)).filter(|page| page.is_file()),
        kept,
    })
}

fn before_last<'a>(attempt: &'a AttemptStory, run: &Path) -> Option<Before<'a>> {
    let problem = attempt.end.as_ref()?.problem.as_ref()?;
    let kept = run.join(&attempt.folder);
    Some(Before { number: attempt.number, problem, slot: attempt.slot?, took: took(attempt), kept })
}

fn took(attempt: &AttemptStory) -> Duration {
    Duration::from_micros(attempt.end.as_ref().map_or(0, |end| end.took_us))
}

fn text(failure: &Failure) -> String {
    let Failure { test, problem, before, number, retried, took, at, earlier } = failure;
    let mut text = String::new();
    if let Some(location) = &problem.location {
        let _ = writeln!(text, "thread '{test}' panicked at {}:", place(location));
    }
    let _ = write!(text, "{before}{}", problem.message.trim_end());
    // Of a test that is out of time the message itself says where it stood.
    if !problem.steps.is_empty() && problem.outcome != Outcome::TimedOut {
        let _ = write!(text, "\n  in step {}", path_of(problem.steps.iter().map(String::as_str)));
    }
    if let Some(at) = at {
        let _ = write!(text, "\n  in slot {}", at.slot);
        if !at.base_url.is_empty() {
            let _ = write!(text, " ({})", at.base_url);
        }
        for (index, account) in at.accounts.iter().enumerate() {
            let _ = write!(text, "{} {account}", if index == 0 { " as" } else { " and" });
        }
        let of = if *retried { format!(" of {number}") } else { String::new() };
        let _ = write!(text, ", attempt {number}{of}, after {}", seconds(*took));
        if !at.attached.is_empty() {
            let _ = write!(text, "\n  attached: {}", attached(&at.attached));
        }
        if let Some(trace) = &at.trace {
            let _ = write!(text, "\n  trace: {}", from_here(trace).display());
        }
        if at.kept.is_dir() {
            let _ = write!(text, "\n  kept in {}", from_here(&at.kept).display());
        }
    }
    for attempt in earlier {
        tell_before(&mut text, attempt);
    }
    if let Some(printed) = at.as_ref().and_then(|at| output::of(&at.kept)) {
        let _ = write!(text, "\n  it printed:\n{}", printed.trim_end_matches('\n'));
    }
    text
}

/// Why an attempt was not the last.
fn tell_before(text: &mut String, attempt: &Before) {
    let Before { number, problem, slot, took, kept } = attempt;
    let _ =
        write!(text, "\n  attempt {number}, in slot {slot} after {}: {}: ", seconds(*took), problem.outcome);
    text.push_str(&problem.message.trim_end().replace('\n', "\n    "));
    if let Some(location) = &problem.location {
        let _ = write!(text, "\n    at {}", place(location));
    }
    if kept.is_dir() {
        let _ = write!(text, "\n    kept in {}", from_here(kept).display());
    }
}

/// The first files that were attached, and how many more there are.
fn attached(files: &[&str]) -> String {
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
