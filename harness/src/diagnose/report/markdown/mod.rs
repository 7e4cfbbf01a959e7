//! The analysis as a document for people: `advice` has what follows from it, `evidence` what it is known by.
//!
//! Sentences are composed of what was measured, and claim nothing beyond the label.

mod advice;
mod evidence;

use std::fmt::Write;

use super::document::Document;
use super::failure::{Accused, Failure, Rate, clear};
use crate::diagnose::infer::{Class, Label};
use crate::diagnose::words;

/// The document.
pub(crate) fn markdown(document: &Document) -> String {
    let mut text = String::new();
    head(document, &mut text);
    capacity(document, &mut text);
    tables(document, &mut text);
    advice::categories(document, &mut text);
    advice::insights(document, &mut text);
    evidence::details(document, &mut text);
    advice::recommendations(document, &mut text);
    conclusion(document, &mut text);
    text
}

fn head(document: &Document, text: &mut String) {
    let date = document.started.split('T').next().unwrap_or_default();
    let _ = writeln!(text, "# E2E Parallel Test Execution Analysis\n");
    let _ = writeln!(text, "**Date:** {date}  ");
    if let Some(suite) = &document.suite {
        let _ = writeln!(text, "**Suite:** {}  ", escaped(suite));
    }
    let _ = writeln!(text, "**Run:** {} (callboard {})  ", document.run, document.callboard);
    let _ = writeln!(
        text,
        "**Cost:** {} executions of tests ({:.1} times the suite) in {:.0} s\n",
        document.executions, document.suite_equivalents, document.took_s
    );
    if document.quick {
        let _ = writeln!(
            text,
            "**A quick look:** all tests once in parallel, and each that failed three times alone. So few attempts say where a test \
             fails, and hardly why.\n"
        );
    }
    if let Some(since) = &document.since {
        let how = if since.is_evidence {
            "it counts as the first run of the suite"
        } else {
            "its attempts count for nothing"
        };
        let _ = writeln!(text, "**Since:** what failed in run {} ({how})  ", escaped(&since.run));
        let not_again: Vec<String> =
            since.not_again.iter().map(|test| format!("`{}`", escaped(test.as_str()))).collect();
        if !not_again.is_empty() {
            let _ = writeln!(text, "**Did not fail again:** {}", not_again.join(", "));
        }
        let _ = writeln!(text);
    }
    if let Some(why) = &document.ended_early {
        let _ =
            writeln!(text, "**It ended early: {}.** What follows is what was known by then.\n", escaped(why));
    }
}

fn capacity(document: &Document, text: &mut String) {
    let capacity = &document.capacity;
    let accounts: usize = capacity.accounts.values().sum();
    let roles = capacity.accounts.len();
    let each = capacity.accounts.values().max().copied().unwrap_or_default();
    let last_port = capacity.first_port.saturating_add(capacity.slots.saturating_sub(1));
    let _ = writeln!(text, "## System Capacity\n\n| Metric | Value | Notes |\n|--------|-------|-------|");
    let _ = writeln!(text, "| **CPU Cores** | {} | that the run may use |", capacity.cores);
    let is_even = capacity.accounts.values().all(|count| *count == each);
    let how = if is_even {
        format!("{roles} roles × {each} slots")
    } else {
        format!("of {roles} roles, at most {each} each")
    };
    let _ = writeln!(text, "| **Worker Accounts** | {accounts} | {how} |");
    let _ = writeln!(text, "| **Max Parallel Workers** | {} | one for each slot |", capacity.slots);
    let _ = writeln!(text, "| **Workers Used** | {} | in the runs of this analysis |", capacity.workers);
    if let Some(load) = capacity.load {
        let slow = match load.slow_pages {
            0 => String::new(),
            times => format!(", and pages {times} times slower"),
        };
        let _ = writeln!(
            text,
            "| **Busy Machine** | {} | processes that keep a core busy{slow} |",
            load.processes
        );
    }
    let _ = writeln!(
        text,
        "| **Ports Used** | {}-{last_port} | one for each slot ({} + slot) |\n",
        capacity.first_port, capacity.first_port
    );
}

