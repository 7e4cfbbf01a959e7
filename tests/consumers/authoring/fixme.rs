//! Tests that are expected to fail.

use callboard::{Slot, TestError, TestResult, e2e, skip};

use crate::stage::note;

#[e2e(fixme = "the total is wrong, see #12", retries = 3)]
fn fails(slot: &Slot) -> TestResult {
    note("failed", &slot.id().to_string())?;
    Err(TestError::new("the total is 7"))
}

#[e2e(fixme = "it panics")]
fn panics() {
    panic!("at the disco");
}

#[e2e(fixme = "it hangs", timeout = "100ms", retries = 1)]
async fn hangs() {
    std::future::pending::<()>().await;
}

#[e2e(fixme = "it fails", retries = 3)]
fn passes(slot: &Slot) -> TestResult {
    note("passed", &slot.id().to_string())?;
    Ok(())
}

#[e2e(fixme = "it fails")]
fn is_skipped() {
    skip!("not today");
}

#[e2e(fixme = "one of them fails")]
#[case::good(1)]
#[case::bad(0)]
fn cases(#[case] number: u8) {
    assert!(number > 0);
}
