//! Signing in, as a browser does it.

use callboard::{Account, Session, TestResult, e2e, expect};

use crate::support::{Api, Page};

const COOKIE: &str = "course_records_session";

#[e2e(role = "instructor", tags = ["smoke"])]
async fn tc_auth_001_sign_in(anonymous: &Session, account: &Account) -> TestResult {
    let page = Page::open(anonymous, "/login").await?;
    page.sign_in(account.username(), account.password()).await?;
    page.arrives("/dashboard").await?;
    expect(page.at("#viewer-role")).to_have_text("Instructor").await?;

    let profile = Api::of(anonymous).await?.get("/profile").await?;
    assert_eq!(profile["email"], account.username());
    let cookie = anonymous.get_named_cookie(COOKIE).await?;
    assert_eq!(cookie.http_only, Some(true), "scripts can read the cookie of the session");
    page.go("/login").await?;
    expect(anonymous).to_have_url("/dashboard").await?;
    Ok(())
}

#[e2e(role = "institution_admin")]
async fn tc_auth_006_session_gone_meanwhile(session: &Session, account: &Account) -> TestResult {
    let page = Page::open(session, "/programs").await?;
    session.delete_cookie(COOKIE).await?;
    page.fill("search", "Mathematics").await?;
    page.arrives("/login").await?;
    expect(session).to_have_url("/login?next=%2Fprograms").await?;
    assert_eq!(Api::of(session).await?.status("/programs").await?, 401);

    page.sign_in(account.username(), account.password()).await?;
    page.arrives("/programs").await?;
    expect(page.at("#viewer-role")).to_have_text("Institution admin").await?;
    assert_eq!(Api::of(session).await?.get("/profile").await?["email"], account.username());
    Ok(())
}
