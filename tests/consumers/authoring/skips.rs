//! Tests that are skipped, before the run or while they run.

use std::path::Path;

use callboard::{Account, TestResult, e2e, skip};

use crate::stage::{file, note};

#[e2e(skip_if = file("printer").exists())]
fn by_condition() -> TestResult {
    note("executed", "by_condition")?;
    Ok(())
}

#[e2e(skip_if = ("two".len() == 3 && is_there("/"), "two is two"))]
fn by_condition_with_reason() -> TestResult {
    note("executed", "by_condition_with_reason")?;
    Ok(())
}

fn is_there(path: &str) -> bool {
    // Where the condition is asked is where the run begins, and once.
    let _ = note("asked", path);
    Path::new(path).exists()
}

#[e2e(skip_if = std::env::var_os("CALLBOARD_TEST_DIR").is_none() || no_answer())]
fn without_answer() {}

fn no_answer() -> bool {
    let is_silent = file("oracle").exists();
    assert!(!is_silent, "the oracle is silent");
    false
}

#[e2e(role = "nobody", skip_if = true)]
fn without_account(account: &Account) {
    assert!(account.username().is_empty());
}

#[e2e(retries = 2)]
async fn at_run_time() -> TestResult {
    note("executed", "at_run_time")?;
    tokio::task::yield_now().await;
    helper("printer").await;
    note("executed", "after it")?;
    Ok(())
}

async fn helper(what: &str) {
    tokio::task::yield_now().await;
    skip!("there is no {what}, secret-word");
}

#[e2e]
#[should_panic]
fn instead_of_a_panic() {
    skip!("in earnest");
}

#[e2e]
fn second_time() -> TestResult {
    match note("second_time", "tried")? {
        1 => Err(callboard::TestError::new("no luck yet")),
        _ => skip!("it is enough"),
    }
}

#[e2e]
fn on_another_thread() {
    let panic = std::thread::spawn(|| skip!("out of reach")).join().expect_err("it panics");
    panic!("{}", panic.downcast_ref::<String>().expect("a message"));
}

#[e2e]
async fn in_another_task() {
    let task = tokio::spawn(async { skip!("out of reach") });
    let task: Result<(), _> = task.await;
    assert!(task.is_err_and(|error| error.is_panic()));
}
