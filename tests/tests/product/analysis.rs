//! Why tests fail: an analysis of a suite with a fault of each kind, and what can be done with what it found.

use std::collections::BTreeSet;

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

/// The document is what `harness/schema/analysis.json` says.
fn is_as_published(document: &Value) {
    let schema = include_str!("../../../harness/schema/analysis.json");
    let schema: Value = serde_json::from_str(schema).expect("JSON");
    let id = schema["$id"].as_str().expect("an id").to_owned();
    let (mut schemas, mut compiler) = (boon::Schemas::new(), boon::Compiler::new());
    compiler.add_resource(&id, schema).expect("a schema");
    let schema = compiler.compile(&id, &mut schemas).expect("a schema that holds");
    schemas.validate(document, schema).unwrap_or_else(|error| panic!("{error:#}"));
}

/// What is said of the tests whose names begin so: label, most probable class, and whom that accuses first.
fn verdicts(document: &Value, tests: &str) -> Vec<(String, String, String)> {
    let said = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let failures = document["failures"].as_array().expect("failures").iter();
    let failures = failures.filter(|failure| said(&failure["test"]).starts_with(tests));
    let verdict = |failure: &Value| {
        let culprit = &failure["culprits"][0];
        let culprit = culprit["test"].as_str().map_or_else(|| culprit["slot"].to_string(), str::to_owned);
        (said(&failure["label"]), said(&failure["classes"][0][0]), culprit)
    };
    failures.map(verdict).collect()
}

/// That chance decides what is met in a few runs, and that now and then something is claimed wrongly, is how it is. That one of several
/// is found, and that nothing wrong is confirmed, has to be so.
#[test]
fn each_kind_of_fault_is_told_with_who_is_to_blame() {
    let stage = Stage::with(SLOTS, "");
    let ran = suspects(&stage).args("--analyze --budget 40 --workers 4!").run();
    ran.exits(0).says(["## Test Failure Analysis", "## Recommendations", "analysis.md"]);
    assert!(!ran.run.as_ref().expect("a run").join("junit.xml").exists());
    let document = document(&ran);
    is_as_published(&document);
    let page = ran.run.as_ref().expect("a run").join("analysis.html");
    let page = std::fs::read_to_string(page).expect("analysis.html");
    assert!(page.contains("the total is 3, and not 4") && page.trim_end().ends_with("</html>"));
    for (tests, class, culprit) in
        [("needs::", "overlap", "holds_the_one"), ("sees::", "order", "leaves_a_filter")]
    {
        let told = verdicts(&document, tests);
        let is_right = |(_, told, accused): &&(String, String, String)| told == class && accused == culprit;
        let claimed = told.iter().filter(|(label, ..)| label == "confirmed" || label == "likely");
        assert!(claimed.clone().any(|one| is_right(&one)), "{tests}: {told:?}");
        let confirmed = told.iter().filter(|(label, ..)| label == "confirmed");
        assert!(confirmed.clone().all(|(_, told, _)| told == class), "{tests}: {told:?}");
    }
    for (_, class, culprit) in verdicts(&document, "bad_in_slot_2").iter().filter(|one| one.0 == "confirmed")
    {
        assert_eq!((&**class, &**culprit), ("slot", "2"));
    }
    assert_eq!(verdicts(&document, "always_fails")[0].1, "deterministic");
    let mut failures = document["failures"].as_array().expect("failures").iter();
    let always = failures.find(|failure| failure["test"] == "always_fails").expect("always_fails");
    assert!(
        always["impact"].as_str().expect("an impact").contains("always meets \"the total is 3, and not 4\"")
    );
    assert!(!always["would_change"].as_array().expect("a list").is_empty());
    assert!(verdicts(&document, "healthy").is_empty() && verdicts(&document, "holds").is_empty());
    stage.until_empty();
}

/// The tests of a confirmed overlap are repeated for as long as it is not known when they have to begin.
#[test]
fn a_confirmed_overlap_is_reduced_to_one_execution_of_each() {
    let stage = Stage::with(SLOTS, "");
    let ran = suspects(&stage).args("--analyze --budget 60 --workers 4! needs::first").run();
    let document = document(ran.exits(0));
    let failures = document["failures"].as_array().expect("failures");
    let confirmed =
        failures.iter().find(|one| one["label"] == "confirmed" && one["classes"][0][0] == "overlap");
    let confirmed = confirmed.unwrap_or_else(|| panic!("none is confirmed: {document:#}"));
    let file = ran.run.as_ref().expect("a run").join(confirmed["replay"].as_str().expect("a file"));
    let text = std::fs::read_to_string(&file).expect("the file");
    let replay: Value = serde_json::from_str(&text).expect("JSON");
    let rows = replay["rows"].as_array().expect("rows");
    let all: BTreeSet<&str> = rows.iter().filter_map(|row| row["tests"][0].as_str()).collect();
    assert_eq!(all, BTreeSet::from(["holds_the_one", confirmed["test"].as_str().expect("a name")]), "{text}");
    assert!(!text.contains("repeats"), "{text}");
    let again = suspects(&stage).after(&ran).args(&format!("--replay {}", file.display())).run();
    again.exits(101);
}

#[test]
fn what_was_found_can_be_made_to_happen_again() {
    let stage = Stage::with(SLOTS, "");
    let replay = r#"{"format": 1, "test": "sees::first", "why": "`leaves_a_filter` before it in the same slot", "fresh": true,
        "order": "rows", "rows": [{"slot": 1, "tests": ["leaves_a_filter", "sees::first"]}]}"#;
    let file = stage.write("replay.json", replay);
    let file = file.display();
    let ran = suspects(&stage).args(&format!("--replay {file} --repeat-each 3")).run();
    ran.exits(101).says([
        "because of `leaves_a_filter` before it",
        "failed: a row is missing",
        "failed 3 of 3 times",
    ]);
    let alone =
        stage.write("alone.json", &replay.replace("\"leaves_a_filter\", \"sees::first\"", "\"sees::first\""));
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
            r#"{"format":1,"test":"x","why":"","order":"rows","rows":[{"slot":9,"tests":["sees::first"]}]}"#,
            "test `sees::first` cannot run in slot 9",
        ),
        (
            r#"{"format":1,"test":"x","why":"","order":"rows","rows":[{"slot":1,"tests":["sees::first"],"repeats":true}]}"#,
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
    assert_eq!(verdicts(&document(&ran), "always_fails")[0].1, "deterministic");
    stage.until_empty();
}
