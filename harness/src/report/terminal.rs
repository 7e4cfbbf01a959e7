//! What a person sees around the lines of the tests: header, notices, summary.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::Path;
use std::time::Duration;

use super::message::from_here;
use crate::model::{LimitReason, TestId, seconds};
use crate::run::{End, Used};

/// Prints for a person; nothing on standard output where a program reads it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Terminal {
    /// Standard output is for the eyes of a person.
    pub(crate) human: bool,
}

impl Terminal {
    /// `Running 58 tests using 2 workers`
    pub(crate) fn header(self, tests: usize, workers: usize, times: u32, seed: Option<u64>) {
        if !self.human {
            return;
        }
        let shuffled =
            seed.map(|seed| format!(", shuffled (again with --shuffle-seed {seed})")).unwrap_or_default();
        let repeated = if times > 1 { format!(" (each {times} times)") } else { String::new() };
        say(&format!(
            "Running {tests} test{}{repeated} using {workers} worker{}{shuffled}\n",
            s(tests),
            s(workers)
        ));
    }

    /// Something to know that stops nothing.
    pub(crate) fn notice(text: &str) {
        Self::complain(&format!("notice: {text}"));
    }

    /// A line on standard error. Where that is full, there is nowhere to say so.
    pub(crate) fn complain(line: &str) {
        let _ = writeln!(io::stderr(), "{line}");
    }

    /// How long the last attempt of each test took, the longest first.
    pub(crate) fn times(self, mut times: Vec<(TestId, Duration)>) {
        if !self.human {
            return;
        }
        times.sort_by_key(|(_, took)| std::cmp::Reverse(*took));
        let lines = times.iter().map(|(test, took)| format!("{:>12}  {test}\n", seconds(*took)));
        say(&format!("Time of each test:\n{}\n", lines.collect::<String>()));
    }

    /// What the tests that passed have printed, as libtest shows it.
    pub(crate) fn successes(self, printed: Vec<(TestId, String)>) {
        if !self.human || printed.is_empty() {
            return;
        }
        println!("successes:\n");
        for (test, text) in printed {
            println!("---- {test} stdout ----\n{}\n", text.trim_end_matches('\n'));
        }
    }

    /// Counts by outcome, time, and where to look further.
    pub(crate) fn summary(self, end: &End, workers: usize, folder: &Path) {
        if self.human {
            say(&summary(end, workers, folder));
        }
    }
}

/// On standard output. Where that is full, whoever prints the results says so.
fn say(text: &str) {
    let _ = io::stdout().write_all(text.as_bytes());
}

fn summary(end: &End, workers: usize, folder: &Path) -> String {
    let counts = &end.counts;
    let mut text = String::new();
    if end.interrupted {
        text.push_str("Interrupted.\n");
    }
    if let Some(reason) = &end.never_up {
        let _ = writeln!(text, "Nothing could be set up: {reason}");
    }
    if let Some(failures) = end.stopped_after {
        let _ = writeln!(text, "Stopped when {failures} test{} had failed (--max-failures).", s(failures));
    }
    let all = counts.passed + counts.bad() + counts.skipped + counts.did_not_run;
    let outcomes = [
        (counts.passed, "passed"),
        (counts.flaky, "flaky"),
        (counts.expected_failures, "expected failures"),
        (counts.failed, "failed"),
        (counts.errored, "errored"),
        (counts.timed_out, "timed out"),
        (counts.crashed, "crashed"),
        (counts.skipped, "skipped"),
        (counts.did_not_run, "did not run"),
    ];
    let shown: Vec<String> = outcomes
        .iter()
        .filter(|(count, word)| *count > 0 || *word == "passed")
        .map(|(count, word)| match *word {
            "flaky" => format!("{count} of them flaky"),
            "expected failures" => format!("{count} of them expected failure{}", s(*count)),
            word => format!("{count} {word}"),
        })
        .collect();
    let _ = writeln!(
        text,
        "{all} test{} in {}: {} ({workers} worker{}, {} slot{}){}",
        s(all),
        seconds(end.took),
        shown.join(", "),
        s(workers),
        end.slots_used,
        s(end.slots_used),
        closeness(end),
    );
    if let Some(used) = &end.workers_used {
        let _ = writeln!(text, "{}", used_of(used, workers));
    }
    if end.browsers_renewed > 0 {
        let browsers = end.browsers_renewed as usize;
        let were = if browsers == 1 { "was" } else { "were" };
        let _ = writeln!(text, "{browsers} browser{} {were} renewed between tests", s(browsers));
    }
    let _ = writeln!(text, "Events, logs and what failing tests left: {}", from_here(folder).display());
    text
}

/// How close a whole run came to what no order of its tests could have gone below.
fn closeness(end: &End) -> String {
    let Some(bound) = end.bound.filter(|_| !end.interrupted && end.stopped_after.is_none()) else {
        return String::new();
    };
    let over = end.took.saturating_sub(bound).as_secs_f64() / bound.as_secs_f64();
    format!(", within {:.0}% of the bound of {}", (over * 100.0).ceil(), seconds(bound))
}

/// `ran 5.2 of 16 workers on average: CPU`
fn used_of(used: &Used, workers: usize) -> String {
    let why = match used.why {
        LimitReason::Start | LimitReason::Room => "it took time to find out that there was room for more",
        LimitReason::Cpu => "CPU",
        LimitReason::Memory => "memory",
        LimitReason::Delay => "the harness itself was run late",
    };
    format!("ran {:.1} of {workers} workers on average: {why}", used.average)
}

/// The plural's letter.
fn s(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Counts;

    fn end(counts: Counts) -> End {
        End {
            counts,
            took: Duration::from_secs(44),
            interrupted: false,
            never_up: None,
            slots_used: 10,
            browsers_renewed: 0,
            stopped_after: None,
            bound: None,
            workers_used: None,
        }
    }

    #[test]
    fn the_summary_says_how_close_a_whole_run_came_to_the_bound() {
        let end = End { bound: Some(Duration::from_millis(41_200)), ..end(Counts::default()) };
        let said = |end: &End| summary(end, 2, Path::new("/run"));
        let clause = "(2 workers, 10 slots), within 7% of the bound of 41.2 s\n";
        assert!(said(&end).contains(clause), "{}", said(&end));
        let stopped = End { stopped_after: Some(2), ..end };
        assert!(said(&stopped).starts_with("Stopped when 2 tests had failed (--max-failures).\n"));
        assert!(!said(&stopped).contains("bound"));
    }

    #[test]
    fn the_summary_counts_by_outcome_and_leaves_out_what_there_is_none_of() {
        let counts =
            Counts { passed: 54, flaky: 1, expected_failures: 3, failed: 3, errored: 1, ..Counts::default() };
        let end = End { workers_used: Some(Used { average: 5.16, why: LimitReason::Cpu }), ..end(counts) };
        assert_eq!(
            summary(&end, 10, Path::new("/run")),
            "58 tests in 44.0 s: 54 passed, 1 of them flaky, 3 of them expected failures, 3 failed, 1 errored (10 workers, 10 slots)\n\
             ran 5.2 of 10 workers on average: CPU\n\
             Events, logs and what failing tests left: /run\n"
        );
    }
}
