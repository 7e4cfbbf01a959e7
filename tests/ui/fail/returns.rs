#![allow(unused_variables, reason = "only the signatures are of interest")]

use callboard::{Session, TestResult, e2e};

struct Silent;

#[e2e]
fn a_number() -> u8 {
    1
}

#[e2e]
async fn a_number_in_a_result(session: &Session) -> TestResult<u8> {
    session.refresh().await?;
    Ok(1)
}

#[e2e]
async fn an_error_that_cannot_be_printed() -> Result<(), Silent> {
    Err(Silent)
}

#[e2e]
fn an_option() -> Option<()> {
    None
}

fn main() {}
