//! How an account signs in: once per slot and role, what it leaves is put into each new session.

use callboard::{Account, Session, TestResult, sign_in};

use crate::support::Page;

#[sign_in]
async fn sign_in_by_page(session: &Session, account: &Account) -> TestResult {
    let page = Page::open(session, "/login").await?;
    page.sign_in(account.username(), account.password()).await?;
    page.arrives("/dashboard").await?;
    Ok(())
}
