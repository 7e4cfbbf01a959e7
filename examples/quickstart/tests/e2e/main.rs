//! The guest book, as its guests see it.

use callboard::thirtyfour::prelude::*;
use callboard::{Session, TestResult, e2e};

#[e2e]
async fn a_new_book_is_empty(session: &Session) -> TestResult {
    session.goto("/").await?;
    assert_eq!(session.find(By::Tag("h1")).await?.text().await?, "Guest book");
    assert!(session.find_all(By::Css("#list li")).await?.is_empty());
    Ok(())
}

#[e2e(tags = ["smoke"], timeout = "20s")]
async fn a_guest_signs(session: &Session) -> TestResult {
    session.goto("/").await?;
    session.find(By::Id("guest")).await?.send_keys("Ada").await?;
    session.find(By::Tag("button")).await?.click().await?;
    let guest = session.query(By::Css("#list li")).first().await?;
    assert_eq!(guest.text().await?, "Ada");
    Ok(())
}

callboard::main!();
