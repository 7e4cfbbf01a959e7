//! What is said of a test that does not pass: outcome, message, place in the source, slot, attempt.

use std::collections::BTreeSet;

use callboard_tests::{Ran, Stage};

use super::outcomes;

/// What is printed of a failing test, from its heading on.
pub(crate) fn failure<'a>(ran: &'a Ran, name: &str) -> &'a str {
    let heading = format!("---- {name} ----\n");
    let (_, text) = ran.stdout.split_once(&heading).unwrap_or_else(|| panic!("no {name}: {ran}"));
    text.split_once("\n\n").map_or(text, |(text, _)| text)
}

#[test]
fn every_way_to_say_no_is_shown_with_its_line() {
    let stage = Stage::with(1, "");
    let ran = outcomes(&stage).args("fail::").run();
    ran.exits(101)
        .says(["test result: FAILED. 0 passed; 8 failed", ": 0 passed, 8 failed (1 worker, 1 slot)"]);
    for (name, line, message) in [
        ("by_question_mark", "11:18", "invalid digit found in string"),
        ("by_assert", "18:5", "assertion `left == right` failed: guests at the table\n  left: 2\n right: 3"),
        ("by_panic", "24:5", "the cook has left"),
        ("by_new", "29:9", "the list is empty"),
        ("by_string", "33:4", "said in a string"),
        ("by_boxed", "38:4", "said in a box"),
        ("by_debug", "49:4", "Bill { guests: 4 }"),
        ("by_cause", "70:5", "the table has no number\n  caused by: invalid digit found in string"),
    ] {
        let text = failure(&ran, &format!("fail::{name}"));
        let (first, rest) = text.split_once('\n').unwrap_or_default();
        assert!(first.starts_with(&format!("thread 'fail::{name}' panicked at ")), "{text}");
        assert!(first.ends_with(&format!("tests/consumers/outcomes/fail.rs:{line}:")), "{text}");
        assert!(rest.starts_with(&format!("failed: {message}\n")), "{text}");
        let place = format!("  in slot 0 (http://127.0.0.1:{}), attempt 1, after ", stage.port(0));
        assert!(rest.contains(&place), "{text}");
        assert_eq!(ran.events.outcome(&format!("fail::{name}")), "failed");
    }
}

#[test]
fn what_a_test_left_is_where_the_message_says() {
    let stage = Stage::with(1, "");
    let ran = outcomes(&stage).args("fail::by_new").run();
    let text = failure(ran.exits(101), "fail::by_new");
    let (_, folder) = text.rsplit_once("kept in ").expect("a folder");
    assert!(stage.dir().join(folder.trim()).is_dir(), "{text}");
}

#[test]
fn the_account_is_named_and_its_password_never() {
    let roles = "[roles.instructor]\nusername = \"ida{slot}@example.test\"\npassword = \"secret-word\"\n";
    let stage = Stage::with(2, roles);
    // It fails, because what it writes to is a folder.
    std::fs::create_dir(stage.dir().join("instructors")).expect("a folder");
    let ran = outcomes(&stage).args("cast::as_instructor --slot 1").run();
    let text = failure(ran.exits(101), "cast::as_instructor");
    assert!(text.contains("in slot 1 (") && text.contains(") as ida1@example.test, attempt 1"), "{text}");
    assert!(!ran.to_string().contains("secret-word"), "{ran}");
}

#[test]
fn panics_that_are_expected_pass_and_others_do_not() {
    let stage = Stage::with(1, "");
    let ran = outcomes(&stage).args("attributes:: --skip ignored --skip prints").run();
    let mut results = ran.exits(101).results();
    results.sort_unstable();
    assert_eq!(
        results,
        [
            ("attributes::does_not_panic", "FAILED"),
            ("attributes::panics", "ok"),
            ("attributes::panics_about_salad", "FAILED"),
            ("attributes::panics_about_soup", "ok"),
        ]
    );
    assert!(failure(&ran, "attributes::does_not_panic").contains("failed: the test did not panic"), "{ran}");
    let salad = failure(&ran, "attributes::panics_about_salad");
    assert!(salad.contains("\"no salad\"") && salad.contains("\"soup\""), "{ran}");
}

#[test]
fn a_test_that_is_out_of_time() {
    let stage = Stage::with(1, "[tests]\ntimeout = \"300ms\"\n");
    let ran = outcomes(&stage).args("time::out_of_time time::as_configured pass::plain").run();
    ran.exits(101).says([": 1 passed, 2 timed out ("]);
    assert!(failure(&ran, "time::out_of_time").contains("timed out: the test took longer than its 200ms"));
    assert!(failure(&ran, "time::as_configured").contains("timed out: the test took longer than its 300ms"));
    assert_eq!(ran.events.outcome("time::out_of_time"), "timed_out");
}

#[test]
fn a_test_that_blocks_is_ended_and_the_others_go_on() {
    let stage = Stage::with(1, "");
    let ran = outcomes(&stage).args("time::blocks pass:: --retries 1").run();
    ran.exits(101).says([": 4 passed, 1 timed out ("]);
    let text = failure(&ran, "time::blocks");
    assert!(
        text.contains("timed out: ") && text.contains("blocks its thread. Its worker process was ended"),
        "{text}"
    );
    // Where it was, and nothing of the harness.
    let stack = text.split_once("its thread was here:\n").expect(text).1;
    assert!(
        stack.contains("std::thread::functions::park") && stack.contains("time::_::blocks\n      at "),
        "{text}"
    );
    assert!(!stack.contains("callboard::") && !stack.contains("catch_unwind"), "{text}");
    let workers: BTreeSet<_> =
        ran.events.of("attempt_started").map(|event| event["worker"].as_u64()).collect();
    assert_eq!(workers.len(), 2, "{ran}");
}
