//! How soon a query sees a change of the page.

mod browser;

use std::fmt::Write as _;
use std::time::{SystemTime, UNIX_EPOCH};

use browser::Tested;
use thirtyfour::prelude::*;

#[tokio::test]
async fn expectations() -> Tested {
    browser::in_browser(async |driver| {
        driver.goto(browser::site()).await?;
        let page = std::fs::read_to_string(std::env::var("PEERS_PAGE")?)?;
        driver.execute("document.open(); document.write(arguments[0]); document.close()", vec![page.into()]).await?;
        let mut figures = String::new();
        for round in 0..std::env::var("PEERS_COUNT")?.parse::<u32>()? {
            let text = format!("text {round}");
            driver.execute("change(arguments[0])", vec![text.clone().into()]).await?;
            driver.query(By::Id("text")).with_text(text).single().await?;
            let seen = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs_f64() * 1e3;
            let noted: f64 = driver.execute("return noted", Vec::new()).await?.convert()?;
            writeln!(figures, "{}", seen - noted)?;
        }
        std::fs::write(std::env::var("PEERS_NOTE")?, figures)?;
        Ok(())
    })
    .await
}
