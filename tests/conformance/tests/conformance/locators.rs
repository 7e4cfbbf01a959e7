//! Each kind of locator.

use callboard::{Session, TestResult, e2e, exact, expect, matching};
use conformance::{SHORT, message};

const FORM: &str = r#"
    <h1>Courses</h1>
    <form>
      <label for="mail">E-mail address</label><input id="mail" placeholder="you@example.test">
      <label>Password <input type="password" data-testid="secret"></label>
      <button type="submit" title="Keeps it">Save  the
        course</button>
      <button type="button" disabled>Save as</button>
      <img alt="A cat" src="data:,">
    </form>
    <p hidden>Saved</p>
    <ul><li>One</li><li>Two <b>twice</b></li><li>Three</li></ul>
"#;

#[e2e]
async fn finds_by_every_kind_of_selector(session: &Session) -> TestResult {
    session.set_content(FORM).await?;
    for (selector, id) in [
        ("#mail", "input"),
        ("css=form > input", "input"),
        ("//form/input", "input"),
        ("label=e-mail", "input"),
        ("placeholder=YOU@", "input"),
        ("text=twice", "b"),
        ("text=\"Save the course\"", "button"),
        ("text=/^Cour.es$/", "h1"),
        ("role=button[name=\"Save the course\"]", "button"),
        ("role=button[disabled]", "button"),
        ("role=heading[level=1]", "h1"),
        ("testid=secret", "input"),
        ("alt=cat", "img"),
        ("title=keeps", "button"),
    ] {
        let found = session.locator(selector);
        expect(&found).to_have_count(1).await?;
        let tag: String = session.find(callboard::thirtyfour::By::Css(id)).await?.tag_name().await?;
        assert_eq!(tag, id, "{selector}");
    }
    Ok(())
}

#[e2e]
async fn texts_are_compared_as_said(session: &Session) -> TestResult {
    session.set_content(FORM).await?;
    assert_eq!(session.by_text("save").count().await?, 3);
    assert_eq!(session.by_text(exact("Save as")).count().await?, 1);
    assert_eq!(session.by_text(exact("save as")).count().await?, 0);
    assert_eq!(session.by_text(matching("^save").any_case()).count().await?, 3);
    assert_eq!(session.by_role("listitem").filter_text("two").count().await?, 1);
    assert_eq!(session.by_role("listitem").filter_not_text("two").count().await?, 2);
    assert_eq!(session.by_role("listitem").filter(&session.locator("b")).count().await?, 1);
    Ok(())
}

#[e2e]
async fn a_hidden_element_has_no_role(session: &Session) -> TestResult {
    session
        .set_content(
            "<button hidden>A</button><div aria-hidden=true><button>B</button></div><button>C</button>",
        )
        .await?;
    expect(session.by_role("button")).to_have_text("C").await?;
    expect(session.locator("role=button[include-hidden]")).to_have_count(3).await?;
    Ok(())
}

#[e2e]
async fn one_of_several_is_said(session: &Session) -> TestResult {
    session.set_content(FORM).await?;
    let items = session.locator("li");
    assert_eq!(items.first().text().await?, "One");
    assert_eq!(items.nth(1).text().await?, "Two twice");
    assert_eq!(items.last().text().await?, "Three");
    assert_eq!(items.all_texts().await?, ["One", "Two twice", "Three"]);
    insta::assert_snapshot!("several", message(items.click().await));
    Ok(())
}

#[e2e]
async fn open_shadow_trees_are_looked_into(session: &Session) -> TestResult {
    session
        .set_content(
            "<my-card></my-card><script>customElements.define('my-card', class extends HTMLElement { \
             connectedCallback() { this.attachShadow({mode: 'open'}).innerHTML = '<button>Inside</button>' } })</script>",
        )
        .await?;
    session.locator("button").click().await?;
    session.by_role("button").named("Inside").click().await?;
    session.locator("my-card").by_text("inside").click().await?;
    Ok(())
}

#[e2e]
async fn frames_are_looked_into(session: &Session) -> TestResult {
    session
        .set_content(
            "<div style='height: 300px'></div><iframe style='padding: 7px; border: 5px solid' srcdoc=\"<button \
             onclick='this.textContent = &quot;Clicked&quot;'>In a frame</button>\"></iframe>",
        )
        .await?;
    session.frame("iframe").by_role("button").click().await?;
    expect(session.frame("iframe").locator("button")).to_have_text("Clicked").await?;
    Ok(())
}

#[e2e]
async fn what_is_no_selector_is_shown(session: &Session) -> TestResult {
    session.set_content(FORM).await?;
    insta::assert_snapshot!("no_css", message(session.locator("div > p:frob(1) > a").click().await));
    insta::assert_snapshot!("no_role", message(session.locator("role=buton").click().await));
    insta::assert_snapshot!("no_xpath", message(session.locator("//div[").click().await));
    insta::assert_snapshot!("no_regex", message(session.by_text(matching("(")).click().within(SHORT).await));
    Ok(())
}
