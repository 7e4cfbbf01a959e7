//! What GitHub Actions reads in a log: annotations of the failed tests, and groups.
//!
//! The commands are those of "Workflow commands for GitHub Actions" in GitHub's documentation.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::recheck;
use crate::model::{Location, Outcome};
use crate::story::{Standing, Story, TestStory};

/// GitHub shows no more of either kind of one step.
const SHOWN: usize = 10;

/// Where source files are.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sources {
    /// The folder of the consumer's package. The compiler's paths begin there, or in a folder above.
    pub(crate) package: PathBuf,
    /// `GITHUB_WORKSPACE`: the folder of the repository, from which GitHub counts.
    pub(crate) repository: Option<PathBuf>,
}

impl Sources {
    /// A file as GitHub calls it.
    fn name(&self, file: &str) -> String {
        let beside = self.package.ancestors().map(|folder| folder.join(file));
        let found = beside.into_iter().find(|path| path.is_file());
        let below = |path: &Path| path.strip_prefix(self.repository.as_deref()?).ok().map(Path::to_owned);
        let path = found.and_then(|path| below(&path)).unwrap_or_else(|| PathBuf::from(file));
        path.display().to_string()
    }
}

/// A line for each test that did not pass, an error, and each that was flaky, a warning; at most ten of either.
pub(crate) fn annotations(story: &Story, sources: &Sources) -> String {
    let mut text = String::new();
    let is_bad = |test: &&TestStory| matches!(test.standing(), Standing::Is(outcome) if !outcome.is_ok());
    let is_flaky = |test: &&TestStory| test.standing() == Standing::Flaky;
    let bad: Vec<_> = story.tests.iter().filter(is_bad).collect();
    for (command, tests) in [("error", &bad), ("warning", &story.tests.iter().filter(is_flaky).collect())] {
        for test in tests.iter().take(SHOWN) {
            annotate(&mut text, command, test, story, sources);
        }
    }
    text
}

fn annotate(lines: &mut String, command: &str, test: &TestStory, story: &Story, sources: &Sources) {
    let Some(problem) = test.problem() else { return };
    let outcome = match command {
        "error" => problem.outcome.word().to_owned(),
        _ => format!("flaky, at first {}", problem.outcome),
    };
    let mut keys = Vec::new();
    if let Some(Location { file, line, column }) =
        problem.location.as_ref().or(test.planned.location.as_ref())
    {
        keys.push(format!("file={}", property(&sources.name(file))));
        keys.push(format!("line={line},col={column}"));
    }
    keys.push(format!("title={}", property(&format!("{} ({outcome})", test.planned.test))));
    let message = if problem.message.trim().is_empty() {
        Outcome::word(problem.outcome)
    } else {
        problem.message.trim_end()
    };
    let tried = recheck::words(test, story).map(|words| format!("\n{words}")).unwrap_or_default();
    let _ = writeln!(lines, "::{command} {}::{}{}", keys.join(","), data(message), data(&tried));
}

/// A failure with what the test printed in a group that can be opened. What it printed is no command.
pub(super) fn grouped(failure: &str) -> String {
    let Some((told, printed)) = failure.split_once("\n  it printed:\n") else { return failure.to_owned() };
    // GitHub takes a line for a command only when it begins like one.
    let harmless: Vec<String> = printed
        .lines()
        .map(|line| {
            if line.trim_start().starts_with("::") || line.contains("##[") {
                format!("| {line}")
            } else {
                line.to_owned()
            }
        })
        .collect();
    format!("{told}\n::group::it printed\n{}\n::endgroup::", harmless.join("\n"))
}

/// As the message of a command has to be written.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// As the value of a key has to be written.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Event, Problem, Record, SlotId, TestId};

    fn tell(story: &mut Story, name: &str, outcome: Outcome, flaky: bool, message: &str) {
        let test = TestId::new(name);
        let location = Location { file: "src/report/github.rs".to_owned(), line: 3, column: 7 };
        let problem = Problem { outcome: Outcome::Failed, ..Problem::failed(message, Some(location)) };
        let mut event = |event| story.tell(Record { at_us: 1, event });
        let (slot, took_us) = (Some(SlotId(0)), 1);
        let problem = Some(problem);
        event(Event::AttemptFinished {
            test: test.clone(),
            attempt: 1,
            slot,
            outcome: Outcome::Failed,
            problem,
            took_us,
        });
        event(Event::TestFinished { test, outcome, flaky, attempts: 1, reason: None, fixme: None });
    }

    fn sources() -> Sources {
        let package = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
        Sources { repository: package.parent().map(Path::to_owned), package }
    }

    #[test]
    fn failed_tests_are_errors_and_flaky_ones_warnings() {
        let mut story = Story::default();
        tell(&mut story, "a::one, two", Outcome::Failed, false, "100 %\r\nof: all\n");
        tell(&mut story, "b::flaky", Outcome::Passed, true, "no");
        assert_eq!(
            annotations(&story, &sources()),
            "::error file=harness/src/report/github.rs,line=3,col=7,title=a%3A%3Aone%2C two (failed)::100 %25%0D%0Aof: all\n\
             ::warning file=harness/src/report/github.rs,line=3,col=7,title=b%3A%3Aflaky (flaky%2C at first failed)::no\n"
        );
    }

    #[test]
    fn no_more_than_github_shows() {
        let mut story = Story::default();
        for number in 0..11 {
            tell(&mut story, &format!("test_{number}"), Outcome::Failed, false, "no");
        }
        assert_eq!(annotations(&story, &sources()).lines().count(), 10);
    }

    #[test]
    fn what_a_test_printed_is_a_group_and_no_command() {
        assert_eq!(grouped("failed: no\n  kept in x"), "failed: no\n  kept in x");
        assert_eq!(
            grouped("failed: no\n  it printed:\na: b\n ::error::x\n##[error]y"),
            "failed: no\n::group::it printed\na: b\n|  ::error::x\n| ##[error]y\n::endgroup::"
        );
    }
}
