//! A configuration that is wrong: everything is said before anything is started.

use callboard_tests::{Ran, Stage};

use super::{outcomes, server};

/// Runs a test with this configuration, which must be refused before anything is started.
fn refused(stage: &Stage, test: &str) -> Ran {
    let ran = outcomes(stage).args(test).run();
    ran.exits(2).started_nothing();
    assert_eq!(ran.stdout, "");
    assert!(stage.lines("server.log").is_empty(), "a server was started");
    ran
}

#[test]
fn an_unknown_key_is_named_with_its_line() {
    let stage = Stage::with(2, &format!("bse_port = 5\n{}", server("")));
    refused(&stage, "pass::").complains(["unknown key `bse_port`", "callboard.toml:4:1", "`base_port`"]);
}

#[test]
fn a_file_that_is_not_toml() {
    let stage = Stage::new();
    stage.write("callboard.toml", "[slots\ncount = 4\n");
    refused(&stage, "pass::").complains(["callboard.toml:1:"]);
}

#[test]
fn a_file_that_is_not_there() {
    let stage = Stage::new();
    refused(&stage, "pass::").complains(["CALLBOARD_CONFIG", "callboard.toml"]);
}

#[test]
fn the_role_of_a_test_is_not_in_the_file() {
    let roles = "[roles.instrutor]\nusername = \"i{slot}\"\npassword = \"secret-word\"\n";
    let stage = Stage::with(2, &format!("{roles}{}", server("")));
    let ran = refused(&stage, "cast::as_instructor pass::");
    ran.complains([
        "cast::as_instructor",
        "outcomes/cast.rs:8:",
        "`instructor`",
        "`instrutor`",
        "callboard.toml",
    ]);
    assert!(!ran.stderr.contains("secret-word"), "{ran}");
    // Only of the tests that are to run.
    outcomes(&stage).args("--list cast::").run().exits(0);
}

#[test]
fn a_role_without_accounts() {
    let roles = "[roles.instructor]\nusername = \"i{slot}\"\npassword = \"secret-word\"\naccounts = 0\n";
    let stage = Stage::with(2, &format!("{roles}{}", server("")));
    refused(&stage, "cast::as_instructor")
        .complains(["[roles.instructor] has no account", "callboard.toml:7:"]);
}

#[test]
fn roles_that_have_no_slot_in_common() {
    let roles = "[roles.instructor]\naccounts_file = \"a.csv\"\n[roles.admin]\naccounts_file = \"b.csv\"\n";
    let stage = Stage::with(2, &format!("{roles}{}", server("")));
    stage.write("a.csv", "role,slot,username,password\ninstructor,0,ida,secret-word\n");
    stage.write("b.csv", "role,slot,username,password\nadmin,1,root,secret-word\n");
    refused(&stage, "cast::as_both").complains(["cast::as_both", "no slot in common", "slot 0", "slot 1"]);
}

#[test]
fn a_test_that_is_pinned_to_a_slot_that_does_not_exist() {
    let stage = Stage::with(2, &server(""));
    refused(&stage, "place::pinned").complains(["place::pinned", "place.rs", "slot 2", "callboard.toml:2"]);
}

#[test]
fn a_password_from_a_variable_that_is_not_set() {
    let roles = "[roles.instructor]\nusername = \"i{slot}\"\npassword = { env = \"IDAS_PASSWORD\" }\n";
    let stage = Stage::with(2, &format!("{roles}{}", server("")));
    refused(&stage, "cast::as_instructor").complains(["IDAS_PASSWORD", "not set", "callboard.toml:6:"]);
    let ran = outcomes(&stage).args("cast::as_instructor").env("IDAS_PASSWORD", "secret-word").run();
    ran.exits(0);
}

#[test]
fn ports_that_meet() {
    let stage = Stage::new();
    let near = stage.port(2);
    stage.configure(4, &format!("[ports]\nsmtp = {near}\n{}", server("")));
    let port = near.to_string();
    refused(&stage, "pass::").complains([
        "`base_port` of slot 2",
        "`smtp` of slot 0",
        &port,
        "callboard.toml:5:",
    ]);
}

#[test]
fn a_port_beyond_the_last() {
    let stage = Stage::new();
    stage.write("callboard.toml", "[slots]\ncount = 4\nbase_port = 65534\n");
    refused(&stage, "pass::").complains(["slot 3", "65537", "callboard.toml:3:"]);
}

#[test]
fn an_unknown_placeholder() {
    let text = "[[service]]\nname = \"app\"\ncommand = [\"server\", \"{prt}\"]\n";
    let stage = Stage::with(2, text);
    refused(&stage, "pass::").complains(["unknown placeholder `{prt}`", "`{port}`", "callboard.toml:6:"]);
}

#[test]
fn all_faults_are_said_at_once() {
    let stage = Stage::with(2, "[tests]\ntimeout = \"soon\"\nretires = 1\n");
    refused(&stage, "pass::").complains(["`soon`", "callboard.toml:5:", "`retires`", "callboard.toml:6:"]);
}
