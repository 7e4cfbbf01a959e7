//! The audit of accounts: what differs between slots is found, told, and keeps tests from running where that is asked for.

use callboard_tests::{Consumer, Ran, Stage, until};
use rustix::process::Signal;
use serde_json::Value;

use super::{audited, server};

/// Four slots with two roles, whose accounts have these programs.
fn stage(programs: [&str; 4], more: &str) -> Stage {
    let admin = STUDENT.replace("student", "admin");
    let stage = Stage::with(4, &format!("{admin}{STUDENT}{}{more}", server("")));
    for (slot, programs) in programs.iter().enumerate() {
        stage.write(&format!("programs-{slot}"), programs);
    }
    stage
}

/// A role of which each slot has an account.
const STUDENT: &str = "[roles.student]\nusername = \"student{slot}\"\npassword = \"secret-word\"\n";

/// Whatever differs between the slots by their numbers and nothing else.
const ALIKE: [&str; 4] =
    ["Logic (W0)\nHistory", "History\nLogic (W1)", "Logic (W2)\nHistory", "Logic (W3)\nHistory"];
/// The account of slot 1 has that of slot 0.
const WRONG: [&str; 4] = ["Logic (W0)", "Logic (W0)", "Logic (W2)", "Logic (W3)"];

fn audit<'a>(stage: &'a Stage, filters: &str) -> Consumer<'a> {
    audited(stage).args(&format!("--audit {filters}"))
}

fn document(ran: &Ran) -> Value {
    let run = ran.run.as_ref().expect("a run");
    serde_json::from_slice(&std::fs::read(run.join("audit.json")).expect("audit.json")).expect("JSON")
}

#[test]
fn accounts_that_are_alike_are_said_to_be() {
    let stage = stage(ALIKE, "");
    let ran = audit(&stage, "").run();
    ran.exits(0).says(["8 accounts (2 roles, 4 slots), 24 checks in ", ": the same everywhere\n"]);
    assert_eq!(document(&ran)["differences"], serde_json::json!([]));
    // Each account has signed in, in one browser of its slot, and no report speaks of tests.
    assert_eq!((ran.events.count("signed_in"), ran.events.count("browser_ready")), (8, 4));
    assert!(!ran.run.as_ref().expect("a run").join("junit.xml").exists());
    assert!(!ran.stdout.contains("secret-word"));
}

#[test]
fn the_account_that_is_not_as_the_others_is_named() {
    let stage = stage(WRONG, "");
    let ran = audit(&stage, "admin::programs").run();
    ran.exits(1).says([
        "4 accounts (1 role, 4 slots), 4 checks in ",
        ": 1 difference\n",
        "\nadmin, programs:\n    normal (3 of 4), `admin0`, `admin2` and `admin3` (slots 0, 2 and 3): 1: Logic (W{slot})\n",
        "    different (1), `admin1` (slot 1): 1; without Logic (W{slot}); besides Logic (W0)\n",
        "audit.json",
    ]);
    let document = document(&ran);
    let difference = &document["differences"][0];
    assert_eq!(difference["others"][0]["accounts"], serde_json::json!([{ "slot": 1, "username": "admin1" }]));
    assert_eq!(difference["others"][0]["said"]["found"], serde_json::json!(["Logic (W0)"]));
    assert_eq!(
        document["answers"][1]["said"]["programs: programs"]["found"],
        serde_json::json!(["Logic (W0)"])
    );
    // It needed no browser.
    assert_eq!(ran.events.count("browser_ready"), 0);
}

#[test]
fn a_tie_blames_nobody() {
    let stage = stage(["A", "A", "B", "B"], "");
    let ran = audit(&stage, "admin::programs").run();
    ran.exits(1).says(["    no answer is that of more than half of the 4:\n    2, `admin0` and `admin1` (slots 0 and 1): 1: A\n"]);
    assert!(!ran.stdout.contains("normal") && !ran.stdout.contains("different ("), "{ran}");
}

#[test]
fn who_cannot_sign_in_is_told_once() {
    let stage = stage(ALIKE, "");
    stage.write(
        "accounts.csv",
        "role,slot,username,password\nadmin,0,ida,secret-1\nadmin,1,refused,secret-2\nadmin,2,eva,secret-3\n",
    );
    let text = format!("[roles.admin]\naccounts_file = \"accounts.csv\"\n{STUDENT}{}", server(""));
    stage.configure(4, &text);
    let ran = audit(&stage, "").run();
    ran.exits(1).says([
        ": 1 difference\n",
        "\nadmin, sign_in:\n    normal (2 of 3), `ida` and `eva` (slots 0 and 2): comes to its end\n",
        "    different (1), `refused` (slot 1): errored: setting up `session`: signing in refused (admin) with `enter` failed: ",
    ]);
}

#[test]
fn a_probe_that_fails_is_a_difference_and_passwords_are_kept() {
    let stage = stage(ALIKE, "");
    stage.write("rights-2", "error");
    let ran = audit(&stage, "admin::rights").run();
    ran.exits(1)
        .says(["different (1), `admin2` (slot 2): failed: the rights of admin2 with … are damaged\n"]);
    let everything = format!("{}{ran}{:?}", document(&ran), ran.events);
    assert!(!everything.contains("secret-word"), "{everything}");
}

