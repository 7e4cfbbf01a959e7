//! What becomes of errors on the pages of a test.

use callboard_tests::{Ran, Stage};
use serde_json::Value;

use super::{page_errors, server};

const ROLE: &str = "[roles.student]\nusername = \"student{slot}@example.test\"\npassword = \"secret-s0\"\n";

fn stage(console: &str) -> Stage {
    Stage::with(1, &format!("{ROLE}{}[console]\n{console}", server("")))
}

fn kept(ran: &Ran, file: &str) -> String {
    let file = ran.run.as_ref().expect("a run").join("tests").join(file);
    std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

#[test]
fn a_test_that_passed_otherwise_is_errored() {
    let stage = stage("");
    let ran = page_errors(&stage).args("throws --exact").run();
    ran.exits(101).says([
        "errored: there were 2 errors on pages\n  exception after ",
        ", 2 times, in step \"breaks\": Error: broken\n",
        "\n    on the page http://127.0.0.1:",
        "\n  what is meant to happen: allow = ['^Error: broken$'] under [console] of callboard.toml, or allow_console at the test\n",
        ": 0 passed, 1 errored (",
    ]);
    let problems: Vec<&Value> = ran.events.of("page_problem").map(|event| &event["problem"]).collect();
    assert_eq!(problems.len(), 1, "{problems:#?}");
    assert_eq!(problems[0]["kind"], "exception");
    assert_eq!(problems[0]["times"], 2);
    assert_eq!(problems[0]["steps"], serde_json::json!(["breaks"]));
    assert!(kept(&ran, "throws/attempt-1/console.log").contains(" exception Error: broken at "));
}

#[test]
fn a_test_that_failed_stays_failed_and_shows_them() {
    let stage = stage("");
    let ran = page_errors(&stage).args("throws_and_fails").run();
    ran.exits(101).says([
        "failed: the test's own words\nand there was an error on a page\n  exception after ",
        "/?token=…\n",
        ": 0 passed, 1 failed (",
    ]);
    for file in ["console.log", "network.jsonl"] {
        let text = kept(&ran, &format!("throws_and_fails/attempt-1/{file}"));
        assert!(text.contains("token=…") && !text.contains("abcdef"), "{text}");
    }
    let network = kept(&ran, "throws_and_fails/attempt-1/network.jsonl");
    let first: Value = serde_json::from_str(network.lines().next().expect("a line")).expect("JSON");
    assert_eq!((&first["method"], &first["status"]), (&"GET".into(), &404.into()));
}

#[test]
fn what_was_asked_of_servers_is_told_without_what_differs_and_what_is_secret() {
    let stage = stage("");
    let ran = page_errors(&stage).args("asks_for_much").run();
    let told: Vec<&Value> = ran.exits(0).events.of("requests_sent").collect();
    assert_eq!(told.len(), 1, "{told:#?}");
    let requests = told[0]["requests"].as_array().expect("requests").iter();
    let said: Vec<String> = requests
        .map(|one| {
            format!("{} {} {} x{}", one["method"], one["path"], one["status"], one["times"]).replace('"', "")
        })
        .collect();
    assert_eq!(said, ["POST /courses/{id}/edit 404 x2", "DELETE /…/ERROR 404 x1", "GET /nothing 404 x1"]);
    let logged: Vec<&Value> = ran.events.of("trouble_logged").map(|event| &event["lines"]).collect();
    assert_eq!(logged, [&serde_json::json!(["asked for /…/ERROR"])]);
    let events = ran.run.as_ref().expect("a run").join("events.jsonl");
    let text = std::fs::read_to_string(events).expect("events");
    assert!(!text.contains("abcdef") && !text.contains("secret-s0"));
}

#[test]
fn what_is_allowed_is_none() {
    let ran = page_errors(&stage("")).args("throws_what_it_allows").run();
    assert_eq!(ran.exits(0).events.count("page_problem"), 0);
    let ran = page_errors(&stage("allow = ['broken$']\n")).args("throws --exact").run();
    assert_eq!(ran.exits(0).events.count("page_problem"), 0);
}

#[test]
fn the_configuration_says_what_becomes_of_them() {
    let ran = page_errors(&stage("on_error = \"fail\"\n")).args("throws --exact").run();
    ran.exits(101).says(["failed: there were 2 errors on pages\n", ": 0 passed, 1 failed ("]);
    let ran = page_errors(&stage("on_error = \"ignore\"\n")).args("throws --exact").run();
    assert_eq!(ran.exits(0).events.count("page_problem"), 1);
}

#[test]
fn an_answer_that_is_an_error_counts_where_that_is_asked_for() {
    page_errors(&stage("")).args("asks_for_what_is_not_there").run().exits(0);
    let ran = page_errors(&stage("http_errors = true\n")).args("asks_for_what_is_not_there").run();
    ran.exits(101).says([
        "errored: there was an error on a page\n  HTTP error after ",
        "/nothing?api_key=… (Fetch): the server responded with a status of 404 (Not Found)\n",
        "allow = ['^GET \\S*/nothing'] under [console]",
    ]);
    let request = ran.events.of("page_problem").next().expect("one")["problem"]["request"].clone();
    assert_eq!((&request["method"], &request["status"]), (&"GET".into(), &404.into()));
    let allowed = "http_errors = true\nallow = ['^GET \\S*/nothing']\n";
    page_errors(&stage(allowed)).args("asks_for_what_is_not_there").run().exits(0);
}

#[test]
fn a_sign_in_errs_in_the_same_words_and_without_its_password() {
    let stage = stage("");
    let ran = page_errors(&stage).args("signs_in").run();
    ran.exits(101).says([
        "signing in student0@example.test (student) with `enter` failed: there was an error on a page\n  exception after ",
        ": Error: cannot greet …\n",
        "allow = ['^Error: cannot greet '] under [console]",
    ]);
    assert!(!ran.stdout.contains("secret-s0"));
}

#[test]
fn of_a_session_that_lives_as_long_as_the_slot_the_test_counts_during_which_it_happened() {
    let ran = page_errors(&stage("")).args("shared --workers 1 --reset never").run();
    ran.exits(101).says([": 2 passed, 1 errored ("]);
    assert_eq!(ran.events.outcome("shared::b_breaks"), "errored");
}

#[test]
fn what_is_no_pattern_is_refused_where_it_is_written() {
    let ran = page_errors(&stage("")).args("allows_what_is_no_pattern").run();
    ran.exits(101).says(["failed: `allow_console(\"(\")` is given what is no regular expression: "]);
    let ran = page_errors(&stage("allow = ['fine', '(']\non_error = \"eror\"\n")).args("throws").run();
    ran.exits(2).complains([
        "error: `allow` has what is no regular expression: ",
        "error: `on_error` is \"eror\"",
        "did you mean `error`?",
    ]);
}
