//! Tests that are skipped, and tests that are expected to fail.

use callboard_tests::Ran;
use serde_json::Value;

use super::failures::failure;
use super::{authoring, authoring_stage};

fn finished<'a>(ran: &'a Ran, test: &str) -> &'a Value {
    let finished = ran.events.of("test_finished").find(|event| event["test"] == test);
    finished.unwrap_or_else(|| panic!("{test} did not finish: {ran}"))
}

#[test]
fn a_condition_that_holds_skips_before_anything_is_started() {
    let stage = authoring_stage(1, "");
    stage.write("printer", "");
    let line = "skips::by_condition skips::without_account";
    let ran = authoring(&stage).args(line).run();
    ran.exits(0).started_nothing().says([
        "test skips::by_condition             ... ignored (file(\"printer\").exists())\n",
        "test skips::by_condition_with_reason ... ignored (two is two)\n",
        "test skips::without_account          ... ignored (true)\n",
        "0 passed; 0 failed; 3 ignored",
    ]);
    // An editor always asks for ignored tests, too.
    authoring(&stage).args(line).args("--include-ignored").run().exits(0).started_nothing();
    assert!(stage.lines("executed").is_empty());
    assert_eq!(stage.lines("asked"), ["/", "/"]);
}

#[test]
fn a_condition_is_asked_once_and_not_for_a_list() {
    let stage = authoring_stage(1, "");
    authoring(&stage).args("--list skips::").run().exits(0);
    assert!(stage.lines("asked").is_empty());
    let ran = authoring(&stage).args("skips::by_condition --retries 2").run();
    assert_eq!(ran.exits(0).results().len(), 2);
    assert_eq!(
        (stage.lines("asked"), stage.lines("executed")),
        (vec!["/".into()], vec!["by_condition".into()])
    );
    // It took no slot, and is among the events all the same.
    assert_eq!(ran.events.started(), ["skips::by_condition"]);
    let skipped = finished(&ran, "skips::by_condition_with_reason");
    assert_eq!((&skipped["outcome"], &skipped["reason"]), (&"skipped".into(), &"two is two".into()));
    ran.says([": 1 passed, 1 skipped ("]);
}

#[test]
fn a_condition_that_panics_is_a_usage_error() {
    let stage = authoring_stage(1, "");
    stage.write("oracle", "");
    let ran = authoring(&stage).args("skips::without_answer").run();
    ran.exits(2).started_nothing();
    let (before, after) = ran.stderr.split_once(" (").expect("the place");
    assert_eq!(before, "error: `skip_if` of the test `skips::without_answer`");
    assert!(after.ends_with("authoring/skips.rs:32:5) panicked: the oracle is silent\n"), "{ran}");
    authoring(&stage).args("skips::by_condition").run().exits(0);
}

#[test]
fn a_test_skips_itself() {
    let stage = authoring_stage(1, "");
    let ran = authoring(&stage).args("skips::at_run_time skips::instead steps::skips").run();
    ran.exits(0).says([
        "test skips::at_run_time        ... ignored (there is no printer, …)\n",
        "test skips::instead_of_a_panic ... ignored (in earnest)\n",
        "test steps::skips              ... ignored (there is none)\n",
        "0 passed; 0 failed; 3 ignored",
        ": 0 passed, 3 skipped (",
    ]);
    assert_eq!(ran.stderr, "");
    assert_eq!(stage.lines("executed"), ["at_run_time"]);
    assert_eq!(ran.events.started().len(), 3);
    let skipped = finished(&ran, "skips::at_run_time");
    assert_eq!((&skipped["outcome"], &skipped["attempts"]), (&"skipped".into(), &1.into()));
    assert_eq!(skipped["reason"], "there is no printer, …");
    let step = ran.events.of("step_finished").next().expect("a step");
    assert_eq!(step["result"], "cancelled");
}

#[test]
fn a_skip_after_a_failure_is_a_skip() {
    let stage = authoring_stage(1, "");
    let ran = authoring(&stage).args("skips::second_time --retries 2").run();
    ran.exits(0).says(["ignored (it is enough)", ": 0 passed, 1 skipped ("]);
    assert_eq!(finished(&ran, "skips::second_time")["attempts"], 2);
}

