//! Tests that note when their first line is executed, in milliseconds of the epoch.

mod browser;

use std::time::{SystemTime, UNIX_EPOCH};

use browser::Tested;

fn note() -> Tested {
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs_f64() * 1e3;
    std::fs::write(std::env::var("PEERS_NOTE")?, now.to_string())?;
    Ok(())
}

#[test]
fn without_browser() -> Tested {
    note()
}

#[tokio::test]
async fn with_browser() -> Tested {
    browser::in_browser(async |driver| {
        note()?;
        driver.goto(browser::site()).await?;
        Ok(())
    })
    .await
}
