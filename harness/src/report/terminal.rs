//! What a person sees around the lines of the tests: header, notices, summary.

use std::fmt::Write;
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
    pub(crate) fn header(self, tests: usize, workers: usize, seed: Option<u64>) {
        if !self.human {
            return;
        }
        let shuffled =
            seed.map(|seed| format!(", shuffled (again with --shuffle-seed {seed})")).unwrap_or_default();
        println!("Running {tests} test{} using {workers} worker{}{shuffled}", s(tests), s(workers));
    }

    /// Something to know that stops nothing.
    pub(crate) fn notice(text: &str) {
        eprintln!("notice: {text}");
    }

    /// How long the last attempt of each test took, the longest first.
    pub(crate) fn times(self, mut times: Vec<(TestId, Duration)>) {
        if !self.human {
            return;
        }
        times.sort_by_key(|(_, took)| std::cmp::Reverse(*took));
        println!("Time of each test:");
        for (test, took) in times {
            println!("{:>12}  {test}", seconds(took));
        }
        println!();
    }

    /// Counts by outcome, time, and where to look further.
    pub(crate) fn summary(self, end: &End, workers: usize, folder: &Path) {
        if self.human {
            print!("{}", summary(end, workers, folder));
        }
    }
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
        "{all} test{} in {}: {} ({workers} worker{}, {} slot{})",
        s(all),
        seconds(end.took),
        shown.join(", "),
        s(workers),
        end.slots_used,
        s(end.slots_used),
    );
    if let Some(used) = &end.workers_used {
        let _ = writeln!(text, "{}", used_of(used, workers));
    }
    let _ = writeln!(text, "Events, logs and what failing tests left: {}", from_here(folder).display());
    text
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

    #[test]
    fn the_summary_counts_by_outcome_and_leaves_out_what_there_is_none_of() {
        let counts =
            Counts { passed: 54, flaky: 1, expected_failures: 3, failed: 3, errored: 1, ..Counts::default() };
        let end = End {
            counts,
            took: Duration::from_secs(44),
            interrupted: false,
            never_up: None,
            slots_used: 10,
            workers_used: Some(Used { average: 5.16, why: LimitReason::Cpu }),
        };
        assert_eq!(
            summary(&end, 10, Path::new("/run")),
            "58 tests in 44.0 s: 54 passed, 1 of them flaky, 3 of them expected failures, 3 failed, 1 errored (10 workers, 10 slots)\n\
             ran 5.2 of 10 workers on average: CPU\n\
             Events, logs and what failing tests left: /run\n"
        );
    }
}
