//! `summary.md`: the tables of a run, for a pull request, a wiki, or the summary of a job.
//!
//! What a test is called or says stands in code, with all that Markdown could take for something else as entities: no name ends a
//! cell, is a link, or calls anybody.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use super::words::{s, why_not_run, why_unfinished};
use crate::model::{LimitReason, Outcome, PageProblemKind, Problem, seconds};
use crate::report::recheck;
use crate::story::{AttemptStory, RunFacts, Standing, Story, TestStory};

/// No line of a message is longer in a table, in characters.
const LINE: usize = 200;
/// So many lines of a message are shown.
const LINES: usize = 2;
/// So much of the room is kept for what comes after a table, in bytes.
const AFTER: usize = 8 << 10;
/// So many notices are shown.
const NOTICES: usize = 20;

/// A further column of the table of failures: what a run alone does not know, for instance whether the test fails individually.
pub(crate) struct Column<'a> {
    pub(crate) title: &'a str,
    /// Markdown without line breaks and bare pipes.
    pub(crate) cell: &'a dyn Fn(&TestStory) -> String,
}

/// The summary of a run, in so many bytes at the most.
pub(crate) fn render(story: &Story, further: &[Column<'_>], most: usize) -> String {
    let mut text = heading(story);
    capacity(&mut text, story);
    failures(&mut text, story, further, most.saturating_sub(2 * AFTER));
    tried(&mut text, story, most.saturating_sub(AFTER));
    errors(&mut text, story, most.saturating_sub(AFTER));
    conclusion(&mut text, story);
    text
}

/// `93% (54/58)`: rounded down, so that 100% is all of them. What was skipped counts for nothing.
fn pass_rate(story: &Story) -> String {
    let counts = story.counts();
    let ran = counts.passed + counts.bad();
    match (counts.passed * 100).checked_div(ran) {
        Some(rate) => format!("{rate}% ({}/{ran})", counts.passed),
        None => "no test was executed".to_owned(),
    }
}

fn took(story: &Story) -> String {
    seconds(Duration::from_micros(story.took_us()))
}

fn heading(story: &Story) -> String {
    let run = &story.run;
    let suite = run.suite.as_deref().unwrap_or("callboard");
    let mut text = format!("# {}: {} in {}\n\n", code(suite), pass_rate(story), took(story));
    let shard = run.shard.map(|shard| format!(", shard {shard}")).unwrap_or_default();
    let _ = writeln!(
        text,
        "Run {}{shard}, begun {}, callboard {}.\n",
        code(&run.id),
        code(&run.started),
        code(&run.callboard)
    );
    text
}

fn capacity(text: &mut String, story: &Story) {
    text.push_str("## System Capacity\n\n");
    if story.machines.is_empty() {
        capacity_of(text, &story.run, used(story));
    }
    for machine in &story.machines {
        let _ = writeln!(text, "### {} ({})\n", machine.label, code(&machine.run.id));
        capacity_of(text, &machine.run, None);
    }
}

fn capacity_of(text: &mut String, run: &RunFacts, used: Option<String>) {
    text.push_str("| Metric | Value | Notes |\n| --- | --- | --- |\n");
    let _ = writeln!(text, "| **CPU Cores** | {} | those that the run may use |", run.cores);
    if !run.accounts.is_empty() {
        let mut of: BTreeMap<usize, Vec<String>> = BTreeMap::new();
        for (role, accounts) in &run.accounts {
            of.entry(*accounts).or_default().push(code(role.as_str()));
        }
        let of: Vec<String> = of
            .iter()
            .rev()
            .map(|(accounts, roles)| {
                format!(
                    "{} role{} × {accounts} slot{} ({})",
                    roles.len(),
                    s(roles.len()),
                    s(*accounts),
                    roles.join(", ")
                )
            })
            .collect();
        let _ = writeln!(
            text,
            "| **Worker Accounts** | {} | {} |",
            run.accounts.values().sum::<usize>(),
            of.join("; ")
        );
    }
    let most = run.accounts.values().copied().max();
    let limit = match most {
        Some(most) if most <= usize::from(run.slots) => "limited by accounts",
        _ => "the slots that are configured",
    };
    let _ = writeln!(text, "| **Max Parallel Workers** | {} | {limit} |", run.slots);
    let exactly =
        if run.exact { "exactly so many" } else { "at the most, fewer when the machine cannot carry them" };
    let workers = used.map_or_else(|| exactly.to_owned(), |used| format!("{exactly}; {used}"));
    let _ = writeln!(text, "| **Workers** | {} | {workers} |", run.workers);
    let last = u32::from(run.base_port) + u32::from(run.slots.saturating_sub(1));
    let ports = if run.slots > 1 { format!("{}-{last}", run.base_port) } else { run.base_port.to_string() };
    let _ = writeln!(text, "| **Ports Used** | {ports} | one per slot ({} + slot) |\n", run.base_port);
}

fn used(story: &Story) -> Option<String> {
    let (average, why) = story.used?;
    let why = match why {
        LimitReason::Start | LimitReason::Room => "it took time to find out that there was room for more",
        LimitReason::Cpu => "CPU",
        LimitReason::Memory => "memory",
        LimitReason::Delay => "the harness itself was run late",
    };
    Some(format!("ran {average:.1} on average: {why}"))
}

/// A table that ends where there is no more room, and says how much is missing.
fn table(text: &mut String, head: &[&str], rows: Vec<Vec<String>>, most: usize) {
    let line = |cells: &[&str]| format!("| {} |\n", cells.join(" | "));
    text.push_str(&line(head));
    text.push_str(&line(&vec!["---"; head.len()]));
    let all = rows.len();
    for (number, row) in rows.into_iter().enumerate() {
        let row = line(&row.iter().map(String::as_str).collect::<Vec<_>>());
        if text.len() + row.len() > most {
            let _ = writeln!(text, "\nThere is no room for {} more.", all - number);
            break;
        }
        text.push_str(&row);
    }
    text.push('\n');
}

/// The tests that say no themselves, take too long, or take their process with them.
fn failures(text: &mut String, story: &Story, further: &[Column<'_>], most: usize) {
    text.push_str("## Test Failure Analysis\n\n");
    let tests = story.tests.iter().filter(|test| {
        matches!(
            test.standing(),
            Standing::Is(Outcome::Failed | Outcome::TimedOut | Outcome::Crashed) | Standing::Unfinished
        )
    });
    let rows: Vec<Vec<String>> = tests.map(|test| failure(test, story, further)).collect();
    if rows.is_empty() {
        text.push_str("No test failed.\n\n");
        return;
    }
    let _ = writeln!(text, "### Results ({} worker{})\n", story.run.workers, s(story.run.workers));
    let titles = further.iter().map(|column| column.title);
    let head: Vec<&str> = ["Test Name", "Result"]
        .into_iter()
        .chain(titles)
        .chain(["Failure Type", "Message", "Source", "Slot"])
        .collect();
    table(text, &head, rows, most);
}

fn failure(test: &TestStory, story: &Story, further: &[Column<'_>]) -> Vec<String> {
    let problem = test.problem();
    let tries = test.attempts.len();
    let result = match test.standing() {
        Standing::Is(outcome) if tries > 1 => format!("❌ {outcome}, {tries} attempts"),
        Standing::Is(outcome) => format!("❌ {outcome}"),
        _ => "❔ unfinished".to_owned(),
    };
    let mut row = vec![code(test.planned.test.as_str()), result];
    row.extend(further.iter().map(|column| (column.cell)(test)));
    row.push(problem.map_or("—", failure_type).to_owned());
    row.push(problem.map_or_else(|| why_unfinished(story).to_owned(), |problem| message(&problem.message)));
    let location = problem.and_then(|problem| problem.location.as_ref()).or(test.planned.location.as_ref());
    row.push(
        location.map_or_else(|| "—".to_owned(), |place| code(&format!("{}:{}", place.file, place.line))),
    );
    let slot = test.attempts.last().and_then(|attempt| attempt.slot);
    row.push(slot.map_or_else(|| "—".to_owned(), |slot| story.slot_name(slot)));
    row
}

/// What failed tests came to when they were tried once more.
fn tried(text: &mut String, story: &Story, most: usize) {
    let row = |test: &TestStory| {
        let words = recheck::words(test, story)?;
        Some(vec![code(test.planned.test.as_str()), words])
    };
    let rows: Vec<_> = story.tests.iter().filter_map(row).collect();
    if !rows.is_empty() {
        text.push_str("### Tried once more, alone\n\n");
        table(text, &["Test Name", "Verdict"], rows, most);
    }
}

/// What went wrong around the tests: those that errored, attempts before the last, and what their pages complained of.
fn errors(text: &mut String, story: &Story, most: usize) {
    let rows: Vec<Vec<String>> = story.tests.iter().flat_map(errors_of).collect();
    if rows.is_empty() {
        return;
    }
    text.push_str("### Additional Errors\n\n");
    table(text, &["Test Name", "Type", "Frequency", "Notes"], rows, most);
}

fn errors_of(test: &TestStory) -> Vec<Vec<String>> {
    let mut kinds: Vec<(&str, Vec<u32>, String)> = Vec::new();
    let mut add = |kind: &'static str, attempt: &AttemptStory, note: String| {
        let at = kinds.iter().position(|(known, ..)| *known == kind).unwrap_or_else(|| {
            kinds.push((kind, Vec::new(), note));
            kinds.len() - 1
        });
        if !kinds[at].1.contains(&attempt.number) {
            kinds[at].1.push(attempt.number);
        }
    };
    let is_told_above =
        matches!(test.standing(), Standing::Is(Outcome::Failed | Outcome::TimedOut | Outcome::Crashed));
    for (at, attempt) in test.attempts.iter().enumerate() {
        let is_last = at + 1 == test.attempts.len();
        let problem = attempt.end.as_ref().and_then(|end| end.problem.as_ref());
        if let Some(problem) = problem.filter(|_| !(is_last && is_told_above)) {
            let is_expected = test.standing() == Standing::FailedAsExpected;
            if !is_expected {
                add(failure_type(problem), attempt, message(&problem.message));
            }
        }
        for problem in &attempt.page_problems {
            add(page_type(problem.kind), attempt, message(&problem.text));
        }
    }
    let tries = test.attempts.len();
    let row = |(kind, attempts, note): (&str, Vec<u32>, String)| {
        let frequency = format!("{} of {tries} attempt{}", attempts.len(), s(tries));
        vec![code(test.planned.test.as_str()), kind.to_owned(), frequency, note]
    };
    kinds.into_iter().map(row).collect()
}

/// What kind of failure it is, as far as its words tell.
fn failure_type(problem: &Problem) -> &'static str {
    let says = |word: &str| problem.message.contains(word);
    match problem.outcome {
        Outcome::TimedOut => "Timeout",
        Outcome::Crashed => "Crash",
        Outcome::Failed if problem.message.starts_with("expected ") && says(": after ") => {
            "Expectation Timeout"
        }
        Outcome::Failed if problem.message.starts_with("expected ") => "Expectation",
        Outcome::Failed if problem.message.starts_with("assertion ") => "Assertion",
        Outcome::Failed => "Failure",
        _ if says("failed request") => "Fetch Error",
        _ if says("exception") || says("unhandled rejection") || says("console.error") => "JavaScript Error",
        _ if says("sign-in") || says("sign in") => "Sign-in",
        _ if says("service") => "Service",
        _ if says("browser") => "Browser",
        _ if says("fixture") => "Fixture",
        _ => "Error",
    }
}

fn page_type(kind: PageProblemKind) -> &'static str {
    match kind {
        PageProblemKind::Exception | PageProblemKind::Rejection | PageProblemKind::Console => {
            "JavaScript Error"
        }
        PageProblemKind::RequestFailed => "Fetch Error",
        PageProblemKind::HttpError => "HTTP Error",
        PageProblemKind::Crash => "Page Crash",
    }
}

