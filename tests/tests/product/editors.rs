//! The exact command lines of those who run tests for people.

use callboard_tests::Stage;
use serde_json::Value;

use super::json::objects;
use super::outcomes;

#[test]
fn rust_analyzer_runs_one_test() {
    let stage = Stage::with(2, "");
    let run = |name: &str| outcomes(&stage).args(name).args("--exact --nocapture --include-ignored").run();
    assert_eq!(run("pass::plain").exits(0).results(), [("pass::plain", "ok")]);
    assert_eq!(run("attributes::ignored").exits(0).results(), [("attributes::ignored", "ok")]);
    assert_eq!(run("fail::by_panic").exits(101).names(), ["fail::by_panic"]);
    run("pass").exits(0).started_nothing().says(["running 0 tests"]);
}

#[test]
fn rust_analyzer_runs_a_module() {
    let stage = Stage::with(2, "");
    let ran = outcomes(&stage).args("pass:: --nocapture").run();
    let names = ["pass::asynchronous", "pass::plain", "pass::with_result", "pass::with_string"];
    assert_eq!(ran.exits(0).names(), names);
}

#[test]
fn rust_rover_reads_json() {
    let stage = Stage::with(2, "");
    let ran = outcomes(&stage)
        .args("-Z unstable-options --format=json --show-output")
        .args("fail::by_assert fail::by_question_mark pass:: attributes::ignored")
        .run();
    let objects = objects(ran.exits(101));
    let of_suite: Vec<&Value> =
        objects.iter().filter(|object| object["type"] == "suite").map(|object| &object["event"]).collect();
    assert_eq!(of_suite, ["started", "failed"]);
    assert_eq!(objects[0]["test_count"], 9);
    let event = |name: &str, event: &str| {
        let found = objects.iter().find(|object| object["name"] == name && object["event"] == event);
        found.unwrap_or_else(|| panic!("no {event} of {name}: {ran}"))
    };
    event("pass::plain", "started");
    event("pass::plain", "ok");
    event("attributes::ignored", "ignored");
    // By the line that begins like this it finds the message and the place in the source.
    let of_failed = event("fail::by_assert", "failed")["stdout"].as_str().expect("the message").to_owned();
    let mut lines = of_failed.lines();
    let first = lines.next().unwrap_or_default();
    assert!(first.starts_with("thread 'fail::by_assert' panicked at "), "{of_failed}");
    assert!(first.contains("fail.rs:18:5"), "{of_failed}");
    assert_eq!(
        lines.next(),
        Some("failed: assertion `left == right` failed: guests at the table"),
        "{of_failed}"
    );
}

#[test]
fn json_alone_is_on_standard_output_whatever_goes_wrong() {
    let stage = Stage::with(2, &super::server("--exit-early"));
    let ran = outcomes(&stage).args("-Z unstable-options --format=json --show-output pass::").run();
    let objects = objects(ran.exits(3));
    let errored = objects.iter().find(|object| object["event"] == "failed").expect("a failed test");
    assert!(errored["stdout"].as_str().is_some_and(|text| text.contains("early line 30")), "{ran}");
}

#[test]
fn nextest_lists_and_runs_one_by_one() {
    let stage = Stage::with(2, "");
    let list = outcomes(&stage).args("--list --format terse").run();
    let named = |name: &str| list.stdout.lines().any(|line| line == format!("{name}: test"));
    assert!(named("pass::plain") && named("attributes::ignored"), "{list}");
    let run = |name: &str| outcomes(&stage).args(name).args("--nocapture --exact").run();
    run("pass::plain").exits(0);
    run("fail::by_string").exits(101).says(["said in a string"]);
    let ignored =
        outcomes(&stage).args("attributes::ignored_and_failing --nocapture --exact --ignored").run();
    ignored.exits(101).says(["as was known"]);
}

#[test]
fn cargo_passes_filters_on() {
    let stage = Stage::with(2, "");
    let ran = outcomes(&stage).args("plain with_ --skip string --no-capture").run();
    assert_eq!(ran.exits(0).names(), ["pass::plain", "pass::with_result"]);
}
