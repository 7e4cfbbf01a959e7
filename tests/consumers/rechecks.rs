//! Tests that fail always, in one slot, or at first.

use std::path::PathBuf;

use callboard::{Slot, TestError, TestResult, e2e};

/// What is told of all runs on the stage.
fn on_stage(name: &str) -> PathBuf {
    PathBuf::from(std::env::var_os("CALLBOARD_TEST_DIR").unwrap_or_default()).join(name)
}

fn fail(message: &str) -> TestResult {
    Err(TestError::new(message))
}

#[e2e]
fn always() -> TestResult {
    fail("the total is 3, and not 4")
}

#[e2e]
fn at_first() -> TestResult {
    let seen = on_stage("seen");
    if seen.exists() {
        return Ok(());
    }
    std::fs::write(seen, "")?;
    fail("somebody else has the number")
}

#[e2e]
fn in_slot_0(slot: &Slot) -> TestResult {
    if slot.id().0 == 0 { fail("the account has no program") } else { Ok(()) }
}

#[e2e(slot = 0)]
fn pinned() -> TestResult {
    fail("the page is blank")
}

/// Leaves something behind, and fails where somebody has.
#[e2e(tags = ["own"])]
fn leaves(slot: &Slot) -> TestResult {
    let left = slot.dir().join("left");
    if left.exists() {
        return fail("somebody was here");
    }
    std::fs::write(left, "")?;
    fail("it is wrong")
}

/// Does not end when it is tried once more.
#[e2e(tags = ["own"])]
async fn waits() -> TestResult {
    let seen = on_stage("waited");
    if seen.exists() {
        std::fs::write(on_stage("waits"), "")?;
        std::future::pending::<()>().await;
    }
    std::fs::write(seen, "")?;
    fail("not yet")
}

#[e2e]
fn passes() {}

callboard::main!();
