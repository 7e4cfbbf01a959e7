//! Browsers: isolated, started only where they are needed, replaced when they die.

use std::path::PathBuf;

use callboard_tests::Stage;

use super::{browser, server};

const ROLES: &str = "[roles.student]\nusername = \"student{slot}@example.test\"\npassword = \"secret-s{slot}\"\n\
                     [roles.teacher]\nusername = \"teacher{slot}@example.test\"\npassword = \"secret-t{slot}\"\n";

/// A stage with the application and two roles.
pub(super) fn stage(slots: u16) -> Stage {
    stage_with(slots, "")
}

/// The same, with this text in its configuration, too.
pub(super) fn stage_with(slots: u16, text: &str) -> Stage {
    Stage::with(slots, &format!("{ROLES}{}{text}", server("")))
}

/// A script on the stage that can be run.
pub(super) fn executable(stage: &Stage, name: &str, text: &str) -> PathBuf {
    let script = stage.write(name, text);
    let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&script, executable).expect("a mode");
    script
}

#[test]
fn a_session_finds_nothing_that_another_left() {
    let stage = stage(1);
    let ran = browser(&stage).args("crumbs anonymous").run();
    assert_eq!(ran.exits(0).events.count("browser_ready"), 1, "one browser serves all tests of a slot");
    assert_eq!(ran.events.count("signed_in"), 0);
}

/// Between two experiments all begins anew but the browser, and a test finds nothing that it left there itself.
#[test]
fn a_browser_outlives_what_begins_anew() {
    let stage = stage(2);
    let replay = r#"{"format": 1, "test": "crumbs::first", "why": "nothing", "fresh": true,
        "order": "rows", "rows": [{"slot": 0, "tests": ["crumbs::first"]}]}"#;
    let file = stage.write("replay.json", replay);
    let ran = browser(&stage).args(&format!("--replay {} --repeat-each 3", file.display())).run();
    ran.exits(0).says(["failed 0 of 3 times"]);
    assert_eq!(ran.events.count("browser_ready"), 1);
    assert_eq!(ran.events.count("services_ready"), 3);
    assert_eq!(ran.events.leased(), [0]);
}

#[test]
fn a_context_that_all_use_is_emptied_in_between() {
    let stage = stage(1);
    let ran = browser(&stage).args("crumbs memory").env("CALLBOARD_BROWSER_ISOLATION", "reset").run();
    // The second of them finds that the application has forgotten it, and the third one is the first to be signed in anew.
    assert_eq!(ran.events.outcome("memory::b_is_signed_in_again"), "errored", "{ran}");
    ran.says(["the kept sign-in was refused, and signing in again failed", "another session is open"]);
    for passed in ["crumbs::first", "crumbs::second", "memory::a_forgets", "memory::c_still_is"] {
        assert_eq!(ran.events.outcome(passed), "passed", "{passed}: {ran}");
    }
    assert_eq!(ran.events.count("browser_ready"), 1, "{ran}");
}

#[test]
fn a_context_that_all_use_is_for_one_session_at_a_time() {
    let stage = Stage::with(2, &format!("{ROLES}{}[browser]\nisolation = \"reset\"\n", server("")));
    browser(&stage).args("pair:: --workers 1").run().exits(101).says([
        "another session is open, and with `isolation = \"reset\"` under [browser] there is one at a time",
    ]);
}

#[test]
fn each_attempt_has_a_browser_where_that_is_asked_for() {
    let stage = Stage::with(1, &format!("{ROLES}{}[browser]\nisolation = \"browser\"\n", server("")));
    let ran = browser(&stage).args("crumbs anonymous").run();
    let tests = ran.exits(0).events.count("attempt_finished");
    assert_eq!(ran.events.count("browser_ready"), tests, "{ran}");
    assert_eq!(
        ran.events.of("browser_renewed").filter(|event| event["why"] == "attempts").count(),
        tests - 1
    );
}

