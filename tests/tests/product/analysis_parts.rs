//! Analyses that are quick, that begin from a run that is kept, or that go on after they were stopped.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use callboard_tests::{Events, Ran, Stage, until};
use rustix::process::Signal;
use serde_json::Value;

use super::{outcomes, suspects};

/// As many slots, each of which is at work.
const SLOTS: u16 = 4;

fn document(run: &Path) -> Value {
    let text = fs::read(run.join("analysis.json")).expect("analysis.json");
    serde_json::from_slice(&text).expect("JSON")
}

fn folder(ran: &Ran) -> &Path {
    ran.run.as_deref().expect("a run")
}

fn id(run: &Path) -> &str {
    run.file_name().and_then(|name| name.to_str()).expect("the name of a run")
}

/// How many folders are left in which services and slots had their files.
fn grounds(run: &Path) -> usize {
    let entries = fs::read_dir(run).expect("the folder of the run").flatten();
    entries.filter(|entry| entry.file_name().to_string_lossy().starts_with("world")).count()
}

/// What is said of the failures of a test.
fn failures<'d>(document: &'d Value, test: &'d str) -> impl Iterator<Item = &'d Value> {
    let all = document["failures"].as_array().expect("failures");
    all.iter().filter(move |failure| failure["test"] == test)
}

/// Of each experiment, how it was arranged.
fn orders(events: &Events) -> Vec<&str> {
    events
        .of("experiment_started")
        .map(|event| event["schedule"]["order"].as_str().expect("an order"))
        .collect()
}

/// The folder of a run of which a consumer that was started later has a copy.
fn copy_of(stage: &Stage, run: &Path) -> PathBuf {
    let outputs = (0..).map(|number| stage.dir().join(format!("out-{number}")));
    let copies = outputs
        .take_while(|output| output.exists())
        .map(|output| output.join("callboard/runs").join(id(run)));
    copies.filter(|copy| copy.exists()).last().expect("a copy of the run")
}

#[test]
fn a_quick_look_counts_what_fails_alone_and_confirms_nothing() {
    let stage = Stage::with(SLOTS, "");
    let ran = suspects(&stage).args("--analyze --quick --workers 4! always needs").run();
    ran.exits(0).says(["A quick look", "fails alone too (3 of 3 alone)"]);
    let document = document(folder(&ran));
    let all = document["failures"].as_array().expect("failures");
    assert_eq!(document["executions"], 12 + 3 * all.len());
    let orders = orders(&ran.events);
    assert_eq!(orders.iter().filter(|order| **order == "parallel").count(), 1);
    for failure in all {
        assert_ne!(failure["label"], "confirmed", "{failure:#}");
        let look = match failure["test"].as_str() {
            Some("always_fails") => "fails alone too (3 of 3 alone)",
            _ => "only in parallel (0 of 3 alone)",
        };
        assert_eq!(failure["first_look"], look, "{failure:#}");
    }
    assert_eq!(grounds(folder(&ran)), 0);
    stage.until_empty();
}

#[test]
fn a_quick_look_begins_from_a_run_that_was_the_same() {
    let stage = Stage::with(SLOTS, "");
    let before = suspects(&stage).args("--workers 4! --retries 0").run();
    before.exits(101);
    let since = format!("--analyze --quick --workers 4! always --since {}", id(folder(&before)));
    let ran = suspects(&stage).after(&before).args(&since).run();
    ran.exits(0).says(["what failed in run", "counts as the first run"]);
    assert!(!orders(&ran.events).contains(&"parallel"));
    let told = document(folder(&ran));
    let failure = failures(&told, "always_fails").next().expect("a failure");
    assert_eq!((&failure["parallel"]["failed"], &failure["alone"]["failed"]), (&1.into(), &3.into()));
    assert!(failure["message"].as_str().is_some_and(|message| message.contains("the total is 3")));

    // With another configuration its attempts tell nothing, but what failed is looked into all the same.
    stage.configure(SLOTS, "# changed\n");
    let ran = suspects(&stage).after(&before).args(&since).run();
    ran.exits(0).says(["its attempts count for nothing"]);
    assert_eq!(orders(&ran.events), ["parallel", "rows", "rows", "rows"]);
    let told = document(folder(&ran));
    assert_eq!(told["failures"].as_array().map(Vec::len), Some(1), "{told:#}");
}