#[test]
fn filters_roles_and_slots_choose_what_is_asked() {
    let stage = stage(WRONG, "");
    audit(&stage, "programs --role student --slot 0 --slot 2")
        .run()
        .exits(0)
        .says(["2 accounts (1 role, 2 slots), 2 checks"]);
    audit(&stage, "--exact admin::programs --slot 1")
        .run()
        .exits(0)
        .says(["1 account (1 role, 1 slot), 1 check in "]);
    audit(&stage, "nobody").run().exits(2).started_nothing().complains([
        "the checks are admin::sign_in, admin::programs, admin::rights, student::sign_in, student::programs, student::user",
    ]);
    audit(&stage, "--role nobody").run().exits(2).started_nothing();
    audit(&stage, "--analyze").run().exits(2).started_nothing();
    let empty = Stage::with(2, "");
    audit(&empty, "").run().exits(2).started_nothing().complains(["there are no accounts to compare"]);
}

#[test]
fn a_slot_that_does_not_come_up_is_not_audited() {
    let stage = stage(ALIKE, "");
    let setup = "[[setup]]\nscope = \"slot\"\ncommand = [\"sh\", \"-c\", \"test {slot} != 3\"]\n";
    let admin = STUDENT.replace("student", "admin");
    let text = format!("{admin}{STUDENT}{setup}{}", server(""));
    stage.configure(4, &text);
    let ran = audit(&stage, "admin::programs").run();
    ran.exits(3).says(["no difference among those that answered", "\nslot 3 could not be audited: "]);
}

#[test]
fn killed_it_leaves_what_was_found() {
    let stage = stage(["A", "never ends", "A", "A"], "");
    let started = audit(&stage, "admin::programs --workers 1").start();
    until("a probe that does not end", || stage.dir().join("waits").exists().then_some(()));
    started.signal(Signal::KILL);
    let ran = started.wait_for_any_end();
    let found: Vec<_> = ran.events.of("found").collect();
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0]["test"], "admin::programs in slot 0");
    assert_eq!(found[0]["findings"], serde_json::json!({ "programs": ["A"] }));
    stage.until_empty();
}

#[test]
fn interrupted_it_tells_what_is_known_by_then() {
    let stage = stage(["A", "B", "never ends", "A"], "");
    let started = audit(&stage, "admin::programs --workers 1").start();
    until("a probe that does not end", || stage.dir().join("waits").exists().then_some(()));
    started.signal(Signal::INT);
    let ran = started.wait();
    ran.exits(130).says([
        "1, `admin1` (slot 1): 1: B",
        "slot 2 could not be audited: the run ended before",
        "slot 3 could not be audited: the run ended before",
    ]);
}

/// An audit before the run: what it found goes to standard error, and the results to standard output.
fn before(programs: [&str; 4], value: &str, args: &str) -> (Stage, Output) {
    let stage = stage(programs, &format!("[audit]\nbefore_run = {value}\n"));
    let command = audited(&stage).args(args).into_command();
    let output = run(&stage, command);
    (stage, output)
}

/// What several runs in one folder have printed.
struct Output {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

fn run(stage: &Stage, mut command: std::process::Command) -> Output {
    let output =
        command.env("CALLBOARD_OUTPUT", stage.dir().join("output")).output().expect("the consumer runs");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    Output { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

#[test]
fn before_a_run_a_difference_keeps_tests_from_running() {
    let (stage, output) = before(WRONG, "true", "of_an_admin");
    assert_eq!(output.code, Some(3), "{}", output.stderr);
    for text in [
        "admin, programs:",
        "different (1), `admin1` (slot 1)",
        "error: no test was run, because of what the audit found",
    ] {
        assert!(output.stderr.contains(text), "{text:?} is missing in {}", output.stderr);
    }
    assert_eq!(output.stdout, "");
    // Only the roles of the tests are looked at.
    assert!(!output.stderr.contains("student"), "{}", output.stderr);
    assert!(!stage.dir().join("ran-in-0").exists());
}

#[test]
fn before_a_run_a_difference_can_be_told_and_no_more() {
    let (_stage, output) = before(WRONG, "\"warn\"", "of_an_admin");
    assert_eq!(output.code, Some(0), "{}", output.stderr);
    assert!(output.stderr.contains("different (1), `admin1` (slot 1)"), "{}", output.stderr);
    assert!(output.stdout.contains("test of_an_admin ... ok"), "{}", output.stdout);
}

#[test]
fn before_a_run_that_finds_nothing_the_tests_run() {
    let (stage, output) = before(ALIKE, "true", "of_an_admin");
    assert_eq!(output.code, Some(0), "{}", output.stderr);
    assert!(
        output.stderr.contains("audit: 4 accounts (1 role, 4 slots), 12 checks in "),
        "{}",
        output.stderr
    );
    assert!(output.stdout.contains("test of_an_admin ... ok"), "{}", output.stdout);
    // The last run is that of the tests: an audit is none that tests could have failed in.
    let command = audited(&stage).args("--last-failed of_nobody").into_command();
    let output = run(&stage, command);
    assert!(output.stderr.contains("all tests passed in the last run"), "{}", output.stderr);
}

#[test]
fn before_a_run_nobody_is_audited_for_tests_without_accounts_or_one_that_is_looked_at() {
    for args in ["of_nobody", "of_an_admin --exact --nocapture"] {
        let (_stage, output) = before(WRONG, "true", args);
        assert_eq!(output.code, Some(0), "{}", output.stderr);
        assert!(!output.stderr.contains("audit"), "{}", output.stderr);
    }
}
