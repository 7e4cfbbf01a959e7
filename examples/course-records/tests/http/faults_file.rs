//! `faults.toml` says what the program and the suite say.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use toml::{Table, Value};

use crate::client::program;

const CLASSES: [&str; 8] =
    ["deterministic", "random", "slot", "order", "brittle", "overlap", "load", "surroundings"];

fn package(path: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn read() -> Table {
    let text = fs::read_to_string(package("faults.toml")).expect("the file");
    text.parse().unwrap_or_else(|error| panic!("faults.toml: {error}"))
}

fn texts(value: &Value) -> BTreeSet<&str> {
    value.as_array().expect("a list").iter().map(|text| text.as_str().expect("a text")).collect()
}

/// The names and sentences of `course-records faults`.
fn known() -> Vec<(String, String)> {
    let output = program().arg("faults").output().expect("it starts");
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).expect("text");
    let lines = text.lines().map(|line| line.split_once(' ').expect("a name and a sentence"));
    lines.map(|(name, about)| (name.to_owned(), about.trim().to_owned())).collect()
}

#[test]
fn it_has_the_faults_and_sets_of_the_program() {
    let file = read();
    let faults = file["fault"].as_array().expect("faults");
    let names: Vec<_> = faults.iter().map(|fault| fault["name"].as_str().expect("a name")).collect();
    let mut known = known();
    let sets = file["sets"].as_table().expect("sets");
    for (set, members) in sets {
        let at =
            known.iter().position(|(name, _)| name == set).unwrap_or_else(|| panic!("there is no set {set}"));
        let said = known.remove(at).1;
        let said: BTreeSet<_> = said.trim_start_matches("these at once: ").split(' ').collect();
        assert_eq!(texts(members), said, "{set}");
    }
    assert_eq!(names, known.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>());
    for (fault, (_, about)) in faults.iter().zip(&known) {
        assert_eq!(fault["does"].as_str(), Some(about.as_str()), "{:?}", fault["name"]);
    }
}

#[test]
fn every_fault_is_described() {
    for fault in read()["fault"].as_array().expect("faults") {
        let text = |key: &str| {
            let value = fault.get(key).unwrap_or_else(|| panic!("{:?} has no {key}", fault["name"]));
            value
                .as_str()
                .filter(|text| !text.is_empty())
                .unwrap_or_else(|| panic!("{key} of {:?}", fault["name"]))
        };
        let name = text("name");
        assert!(CLASSES.contains(&text("class")), "{name} is of class {}", text("class"));
        assert!(["serve", "seed", "both"].contains(&text("side")), "{name} is on side {}", text("side"));
        for key in ["rate_parallel", "rate_alone", "condition", "cause"] {
            text(key);
        }
        let file = text("cause").split([':', ' ', ',']).next().unwrap_or_default();
        assert!(package(file).is_file(), "{name}: there is no {file}");
        assert!(!texts(&fault["tests"]).is_empty(), "{name} fails no test");
    }
}

#[test]
fn the_tests_that_fail_are_in_the_suite() {
    let folder = fs::read_dir(package("tests/e2e")).expect("the suite");
    let files = folder.filter_map(|entry| fs::read_to_string(entry.expect("an entry").path()).ok());
    let suite: String = files.collect();
    for fault in read()["fault"].as_array().expect("faults") {
        let others = ["after", "beside"].into_iter().filter_map(|key| fault.get(key)).flat_map(texts);
        for test in texts(&fault["tests"]).into_iter().chain(others) {
            assert!(
                suite.contains(&format!("async fn {test}(")),
                "{:?}: there is no test {test}",
                fault["name"]
            );
        }
    }
}
