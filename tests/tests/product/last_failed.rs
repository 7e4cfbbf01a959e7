//! Running what did not pass in the last run.

use std::fs;

use callboard_tests::{Ran, Stage, until};
use rustix::process::Signal;

use super::{many, outcomes};

/// The names of the tests that would run after this run.
fn listed(stage: &Stage, earlier: &Ran, line: &str) -> Vec<String> {
    let list = outcomes(stage).after(earlier).args("--last-failed --list --format terse").args(line).run();
    let names = list.exits(0).started_nothing().stdout.lines().filter_map(|line| line.strip_suffix(": test"));
    names.map(str::to_owned).collect()
}

#[test]
fn only_what_did_not_pass_runs() {
    let stage = Stage::with(2, "");
    let first = outcomes(&stage).args("pass:: fail::by_new fail::by_panic attributes::ignored_for").run();
    let second = outcomes(&stage).after(&first).args("--last-failed").run();
    assert_eq!(second.exits(101).names(), ["fail::by_new", "fail::by_panic"]);
    let id = first.run.as_ref().and_then(|run| run.file_name()?.to_str()).expect("the id of the run");
    second.complains([&format!("notice: --last-failed: 2 tests did not pass in the last run ({id})\n")]);
    assert_eq!(second.events.count("notice"), 1);
    // Of several runs, the last counts.
    let third = outcomes(&stage).args("fail::by_string").run();
    assert_eq!(listed(&stage, &third, ""), ["fail::by_string"]);
    let after_all = outcomes(&stage).after(&first).after(&third).after(&second).args("--last-failed").run();
    assert_eq!(after_all.exits(101).names(), ["fail::by_string"]);
}

#[test]
fn what_did_not_run_did_not_pass() {
    let stage = Stage::with(2, "");
    let first = outcomes(&stage).args("fail:: pass:: --max-failures 1 --workers 1").run();
    assert_eq!(first.exits(101).events.started().len(), 1);
    assert_eq!(listed(&stage, &first, "").len(), 12);
    assert_eq!(listed(&stage, &first, "pass::").len(), 4, "filters select among these");
}

#[test]
fn a_killed_run_counts_with_what_it_had() {
    let stage = Stage::with(2, "");
    let started = outcomes(&stage).args("pass:: place::stays --workers 1").start();
    // What happened in the last moment before a kill may not be among the events.
    until("the events tell of it", || started.events().started().contains(&"place::stays").then_some(()));
    started.signal(Signal::KILL);
    let killed = started.wait_for_any_end();
    stage.until_empty();
    assert_eq!(listed(&stage, &killed, ""), ["place::stays", "place::stays_too"]);
}

#[test]
fn where_nothing_failed_everything_runs() {
    let stage = Stage::with(2, "");
    let first = outcomes(&stage).args("pass::plain --last-failed").run();
    first
        .exits(0)
        .complains(["--last-failed: there is no earlier run of `callboard-tests/consumer_outcomes` in "]);
    let second = outcomes(&stage).after(&first).args("pass:: --last-failed").run();
    second.exits(0).says([": 4 passed ("]).complains(["--last-failed: all tests passed in the last run ("]);
    let failed = outcomes(&stage).args("fail::by_new").run();
    let other = outcomes(&stage).after(&failed).args("pass:: --last-failed").run();
    other
        .exits(0)
        .says([": 4 passed ("])
        .complains(["1 test did not pass in the last run (", "none is selected"]);
}

#[test]
fn runs_of_other_suites_do_not_count() {
    let stage = Stage::with(2, "");
    let own = outcomes(&stage).args("fail::by_new").run();
    let other = many(&stage).args("h0::t00").run();
    let ran = outcomes(&stage).after(&own).after(&other).args("--last-failed").run();
    assert_eq!(ran.exits(101).names(), ["fail::by_new"]);
}

#[test]
fn a_test_that_failed_once_of_several_times_did_not_pass() {
    let stage = Stage::with(2, "");
    let repeated =
        outcomes(&stage).args("again::second_time_lucky pass::plain --repeat-each 3 --workers 1").run();
    repeated.exits(101).says([": 5 passed, 1 failed ("]);
    assert_eq!(listed(&stage, &repeated, ""), ["again::second_time_lucky"]);
}

#[test]
fn a_flaky_test_passed_unless_that_counts_as_failed() {
    let stage = Stage::with(2, "");
    let flaky = outcomes(&stage).args("again::third_time_lucky fail::by_new --fail-on-flaky").run();
    assert_eq!(listed(&stage, flaky.exits(101), ""), ["fail::by_new"]);
    assert_eq!(listed(&stage, &flaky, "--fail-on-flaky"), ["again::third_time_lucky", "fail::by_new"]);
}

#[test]
fn events_that_cannot_be_read_are_told_and_nothing_is_started() {
    let stage = Stage::with(2, "");
    let first = outcomes(&stage).args("fail::by_new").run();
    let file = first.run.as_ref().expect("a run").join("events.jsonl");
    let whole = fs::read_to_string(&file).expect("events");
    for (damaged, line) in [(whole.replacen("\"planned\"", "\"planned", 1), 2), (format!("\0{whole}"), 1)] {
        fs::write(&file, damaged).expect("the events are written");
        let ran = outcomes(&stage).after(&first).args("--last-failed").run();
        ran.exits(2).started_nothing().complains([
            "error: the events of an earlier run cannot be read: ",
            &format!("events.jsonl, line {line}: "),
            "without --last-failed",
        ]);
        // Nothing else depends on them.
        outcomes(&stage).after(&first).args("pass:: --workers 1").run().exits(0);
    }
}
