//! Tests that are tried again.

use callboard::{Slot, TestError, TestResult, e2e};

use crate::stage::note;

#[e2e(retries = 2)]
fn third_time_lucky(slot: &Slot) -> TestResult {
    match note("third_time_lucky", &slot.id().to_string())? {
        3.. => Ok(()),
        time => Err(TestError::new(format!("no luck at time {time}"))),
    }
}

#[e2e(retries = 1)]
fn never_lucky() -> TestResult {
    Err(TestError::new("no luck at all"))
}

/// Without retries of its own.
#[e2e]
fn second_time_lucky() -> TestResult {
    match note("second_time_lucky", "tried")? {
        2.. => Ok(()),
        _ => Err(TestError::new("no luck yet")),
    }
}
