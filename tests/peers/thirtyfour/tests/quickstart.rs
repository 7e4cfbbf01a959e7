//! The tests of the quickstart, written with thirtyfour and tokio alone.

mod browser;

use browser::Tested;
use thirtyfour::prelude::*;

#[tokio::test]
async fn a_new_book_is_empty() -> Tested {
    browser::in_browser(async |driver| {
        driver.goto(browser::site()).await?;
        driver.query(By::Tag("h1")).with_text("Guest book").single().await?;
        assert!(driver.find_all(By::Tag("li")).await?.is_empty());
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_guest_signs() -> Tested {
    browser::in_browser(async |driver| {
        driver.goto(browser::site()).await?;
        driver.query(By::Id("guest")).single().await?.send_keys("Ada").await?;
        driver.query(By::Tag("button")).with_text("Sign").single().await?.click().await?;
        driver.query(By::Tag("li")).with_text("Ada").single().await?;
        Ok(())
    })
    .await
}
