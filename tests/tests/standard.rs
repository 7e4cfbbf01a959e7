//! `#[e2e]` under the standard harness: an ordinary `cargo test` runs each test in a leased slot.

use std::net::TcpListener;
use std::process::Command;

use callboard::{Account, Slot, TestError, TestResult, e2e};
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