fn conclusion(text: &mut String, story: &Story) {
    let counts = story.counts();
    text.push_str("## Conclusion\n\n");
    let _ = writeln!(text, "- {} pass rate in {}", pass_rate(story), took(story));
    let told = [
        (counts.flaky, "flaky: passed only on a retry"),
        (counts.expected_failures, "failed as expected"),
        (counts.failed, "failed"),
        (counts.errored, "errored: the surroundings said no"),
        (counts.timed_out, "timed out"),
        (counts.crashed, "crashed"),
        (counts.skipped, "skipped"),
    ];
    for (count, what) in told.iter().filter(|(count, _)| *count > 0) {
        let _ = writeln!(text, "- {count} {what}");
    }
    if counts.did_not_run > 0 {
        let _ = writeln!(text, "- {} did not run to their end: {}", counts.did_not_run, why_not_run(story));
    }
    if story.end.is_none() {
        text.push_str("- the events have no end: the run was killed, or goes on\n");
    }
    for notice in story.notices.iter().take(NOTICES) {
        let _ = writeln!(text, "- notice: {}", message(&notice.text));
    }
    if let Some(more) = story.notices.len().checked_sub(NOTICES).filter(|more| *more > 0) {
        let _ = writeln!(text, "- and {more} more notice{}", s(more));
    }
}

/// The first lines of a message.
fn message(message: &str) -> String {
    let lines = message.lines().map(str::trim).filter(|line| !line.is_empty()).take(LINES);
    lines.map(code).collect::<Vec<_>>().join("<br>")
}

/// Text as code, which no character of it can end.
fn code(text: &str) -> String {
    let is_order =
        |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}');
    let plain: String = text.chars().map(|c| if c.is_control() || is_order(c) { ' ' } else { c }).collect();
    let mut shown: String = plain.trim().chars().take(LINE).collect();
    if plain.trim().chars().count() > LINE {
        shown.push('…');
    }
    if shown.is_empty() {
        return "—".to_owned();
    }
    if !shown.contains(['`', '|', '\\']) {
        return format!("`{shown}`");
    }
    let entity =
        |c: char| if c.is_ascii_punctuation() { format!("&#{};", u32::from(c)) } else { c.to_string() };
    format!("<code>{}</code>", shown.chars().map(entity).collect::<String>())
}
