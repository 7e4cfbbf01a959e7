//! Executing each test several times.

use callboard_tests::{Ran, Stage};
use serde_json::{Value, json};

use super::{outcomes, server};

#[test]
fn each_time_is_a_test_of_its_own() {
    let stage = Stage::with(2, "");
    let ran =
        outcomes(&stage).args("pass::plain pass::asynchronous --exact --repeat-each 3 --workers 1").run();
    ran.exits(0).says(["Running 6 tests (each 3 times) using 1 worker\n", "6 tests in ", ": 6 passed ("]);
    let all_once_then_all_again = [
        "pass::asynchronous",
        "pass::plain",
        "pass::asynchronous (2 of 3)",
        "pass::plain (2 of 3)",
        "pass::asynchronous (3 of 3)",
        "pass::plain (3 of 3)",
    ];
    assert_eq!(ran.events.started(), all_once_then_all_again);
    let mut names = all_once_then_all_again;
    names.sort_unstable();
    assert_eq!(ran.names(), names);
}

#[test]
fn events_say_of_which_test_each_is() {
    let stage = Stage::with(1, "");
    let ran = outcomes(&stage).args("pass::plain --repeat-each 2").run();
    let planned = |ran: &Ran| -> Vec<(Value, Value)> {
        let tests = ran.events.0[1]["tests"].as_array().expect("the plan");
        tests.iter().map(|test| (test["test"].clone(), test["repetition"].clone())).collect()
    };
    assert_eq!(
        planned(ran.exits(0)),
        [
            (json!("pass::plain"), json!({ "of": "pass::plain", "number": 1, "times": 2 })),
            (json!("pass::plain (2 of 2)"), json!({ "of": "pass::plain", "number": 2, "times": 2 })),
        ]
    );
    assert_eq!(ran.events.0[0]["repeat_each"], 2);
    let once = outcomes(&stage).args("pass::plain --repeat-each 1").run();
    assert_eq!(planned(once.exits(0)), [(json!("pass::plain"), Value::Null)]);
}

#[test]
fn lines_of_json_have_the_same_names() {
    let stage = Stage::with(1, "");
    let ran = outcomes(&stage).args("pass::plain --repeat-each 2 --format json -Z unstable-options").run();
    let lines: Vec<Value> =
        ran.exits(0).stdout.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    assert_eq!(lines[0]["test_count"], 2);
    let passed: Vec<&Value> =
        lines.iter().filter(|line| line["event"] == "ok" && line["type"] == "test").collect();
    assert_eq!(
        passed.iter().map(|line| &line["name"]).collect::<Vec<_>>(),
        ["pass::plain", "pass::plain (2 of 2)"]
    );
}

#[test]
fn each_time_has_its_own_retries_and_verdict() {
    let stage = Stage::with(2, "");
    // It passes from the third time on, and may be tried three times.
    let ran = outcomes(&stage).args("again::third_time_lucky --repeat-each 2 --workers 1 --retries 0").run();
    ran.exits(101).says([": 0 passed, 2 failed ("]);
    let ran = outcomes(&stage).args("again::never_lucky again::third_time_lucky --repeat-each 2").run();
    ran.exits(101).says([": 2 passed, 2 failed ("]);
    assert_eq!(ran.events.slots_of("again::never_lucky (2 of 2)").len(), 2);
    assert_eq!(ran.events.slots_of("again::third_time_lucky (2 of 2)").len(), 1);
}

#[test]
fn what_each_time_left_is_kept_apart() {
    let stage = Stage::with(1, &server(""));
    let ran = outcomes(&stage).args("fail::by_new --repeat-each 2").run();
    ran.exits(101).says(["fail.by_new/attempt-1", "fail.by_new/repetition-2/attempt-1"]);
    let tests = ran.run.as_ref().expect("a run").join("tests/fail.by_new");
    assert!(tests.join("attempt-1/server.log").is_file());
    assert!(tests.join("repetition-2/attempt-1/server.log").is_file());
}

#[test]
fn what_is_not_executed_is_not_repeated() {
    let stage = Stage::with(1, "");
    let ran = outcomes(&stage).args("attributes::ignored_for pass::plain --repeat-each 2").run();
    ran.exits(0).says([": 2 passed, 1 skipped ("]);
    let list = outcomes(&stage).args("pass::plain --repeat-each 2 --list --format terse").run();
    assert_eq!(list.exits(0).stdout, "pass::plain: test\n");
    outcomes(&stage).args("pass::plain --repeat-each 0").run().exits(2).complains(["--repeat-each"]);
}
