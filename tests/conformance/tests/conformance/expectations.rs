//! Each expectation, when it holds and when it does not.

use std::cell::Cell;

use callboard::{Session, TestResult, e2e, expect, expect_poll, expect_soft, matching};
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

#[e2e]
async fn holds_of_states(session: &Session) -> TestResult {
    session
        .set_content(
            "<input id=a checked type=checkbox><input id=b value=x class='wide open' data-kind=k style='color: rgb(1, 2, 3)'>\
             <button id=c disabled>Save <b>it</b></button><p id=d hidden>gone</p><ul><li>1</li><li>2</li></ul>\
             <div style='height: 3000px'></div><p id=low>low</p>",
        )
        .await?;
    let at = |id: &str| expect(session.locator(format!("#{id}")));
    at("a").to_be_checked().await?;
    at("a").to_be_visible().await?;
    at("a").to_have_role("checkbox").await?;
    at("b").to_be_enabled().await?;
    at("b").to_be_editable().await?;
    at("b").to_have_value("x").await?;
    at("b").to_have_value(matching("^x$")).await?;
    at("b").to_have_class("open").await?;
    at("b").to_have_attribute("data-kind", "k").await?;
    at("b").to_have_css("color", "rgb(1, 2, 3)").await?;
    at("b").not().to_be_empty().await?;
    at("b").not().to_be_focused().await?;
    session.locator("#b").focus().await?;
    at("b").to_be_focused().await?;
    at("c").to_be_disabled().await?;
    at("c").to_have_text("Save it").await?;
    at("c").to_contain_text("ave").await?;
    at("c").to_have_name("Save it").await?;
    at("d").to_be_hidden().await?;
    at("d").to_be_attached().await?;
    at("none").to_be_hidden().await?;
    at("none").not().to_be_attached().await?;
    at("low").not().to_be_in_viewport().await?;
    session.locator("#low").scroll_into_view().await?;
    at("low").to_be_in_viewport().await?;
    expect(session.locator("li")).to_have_texts(["1", "2"]).await?;
    expect(session.locator("li")).to_have_count(2).await?;
    expect(session).to_have_url(matching("^about:blank")).await?;
    Ok(())
}

#[e2e]
async fn sees_what_is_no_change_of_the_tree(session: &Session) -> TestResult {
    session.set_content("<input><p style='opacity: 1'>x</p>").await?;
    session
        .execute("setTimeout(() => document.querySelector('input').value = 'typed', 100)", Vec::new())
        .await?;
    expect(session.locator("input")).to_have_value("typed").await?;
    Ok(())
}

#[e2e]
async fn what_cannot_be_said_of_an_element_is_told_at_once(session: &Session) -> TestResult {
    session.set_content("<p>a</p><p>b</p><i>c</i>").await?;
    insta::assert_snapshot!(
        "several_expected",
        message(expect(session.locator("p")).to_have_text("a").await)
    );
    insta::assert_snapshot!("no_value", message(expect(session.locator("i")).to_have_value("c").await));
    insta::assert_snapshot!("no_check", message(expect(session.locator("i")).to_be_checked().await));
    Ok(())
}

#[e2e]
async fn says_what_it_saw_of_many(session: &Session) -> TestResult {
    session.set_content("<li>One</li><li>Two</li>").await?;
    let texts = expect(session.locator("li")).within(SHORT).to_have_texts(["One", "Three"]);
    insta::assert_snapshot!("not_texts", message(texts.await));
    let url = expect(session).within(SHORT).to_have_url("/courses");
    insta::assert_snapshot!("not_url", message(url.await));
    Ok(())
}

#[e2e]
async fn anything_can_be_asked_for(session: &Session) -> TestResult {
    let asked = Cell::new(0);
    let ask = async || {
        asked.set(asked.get() + 1);
        asked.get()
    };
    assert_eq!(expect_poll(ask).to_equal(3).await?, 3);
    assert_eq!(expect_poll(ask).to_satisfy("be more than 5", |value| *value > 5).await?, 6);
    insta::assert_snapshot!(
        "not_equal",
        message(expect_poll(async || "b").within(SHORT).to_equal("a").await)
    );
    let never = expect_poll(async || std::future::pending::<u8>().await).within(SHORT).to_equal(1);
    insta::assert_snapshot!("never_told", message(never.await));
    // The page goes on meanwhile.
    session.set_content("<p>x</p>").await?;
    assert_eq!(expect_poll(async || session.locator("p").count().await.unwrap_or(0)).to_equal(1).await?, 1);
    Ok(())
}

#[e2e(fixme = "that is what it is for")]
async fn what_does_not_hold_softly_fails_the_test_at_its_end(session: &Session) -> TestResult {
    session.set_content("<p>x</p>").await?;
    expect_soft(session.locator("p")).within(SHORT).to_have_text("y").await?;
    // Only a test that goes on gets here.
    expect(session.locator("p")).to_have_text("x").await?;
    Ok(())
}

#[e2e]
async fn says_which_part_of_a_text_it_missed(session: &Session) -> TestResult {
    session.set_content("<p>Saving</p>").await?;
    let part = expect(session.locator("p")).within(SHORT).to_contain_text("Saved");
    insta::assert_snapshot!("not_part", message(part.await));
    Ok(())
}