#[test]
fn a_test_without_a_session_starts_no_browser() {
    let stage = stage(1);
    // Not even where there is none.
    let ran = browser(&stage).args("without_session").env("CALLBOARD_BROWSER", "/nonexistent").run();
    assert_eq!(ran.exits(0).events.count("browser_ready"), 0);
    assert!(!stage.lines("server.log").iter().any(|line| line.contains("login")));
}

#[test]
fn what_did_not_hold_softly_is_told_with_what_ended_the_test() {
    let stage = stage(1);
    let ran = browser(&stage).args("softly").run();
    ran.exits(101).says([
        "failed: expected `h1` to have the text \"Eve\": after 100 ms, it was \"Ida\"",
        "and, softly, expected `h1` to have the text \"Ada\": after 100 ms, it was \"Ida\"",
        "and, softly, expected `p` to have the text \"ada@example.test\": after 100 ms",
        "at tests/consumers/browser.rs:",
        "it goes on",
    ]);
}

#[test]
fn a_handler_of_dialogs_that_panics_fails_the_test_where_it_is_given() {
    let stage = stage(1);
    let ran = browser(&stage).args("dialog_handler_panics").run();
    ran.exits(101).says([
        "'dialog_handler_panics' panicked at tests/consumers/browser.rs:",
        "failed: the handler of dialogs panicked at the alert \"Really?\": unforeseen",
    ]);
}

#[test]
fn without_a_browser_it_is_said_what_to_do() {
    let stage = stage(1);
    let ran = browser(&stage).args("anonymous").env("CALLBOARD_BROWSER", "/nonexistent").run();
    ran.exits(101).says([
        "errored: setting up `session`: CALLBOARD_BROWSER is `/nonexistent`",
        "which is not an executable file: correct it, or remove it to have one found",
        ": 0 passed, 1 errored (",
    ]);
}

#[test]
fn a_browser_that_cannot_start_is_told_with_its_last_words() {
    let stage = stage(1);
    let script = executable(&stage, "browser.sh", "#!/bin/sh\necho no display here >&2\nexit 5\n");
    let ran = browser(&stage).args("anonymous").env("CALLBOARD_BROWSER", &script).run();
    ran.exits(101).says(["errored: setting up `session`: ", "no display here"]);
}

#[test]
fn a_browser_that_dies_is_the_surroundings_fault_and_the_next_test_has_another() {
    let stage = stage(1);
    let ran = browser(&stage).args("murder --workers 1").run();
    ran.exits(101).says(["errored: the browser is gone (", "\nand the test: ", ": 1 passed, 1 errored ("]);
    assert_eq!(ran.events.outcome("murder::b_has_another"), "passed");
    assert_eq!(ran.events.count("browser_ready"), 2);
}

#[test]
fn a_driver_that_dies_is_the_surroundings_fault_and_one_that_died_between_tests_costs_none() {
    let stage = stage(1);
    let ran = browser(&stage).args("assault --workers 1 --reset never").run();
    ran.exits(101).says(["errored: the driver is gone", "\nand the test: ", ": 5 passed, 1 errored ("]);
    assert_eq!(ran.events.outcome("assault::a_kills_the_driver"), "errored");
    assert_eq!(ran.events.count("browser_ready"), 2, "only one was killed");
}

#[test]
fn a_driver_that_does_not_answer_though_its_process_lives_costs_no_test_either() {
    let stage = stage(1);
    let driver = callboard::setup::find(None, None).expect("a browser").driver;
    let script = format!("#!/bin/sh\n{} \"$@\" &\nwait\nexec sleep 1000\n", driver.display());
    let wrapped = executable(&stage, "wrapped.sh", &script);
    let ran = browser(&stage)
        .args("assault::b assault::c assault::d --workers 1")
        .env("CALLBOARD_DRIVER", &wrapped)
        .run();
    ran.exits(0);
    assert_eq!(ran.events.count("browser_ready"), 1, "it is no affair of the browser's");
}

