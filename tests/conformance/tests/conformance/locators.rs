//! Each kind of locator.

use super::in_its_words;
use callboard::{Session, TestResult, e2e, exact, expect, matching};
use conformance::{SHORT, message};

const FORM: &str = r#"
    <h1>Courses</h1>
    <form>
      <label for="mail">E-mail address</label><input id="mail" placeholder="you@example.test">
      <label>Password <input type="password" data-test="secret"></label>
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
    let told = message(session.by_text(matching("(")).click().within(SHORT).await);
    in_its_words(|| insta::assert_snapshot!("no_regex", told));
    Ok(())
}

#[e2e]
async fn css_goes_through_shadow_trees_and_not_out_of_its_beginning(session: &Session) -> TestResult {
    session
        .set_content(
            "<main><section id=s><div><p>A</p></div><p>B</p></section><p>C</p></main><my-card><i>Slotted</i></my-card>\
             <script>customElements.define('my-card', class extends HTMLElement { connectedCallback() { \
             this.attachShadow({mode: 'open'}).innerHTML = '<div class=inner><button>In</button><u></u><slot></slot></div>' } })</script>",
        )
        .await?;
    for (selector, count) in [
        ("my-card button", 1),
        ("my-card > .inner > button + u", 1),
        ("body my-card button ~ u, main p", 4),
        ("my-card > i", 1),
        ("my-card u > button", 0),
    ] {
        assert_eq!(session.locator(selector).count().await?, count, "{selector}");
    }
    let section = session.locator("#s");
    for (selector, count) in [
        ("p", 2),
        ("> p", 1),
        (":scope > p", 1),
        ("main p", 0),
        ("section p", 0),
        ("div > p", 1),
        ("//p", 2),
        ("(//p)[1]", 1),
        ("xpath=./p", 1),
        ("xpath=..", 1),
    ] {
        assert_eq!(section.locator(selector).count().await?, count, "{selector}");
    }
    assert_eq!(session.locator("p").locator("xpath=..").count().await?, 3);
    Ok(())
}

#[e2e]
async fn locators_are_combined(session: &Session) -> TestResult {
    session
        .set_content(
            "<ul><li>One <b>x</b></li><li>Two <i>y</i></li><li hidden>Three <b>z</b></li></ul><b>outside</b>",
        )
        .await?;
    let items = session.locator("li");
    let of = |name: &str| session.locator(name);
    let texts = async |locator: callboard::Locator| locator.all_texts().await;
    assert_eq!(texts(items.filter(&of("b"))).await?, ["One x", "Three z"]);
    assert_eq!(texts(items.filter_not(&of("b"))).await?, ["Two y"]);
    assert_eq!(texts(items.filter(&of("b").or(&of("i")))).await?, ["One x", "Two y", "Three z"]);
    assert_eq!(texts(items.filter(&of("b").and(&session.by_text("x")))).await?, ["One x"]);
    assert_eq!(texts(items.filter(&of("b")).visible()).await?, ["One x"]);
    assert_eq!(texts(items.hidden()).await?, ["Three z"]);
    assert_eq!(texts(items.nth(-2)).await?, ["Two y"]);
    assert_eq!(texts(items.nth(7)).await?, [""; 0]);
    assert_eq!(texts(of("i").or(&of("b")).first()).await?, ["x"]);
    assert_eq!(texts(items.filter_text("o").filter_not_text("w").locator("b")).await?, ["x"]);
    let told =
        items.filter(&of("b")).and(&session.by_role("listitem").named("none")).click().within(SHORT).await;
    insta::assert_snapshot!("combined_none", message(told));
    Ok(())
}

#[e2e]
async fn labels_are_found_however_they_are_said(session: &Session) -> TestResult {
    session
        .set_content(
            "<label>Country <select id=wrapped><option>Iceland</option></select></label>\
             <label for=for>By for</label><input id=for><span id=l1>First</span><span id=l2>second</span>\
             <input id=by aria-labelledby='l1 l2'><input id=aria aria-label='Said'><label>Both<input id=both aria-label=Other></label>\
             <button id=button aria-label=Close>x</button><label for=sub>Send</label><input type=submit id=sub value=Go>",
        )
        .await?;
    for (label, id) in [
        (exact("Country"), "wrapped"),
        (exact("By for"), "for"),
        (exact("First second"), "by"),
        (exact("second"), "by"),
        ("said".into(), "aria"),
        ("other".into(), "both"),
        ("close".into(), "button"),
        ("send".into(), "sub"),
    ] {
        let found = session.by_label(label.clone());
        assert_eq!(found.attribute("id").await?.as_deref(), Some(id), "{label:?}");
    }
    insta::assert_snapshot!(
        "no_label",
        message(session.by_label(exact("Both")).fill("x").within(SHORT).await)
    );
    Ok(())
}

