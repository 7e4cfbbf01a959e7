//! What tests print: each byte belongs to the test that printed it, and is shown where it is asked for.

use std::path::Path;

use callboard_tests::{Ran, Stage};

use super::failures::failure;
use super::rough;

/// What is kept of what a test printed.
fn kept(ran: &Ran, test: &str) -> String {
    let folder = ran.run.as_deref().unwrap_or(Path::new("")).join("tests").join(test.replace("::", "."));
    let bytes = std::fs::read(folder.join("attempt-1/output.log")).unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

#[test]
fn not_a_byte_goes_to_another_test() {
    let stage = Stage::with(1, "");
    let ran = rough(&stage).args("prints::a prints::b prints::c prints::d").run();
    ran.exits(101).says([": 2 passed, 2 failed ("]);
    for (test, own) in [
        ("a_thread_that_goes_on", ["from a", "from the thread of a"].as_slice()),
        ("b_child_that_goes_on", &["from b", "from the child of b"]),
        ("c_itself", &["from c", "from the C of c", "from the child of c", "from the thread of c"]),
        ("d_bytes", &["from d: \u{fffd}\u{fffd}"]),
    ] {
        let text = kept(&ran, &format!("prints::{test}"));
        for line in text.lines() {
            assert!(own.iter().any(|own| line.starts_with(own)), "in the output of {test}: {line:?}");
        }
        for own in own.iter().filter(|own| !own.contains("child of b")) {
            assert!(text.contains(own), "{test} lacks {own:?}: {text:?}");
        }
    }
    let text = failure(&ran, "prints::c_itself");
    let shown = text.split_once("\n  it printed:\n").expect(text).1;
    assert_eq!(shown.lines().count(), 5, "{text}");
    // Of tests that passed nothing is shown.
    assert!(!ran.stdout.contains("from a"), "{ran}");
}

#[test]
fn what_libraries_print_is_captured_as_well() {
    let stage = Stage::with(1, "");
    let ran = rough(&stage).args("prints::words_of_libraries").run();
    let text = failure(ran.exits(101), "prints::words_of_libraries");
    assert!(
        text.contains("INFO") && text.contains("said by tracing") && text.contains("WARN: said by log"),
        "{text}"
    );
}

#[test]
fn megabytes_are_kept_up_to_a_bound_and_their_end_is_shown() {
    let stage = Stage::with(1, "");
    let ran = rough(&stage).args("prints::e_").run();
    ran.exits(101);
    let text = failure(&ran, "prints::e_megabytes");
    assert!(text.contains(" bytes before are in ") && text.ends_with("the end of e"), "{}", &text[..400]);
    let kept = kept(&ran, "prints::e_megabytes");
    assert!(kept.len() < 10 << 20 && kept.ends_with("the end of e\n"), "{} bytes", kept.len());
}

#[test]
fn output_of_passed_tests_is_shown_when_asked_for() {
    let stage = Stage::with(1, "");
    let ran = rough(&stage).args("prints::b_ --show-output").run();
    ran.exits(0).says([
        "successes:\n\n---- prints::b_child_that_goes_on stdout ----\n",
        "from b, without an end of line",
    ]);
    let ran = rough(&stage).args("prints::b_ --show-output -Zunstable-options --format json").run();
    let line = ran.exits(0).stdout.lines().find(|line| line.contains("\"event\": \"ok\"")).expect("a result");
    assert!(line.contains("\"stdout\": \"") && line.contains("from b, without an end of line"), "{line}");
}

#[test]
fn uncaptured_output_is_shown_with_its_slot_and_test() {
    let stage = Stage::with(2, "");
    let ran = rough(&stage).args("prints::c hangs::in_the --nocapture").run();
    ran.exits(101);
    for line in
        ["from c", "from c, as an error", "from the C of c", "from the child of c", "from the thread of c"]
    {
        let shown = |slot: u8| format!("{slot}│prints::c_itself│ {line}");
        assert!(ran.stdout.lines().any(|it| it == shown(0) || it == shown(1)), "{line}: {ran}");
    }
}