fn tables(document: &Document, text: &mut String) {
    let (intermittent, steady): (Vec<&Failure>, Vec<&Failure>) =
        document.failures.iter().partition(|failure| is_intermittent(failure));
    let _ = writeln!(text, "---\n\n## Test Failure Analysis\n");
    if document.failures.is_empty() {
        let _ = writeln!(text, "No test failed.\n");
        return;
    }
    let workers = document.capacity.workers;
    let _ =
        writeln!(text, "### Parallel Execution Results ({workers} workers, {} runs)\n", document.runs.len());
    let _ = writeln!(
        text,
        "| Test Name | Fails in Parallel? | Fails Individually? | Failure Type | Root Cause |"
    );
    let _ =
        writeln!(text, "|-----------|-------------------|---------------------|--------------|------------|");
    for failure in steady {
        let _ = writeln!(
            text,
            "| `{}` | {} | {} | {} | {} |",
            escaped(failure.test.as_str()),
            cell(failure.parallel),
            cell(failure.alone),
            failure.kind.words(),
            escaped(&cause(failure))
        );
    }
    let _ = writeln!(text);
    if intermittent.is_empty() {
        return;
    }
    let _ = writeln!(text, "### Additional Errors (Intermittent)\n");
    let _ =
        writeln!(text, "| Test Name | Type | Frequency | Notes |\n|-----------|------|-----------|-------|");
    for failure in intermittent {
        let _ = writeln!(
            text,
            "| `{}` | {} | {} of {} parallel attempts, {} of {} alone | {}: {} |",
            escaped(failure.test.as_str()),
            failure.outcome.word().to_uppercase(),
            failure.parallel.failed,
            failure.parallel.attempts,
            failure.alone.failed,
            failure.alone.attempts,
            failure.kind.words(),
            escaped(&cause(failure))
        );
    }
    let _ = writeln!(text);
}

/// What fails in fewer than half of the parallel runs, and is no matter of where or when a person could see at once.
fn is_intermittent(failure: &Failure) -> bool {
    2 * failure.parallel.failed < failure.parallel.attempts
}

/// `YES (5 of 5)`, `NO (0 of 3: at most 63 %)`
fn cell(rate: Rate) -> String {
    let Rate { failed, attempts, interval } = rate;
    match (failed, attempts) {
        (_, 0) => "not tried".to_owned(),
        (0, _) => format!("❌ NO (0 of {attempts}: at most {:.0} %)", interval.high * 100.0),
        (failed, attempts) if failed == attempts => format!("✅ YES ({failed} of {attempts})"),
        _ => format!(
            "✅ SOMETIMES ({failed} of {attempts}: {:.0} to {:.0} %)",
            interval.low * 100.0,
            interval.high * 100.0
        ),
    }
}

/// The cause and how sure that is.
fn cause(failure: &Failure) -> String {
    if let Some(counted) = &failure.first_look {
        return counted.clone();
    }
    match &failure.label {
        Label::Confirmed => format!("{} (confirmed)", sentence(failure)),
        Label::Likely => format!("{} (likely)", sentence(failure)),
        Label::Undetermined { remaining, .. } => {
            let remaining: Vec<String> = remaining
                .iter()
                .map(|(class, weight)| format!("{} {:.0} %", words::class_of(*class), weight * 100.0))
                .collect();
            format!("undetermined: {}", remaining.join(", "))
        }
        Label::NotReproduced { at_most } => {
            format!("not reproduced; it fails in at most {:.0} % of attempts", at_most * 100.0)
        }
    }
}

