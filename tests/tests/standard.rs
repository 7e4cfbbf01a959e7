//! `#[e2e]` under the standard harness: an ordinary `cargo test` runs each test in a leased slot.

use std::net::TcpListener;
use std::process::Command;

use callboard::{Account, Slot, TestError, TestResult, e2e, skip};
use rustix::process::{Signal, getpid, kill_process};

#[e2e]
fn has_a_slot_of_its_own(slot: &Slot) -> TestResult {
    // Two tests run at once here, and each has its port to itself.
    TcpListener::bind(("127.0.0.1", slot.port()))?;
    Ok(())
}

#[e2e(role = "guest")]
fn has_an_account(account: &Account, slot: &Slot) {
    assert_eq!(account.username(), format!("guest{}@example.test", slot.id()));
}

#[e2e(roles = ["guest", "guest#2"])]
fn has_the_accounts_of_two_slots(guest: &Account, guest_2: &Account, slot: &Slot) {
    assert_eq!((guest.slot(), guest_2.slot().0), (slot.id(), 1 - slot.id().0));
}

#[e2e(roles = ["guest", "guest#2"])]
fn so_has_another_test_at_the_same_time(guest: &Account, guest_2: &Account) {
    assert_ne!(guest.username(), guest_2.username());
}

#[e2e]
#[should_panic(expected = "as it should")]
fn panics() {
    panic!("it panics as it should");
}

#[e2e(timeout = "200ms")]
#[ignore = "it fails: the next test runs it"]
async fn takes_too_long() {
    std::future::pending::<()>().await;
}

#[e2e]
#[ignore = "it fails: the next test runs it"]
fn fails() -> TestResult {
    Err(TestError::new("the soup is cold"))
}

#[e2e]
#[ignore = "it ends the process: the last test runs it"]
async fn is_interrupted() -> TestResult {
    kill_process(getpid(), Signal::INT)?;
    std::future::pending().await
}

/// Runs these tests of this executable, which are ignored.
fn run(tests: &[&str]) -> std::process::Output {
    let executable = std::env::current_exe().expect("this executable");
    let arguments = ["--ignored", "--exact", "--test-threads=1"];
    Command::new(executable).args(arguments).args(tests).output().expect("it starts")
}

#[test]
fn a_failing_test_fails_with_our_message() {
    let ran = run(&["fails", "takes_too_long"]);
    let said = String::from_utf8_lossy(&ran.stdout);
    assert_eq!(ran.status.code(), Some(101), "{said}");
    for text in [
        "test fails ... FAILED",
        "test takes_too_long ... FAILED",
        "thread 'fails' panicked at tests/tests/standard.rs:46:9:\nfailed: the soup is cold\n  in slot ",
        "timed out: the test took longer than its 200ms",
        "0 passed; 2 failed",
    ] {
        assert!(said.contains(text), "{text:?} is missing in:\n{said}");
    }
}

/// The standard harness does not know the signal, and would go on with the next test.
#[test]
fn an_interrupted_test_ends_the_process() {
    let ran = run(&["is_interrupted", "takes_too_long"]);
    let said = String::from_utf8_lossy(&ran.stdout);
    assert_eq!(ran.status.code(), Some(130), "{said}");
    assert!(!said.contains("takes_too_long"), "{said}");
}

/// What rows may be made of, outside of the module that the twins are in.
const ZERO: u8 = 0;

#[e2e]
#[case::one(1)]
#[case(ZERO + 2)]
fn has_rows(#[case] number: u8, slot: &Slot) {
    assert!(number > ZERO, "in slot {}", slot.id());
}

#[e2e]
#[ignore = "one of them fails: a test below runs them"]
#[case::good(1)]
#[case::bad(ZERO)]
fn has_a_bad_row(#[case] number: u8) {
    assert_ne!(number, ZERO);
}

#[e2e(skip_if = (true, "it never runs"))]
fn is_skipped_by_a_condition() {
    panic!("it ran");
}

#[e2e]
fn is_skipped() {
    skip!("it is enough");
}

#[e2e(fixme = "it is wrong")]
fn fails_as_expected() -> TestResult {
    Err(TestError::new("as was known"))
}

#[test]
fn rows_have_the_same_names_here() {
    let ran = run(&["has_a_bad_row::good", "has_a_bad_row::bad"]);
    let said = String::from_utf8_lossy(&ran.stdout);
    for text in [
        "test has_a_bad_row::bad ... FAILED",
        "test has_a_bad_row::good ... ok",
        "1 passed; 1 failed",
        "thread 'has_a_bad_row::bad' panicked at ",
    ] {
        assert!(said.contains(text), "{text:?} is missing in:\n{said}");
    }
}

/// The standard harness knows ignored tests only by their attribute.
#[test]
fn a_skipped_test_passes_and_says_why() {
    let executable = std::env::current_exe().expect("this executable");
    let mut command = Command::new(executable);
    let ran = command.args(["is_skipped", "--nocapture", "--test-threads=1"]).output().expect("it starts");
    let (out, err) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    assert!(out.contains("2 passed; 0 failed"), "{out}{err}");
    assert!(err.contains("`is_skipped_by_a_condition` was skipped: it never runs\n"), "{out}{err}");
    assert!(err.contains("`is_skipped` was skipped: it is enough\n"), "{out}{err}");
}
