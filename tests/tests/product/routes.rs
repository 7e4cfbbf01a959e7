//! What becomes of a test whose routes fail, and of pages whose requests they answered.

use callboard_tests::Stage;

use super::{routes, server};

fn stage(console: &str) -> Stage {
    Stage::with(1, &format!("{}[console]\n{console}", server("")))
}

fn says<const N: usize>(test: &str, texts: [&str; N]) {
    let stage = stage("");
    let ran = routes(&stage).args(&format!("{test} --exact")).run();
    ran.exits(101).says(texts).says([": 0 passed, 1 failed ("]);
    assert!(!ran.stdout.contains("abcdef"), "{}", ran.stdout);
    assert_eq!(ran.events.count("page_problem"), 0);
}

#[test]
fn a_handler_that_panics_fails_the_test_where_the_route_is_made() {
    says(
        "panics",
        [
            " panicked at tests/consumers/routes.rs:21:10:\n",
            "failed: the route of `/api`: its handler panicked at GET http://127.0.0.1:",
            "/api: assertion `left == right` failed: it saves\n  left: \"GET\"\n right: \"POST\"\n  in slot 0",
        ],
    );
}

#[test]
fn a_handler_that_returns_an_error_fails_the_test() {
    says(
        "errs",
        [
            "failed: the route of `/api`: its handler failed at GET http://127.0.0.1:",
            "/api: the handler's own words\n",
        ],
    );
}

#[test]
fn a_handler_without_an_answer_fails_the_test() {
    says(
        "says_nothing",
        ["failed: the route of `/api`: its handler ended without an answer to GET http://127.0.0.1:"],
    );
}

#[test]
fn a_pattern_that_panics_fails_the_test_and_means_nothing() {
    says(
        "panics_in_the_pattern",
        ["failed: the route of the closure: its pattern panicked at GET http://127.0.0.1:", "/api: a kind\n"],
    );
}

#[test]
fn an_answer_that_cannot_be_given_says_why() {
    says(
        "has_no_file",
        [
            "/api: fulfill GET http://127.0.0.1:",
            "/api: cannot read `no/such.json`: No such file or directory",
        ],
    );
    says("has_no_header", ["/api: go on with GET http://127.0.0.1:", "/api: the browser refuses it: "]);
    says(
        "fetches_from_nobody",
        ["/api: fetch GET http://127.0.0.1:", "/api: no server answered it: ConnectionRefused\n"],
    );
}

#[test]
fn the_words_of_the_test_come_first() {
    says(
        "fails_beside_it",
        [
            "failed: the test's own words\nand the route of `/api`: its handler panicked at GET http://127.0.0.1:",
            "/api: broken\n  at tests/consumers/routes.rs:",
        ],
    );
}

#[test]
fn what_a_route_answered_is_no_error_of_the_page() {
    let stage = stage("http_errors = true\n");
    let ran = routes(&stage).args("answers --exact --trace on").run();
    assert_eq!(ran.exits(0).events.count("page_problem"), 0);
    // But the trace has it.
    let trace = ran.run.as_ref().expect("a run").join("tests/answers/attempt-1/trace.html");
    let trace = std::fs::read_to_string(trace).expect("the trace");
    for how in ["aborted", "fulfilled"] {
        assert!(
            trace.contains(&format!("\"routed\":\"{how} by the route of `/api` (tests/consumers/routes.rs:"))
        );
    }
}

#[test]
fn a_page_that_goes_elsewhere_was_not_failed_by_its_route() {
    routes(&stage("")).args("is_left --exact").run().exits(0);
}
