//! `junit.xml`, which every CI system reads.
//!
//! It is the dialect of Maven's Surefire, as cargo-nextest and Jenkins have it: *failed* is a `failure`, what the surroundings or
//! a deadline said an `error`; earlier attempts are `flakyFailure` of a test that passed in the end, else
//! `rerunFailure`. Beyond the schema of Jenkins there are the properties of a test case, its `timestamp`, `file` and `line`, and
//! the times of reruns.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;
use quick_junit::{NonSuccessKind, Property, Report, TestCase, TestCaseStatus, TestRerun, TestSuite};

use super::left::{Left, printed};
use super::words::{first_line, why_not_run, why_unfinished};
use crate::model::{Outcome, Problem, path_of};
use crate::report::recheck;
use crate::story::{AttemptStory, Standing, Story, TestStory};

/// Of what an attempt printed, so many bytes are taken: readers hold the whole document in memory.
const PRINTED: u64 = 16 << 10;

/// One XML document.
pub(super) fn render(story: &Story, run: &Path) -> String {
    let name = story.run.suite.as_deref().unwrap_or("callboard");
    let mut suite = TestSuite::new(text(name));
    suite.set_time(Duration::from_micros(story.took_us()));
    suite.add_properties(of_run(story));
    if let Some(at) = moment(&story.run.started, 0) {
        suite.extra.insert("timestamp".into(), at.into());
    }
    suite.add_test_cases(story.tests.iter().map(|test| case(test, story, run)));
    if !story.notices.is_empty() {
        let notices: Vec<String> =
            story.notices.iter().map(|notice| format!("notice: {}", notice.text)).collect();
        suite.set_system_out(text(&notices.join("\n")));
    }
    let mut report = Report::new(text(name));
    report.set_time(Duration::from_micros(story.took_us()));
    report.add_test_suite(suite);
    // It is written into memory, and without what XML forbids: nothing is left that could go wrong.
    report.to_string().unwrap_or_default()
}

fn of_run(story: &Story) -> Vec<Property> {
    let run = &story.run;
    let mut properties = vec![
        property("run", &run.id),
        property("callboard", &run.callboard),
        property("cores", &run.cores.to_string()),
        property("workers", &run.workers.to_string()),
        property("slots", &run.slots.to_string()),
    ];
    properties.extend(run.shuffle_seed.map(|seed| property("shuffle seed", &seed.to_string())));
    properties
}

fn case(test: &TestStory, story: &Story, run: &Path) -> TestCase {
    let planned = &test.planned;
    let mut case = TestCase::new(text(planned.test.as_str()), status(test, story, run));
    case.set_classname(text(&class(test, story)));
    if let Some(took) = test.took_us() {
        case.set_time(Duration::from_micros(took));
    }
    if let Some(at) =
        test.attempts.first().and_then(|first| moment(&story.run_of(first.slot).started, first.started_us))
    {
        case.extra.insert("timestamp".into(), at.into());
    }
    if let Some(place) = &planned.location {
        case.extra.insert("file".into(), text(&place.file).into());
        case.extra.insert("line".into(), place.line.to_string().into());
    }
    case.add_properties(planned.roles.iter().map(|role| property("role", role)));
    case.add_properties(planned.tags.iter().map(|tag| property("tag", tag)));
    if let Some(fixme) = test.verdict.as_ref().and_then(|verdict| verdict.fixme.as_deref()) {
        case.add_property(property("fixme", fixme));
    }
    case.add_properties(recheck::words(test, story).map(|words| property("tried once more", &words)));
    if let Some(last) = test.attempts.last() {
        case.add_properties(of_attempt(last, story, test.attempts.len()));
        let output = output(last, run);
        case.add_properties(output.missing.iter().map(|path| property("attachment missing", path)));
        if !output.text.is_empty() {
            case.set_system_out(text(&output.text));
        }
    }
    case
}

/// `course-records.e2e.instructor`: the suite and the module, whose last part is a class to those who read it.
fn class(test: &TestStory, story: &Story) -> String {
    let suite = story.run.suite.as_deref().unwrap_or("callboard").replace('/', ".");
    match test.planned.test.as_str().rsplit_once("::") {
        Some((module, _)) => format!("{suite}.{}", module.replace("::", ".")),
        None => suite,
    }
}

