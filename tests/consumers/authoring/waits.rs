//! Tests that wait for a page, until their time is over.

use std::time::Duration;

use callboard::thirtyfour::prelude::*;
use callboard::{Account, Session, TestResult, e2e, sign_in, step};

#[sign_in(timeout = "5s")]
async fn enter_never(session: &Session, _account: &Account) -> TestResult {
    session.goto("/login").await?;
    step("waits to be let in", until_there_is(session, "#never")).await
}

async fn until_there_is(session: &Session, selector: &str) -> TestResult {
    session.query(By::Css(selector)).wait(Duration::from_mins(1), Duration::from_millis(20)).first().await?;
    Ok(())
}

#[e2e(timeout = "5s")]
async fn for_an_element(session: &Session) -> TestResult {
    session.goto("/").await?;
    step("saves", until_there_is(session, "#saved")).await
}

#[e2e(timeout = "5s")]
async fn for_a_text(session: &Session) -> TestResult {
    session.goto("/").await?;
    let heading = session.find(By::Css("body")).await?;
    while heading.text().await? != "never so" {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    Ok(())
}

#[e2e(timeout = "1s")]
async fn for_a_slow_page(session: &Session) -> TestResult {
    step("opens the page", session.goto("/slow?secret=1")).await?;
    Ok(())
}

#[e2e(role = "student")]
async fn for_a_sign_in(session: &Session) -> TestResult {
    session.goto("/").await?;
    Ok(())
}
