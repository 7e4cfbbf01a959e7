//! What is known of each failure, and by what.

use std::fmt::Write;

use super::{cause, escaped};
use crate::diagnose::infer::{Blame, Label};
use crate::diagnose::report::document::Document;
use crate::diagnose::report::failure::Failure;
use crate::diagnose::words;

/// Each failure with all that speaks for what is said of it.
pub(super) fn details(document: &Document, text: &mut String) {
    if document.failures.is_empty() {
        return;
    }
    let _ = writeln!(text, "---\n\n## Evidence\n");
    for failure in &document.failures {
        let _ = writeln!(text, "### `{}`\n", escaped(failure.test.as_str()));
        said(failure, text);
        difference(failure, text);
        measured(failure, text);
        consequences(failure, text);
        let _ = writeln!(text, "* cost: {} executions\n", failure.spent);
    }
}

fn said(failure: &Failure, text: &mut String) {
    let _ = writeln!(text, "* {}: {}", label_of(&failure.label), escaped(&cause(failure)));
    if let Some(location) = &failure.location {
        let _ = writeln!(text, "* where: {}:{}", escaped(&location.file), location.line);
    }
    let said = failure.message.lines().next().unwrap_or_default();
    let _ = writeln!(text, "* it said ({}): {}", failure.outcome, escaped(said));
    if !failure.also_at.is_empty() {
        let _ = writeln!(text, "* seen in the same way at {} other tests", failure.also_at.len());
    }
}

/// Where it begins to go wrong.
fn difference(failure: &Failure, text: &mut String) {
    if let Some((first, later)) = failure.divergences.split_first() {
        let after = first.at_us.map(|us| format!(" after {} ms", us / 1_000)).unwrap_or_default();
        let _ = writeln!(
            text,
            "* first difference{after}: {} {} ({} of {} failed attempts, 0 of {} that passed)",
            first.at.words(),
            escaped(&first.what),
            first.in_failed,
            first.failed,
            first.passed
        );
        for next in later {
            let _ = writeln!(
                text,
                "  * then {} {} ({} of {})",
                next.at.words(),
                escaped(&next.what),
                next.in_failed,
                next.failed
            );
        }
    }
    for state in &failure.sql_states {
        let _ = writeln!(text, "* the database said, in failed attempts alone: {}", escaped(state));
    }
    if !failure.shared_writes.is_empty() {
        let writes: Vec<String> =
            failure.shared_writes.iter().map(|one| format!("`{}`", escaped(one))).collect();
        let _ = writeln!(text, "* both write: {}", writes.join(", "));
    }
    for (error, times) in failure.page_errors.iter().take(5) {
        let _ = writeln!(text, "* on its pages: {} ({times} times)", escaped(error));
    }
}

fn measured(failure: &Failure, text: &mut String) {
    for (arm, rate) in &failure.arms {
        let _ = writeln!(
            text,
            "* {}: {} of {} failed ({:.0} to {:.0} %)",
            words::arm_of(*arm),
            rate.failed,
            rate.attempts,
            rate.interval.low * 100.0,
            rate.interval.high * 100.0
        );
    }
    if let Some(curve) = &failure.curve {
        let points: Vec<String> = curve
            .points
            .iter()
            .map(|point| {
                let (low, high) = (point.band.low * 100.0, point.band.high * 100.0);
                format!("{} at once {:.0} % ({low:.0} to {high:.0})", point.workers, point.rate * 100.0)
            })
            .collect();
        let _ =
            writeln!(text, "* how often by how many ran at once, if it only rises: {}", points.join(", "));
    }
    let beliefs: Vec<String> = failure
        .classes
        .iter()
        .filter(|(_, weight)| *weight >= 0.005)
        .map(|(class, weight)| format!("{} {:.1} %", words::class_of(*class), weight * 100.0))
        .collect();
    let _ = writeln!(text, "* what is believed: {}", beliefs.join(", "));
}

fn consequences(failure: &Failure, text: &mut String) {
    let blame = failure.blame.map(|blame| match blame {
        Blame::Product => {
            "**a bug of the product**: different accounts, the server's own error, and a busy machine alone does not make it"
        }
        Blame::Isolation => "the two tests use the same account: each should have its own",
        Blame::WeakWait => {
            "the server is healthy meanwhile: the test waits for too short a time, or for the wrong thing"
        }
    });
    if let Some(blame) = blame {
        let _ = writeln!(text, "* {blame}");
    }
    if let Some(impact) = &failure.outlook.impact {
        let _ = writeln!(text, "* impact: {}", escaped(impact));
    }
    if let Some(avoid) = &failure.outlook.avoid {
        let _ = writeln!(text, "* it would be avoided by {}", escaped(&avoid.how));
        if let Some(hides) = &avoid.hides {
            let _ = writeln!(text, "  * **that hides it**: {}", escaped(hides));
        }
    }
    for change in &failure.outlook.would_change {
        let _ = writeln!(text, "* what would change the verdict: {}", escaped(change));
    }
    if let Some(replay) = &failure.replay {
        let _ = writeln!(text, "* again: `--replay {}`", escaped(replay));
    }
}

fn label_of(label: &Label) -> &'static str {
    match label {
        Label::Confirmed => "**CONFIRMED**",
        Label::Likely => "**LIKELY**",
        Label::Undetermined { .. } => "**UNDETERMINED**",
        Label::NotReproduced { .. } => "**NOT REPRODUCED**",
    }
}
