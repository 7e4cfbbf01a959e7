//! Tests that pass.

use callboard::{TestResult, e2e};

#[e2e]
fn plain() {}

#[e2e]
async fn asynchronous() {
    tokio::task::yield_now().await;
}

#[e2e(tags = ["smoke"])]
async fn with_result() -> TestResult {
    tokio::task::yield_now().await;
    Ok(())
}

#[e2e(tags = ["smoke", "slow"])]
fn with_string() -> Result<(), String> {
    std::env::var("PATH").map(drop).map_err(|error| error.to_string())
}