/// What the class means for this test.
fn sentence(failure: &Failure) -> String {
    let accused = accused(failure);
    match failure.class() {
        Class::OneOff => "nothing that was tried makes it fail".to_owned(),
        Class::Deterministic => "fails wherever and whenever it runs".to_owned(),
        Class::Random => "fails by chance, alone as well as beside others".to_owned(),
        Class::Slot => {
            format!("fails only in certain slots: {}", accused.unwrap_or_else(|| "several".to_owned()))
        }
        Class::Order => format!("fails after {}", accused.unwrap_or_else(|| "others".to_owned())),
        Class::Brittle => {
            format!("fails where {} did not run before", accused.unwrap_or_else(|| "another one".to_owned()))
        }
        Class::Overlap => format!(
            "fails only while {} at the same time",
            accused.map_or_else(|| "others run".to_owned(), |who| format!("{who} runs"))
        ),
        Class::Load => "fails only on a busy machine".to_owned(),
        Class::Surroundings => "what fails hits whichever test runs".to_owned(),
    }
}

/// Whom the class accuses, if it is clear.
fn accused(failure: &Failure) -> Option<String> {
    const SHOWN: usize = 3;
    let said = |accused: &Accused| match (&accused.test, accused.slot) {
        (Some(test), _) => Some(format!("`{test}`")),
        (None, Some(slot)) => Some(format!("slot {slot}")),
        (None, None) => None,
    };
    if let Some(first) = clear(&failure.culprits) {
        return said(first);
    }
    failure.culprits.first()?;
    let several: Vec<String> = failure.culprits.iter().take(SHOWN).filter_map(said).collect();
    Some(format!("one of several ({}, …)", several.join(", ")))
}

fn conclusion(document: &Document, text: &mut String) {
    let _ = writeln!(text, "---\n\n## Conclusion\n");
    let runs = &document.runs;
    if runs.is_empty() {
        let _ = writeln!(text, "No run of the suite came to its end.");
        return;
    }
    let mut passed: Vec<usize> = runs.iter().map(|run| run.passed).collect();
    passed.sort_unstable();
    let mut took: Vec<f64> = runs.iter().map(|run| run.took_s).collect();
    took.sort_by(f64::total_cmp);
    let (passed, took) = (passed[passed.len() / 2], took[took.len() / 2]);
    let tests = runs.iter().map(|run| run.tests).max().unwrap_or_default();
    #[expect(clippy::cast_precision_loss, reason = "numbers of tests")]
    let part = 100.0 * passed as f64 / tests.max(1) as f64;
    let _ = writeln!(
        text,
        "* {part:.0}% pass rate ({passed}/{tests}) in {took:.0} seconds with {} workers, the median of {} runs",
        document.capacity.workers,
        runs.len()
    );
    let count =
        |is: fn(&Label) -> bool| document.failures.iter().filter(|failure| is(&failure.label)).count();
    let _ = writeln!(
        text,
        "* {} failure{}: {} confirmed, {} likely, {} undetermined, {} not reproduced",
        document.failures.len(),
        if document.failures.len() == 1 { "" } else { "s" },
        count(|label| *label == Label::Confirmed),
        count(|label| *label == Label::Likely),
        count(|label| matches!(label, Label::Undetermined { .. })),
        count(|label| matches!(label, Label::NotReproduced { .. }))
    );
    let only_parallel = document.failures.iter().filter(|failure| {
        failure.is_claimed()
            && failure.class() == Class::Overlap
            && failure.alone.failed == 0
            && failure.alone.attempts > 0
    });
    for failure in only_parallel {
        let _ = writeln!(
            text,
            "* found by running in parallel, and by nothing else: `{}`",
            escaped(failure.test.as_str())
        );
    }
}

/// Text that breaks no table and is no markup.
fn escaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '|' => plain.push_str("\\|"),
            '<' => plain.push_str("&lt;"),
            '\n' | '\r' | '\t' => plain.push(' '),
            control if control.is_control() => plain.push('\u{fffd}'),
            character => plain.push(character),
        }
    }
    plain
}
