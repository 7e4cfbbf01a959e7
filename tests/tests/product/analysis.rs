//! Why tests fail: an analysis of a suite with a fault of each kind, and what can be done with what it found.

use callboard_tests::{Ran, Stage};
use rustix::process::Signal;
use serde_json::Value;

use super::suspects;

/// As many slots, each of which is at work.
const SLOTS: u16 = 4;

fn document(ran: &Ran) -> Value {
    let run = ran.run.as_ref().expect("a run");
    let text = std::fs::read(run.join("analysis.json")).expect("analysis.json");
    serde_json::from_slice(&text).expect("JSON")
}

/// What is said of a test: its label, its most probable class, and whom that accuses first.
fn verdict(document: &Value, test: &str) -> (String, String, String) {
    let failures = document["failures"].as_array().expect("failures");
    let found = failures.iter().find(|failure| failure["test"] == test);
    let failure = found.unwrap_or_else(|| panic!("nothing is said of {test}: {document:#}"));
    let culprit = &failure["culprits"][0];
    let culprit = culprit["test"].as_str().map_or_else(|| culprit["slot"].to_string(), str::to_owned);
    let said = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    (said(&failure["label"]), said(&failure["classes"][0][0]), culprit)
}

#[test]
fn each_kind_of_fault_is_told_with_who_is_to_blame() {
    let stage = Stage::with(SLOTS, "");
    let ran = suspects(&stage).args("--analyze --budget 60 --workers 4!").run();
    ran.exits(0).says(["## Test Failure Analysis", "## Recommendations", "analysis.md"]);
    let document = document(&ran);
    for (test, class, culprit) in
        [("needs_the_one", "overlap", "holds_the_one"), ("sees_all", "order", "leaves_a_filter")]
    {
        let (label, told, accused) = verdict(&document, test);
        assert!(["confirmed", "likely"].contains(&&*label), "{test}: {label}, {told}, {document:#}");
        assert_eq!((&*told, &*accused), (class, culprit), "{test}");
    }
    assert_eq!(verdict(&document, "always_fails").1, "deterministic");
    // In few runs it need not be in its slot at all. Where it was, nobody else is to blame.
    let failures = document["failures"].as_array().expect("failures");
    if failures.iter().any(|failure| failure["test"] == "bad_in_slot_2") {
        let (label, class, culprit) = verdict(&document, "bad_in_slot_2");
        assert!(label == "undetermined" || (&*class, &*culprit) == ("slot", "2"), "{document:#}");
    }
    assert!(
        failures.iter().all(|failure| !failure["test"].as_str().unwrap_or_default().starts_with("healthy"))
    );
    stage.until_empty();
}

#[test]
fn what_was_found_can_be_made_to_happen_again() {
    let stage = Stage::with(SLOTS, "");
    let replay = r#"{"format": 1, "test": "sees_all", "why": "`leaves_a_filter` before it in the same slot", "fresh": true,
        "order": "rows", "rows": [{"slot": 1, "tests": ["leaves_a_filter", "sees_all"]}]}"#;
    let file = stage.write("replay.json", replay);
    let file = file.display();
    let ran = suspects(&stage).args(&format!("--replay {file} --repeat-each 3")).run();
    ran.exits(101).says([
        "because of `leaves_a_filter` before it",
        "failed: a row is missing",
        "failed 3 of 3 times",
    ]);
    let alone =
        stage.write("alone.json", &replay.replace("\"leaves_a_filter\", \"sees_all\"", "\"sees_all\""));
    let ran = suspects(&stage).args(&format!("--replay {}", alone.display())).run();
    ran.exits(0).says(["failed 0 of 5 times"]);
}

#[test]
fn what_cannot_be_replayed_is_said() {
    let stage = Stage::with(SLOTS, "");
    for (text, told) in [
        ("{}", "is no `replay-….json` of an analysis"),
        (
            r#"{"format":1,"test":"x","why":"","order":"rows","rows":[{"slot":1,"tests":["nobody"]}]}"#,
            "there is no test `nobody`",
        ),
        (
            r#"{"format":1,"test":"x","why":"","order":"rows","rows":[{"slot":9,"tests":["sees_all"]}]}"#,
            "test `sees_all` cannot run in slot 9",
        ),
        (
            r#"{"format":1,"test":"x","why":"","order":"rows","rows":[{"slot":1,"tests":["sees_all"],"repeats":true}]}"#,
            "an experiment needs a row that has tests and does not repeat",
        ),
        (
            r#"{"format":9,"test":"x","why":"","order":"rows","rows":[]}"#,
            "was written by a newer version of callboard",
        ),
    ] {
        let file = stage.write("replay.json", text);
        suspects(&stage).args(&format!("--replay {}", file.display())).run().exits(2).complains([told]);
    }
    suspects(&stage).args("--replay nowhere.json").run().exits(2).complains(["nowhere.json cannot be read"]);
    suspects(&stage)
        .args("--analyze --budget 1")
        .run()
        .exits(2)
        .complains(["less than two runs tell nothing"]);
    suspects(&stage)
        .args("--analyze nobody")
        .run()
        .exits(2)
        .complains(["no test has a name that contains one of these"]);
}

#[test]
fn interrupted_it_tells_what_is_known_by_then() {
    let stage = Stage::with(SLOTS, "");
    let started = suspects(&stage).args("--analyze --budget 10m --workers 4!").start();
    callboard_tests::until("three experiments", || {
        (started.events().count("experiment_finished") >= 3).then_some(())
    });
    started.signal(Signal::INT);
    let ran = started.wait();
    ran.exits(130).says(["It ended early: it was interrupted"]);
    assert_eq!(verdict(&document(&ran), "always_fails").1, "deterministic");
    stage.until_empty();
}