fn of_attempt(attempt: &AttemptStory, story: &Story, attempts: usize) -> Vec<Property> {
    let mut properties = Vec::new();
    properties.extend(attempt.slot.map(|slot| property("slot", &story.slot_name(slot))));
    properties.extend(attempt.companions.iter().map(|slot| property("companion", &story.slot_name(*slot))));
    properties.extend(attempt.worker.map(|worker| property("worker", &worker.to_string())));
    properties.extend(attempt.accounts.iter().map(|account| property("account", account)));
    properties.push(property("attempts", &attempts.to_string()));
    properties
}

/// What a reader shows beside a test.
struct Output {
    text: String,
    missing: Vec<String>,
}

/// What the attempt printed, then its files as Jenkins and GitLab find them: paths from the document's folder.
fn output(attempt: &AttemptStory, run: &Path) -> Output {
    let mut text = printed(attempt, run, PRINTED).unwrap_or_default();
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    let Left { files, missing } = Left::of(attempt, run);
    for file in files {
        let _ = writeln!(text, "[[ATTACHMENT|{file}]]");
    }
    Output { text, missing }
}

fn status(test: &TestStory, story: &Story, run: &Path) -> TestCaseStatus {
    let (last, earlier) = match test.attempts.split_last() {
        Some((last, earlier)) => (Some(last), earlier),
        None => (None, &[][..]),
    };
    let mut status = match test.standing() {
        Standing::Is(Outcome::Passed) | Standing::Flaky | Standing::FailedAsExpected => {
            TestCaseStatus::success()
        }
        Standing::Is(Outcome::Skipped) => {
            let reason = test.verdict.as_ref().and_then(|verdict| verdict.reason.as_deref());
            return skipped("skipped", reason.unwrap_or_default());
        }
        Standing::DidNotRun => return skipped("did not run", &why_not_run(story)),
        // Nobody said that anything is wrong with it.
        Standing::Unfinished if story.end.is_some_and(|end| end.interrupted) => {
            return skipped("cancelled", why_unfinished(story));
        }
        Standing::Unfinished => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
            status.set_type("unfinished").set_message(why_unfinished(story));
            status.set_description(why_unfinished(story));
            status
        }
        Standing::Is(outcome) => {
            let mut status = TestCaseStatus::non_success(kind(outcome));
            status.set_type(outcome.word());
            if let Some(problem) = last.and_then(problem_of) {
                status
                    .set_message(text(first_line(&problem.message)))
                    .set_description(text(&description(problem)));
            }
            status
        }
    };
    status.add_reruns(earlier.iter().filter_map(|attempt| rerun(attempt, story, run)));
    status
}

fn skipped(ty: &str, message: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::skipped();
    status.set_type(ty).set_message(text(message));
    status
}

/// An attempt after which the test was tried again.
fn rerun(attempt: &AttemptStory, story: &Story, run: &Path) -> Option<TestRerun> {
    let problem = problem_of(attempt)?;
    let mut rerun = TestRerun::new(kind(problem.outcome));
    rerun.set_type(problem.outcome.word());
    rerun.set_message(text(first_line(&problem.message)));
    // By words, because readers show nothing else of a rerun.
    let place = attempt.slot.map(|slot| format!(" in slot {}", story.slot_name(slot))).unwrap_or_default();
    rerun.set_description(text(&format!("attempt {}{place}\n{}", attempt.number, description(problem))));
    rerun.set_time(Duration::from_micros(attempt.end.as_ref()?.took_us));
    let output = output(attempt, run).text;
    if !output.is_empty() {
        rerun.set_system_out(text(&output));
    }
    Some(rerun)
}

fn kind(outcome: Outcome) -> NonSuccessKind {
    if outcome == Outcome::Failed { NonSuccessKind::Failure } else { NonSuccessKind::Error }
}

fn problem_of(attempt: &AttemptStory) -> Option<&Problem> {
    attempt.end.as_ref()?.problem.as_ref()
}

/// The message, and where it comes from.
fn description(problem: &Problem) -> String {
    let mut text = problem.message.trim_end().to_owned();
    if !problem.steps.is_empty() {
        let _ = write!(text, "\n  in step {}", path_of(problem.steps.iter().map(String::as_str)));
    }
    if let Some(location) = &problem.location {
        let _ = write!(text, "\n  at {location}");
    }
    text
}

fn property(name: &str, value: &str) -> Property {
    Property::new(name, text(value))
}

/// When something happened, as a reader of timestamps takes it.
fn moment(began: &str, at_us: u64) -> Option<String> {
    let started: Timestamp = began.parse().ok()?;
    let at = started.checked_add(Duration::from_micros(at_us)).ok()?;
    Some(at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string())
}

/// Text without the two characters that XML forbids and that nobody else takes out.
fn text(text: &str) -> String {
    text.replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}")
}