#[e2e]
async fn texts_are_of_the_innermost_element(session: &Session) -> TestResult {
    session
        .set_content(
            "<div id=a>Hello <b>big</b> world</div><input type=submit value='Send it'><input type=text value='Send no'>\
             <p>So\u{ad}ft\u{200b} and&nbsp;\n wide</p><my-box>lig<i>ht</i></my-box><script>let text = 'Hello'; \
             customElements.define('my-box', class extends HTMLElement { connectedCallback() { \
             this.attachShadow({mode: 'open'}).innerHTML = '<em>before</em><slot></slot>' } })</script>",
        )
        .await?;
    for (text, tag) in [
        (exact("Hello big world"), "div"),
        (exact("big"), "b"),
        ("send".into(), "input"),
        (exact("Soft and wide"), "p"),
        ("before".into(), "em"),
        (matching("^light$"), ""),
        ("hello".into(), "div"),
    ] {
        let found = session.by_text(text.clone());
        if tag.is_empty() {
            assert_eq!(found.count().await?, 0, "{text:?}");
        } else {
            assert_eq!(found.evaluate::<String>("element => element.localName").await?, tag, "{text:?}");
        }
    }
    insta::assert_snapshot!("no_text", message(session.by_text("Goodbye").click().within(SHORT).await));
    Ok(())
}

#[e2e]
async fn what_can_be_seen_and_used(session: &Session) -> TestResult {
    session
        .set_content(
            "<details><summary>Sum</summary><p id=closed>In</p></details><div style='visibility: hidden'><p id=unseen>a</p>\
             <p id=seen style='visibility: visible'>b</p></div><div id=contents style='display: contents'>text</div>\
             <div id=nothing style='display: contents'></div><div id=zero style='height: 0; overflow: hidden'>z</div>\
             <p id=clear style='opacity: 0'>o</p><fieldset disabled><legend><button id=legend>L</button></legend>\
             <button id=set>S</button><p id=text>T</p></fieldset><button disabled><i id=inside>I</i></button>\
             <div aria-disabled=true><button id=aria>A</button></div><button id=on>O</button>",
        )
        .await?;
    for (id, seen) in [
        ("closed", false),
        ("unseen", false),
        ("seen", true),
        ("contents", true),
        ("nothing", false),
        ("zero", false),
        ("clear", true),
    ] {
        assert_eq!(session.locator(format!("#{id}")).is_visible().await?, seen, "{id}");
    }
    for (id, enabled) in
        [("legend", true), ("set", false), ("text", true), ("inside", false), ("aria", false), ("on", true)]
    {
        assert_eq!(session.locator(format!("#{id}")).is_enabled().await?, enabled, "{id}");
    }
    insta::assert_snapshot!(
        "disabled_around",
        message(session.locator("#inside").click().within(SHORT).await)
    );
    Ok(())
}

#[e2e]
async fn the_attribute_of_test_ids_is_configured(session: &Session) -> TestResult {
    session.set_content("<p data-test=row-1>Here</p><p data-testid=row-1>There</p>").await?;
    assert_eq!(session.by_test_id("row-1").text().await?, "Here");
    assert_eq!(session.locator("testid=row-1").text().await?, "Here");
    assert_eq!(session.by_test_id("row").count().await?, 0);
    insta::assert_snapshot!("no_test_id", message(session.by_test_id("row").click().within(SHORT).await));
    Ok(())
}

#[e2e]
async fn each_kind_says_what_it_did_not_find(session: &Session) -> TestResult {
    session.set_content("<p>Empty</p>").await?;
    for (name, locator) in [
        ("none_role", session.by_role("button").named(exact("Save"))),
        ("none_placeholder", session.by_placeholder("Search")),
        ("none_alt", session.by_alt_text(matching("^a").any_case())),
        ("none_title", session.by_title("Help")),
        ("none_xpath", session.locator("//li[2]")),
        ("none_chain", session.locator("p").by_role("link").filter_text("more").nth(2)),
    ] {
        insta::assert_snapshot!(name, message(locator.click().within(SHORT).await));
    }
    Ok(())
}
