//! Fixtures of the consumer's own: order, sharing, what is said when they fail, and how long they live.

use callboard_tests::Stage;

use super::{browser, fixtures};

const SET_UP: [&str; 3] = ["course", "enrolment", "roster"];
const TEAR_DOWN: [&str; 3] = ["end of the roster", "end of Ada", "end of Logic I"];

#[test]
fn they_are_set_up_once_and_torn_down_in_reverse_order() {
    let stage = Stage::with(1, "");
    let ran = fixtures(&stage).args("ends::well").run();
    assert_eq!(ran.exits(0).events.count("fixture_ready"), 3);
    let expected = [&SET_UP[..], &["test: Ada and Alan in Logic I"], &TEAR_DOWN].concat();
    assert_eq!(stage.lines("log"), expected);
}

#[test]
fn they_are_torn_down_whatever_the_test_did() {
    for (test, outcome) in
        [("with_an_error", "failed"), ("with_a_panic", "failed"), ("not_in_time", "timed_out")]
    {
        let stage = Stage::with(1, "");
        let ran = fixtures(&stage).args(&format!("ends::{test}")).run();
        assert_eq!(ran.exits(101).events.outcome(&format!("ends::{test}")), outcome);
        assert_eq!(stage.lines("log"), [SET_UP, TEAR_DOWN].concat(), "{test}");
    }
}

#[test]
fn what_was_changed_is_seen_by_all_who_share_it() {
    let stage = Stage::with(1, "");
    fixtures(&stage).args("changes").run().exits(0);
    let log = stage.lines("log");
    assert_eq!(
        log[2..],
        ["test: Ada the younger in Logic I II", "end of Ada the younger", "end of Logic I II"]
    );
}

#[test]
fn nothing_is_set_up_that_nobody_asks_for() {
    let stage = Stage::with(1, "");
    let ran = fixtures(&stage).args("asks_for_nothing").run();
    assert_eq!(ran.exits(0).events.count("fixture_ready"), 0);
    assert_eq!(stage.lines("log"), ["test"]);
}

#[test]
fn one_that_fails_is_named_with_those_who_asked_for_it() {
    let stage = Stage::with(1, "");
    let ran = fixtures(&stage).args("wrong::refuses").run();
    ran.exits(101).says([
        "thread 'wrong::refuses' panicked at tests/consumers/fixtures/wrong.rs:14:9:\n\
         errored: setting up the fixture `refused` (tests/consumers/fixtures/wrong.rs:13:10): the registrar says no\n  \
         asked for by the fixture `transcript` (tests/consumers/fixtures/wrong.rs:20:10)\n",
    ]);
    assert_eq!(stage.lines("log"), ["course", "end of Logic"], "what was there is torn down");
}

#[test]
fn one_that_panics_is_errored_with_the_place() {
    let stage = Stage::with(1, "");
    let ran = fixtures(&stage).args("wrong::panics").run();
    ran.exits(101).says([
        "thread 'wrong::panics' panicked at tests/consumers/fixtures/wrong.rs:33:5:\n\
         errored: setting up the fixture `panicking` (tests/consumers/fixtures/wrong.rs:32:4): it panicked: no idea where ",
    ]);
}

#[test]
fn one_that_takes_too_long_is_errored_and_does_not_pay_for_others() {
    let stage = Stage::with(1, "");
    let ran = fixtures(&stage).args("is_too_slow").run();
    ran.exits(101).says([
        "errored: setting up the fixture `slow` (tests/consumers/fixtures/wrong.rs:44:10): it took longer than 50ms (its own timeout)",
    ]);
    assert_eq!(stage.lines("log"), ["waited for"]);
    fixtures(&stage)
        .args("is_too_slow --fixture-timeout 30ms")
        .run()
        .exits(101)
        .says(["it took longer than 30ms (--fixture-timeout)\n  asked for by the fixture `slow` ("]);
    let configured = Stage::with(1, "[tests]\nfixture_timeout = \"20ms\"\n");
    fixtures(&configured).args("is_too_slow").run().exits(101).says([
        "setting up the fixture `waited_for` (tests/consumers/fixtures/wrong.rs:52:10): it took longer than 20ms \
         (tests.fixture_timeout)\n  asked for by the fixture `slow` (",
    ]);
}

#[test]
fn a_tear_down_that_fails_never_hides_what_the_test_said() {
    let stage = Stage::with(1, "");
    let ran = fixtures(&stage).args("torn_down").run();
    ran.exits(101).says([
        "errored: the tear-down of `sticky` failed: it sticks\n",
        "failed: the test's own objection\nand the tear-down of `sticky` failed: it sticks\n",
        "errored: the tear-down of `sticky` failed: it sticks\n\
         and the tear-down of `explosive` failed: it panicked: boom\n",
    ]);
    let log = stage.lines("log");
    assert_eq!(
        log.iter().filter(|line| *line == "end of Logic").count(),
        3,
        "the others are torn down: {log:?}"
    );
}

