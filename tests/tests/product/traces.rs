//! Traces: which attempts leave one, what is in it and what is not, and that it can be looked at.

use std::fs;
use std::path::PathBuf;

use callboard_tests::{Ran, Stage};

use super::browser::stage;
use super::trace;

fn page(ran: &Ran, attempt: &str) -> PathBuf {
    ran.run.as_ref().expect("a run").join("tests").join(attempt).join("trace.html")
}

/// Runs a test that fails, and looks at its trace in a browser.
#[track_caller]
fn looked_at(stage: &Stage, name: &str, looks: &str) -> String {
    let ran = trace(stage).args(name).args("--exact --trace retain-on-failure").run();
    let page = page(ran.exits(101), &format!("{name}/attempt-1"));
    let text = fs::read_to_string(&page).unwrap_or_else(|error| panic!("{error}: {ran}"));
    trace(stage).args(looks).args("--exact --trace off").env("TRACE", &page).run().exits(0);
    text
}

#[test]
fn a_trace_is_left_of_those_attempts_that_it_is_asked_for() {
    let stage = stage(1);
    let traces = |mode: &str| {
        let ran =
            trace(&stage).args("fails_three_times passes has_no_page --workers 1 --trace").args(mode).run();
        let tests =
            ["fails_three_times/attempt-1", "fails_three_times/attempt-2", "fails_three_times/attempt-3"];
        let there = tests.into_iter().chain(["passes/attempt-1", "has_no_page/attempt-1"]);
        let there: Vec<bool> = there.map(|attempt| page(&ran, attempt).exists()).collect();
        let attached = ran.events.of("attached").filter(|event| event["name"] == "trace.html").count();
        assert_eq!(attached, there.iter().filter(|there| **there).count(), "{ran}");
        // What is not kept leaves not even a folder.
        assert_eq!(ran.run.as_ref().expect("a run").join("tests/passes").exists(), there[3]);
        assert_eq!(ran.stdout.contains("\n  trace: "), there[2], "{ran}");
        there
    };
    assert_eq!(traces("on"), [true, true, true, true, false]);
    assert_eq!(traces("off"), [false; 5]);
    assert_eq!(traces("retain-on-failure"), [true, true, true, false, false]);
    assert_eq!(traces("on-first-retry"), [false, true, false, false, false]);
}

#[test]
fn a_failing_test_leaves_picture_page_and_accessibility_tree_whatever_the_mode() {
    let stage = stage(1);
    let ran = trace(&stage).args("fails --exact --trace off").run();
    let folder = ran.exits(101).run.as_ref().expect("a run").join("tests/fails/attempt-1");
    let tree = fs::read_to_string(folder.join("accessibility.txt")).expect("the tree");
    assert!(tree.contains("heading \"Saved Algebra\" [level=1]\n"), "{tree}");
    assert!(tree.contains("button \"Save\"\n"), "{tree}");
    assert!(folder.join("screenshot.png").exists() && folder.join("page.html").exists());
}

#[test]
fn a_trace_can_be_looked_at_and_no_secret_is_in_it() {
    let stage = stage(1);
    let text = looked_at(&stage, "fails", "looks::at_a_failure");
    assert!(text.contains("/login") && text.contains("student0@example.test"));
    assert!(!text.contains("secret-s"), "the password");
    // The cookie of the application is a number and a moment.
    assert!(!text.contains("Instanttv_sec") && !text.contains("session=0-"), "the cookie");
}

#[test]
fn what_a_page_contains_does_nothing_to_who_looks_at_its_trace() {
    looked_at(&stage(1), "is_hostile", "looks::at_hostility");
}

#[test]
fn a_test_that_takes_its_process_with_it_leaves_what_happened_before() {
    looked_at(&stage(1), "dies", "looks::at_a_crash");
}

#[test]
fn a_trace_of_200_actions_stays_below_ten_megabytes() {
    let text = looked_at(&stage(1), "has_200_actions", "looks::at_200_actions");
    assert!(text.len() < 10_000_000, "{} bytes", text.len());
}
