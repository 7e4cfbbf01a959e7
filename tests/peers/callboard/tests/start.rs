//! Tests that note when their first line is executed, in milliseconds of the epoch, for `cargo xtask bench peers`.

use std::time::{SystemTime, UNIX_EPOCH};

use callboard::{Session, TestResult, e2e};

fn note() -> TestResult {
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs_f64() * 1e3;
    std::fs::write(std::env::var("PEERS_NOTE")?, now.to_string())?;
    Ok(())
}

#[e2e]
#[ignore = "it is for the bench"]
fn without_browser() -> TestResult {
    note()
}

#[e2e]
#[ignore = "it is for the bench"]
async fn with_browser(session: &Session) -> TestResult {
    note()?;
    session.goto("/").await?;
    Ok(())
}

callboard::main!();