#[test]
fn one_of_the_slot_lives_through_all_its_tests_and_ends_before_the_services() {
    let service = "[[service]]\nname = \"app\"\ncommand = [\"sh\", \"-c\", \"trap 'echo service ends >> log; exit' TERM; \
                   echo up; while :; do sleep 0.01; done\"]\nready = { log = \"up\" }\n";
    let stage = Stage::with(1, service);
    let ran = fixtures(&stage).args("reads").run();
    assert_eq!(ran.exits(0).events.count("fixture_ready"), 1 + 3);
    assert_eq!(
        stage.lines("log"),
        ["catalogue of slot 0", "end of the catalogue of slot 0 after 3", "service ends"]
    );
}

#[test]
fn one_of_the_slot_that_fails_is_tried_again_and_complains_at_its_end() {
    let stage = Stage::with(1, "");
    let ran = fixtures(&stage).args("is_late").run();
    ran.exits(0).complains(["in slot 0, the tear-down of `Late` failed: it has lasted since try 3"]);
    assert_eq!(ran.events.count("tear_down_failed"), 1);
    assert_eq!(
        stage.lines("log"),
        [
            "catalogue of slot 0",
            "try 1 after 0",
            "try 2 after 1",
            "try 3 after 2",
            "end of the catalogue of slot 0 after 3"
        ]
    );
}

#[test]
fn one_that_asks_for_itself_is_found_out() {
    let stage = Stage::with(1, "");
    fixtures(&stage).args("asks_for_itself").run().exits(101).says([
        "errored: setting up the fixture `Ouroboros`: it would have to be there already, for its own set-up\n  \
         asked for by the fixture `Ouroboros`\n",
    ]);
}

#[test]
fn a_session_of_a_fixture_that_fails_says_for_whom_it_was() {
    let stage = Stage::with(1, "");
    let ran = fixtures(&stage).args("has_no_browser").env("CALLBOARD_BROWSER", "/nonexistent").run();
    ran.exits(101).says([
        "errored: setting up `_session`: CALLBOARD_BROWSER is `/nonexistent`",
        "\n  asked for by the fixture `browsing` (tests/consumers/fixtures/wrong.rs:",
    ]);
}

#[test]
fn those_that_wait_for_each_other_are_found_before_the_run() {
    let stage = Stage::with(1, "");
    let ran = stage.consumer(env!("CARGO_BIN_EXE_consumer-cycle")).run();
    ran.exits(2).started_nothing().complains([
        "error: fixtures wait for each other: the fixture `hen` (tests/consumers/cycle.rs:10:4) takes the fixture `egg` \
         (tests/consumers/cycle.rs:15:4), which takes the fixture `hen` (tests/consumers/cycle.rs:10:4); asked for by the test \
         `needs_a_farm`",
    ]);
}

#[test]
fn sessions_of_fixtures_are_those_of_their_tests() {
    let stage = browser::stage(1);
    let ran = browser(&stage).args("a_shares_its_session b_needs_a_teacher c_is_one_of_each").run();
    ran.exits(0);
    // The test and its fixture have one session; the other role has its own; and each role signed in once in one.
    assert_eq!(ran.events.count("session_opened"), 1 + 2 + 2 + 2);
}

#[test]
fn one_of_the_slot_keeps_its_session_and_is_made_anew_when_the_browser_is() {
    let stage = browser::stage(1);
    let ran = browser(&stage).args("board e_looks_again f_has_another").run();
    ran.exits(0).says(["3 passed"]);
    assert_eq!(ran.events.count("session_opened"), 2 + 1, "one more for the sign-in");
    assert_eq!(ran.events.count("browser_ready"), 2);
}

#[test]
fn a_test_runs_where_its_fixtures_have_accounts() {
    let roles = "[roles.student]\nusername = \"student{slot}@example.test\"\npassword = \"secret\"\n";
    let stage = Stage::with(1, roles);
    browser(&stage)
        .args("b_needs_a_teacher")
        .run()
        .exits(2)
        .started_nothing()
        .complains(["test `with_fixtures::b_needs_a_teacher` (tests/consumers/browser.rs:", "`teacher`"]);
}

#[test]
fn one_can_skip_the_test() {
    let stage = Stage::with(1, "");
    let ran = fixtures(&stage).args("wrong::prints").run();
    assert_eq!(ran.exits(0).results(), [("wrong::prints", "ignored (there is no printer)")]);
    assert_eq!(stage.lines("log"), ["course", "end of Logic"], "what was there is torn down");
}
