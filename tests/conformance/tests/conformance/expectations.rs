//! Each expectation, when it holds and when it does not.

use callboard::{Session, TestResult, e2e, expect};
use conformance::{SHORT, message};

#[e2e]
async fn holds_when_it_becomes_true(session: &Session) -> TestResult {
    session
        .set_content("<p>Saving</p><script>setTimeout(() => document.querySelector('p').textContent = 'Saved', 200)</script>")
        .await?;
    expect(session.locator("p")).to_have_text("Saved").await?;
    expect(session.locator("p")).not().to_have_text("Saving").await?;
    Ok(())
}

#[e2e]
async fn says_what_it_saw(session: &Session) -> TestResult {
    session.set_content("<title>Here</title><p class='a b'>Saving</p><i></i><i></i>").await?;
    let p = || expect(session.locator("p")).within(SHORT);
    insta::assert_snapshot!("not_text", message(p().to_have_text("Saved").await));
    insta::assert_snapshot!("still_visible", message(p().not().to_be_visible().await));
    insta::assert_snapshot!("not_class", message(p().to_have_class("c").await));
    insta::assert_snapshot!(
        "not_count",
        message(expect(session.locator("i")).within(SHORT).to_have_count(3).await)
    );
    insta::assert_snapshot!(
        "not_visible",
        message(expect(session.locator("u")).within(SHORT).to_be_visible().await)
    );
    insta::assert_snapshot!("not_title", message(expect(session).within(SHORT).to_have_title("There").await));
    Ok(())
}
