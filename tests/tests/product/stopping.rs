//! Runs that stop when too many tests have failed.

use callboard_tests::{Stage, until};

use super::outcomes;

#[test]
fn after_so_many_failures_nothing_more_is_started() {
    let stage = Stage::with(2, "");
    let ran = outcomes(&stage).args("fail:: pass:: --max-failures 3 --workers 1").run();
    ran.exits(101).says([
        "Stopped when 3 tests had failed (--max-failures).\n",
        ": 0 passed, 3 failed, 9 did not run (",
    ]);
    assert_eq!(ran.events.started().len(), 3);
    assert_eq!(ran.events.0.last().expect("events")["stopped_after"], 3);
    let one = outcomes(&stage).args("fail:: pass:: -x --workers 1").run();
    one.exits(101).says(["Stopped when 1 test had failed", ": 0 passed, 1 failed, 11 did not run ("]);
}

#[test]
fn a_test_that_waits_to_be_tried_again_has_failed() {
    let stage = Stage::with(2, "");
    let line = "again::never_lucky fail::by_new pass::plain --exact --max-failures 1 --workers 1";
    let ran = outcomes(&stage).args(line).run();
    // The first of them is tried again after all others.
    ran.exits(101).says([": 0 passed, 2 failed, 1 did not run (", "failed: no luck at all"]);
    assert_eq!(ran.events.started(), ["again::never_lucky", "fail::by_new"]);
    assert_eq!(ran.events.outcome("again::never_lucky"), "failed");
}

#[test]
fn tests_under_way_come_to_their_end() {
    let stage = Stage::with(3, "");
    let line = "fail::by_new place::stays place::stays_too --exact --fail-fast --workers 3!";
    let started = outcomes(&stage).args(line).start();
    stage.until_lines("staying", 2);
    until("the third has failed", || (started.events().outcome("fail::by_new") == "failed").then_some(()));
    stage.write("go", "");
    let ran = started.wait();
    ran.exits(101).says([": 2 passed, 1 failed ("]);
    assert!(!ran.stdout.contains("Stopped"), "nothing was left out: {ran}");
}

#[test]
fn a_flaky_test_has_not_failed() {
    let stage = Stage::with(3, "");
    let ran = outcomes(&stage).args("again::third_time_lucky pass::plain -x --workers 1").run();
    ran.exits(0).says([": 2 passed, 1 of them flaky ("]);
}