#[test]
fn a_run_that_cannot_be_begun_from_is_told() {
    let stage = Stage::with(SLOTS, "");
    let healthy = suspects(&stage).args("healthy::").run();
    let other = outcomes(&stage).args("pass::").run();
    let failed = suspects(&stage).args("always_fails").run();
    let run = |ran: &Ran| id(folder(ran)).to_owned();
    for (earlier, args, told) in [
        (&failed, "--since nowhere".to_owned(), "there is no run `nowhere`"),
        (&healthy, format!("--since {}", run(&healthy)), "no test failed in run"),
        (&other, format!("--since {}", run(&other)), "and these are the tests of `callboard-tests/"),
        (&failed, format!("healthy:: --since {}", run(&failed)), "none is selected now"),
        (&failed, format!("--resume {}", run(&failed)), "is no analysis; `--analyze --since"),
        (&failed, "--resume".to_owned(), "there is no analysis of"),
        (&failed, "--resume nowhere".to_owned(), "there is no run `nowhere`"),
    ] {
        let ran = suspects(&stage).after(earlier).args("--analyze").args(&args).run();
        ran.exits(2).complains([told]).started_nothing();
    }
}

/// An analysis that ended by this signal after some experiments.
fn stopped(stage: &Stage, signal: Signal) -> Ran {
    let started = suspects(stage).args("--analyze --budget 8 --workers 4!").start();
    until("four experiments", || (started.events().count("experiment_finished") >= 4).then_some(()));
    started.signal(signal);
    started.wait_for_any_end()
}

#[test]
fn an_analysis_goes_on_where_it_was_stopped() {
    for signal in [Signal::INT, Signal::KILL] {
        let stage = Stage::with(SLOTS, "");
        let before = stopped(&stage, signal);
        until("what was killed is gone", || {
            (stage.alive().is_empty() && grounds(folder(&before)) == 0).then_some(())
        });
        let made = before.events.count("experiment_finished");
        let ran = suspects(&stage).after(&before).args("--analyze --resume").run();
        ran.exits(0).says(["## Test Failure Analysis"]);
        let run = copy_of(&stage, folder(&before));
        let events = Events::so_far(&run.join("events.jsonl"));
        let finished: Vec<u64> =
            events.of("experiment_finished").filter_map(|event| event["experiment"].as_u64()).collect();
        assert!(finished.len() > made, "{finished:?}");
        assert_eq!(finished.iter().collect::<BTreeSet<_>>().len(), finished.len(), "{finished:?}");
        let attempts: Vec<_> = events
            .of("attempt_started")
            .map(|event| (event["test"].as_str(), event["attempt"].as_u64()))
            .collect();
        assert_eq!(attempts.iter().collect::<BTreeSet<_>>().len(), attempts.len());
        // What was seen before the stop is part of what is said.
        let told = document(&run);
        let runs = told["runs"].as_array().map(Vec::len);
        let failure = failures(&told, "always_fails").next().expect("a failure");
        assert_eq!(failure["parallel"]["attempts"].as_u64(), runs.and_then(|runs| u64::try_from(runs).ok()));
        let executions = told["executions"].as_u64().expect("a number");
        // Those that were repeated beside another one count, too, and are not known before.
        assert!(executions < 2 * 8 * 12, "it has what was left: {executions}");
        stage.until_empty();
    }
}

#[test]
fn an_analysis_does_not_go_on_when_something_has_changed() {
    let stage = Stage::with(SLOTS, "");
    let before = stopped(&stage, Signal::INT);
    let refused = |told: &str| {
        let ran = suspects(&stage).after(&before).args("--analyze --resume").run();
        ran.exits(2).complains([told, "--since"]);
    };
    stage.configure(SLOTS, "# changed\n");
    refused("is not what it was in");
    stage.configure(SLOTS, "");
    let built_anew = stage.dir().join("suspects");
    fs::copy(env!("CARGO_BIN_EXE_consumer-suspects"), &built_anew).expect("a copy");
    let built_anew = stage.consumer(built_anew.to_str().expect("a path"));
    let ran = built_anew.after(&before).args("--analyze --resume").run();
    ran.exits(2).complains(["were built anew since"]);
    let quick = suspects(&stage).args("--analyze --quick always").run();
    let named = format!("--analyze --resume {}", id(folder(&quick)));
    suspects(&stage).after(&quick).args(&named).run().exits(2).complains(["was a quick look"]);
}

/// What a test left is not there when all begins anew, though the slot is never given up.
#[test]
fn nothing_of_one_experiment_is_left_for_the_next() {
    let stage = Stage::with(SLOTS, "");
    let replay = r#"{"format": 1, "test": "sees::first", "why": "nothing", "fresh": true,
        "order": "rows", "rows": [{"slot": 1, "tests": ["sees::first", "leaves_a_filter"]}]}"#;
    let file = stage.write("replay.json", replay);
    let ran = suspects(&stage).args(&format!("--replay {} --repeat-each 4", file.display())).run();
    ran.exits(0).says(["failed 0 of 4 times"]);
    assert_eq!(ran.events.leased(), [1]);
    assert_eq!(grounds(folder(&ran)), 0);
}
