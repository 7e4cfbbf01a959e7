//! What a run comes to: exit codes, retries, order among tests.

use callboard_tests::Stage;

use super::outcomes;

#[test]
fn ignored_tests_run_when_they_are_asked_for() {
    let stage = Stage::with(1, "");
    let shown = outcomes(&stage).args("attributes::ignored pass::plain").run();
    let mut results = shown.exits(0).results();
    results.sort_unstable();
    assert_eq!(
        results,
        [
            ("attributes::ignored", "ignored"),
            ("attributes::ignored_and_failing", "ignored (it is known to fail)"),
            ("attributes::ignored_for_a_reason", "ignored (needs a printer)"),
            ("pass::plain", "ok"),
        ]
    );
    let only = outcomes(&stage).args("attributes::ignored pass::plain --ignored").run();
    assert_eq!(only.exits(101).names().len(), 3, "{only}");
    let too = outcomes(&stage).args("attributes::ignored pass::plain --include-ignored").run();
    too.exits(101).says(["3 passed; 1 failed"]);
}

#[test]
fn passed_on_a_retry_is_flaky_and_good() {
    let stage = Stage::with(3, "");
    let ran = outcomes(&stage).args("again::third_time_lucky pass::plain --workers 1").run();
    ran.exits(0).says([": 2 passed, 1 of them flaky ("]);
    let finished = ran.events.of("test_finished").find(|event| event["test"] == "again::third_time_lucky");
    let finished = finished.expect("it finished");
    assert_eq!((&finished["flaky"], &finished["attempts"]), (&true.into(), &3.into()));
    let outcomes: Vec<&str> = ran
        .events
        .of("attempt_finished")
        .filter(|event| event["test"] == "again::third_time_lucky")
        .filter_map(|event| event["outcome"].as_str())
        .collect();
    assert_eq!(outcomes, ["failed", "failed", "passed"]);
}

#[test]
fn a_retry_goes_to_another_slot() {
    let stage = Stage::with(3, "");
    let ran = outcomes(&stage).args("again::third_time_lucky --workers 1").run();
    let slots = ran.exits(0).events.slots_of("again::third_time_lucky");
    assert_eq!(slots, [0, 1, 2]);
    let one = Stage::with(1, "");
    let ran = outcomes(&one).args("again::third_time_lucky").run();
    assert_eq!(ran.exits(0).events.slots_of("again::third_time_lucky"), [0, 0, 0]);
}

#[test]
fn flaky_may_count_as_failed() {
    let stage = Stage::with(2, "");
    let ran = outcomes(&stage).args("again::third_time_lucky --fail-on-flaky").run();
    ran.exits(101).says(["flaky: passed on attempt 3, but before that failed: no luck at time 1"]);
}

#[test]
fn retries_of_the_test_the_file_and_the_command_line() {
    let attempts = |test: &str, config: &str, line: &str| {
        let stage = Stage::with(2, config);
        let ran = outcomes(&stage).args(test).args(line).run();
        (ran.status.code(), ran.events.slots_of(test).len())
    };
    assert_eq!(attempts("again::never_lucky", "", ""), (Some(101), 2));
    assert_eq!(attempts("again::never_lucky", "", "--retries 0"), (Some(101), 1));
    assert_eq!(attempts("again::never_lucky", "", "--retries 3"), (Some(101), 4));
    assert_eq!(attempts("again::second_time_lucky", "", ""), (Some(101), 1));
    assert_eq!(attempts("again::second_time_lucky", "[tests]\nretries = 1\n", ""), (Some(0), 2));
}

#[test]
fn after_the_first_failure_nothing_more_is_started() {
    let stage = Stage::with(2, "");
    let ran = outcomes(&stage).args("fail:: pass:: --fail-fast --workers 1").run();
    ran.exits(101).says([": 0 passed, 1 failed, 11 did not run ("]);
    assert_eq!(ran.events.started().len(), 1);
}

#[test]
fn groups_and_exclusive_tests_keep_to_themselves() {
    let stage = Stage::with(4, "");
    let ran = outcomes(&stage).args("place::company pass:: --workers 4!").run();
    ran.exits(0).says(["10 passed"]);
}

#[test]
fn a_pinned_test_runs_in_its_slot_only() {
    let stage = Stage::with(4, "");
    let ran = outcomes(&stage).args("place::pinned pass::").run();
    assert_eq!(ran.exits(0).events.slots_of("place::pinned"), [2]);
    assert_eq!(ran.events.slots_of("place::pinned_to_the_first"), [0]);
}

#[test]
fn a_role_runs_only_where_it_has_an_account() {
    let roles = "[roles.instructor]\nusername = \"ida{slot}\"\npassword = \"secret-word\"\n\
                 [roles.admin]\naccounts_file = \"admins.csv\"\n";
    let stage = Stage::with(3, roles);
    stage.write("admins.csv", "role,slot,username,password\nadmin,2,root,secret-word\n");
    let ran = outcomes(&stage).args("cast:: pass:: --workers 3").run();
    assert_eq!(ran.exits(0).events.slots_of("cast::as_both"), [2]);
    let slot = ran.events.slots_of("cast::as_instructor")[0];
    assert_eq!(stage.lines("instructors"), [format!("ida{slot}")]);
    // Nothing was asked of roles: it selects by them.
    let ran = outcomes(&stage).args("--role admin").run();
    assert_eq!(ran.exits(0).names(), ["cast::as_both"]);
}

#[test]
fn printed_output_is_let_through() {
    let stage = Stage::with(1, "");
    let ran = outcomes(&stage).args("attributes::prints --exact --nocapture").run();
    ran.exits(0).says(["printed by a test\n"]);
}