#[test]
fn a_test_that_asks_the_driver_nothing_starts_none() {
    let stage = stage(1);
    let script = executable(&stage, "driver.sh", "#!/bin/sh\necho no driver today >&2\nexit 5\n");
    let ran = browser(&stage).args("without_driver").env("CALLBOARD_DRIVER", &script).run();
    ran.exits(0);
    let ran = browser(&stage).args("anonymous").env("CALLBOARD_DRIVER", &script).run();
    ran.exits(101).says(["errored: the driver exited with status 5; its log is ", "no driver today"]);
}

#[test]
fn a_failing_test_leaves_what_its_page_showed() {
    let stage = stage(1);
    let ran = browser(&stage).args("fails --exact").run();
    let folder = ran.exits(101).run.as_ref().expect("a run").join("tests/fails/attempt-1");
    let page = std::fs::read_to_string(folder.join("page.html")).expect("the page");
    assert!(page.contains("student0@example.test"), "{page}");
    let picture = std::fs::read(folder.join("screenshot.png")).expect("the picture");
    assert!(picture.starts_with(b"\x89PNG"));
}

#[test]
fn a_failing_test_of_two_users_of_one_role_leaves_what_each_saw() {
    let stage = stage(2);
    let ran = browser(&stage).args("quarrels").run();
    let folder = ran.exits(101).run.as_ref().expect("a run").join("tests/pair.quarrels/attempt-1");
    for (name, user) in [("student", "student0@"), ("student-2", "student1@")] {
        let page = std::fs::read_to_string(folder.join(format!("{name}-page.html"))).expect("the page");
        assert!(page.contains(user), "{name}: {page}");
        assert!(folder.join(format!("{name}-screenshot.png")).exists());
    }
}

#[test]
fn slots_have_browsers_of_their_own() {
    let stage = stage(2);
    let ran = browser(&stage).args("five crumbs two_users anonymous --workers 2!").run();
    assert_eq!(ran.exits(0).events.count("browser_ready"), ran.events.leased().len());
}

#[test]
fn a_browser_is_renewed_after_so_many_attempts_and_who_signed_in_stays_so() {
    let stage = Stage::with(1, &format!("{ROLES}{}[browser]\nrenew_after = 2\n", server("")));
    let ran = browser(&stage).args("five without_session --workers 1").run();
    ran.exits(0).says(["2 browsers were renewed between tests"]);
    assert_eq!(ran.events.count("browser_ready"), 3);
    assert_eq!(ran.events.count("signed_in"), 1);
    for renewed in ran.events.of("browser_renewed") {
        assert_eq!((&renewed["why"], &renewed["attempts"]), (&"attempts".into(), &2.into()));
    }
}

#[test]
fn a_browser_that_has_grown_is_renewed_with_the_fixtures_that_live_in_it() {
    let stage = Stage::with(1, &format!("{}[browser]\nrenew_above = \"800MB\"\n", server("")));
    let ran = browser(&stage).args("hoard --workers 1").run();
    ran.exits(0).says(["1 browser was renewed between tests"]);
    let renewed: Vec<_> = ran.events.of("browser_renewed").collect();
    assert_eq!(renewed.len(), 1);
    assert_eq!((&renewed[0]["why"], &renewed[0]["attempts"]), (&"memory".into(), &1.into()));
    assert!(renewed[0]["memory"].as_u64().is_some_and(|memory| memory > 800_000_000), "{renewed:?}");
}

#[test]
fn a_browser_without_bounds_is_not_renewed() {
    let stage = Stage::with(1, &format!("{}[browser]\nrenew_above = 0\nrenew_after = 0\n", server("")));
    // The fixture is not made anew either, so that the test which expects that says no.
    let ran = browser(&stage).args("hoard --workers 1 --reset never").run();
    ran.exits(101);
    assert_eq!(ran.events.count("browser_renewed"), 0);
    assert_eq!(ran.events.count("browser_ready"), 1);
}
