//! The browser tests of course-records, each in a slot of its own.

use callboard::thirtyfour::prelude::*;
use callboard::{Account, Session, TestResult, e2e, sign_in};

#[sign_in]
async fn sign_in_by_page(session: &Session, account: &Account) -> TestResult {
    session.goto("/login").await?;
    session.find(By::Id("login-email")).await?.send_keys(account.username()).await?;
    session.find(By::Id("login-password")).await?.send_keys(account.password()).await?;
    session.find(By::Css("form button[type=submit]")).await?.click().await?;
    session.query(By::Css("body[data-ready=true]")).first().await?;
    Ok(())
}

#[e2e(role = "instructor")]
async fn dashboard_greets(session: &Session) -> TestResult {
    session.goto("/dashboard").await?;
    let heading = session.query(By::Css("h1")).first().await?;
    assert_eq!(heading.text().await?, "Dashboard");
    Ok(())
}

#[e2e(role = "site_admin")]
async fn dashboard_greets_again(session: &Session) -> TestResult {
    session.goto("/dashboard").await?;
    Ok(())
}

callboard::main!();
