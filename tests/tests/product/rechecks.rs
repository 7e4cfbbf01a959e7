//! What failed is tried once more, alone: what is said of it then, and when it is not.

use callboard_tests::{Ran, Stage, until};
use rustix::process::Signal;

use super::rechecks;

fn stage() -> Stage {
    Stage::with(3, "")
}

fn file(ran: &Ran, name: &str) -> String {
    std::fs::read_to_string(ran.run.as_ref().expect("a run").join(name)).expect(name)
}

#[test]
fn each_failed_test_is_said_to_fail_alone_or_not() {
    let stage = stage();
    let ran = rechecks(&stage).args("always at_first in_slot_0 pinned passes --verdict --workers 1").run();
    ran.exits(101)
        .complains(["notice: 4 tests that failed are tried once more, alone and in another slot"])
        .says([
            "5 tests in ",
            ": 1 passed, 4 failed (",
            "Tried once more, alone:\n",
            "    always: fails alone too: failed alone in slot 0 and in slot 1, once each\n",
            "    at_first: only in the run, after others: passed alone in slot 0 and in slot 1, once each\n",
            "    in_slot_0: only in slot 0: failed alone in slot 0, passed alone in slot 1, once each\n",
            "    pinned: fails alone too: failed alone in slot 0, once; there was no other slot for it\n",
        ]);
    assert_eq!(ran.events.count("rechecked"), 4);
    assert_eq!(ran.events.slots_of("always"), [0, 0, 1]);
    // Verdicts stay what they are, and so does what reports count.
    assert_eq!(ran.events.outcome("at_first"), "failed");
    let junit = file(&ran, "junit.xml");
    assert!(junit.contains("<property name=\"attempts\" value=\"1\"/>"), "{junit}");
    assert!(!junit.contains("rerunFailure"), "{junit}");
    let words = "only in slot 0: failed alone in slot 0, passed alone in slot 1, once each";
    assert!(junit.contains(&format!("<property name=\"tried once more\" value=\"{words}\"/>")), "{junit}");
    let markdown = file(&ran, "summary.md");
    assert!(markdown.contains("### Tried once more, alone\n\n| Test Name | Verdict |\n"), "{markdown}");
    assert!(markdown.contains(&format!("| `in_slot_0` | {words} |")), "{markdown}");
    assert!(file(&ran, "report/index.html").contains(words));
}

#[test]
fn with_several_workers_what_passes_alone_is_only_in_parallel() {
    let stage = stage();
    let ran = rechecks(&stage).args("at_first passes --verdict --workers 2! --reporter quiet").run();
    ran.exits(101).says(["    at_first: only in parallel: passed alone in slot "]);
}

#[test]
fn the_slot_is_as_for_a_first_test() {
    for when in ["never", "after-failure"] {
        let stage = stage();
        let ran = rechecks(&stage).args(&format!("leaves --verdict --reset {when}")).run();
        ran.exits(101).says(["leaves: fails alone too: "]);
        let messages: Vec<_> =
            ran.events.of("attempt_finished").map(|event| event["problem"]["message"].clone()).collect();
        assert_eq!(messages, ["it is wrong"; 3], "{when}");
    }
}

#[test]
fn annotations_say_it_too() {
    let stage = stage();
    let ran = rechecks(&stage).args("always").env("GITHUB_ACTIONS", "true").env("CI", "true").run();
    ran.exits(101).says(["::the total is 3, and not 4%0Afails alone too: failed alone in slot "]);
}

#[test]
fn it_is_done_where_ci_is_set_and_where_it_is_asked_for() {
    let count = |text: &str, args: &str, ci: &str, variable: &str| {
        let stage = Stage::with(2, text);
        let consumer =
            rechecks(&stage).args("always").args(args).env("CI", ci).env("CALLBOARD_VERDICT", variable);
        consumer.run().exits(101).events.count("rechecked")
    };
    assert_eq!(count("", "", "", ""), 0);
    assert_eq!(count("", "", "false", ""), 0);
    assert_eq!(count("", "", "true", ""), 1);
    assert_eq!(count("", "--no-verdict", "true", ""), 0);
    assert_eq!(count("[tests]\nverdict = false\n", "", "true", ""), 0);
    assert_eq!(count("[tests]\nverdict = false\n", "--verdict", "true", ""), 1);
    assert_eq!(count("[tests]\nverdict = true\n", "", "", ""), 1);
    assert_eq!(count("[tests]\nverdict = true\n", "", "", "false"), 0);
    assert_eq!(count("", "--nocapture", "true", ""), 0);
}

#[test]
fn after_retries_and_only_what_did_not_pass() {
    let stage = stage();
    let ran = rechecks(&stage).args("always at_first passes --retries 1 --verdict").run();
    ran.exits(101);
    let rechecked: Vec<_> = ran.events.of("rechecked").map(|event| event["test"].clone()).collect();
    assert_eq!(rechecked, ["always"]);
    assert_eq!(ran.events.slots_of("always").len(), 4);
    assert_eq!(ran.events.of("rechecked").next().expect("one")["trials"][0]["attempt"], 3);
}

#[test]
fn the_last_failed_are_those_of_the_run() {
    let stage = stage();
    let first = rechecks(&stage).args("at_first passes --verdict").run();
    first.exits(101);
    let again = rechecks(&stage).args("--last-failed").after(&first).run();
    assert_eq!(again.exits(0).names(), ["at_first"]);
}

#[test]
fn interrupted_it_ends_and_says_nothing_of_it() {
    let stage = stage();
    let started = rechecks(&stage).args("waits --verdict").start();
    until("the second try", || stage.dir().join("waits").exists().then_some(()));
    started.signal(Signal::INT);
    let ran = started.wait();
    ran.exits(130);
    assert_eq!((ran.events.count("rechecked"), ran.events.outcome("waits")), (0, "failed"));
    stage.until_empty();
}
