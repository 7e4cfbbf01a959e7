//! Time limits: whose word counts, and what a test says whose time is over.

use callboard_tests::Ran;

use super::failures::failure;
use super::{authoring, authoring_stage, outcomes};

/// The line of a failure that says what it came to.
fn said(ran: &Ran, test: &str) -> String {
    let message = failure(ran, test);
    let mut lines =
        message.lines().filter(|line| line.starts_with("timed out: ") || line.starts_with("errored: "));
    lines.next().unwrap_or_else(|| panic!("{message}")).to_owned()
}

/// A text with every number taken out, and the units of time after them.
fn without_times(text: &str) -> String {
    let plain: String = text.chars().filter(|c| !c.is_ascii_digit() && *c != '.').collect();
    plain.replace("ms", "s")
}

#[test]
fn a_test_that_is_out_of_time_says_in_which_step() {
    let stage = authoring_stage(1, "");
    let ran = authoring(&stage).args("steps::hangs").run();
    ran.exits(101).says([": 0 passed, 3 timed out ("]);
    let said = |test: &str| without_times(&said(&ran, &format!("steps::{test}")));
    let head = "timed out: the test took longer than its s: ";
    assert_eq!(said("hangs"), format!("{head}in step \"adds the course\" > \"saves\" for  s"));
    assert_eq!(said("hangs_twice"), format!("{head}in step \"left\" for  s; in step \"right\" for  s"));
    assert_eq!(said("hangs_after"), format!("{head} s after step \"saves\" ended"));
    assert!(!failure(&ran, "steps::hangs").contains("\n  in step"), "{ran}");
    let of_test = |event: &&serde_json::Value| event["test"] == "steps::hangs";
    let finished = ran.events.of("attempt_finished").find(of_test).expect("it finished");
    assert_eq!(finished["problem"]["steps"], serde_json::json!(["adds the course", "saves"]));
}

#[test]
fn a_test_that_blocks_says_so_too() {
    let stage = authoring_stage(1, "");
    let ran = authoring(&stage).args("steps::blocks").run();
    let said = without_times(&said(ran.exits(101), "steps::blocks"));
    assert!(
        said.contains(
            "it blocks its thread, in step \"waits for the bell\" for  s Its worker process was ended"
        ),
        "{said}"
    );
    let step = ran.events.of("step_finished").next().expect("a step");
    assert_eq!(step["result"], "cancelled");
}

#[test]
fn a_test_that_is_out_of_time_says_for_which_call_it_waited() {
    let stage = authoring_stage(1, &super::server(""));
    let ran = authoring(&stage).args("waits::for_a_text waits::for_an waits::for_a_slow").run();
    ran.exits(101).says([": 0 passed, 3 timed out ("]);
    let said = |test: &str| without_times(&said(&ran, &format!("waits::{test}")));
    let head = "timed out: the test took longer than its s: ";
    assert_eq!(
        said("for_an_element"),
        format!("{head}in step \"saves\" for  s, waiting for WebDriver `find css \"#saved\"` ( s,  times)")
    );
    assert_eq!(
        said("for_a_text"),
        format!("{head}waiting for WebDriver `text of css \"body\"` ( s,  times)")
    );
    assert_eq!(
        said("for_a_slow_page"),
        format!("{head}in step \"opens the page\" for  s, waiting for go to http://:/slow ( s)")
    );
}

#[test]
fn a_sign_in_that_is_out_of_time_says_all_that_too() {
    let stage = authoring_stage(1, &super::server(""));
    let ran = authoring(&stage).args("waits::for_a_sign_in").run();
    let text = without_times(&said(ran.exits(101), "waits::for_a_sign_in"));
    assert!(
        text.contains(
            "failed: it took longer than s (its own timeout): in step \"waits to be let in\" for  s, waiting for \
             WebDriver `find css \"#never\"` ( s,  times)"
        ),
        "{text}"
    );
    let asked = authoring(&stage).args("waits::for_a_sign_in --sign-in-timeout 50ms").run();
    let text = said(asked.exits(101), "waits::for_a_sign_in");
    assert!(text.contains("failed: it took longer than 50ms (--sign-in-timeout)"), "{text}");
}

#[test]
fn the_command_line_goes_before_attribute_and_file() {
    let stage = authoring_stage(1, "[tests]\ntimeout = \"150ms\"\n");
    let said = |line: &str, test: &str| said(outcomes(&stage).args(line).args(test).run().exits(101), test);
    let longer_than = |time: &str| format!("timed out: the test took longer than its {time}");
    assert_eq!(said("", "time::as_configured"), longer_than("150ms"));
    assert_eq!(said("", "time::out_of_time"), longer_than("200ms"));
    assert_eq!(said("--timeout 120ms", "time::as_configured"), longer_than("120ms"));
    assert_eq!(said("--timeout 120ms", "time::out_of_time"), longer_than("120ms"));
    for line in ["--timeout 90", "--timeout 0s", "--sign-in-timeout soon"] {
        outcomes(&stage).args(line).run().exits(2).started_nothing().complains(["timeout"]);
    }
}
