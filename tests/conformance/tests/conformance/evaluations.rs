//! Functions of the test's in the page, and elements for thirtyfour.

use super::in_its_words;
use callboard::{Session, TestResult, e2e, expect};
use conformance::{SHORT, message};

#[e2e]
async fn return_what_the_page_says(session: &Session) -> TestResult {
    session.set_content("<p title=here>Text</p><script>answer = 42</script>").await?;
    assert_eq!(session.evaluate::<i32>("() => answer").await?, 42);
    assert_eq!(session.evaluate::<i32>("answer // as it is").await?, 42);
    assert_eq!(session.evaluate::<i32>("([a, b]) => a + b").with([1, 2]).await?, 3);
    assert_eq!(session.evaluate::<Option<String>>("() => undefined").await?, None);
    assert_eq!(session.evaluate::<String>("async () => 'later'").await?, "later");
    let title: String = session.locator("p").evaluate("(p, after) => p.title + after").with("!").await?;
    assert_eq!(title, "here!");
    session.locator("p").evaluate::<()>("p => { p.textContent = answer }").await?;
    expect(session.locator("p")).to_have_text("42").await?;
    let half: String = session.evaluate("() => 'a\\ud83d'").await?;
    assert_eq!(half, "a\u{fffd}");
    Ok(())
}

#[e2e]
async fn that_fail_say_what_was_thrown(session: &Session) -> TestResult {
    session.set_content("<p>Text</p>").await?;
    let threw = session.evaluate::<()>("() => { throw new TypeError('no such thing') }").await;
    let threw = message(threw);
    assert!(threw.contains("TypeError: no such thing") && threw.contains("  at "), "{threw}");
    for (name, function) in [
        ("thrown_value", "() => Promise.reject({ code: 7 })"),
        ("no_function", "() => { no javascript"),
        ("wrong_type", "() => 'seven'"),
        ("not_a_number", "() => NaN"),
        ("no_json", "() => { const a = {}; a.a = a; return a }"),
        ("open_promise", "() => new Promise(() => {})"),
    ] {
        let evaluated = session.evaluate::<i32>(function);
        let evaluated = if name == "open_promise" { evaluated.within(SHORT) } else { evaluated };
        let told = message(evaluated.await);
        if name == "no_function" {
            in_its_words(|| insta::assert_snapshot!(name, told));
        } else {
            insta::assert_snapshot!(name, told);
        }
    }
    let none = session.locator("#none").evaluate::<i32>("element => 1").within(SHORT).await;
    insta::assert_snapshot!("evaluate_none", message(none));
    assert_eq!(session.evaluate::<i32>("1 + 1").await?, 2);
    Ok(())
}

#[e2e]
async fn elements_are_handed_to_thirtyfour(session: &Session) -> TestResult {
    session
        .set_content(
            "<my-card></my-card><p>A</p><p class=b style='cursor: pointer'>B</p><iframe srcdoc='<i>In</i>'></iframe>\
             <script>customElements.define('my-card', class extends HTMLElement { \
             connectedCallback() { this.attachShadow({mode: 'open'}).innerHTML = '<b>Shadow</b>' } })</script>",
        )
        .await?;
    let element = session.by_text("B").web_element().await?;
    assert_eq!(element.class_name().await?.as_deref(), Some("b"));
    assert_eq!(element.css_value("cursor").await?, "pointer");
    assert_eq!(session.by_text("Shadow").web_element().await?.text().await?, "Shadow");
    let in_frame = session.frame("iframe").locator("i");
    insta::assert_snapshot!("element_in_a_frame", message(in_frame.web_element().await));
    session.enter_frame(0).await?;
    assert_eq!(in_frame.web_element().await?.text().await?, "In");
    insta::assert_snapshot!("several_elements", message(session.locator("p").web_element().await));
    Ok(())
}
