//! What a person sees around the lines of the tests: header, live view, notices, failures as they come, summary.

mod canvas;
mod paint;
mod surroundings;
mod view;
mod watch;

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::mpsc::Sender;
use std::time::Duration;

pub(crate) use paint::Paint;
pub(crate) use surroundings::Surroundings;
pub(crate) use watch::Watch;

use self::watch::Manner;
use super::again::Again;
use super::files;
use super::github::{self, Sources};
use super::summary::{self, Around, s};
use crate::model::{Problem, Record, SlotId, TestId, seconds};
use crate::story::Story;

/// How results are printed for a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reporter {
    /// Failures as they come, and on a terminal a live view.
    Line,
    /// A line a test, as libtest has it.
    List,
    /// A character a test.
    Dot,
    /// Failures, and a short summary.
    Quiet,
}

impl Reporter {
    /// Whether it tells of failures itself. The results that libtest-mimic prints then go to a file of the run's.
    pub(crate) fn watches(self) -> bool {
        matches!(self, Self::Line | Self::Quiet)
    }
}

/// Prints for a person; nothing on standard output where a program reads it.
#[derive(Debug, Clone)]
pub(crate) struct Terminal {
    /// Nobody where standard output is not for the eyes of a person.
    pub(crate) reporter: Option<Reporter>,
    pub(crate) surroundings: Surroundings,
    pub(crate) paint: Paint,
    /// Tests print for themselves, or somebody asks at the terminal: nothing may be drawn.
    pub(crate) is_shared: bool,
    pub(crate) fail_on_flaky: bool,
    pub(crate) again: Again,
    pub(crate) sources: Sources,
}

impl Terminal {
    /// `Running 58 tests using 2 workers`
    pub(crate) fn header(&self, tests: usize, workers: usize, times: u32, seed: Option<u64>) {
        if self.reporter == Some(Reporter::List) {
            say(&Words::header(tests, workers, times, seed));
        }
    }

    /// Somebody who follows the run with this folder, where that is asked for.
    pub(crate) fn watch(&self, folder: PathBuf) -> io::Result<Option<(Watch, Sender<Record>)>> {
        let Some(reporter) = self.reporter.filter(|reporter| reporter.watches()) else { return Ok(None) };
        let talks = reporter == Reporter::Line;
        let manner = Manner {
            draws: talks && self.surroundings.can_draw() && !self.is_shared,
            talks,
            paint: self.paint,
            github: self.surroundings.is_github,
            fail_on_flaky: self.fail_on_flaky,
        };
        Watch::begin(folder, manner).map(Some)
    }

    /// Something to know that stops nothing.
    pub(crate) fn notice(text: &str) {
        Self::complain(&Words::notice(text));
    }

    /// A line on standard error. Where that is full, there is nowhere to say so.
    pub(crate) fn complain(line: &str) {
        let _ = writeln!(io::stderr(), "{line}");
    }

    /// How long the last attempt of each test took, the longest first.
    pub(crate) fn times(&self, mut times: Vec<(TestId, Duration)>) {
        if self.reporter.is_none() {
            return;
        }
        times.sort_by_key(|(_, took)| std::cmp::Reverse(*took));
        let lines = times.iter().fold(String::new(), |mut lines, (test, took)| {
            let _ = writeln!(lines, "{:>12}  {test}", seconds(*took));
            lines
        });
        say(&format!("Time of each test:\n{lines}\n"));
    }

    /// What the tests that passed have printed, as libtest shows it.
    pub(crate) fn successes(&self, printed: Vec<(TestId, String)>) {
        if self.reporter.is_none() || printed.is_empty() {
            return;
        }
        println!("successes:\n");
        for (test, text) in printed {
            println!("---- {test} stdout ----\n{}\n", text.trim_end_matches('\n'));
        }
    }

    /// What the run came to, and where to look further.
    pub(crate) fn summary(&self, story: &Story, never_up: Option<&str>, folder: &Path) {
        let Some(reporter) = self.reporter else { return };
        if self.surroundings.is_github {
            say(&github::annotations(story, &self.sources));
        }
        let page = folder.join(files::PAGE);
        let page = page.is_file().then_some(page.as_path());
        let around = Around { folder, page, again: &self.again, never_up };
        let is_short = reporter == Reporter::Quiet;
        say(&if is_short { summary::short(story, &around) } else { summary::whole(story, &around) });
    }
}

/// On standard output. Where that is full, whoever prints the results says so.
fn say(text: &str) {
    let _ = io::stdout().write_all(text.as_bytes());
}

/// What is said wherever it is shown.
struct Words;

impl Words {
    fn header(tests: usize, workers: usize, times: u32, seed: Option<u64>) -> String {
        let shuffled =
            seed.map(|seed| format!(", shuffled (again with --shuffle-seed {seed})")).unwrap_or_default();
        let repeated = if times > 1 { format!(" (each {times} times)") } else { String::new() };
        format!("Running {tests} test{}{repeated} using {workers} worker{}{shuffled}\n", s(tests), s(workers))
    }

    fn notice(text: &str) -> String {
        format!("notice: {text}")
    }

    fn tear_down_failed(slot: SlotId, problem: &Problem) -> String {
        format!("in slot {slot}, {}", problem.message)
    }
}
