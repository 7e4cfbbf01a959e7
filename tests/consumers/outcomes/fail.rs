//! Tests that say no, each in its own words. The lines are those of the messages.

use std::error::Error;
use std::fmt;

use callboard::{TestError, TestResult, e2e};

#[e2e]
async fn by_question_mark() -> TestResult {
    tokio::task::yield_now().await;
    let _: u16 = "seven".parse()?;
    Ok(())
}

#[e2e]
fn by_assert() {
    let guests = 2;
    assert_eq!(guests, 3, "guests at the table");
}

#[e2e]
async fn by_panic() {
    tokio::task::yield_now().await;
    panic!("the cook has left");
}

#[e2e]
fn by_new() -> TestResult {
    Err(TestError::new("the list is empty"))
}

#[e2e]
fn by_string() -> Result<(), String> {
    Err("said in a string".to_owned())
}

#[e2e]
fn by_boxed() -> Result<(), Box<dyn Error>> {
    Err("said in a box")?
}

#[derive(Debug)]
#[expect(dead_code, reason = "only shown")]
struct Bill {
    guests: u8,
}

#[e2e]
fn by_debug() -> Result<(), Bill> {
    Err(Bill { guests: 4 })
}

#[derive(Debug)]
struct Outer(std::num::ParseIntError);

impl fmt::Display for Outer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the table has no number")
    }
}

impl Error for Outer {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.0)
    }
}

#[e2e]
fn by_cause() -> TestResult {
    "x".parse::<u8>().map_err(Outer)?;
    Ok(())
}
