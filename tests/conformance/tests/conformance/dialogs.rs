//! Dialogs, and who answers them.

use callboard::page::{Answer, Dialog};
use callboard::{Session, TestResult, e2e, expect};
use conformance::{SHORT, message};

const ASKS: &str = "<p></p><button onclick=\"document.querySelector('p').textContent = String(prompt('Your name?', 'Ida'))\">Ask</button>";

#[e2e]
async fn is_waited_for_and_answered(session: &Session) -> TestResult {
    session.set_content(ASKS).await?;
    let dialog = session.wait_for_dialog();
    session.locator("button").click().await?;
    let dialog = dialog.await?;
    assert_eq!((dialog.kind(), dialog.message(), dialog.default_text()), ("prompt", "Your name?", "Ida"));
    dialog.accept_with("Zoë").await?;
    expect(session.locator("p")).to_have_text("Zoë").await?;
    insta::assert_snapshot!("answered_twice", message(dialog.dismiss().await));

    // Also when it is open before anybody asks.
    session.locator("button").click().await?;
    session.wait_for_dialog().await?.dismiss().await?;
    expect(session.locator("p")).to_have_text("null").await?;
    Ok(())
}

#[e2e]
async fn all_are_answered_alike(session: &Session) -> TestResult {
    session.set_content(ASKS).await?;
    for (answered, text) in
        [(Session::accept_dialogs as fn(&Session), "Ida"), (Session::dismiss_dialogs, "null")]
    {
        answered(session);
        session.locator("button").click().await?;
        expect(session.locator("p")).to_have_text(text).await?;
    }
    Ok(())
}

#[e2e]
async fn each_is_answered_by_a_closure(session: &Session) -> TestResult {
    session.set_content(ASKS).await?;
    session.on_dialog(|dialog: &Dialog| match dialog.kind() {
        "prompt" => Answer::AcceptWith(format!("{}!", dialog.default_text())),
        _ => Answer::Dismiss,
    });
    session.locator("button").click().await?;
    expect(session.locator("p")).to_have_text("Ida!").await?;
    // Who waits comes first.
    let dialog = session.wait_for_dialog();
    session.locator("button").click().await?;
    dialog.await?.accept_with("waited").await?;
    expect(session.locator("p")).to_have_text("waited").await?;
    Ok(())
}

#[e2e]
async fn stays_in_the_way_of_everything_else(session: &Session) -> TestResult {
    session.set_content(ASKS).await?;
    session.locator("button").click().await?;
    insta::assert_snapshot!("in_the_way", message(session.locator("button").click().await));
    insta::assert_snapshot!("in_the_way_of_goto", message(session.goto("/").await));
    session.accept_dialogs();
    expect(session.locator("p")).to_have_text("Ida").await?;
    Ok(())
}

#[e2e]
async fn thirtyfour_answers_as_ever(session: &Session) -> TestResult {
    session.set_content(ASKS).await?;
    session.locator("button").click().await?;
    assert_eq!(session.get_alert_text().await?, "Your name?");
    session.accept_alert().await?;
    expect(session.locator("p")).to_have_text("Ida").await?;
    Ok(())
}

#[e2e]
async fn says_that_none_opened(session: &Session) -> TestResult {
    session.set_content("<p>Quiet</p>").await?;
    insta::assert_snapshot!("none_opened", message(session.wait_for_dialog().within(SHORT).await));
    Ok(())
}