#[test]
fn a_skip_out_of_reach_of_the_test_is_a_panic_that_says_so() {
    let stage = authoring_stage(1, "");
    let ran = authoring(&stage).args("skips::on_another_thread skips::in_another_task").run();
    ran.exits(101).says([": 1 passed, 1 failed ("]);
    let text = failure(&ran, "skips::on_another_thread");
    assert!(
        text.contains("failed: `callboard::skip!(\"out of reach\")` was called where no test is executed"),
        "{text}"
    );
}

#[test]
fn an_expected_failure_is_good_and_counted() {
    let stage = authoring_stage(2, "");
    let ran = authoring(&stage).args("fixme::fails fixme::panics fixme::hangs fixme::cases::bad").run();
    ran.exits(0).says(["4 passed; 0 failed", ": 4 passed, 4 of them expected failures ("]);
    for (test, outcome, why) in [
        ("fixme::fails", "failed", "the total is wrong, see #12"),
        ("fixme::panics", "failed", "it panics"),
        ("fixme::hangs", "timed_out", "it hangs"),
    ] {
        // What happened stays what it was; and it is not tried again, although there are retries.
        let attempts: Vec<_> =
            ran.events.of("attempt_finished").filter(|event| event["test"] == test).collect();
        assert_eq!(attempts.len(), 1, "{attempts:?}");
        assert_eq!(attempts[0]["outcome"], outcome);
        let finished = finished(&ran, test);
        assert_eq!((&finished["outcome"], &finished["fixme"]), (&"passed".into(), &why.into()));
        assert_eq!(finished["flaky"], false);
    }
    let one = authoring(&stage).args("fixme::panics --exact").run();
    one.exits(0).says([": 1 passed, 1 of them expected failure ("]);
}

#[test]
fn passing_against_expectation_is_a_failure() {
    let stage = authoring_stage(2, "");
    let ran = authoring(&stage).args("fixme::passes fixme::cases::good fixme::is_skipped").run();
    ran.exits(101).says(["0 passed; 2 failed; 1 ignored", ": 0 passed, 2 failed, 1 skipped ("]);
    let text = failure(&ran, "fixme::passes");
    assert!(
        text.contains(
            "fixme.rs:24:4:\nfailed: `fixme` says that it fails (it fails), but it passed: remove `fixme`\n"
        ),
        "{text}"
    );
    assert_eq!(stage.lines("passed").len(), 1, "it is not tried again");
    assert_eq!(finished(&ran, "fixme::passes")["outcome"], "failed");
}

#[test]
fn a_failure_of_the_surroundings_is_not_the_expected_one() {
    let stage = authoring_stage(1, &super::server("--exit-early"));
    let ran = authoring(&stage).args("fixme::fails").run();
    ran.exits(3).says([": 0 passed, 1 errored ("]);
    assert_eq!(finished(&ran, "fixme::fails")["outcome"], "errored");
}

#[test]
fn programs_are_told_in_json() {
    let stage = authoring_stage(1, "");
    let ran = authoring(&stage)
        .args("-Z unstable-options --format=json --show-output")
        .args("skips::at_run_time skips::by_condition_with fixme::fails fixme::passes cases::lists_courses::draft")
        .run();
    let objects: Vec<Value> =
        ran.exits(101).stdout.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    let event = |name: &str| {
        let of_test = |object: &&Value| object["name"] == name && object["event"] != "started";
        objects.iter().find(of_test).unwrap_or_else(|| panic!("no {name}: {ran}"))["event"].clone()
    };
    assert_eq!(event("skips::at_run_time"), "ignored");
    assert_eq!(event("skips::by_condition_with_reason"), "ignored");
    assert_eq!(event("fixme::fails"), "ok");
    assert_eq!(event("fixme::passes"), "failed");
    assert_eq!(event("cases::lists_courses::draft"), "ok");
}
