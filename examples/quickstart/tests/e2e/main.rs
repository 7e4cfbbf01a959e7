//! The guest book, as its guests see it.

use callboard::{Session, TestResult, e2e, expect};

#[e2e]
async fn a_new_book_is_empty(session: &Session) -> TestResult {
    session.goto("/").await?;
    expect(session.by_role("heading")).to_have_text("Guest book").await?;
    expect(session.by_role("listitem")).to_have_count(0).await?;
    Ok(())
}

#[e2e(tags = ["smoke"], timeout = "20s")]
async fn a_guest_signs(session: &Session) -> TestResult {
    session.goto("/").await?;
    session.by_label("Name").fill("Ada").await?;
    session.locator("role=button[name=Sign]").click().await?;
    expect(session.by_role("listitem")).to_have_text("Ada").await?;
    Ok(())
}

callboard::main!();
