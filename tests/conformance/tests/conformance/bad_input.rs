//! What no test should meet: each is told within its time, and harms nothing that follows.

use std::time::Duration;

use callboard::{Session, TestResult, e2e, exact, expect};
use conformance::{Pages, SHORT, message};

#[e2e]
async fn selectors_that_do_not_parse(session: &Session) -> TestResult {
    session.set_content("<p>Here</p>").await?;
    for (name, selector) in [
        ("empty", ""),
        ("open_bracket", "div > a[href='x'"),
        ("dangling", "div >"),
        ("double_combinator", "div > > p"),
        ("wide_characters", "p:has(👋) > שלום:nope(1)"),
        ("nul", "p:\0"),
        ("joined", "ul >> li"),
        ("unknown_state", "role=button[color=red]"),
        ("xpath_no_element", "xpath=count(//p)"),
    ] {
        insta::assert_snapshot!(format!("selector_{name}"), message(session.locator(selector).click().await));
    }
    expect(session.locator("p")).to_have_text("Here").await?;
    Ok(())
}

#[e2e]
async fn texts_of_all_kinds(session: &Session) -> TestResult {
    session.set_content("<p></p><textarea></textarea><input>").await?;
    for text in ["👋🏽 👨‍👩‍👧", "שלום עולם", "e\u{301}", "a \"b\" 'c' \\d/ ]", "${x} `y`", "<b>&amp;</b>"]
    {
        session.locator("p").evaluate::<()>("(p, text) => { p.textContent = text }").with(text).await?;
        assert_eq!(session.by_text(exact(text)).count().await?, 1, "{text}");
        session.locator("textarea").fill(text).await?;
        expect(session.locator("textarea")).to_have_value(text).await?;
        session.locator("input").fill("").await?;
        session.locator("input").type_text(text).await?;
        expect(session.locator("input")).to_have_value(text).await?;
    }
    insta::assert_snapshot!("text_with_nul", message(session.by_text("a\0b").click().within(SHORT).await));
    Ok(())
}

#[e2e]
async fn a_megabyte_of_text(session: &Session) -> TestResult {
    session.set_content("<textarea></textarea><p></p>").await?;
    let text = "0123456789abcdef".repeat(65536);
    session.locator("textarea").fill(&text).await?;
    expect(session.locator("textarea")).to_have_value(&text).await?;
    session.locator("p").evaluate::<()>("(p, text) => { p.textContent = text }").with(&text).await?;
    assert_eq!(session.by_text(exact(&text)).count().await?, 1);
    let told = message(expect(session.locator("p")).within(SHORT).to_have_text("x").await);
    assert!(told.len() < 2000, "{} bytes", told.len());
    Ok(())
}

#[e2e(timeout = "60s")]
async fn a_page_of_200_megabytes(session: &Session) -> TestResult {
    session.set_content("<button onclick='this.textContent = `Done`'>Go</button>").await?;
    let grow = "() => { for (let at = 0; at < 200; at += 1) { const p = document.createElement('p'); \
                p.style = 'display: none'; p.textContent = 'word '.repeat(200000) + at; document.body.append(p) } }";
    session.evaluate::<()>(grow).within(Duration::from_secs(40)).await?;
    session.by_role("button").named("Go").click().await?;
    expect(session.locator("button")).to_have_text("Done").await?;
    insta::assert_snapshot!(
        "none_of_200_megabytes",
        message(session.locator("#none").click().within(SHORT).await)
    );
    Ok(())
}

#[e2e]
async fn a_dialog_in_the_way(session: &Session) -> TestResult {
    const PAGES: &[(&str, &str)] = &[
        (
            "/",
            "<a href=/next>Leave</a><input><script>onbeforeunload = (event) => event.preventDefault()</script>",
        ),
        ("/next", "<h1>Next</h1>"),
    ];
    for kind in ["alert", "confirm", "prompt"] {
        let html = format!(
            "<button onclick='this.textContent = {kind}(`Really?`) ?? `closed`'>Ask</button><p>Text</p>"
        );
        session.set_content(html).await?;
        session.locator("button").click().await?;
        insta::assert_snapshot!(format!("{kind}_in_the_way"), message(session.locator("p").click().await));
        insta::assert_snapshot!(
            format!("{kind}_expected"),
            message(expect(session.locator("p")).to_be_visible().await)
        );
        session.accept_alert().await?;
        session.locator("p").click().await?;
        expect(session.locator("button")).not().to_have_text("Ask").await?;
    }
    let pages = Pages::serve(PAGES).await?;
    session.goto(pages.url("/")).await?;
    session.locator("input").type_text("typed").await?;
    session.locator("a").click().await?;
    // Whether the page is to be left is answered with yes.
    expect(session.locator("h1")).to_have_text("Next").await?;
    Ok(())
}

#[e2e]
async fn a_script_that_never_ends(session: &Session) -> TestResult {
    session.set_content("<button>Hang</button>").await?;
    session.evaluate::<()>("() => void setTimeout(() => { for (;;); })").await?;
    insta::assert_snapshot!("hangs", message(session.locator("button").click().within(SHORT).await));
    Ok(())
}

#[e2e]
async fn a_page_that_is_closed(session: &Session) -> TestResult {
    session.set_content("<p>Here</p>").await?;
    session.close_window().await?;
    insta::assert_snapshot!("closed", message(session.locator("p").click().await));
    insta::assert_snapshot!("closed_expected", message(expect(session).to_have_title("x").await));
    insta::assert_snapshot!("closed_evaluate", message(session.evaluate::<i32>("1").await));
    Ok(())
}

#[e2e(
    allow_console = ["^the browser ended the page's process$"],
    skip_if = (conformance::in_firefox(), "only Chromium can be made to crash a page")
)]
async fn a_page_that_crashes(session: &Session) -> TestResult {
    session.set_content("<p>Here</p>").await?;
    assert!(session.goto("chrome://crash").await.is_err());
    insta::assert_snapshot!("crashed", message(session.locator("p").click().await));
    insta::assert_snapshot!("crashed_evaluate", message(session.evaluate::<i32>("1").await));
    Ok(())
}

#[e2e]
async fn elements_that_cannot_be_acted_on(session: &Session) -> TestResult {
    session
        .set_content(
            "<button id=moving style='position: absolute; left: 0'>Moving</button><button id=zero \
             style='width: 0; height: 0; padding: 0; border: 0'></button><button id=gone>Gone</button>\
             <button id=far style='position: fixed; left: -500px'>Far</button><script>let at = 0; (function move() { at += 1; \
             moving.style.left = at % 400 + 'px'; requestAnimationFrame(move) })(); \
             setTimeout(() => gone.remove(), 0)</script><p>Still</p>",
        )
        .await?;
    for id in ["zero", "far"] {
        insta::assert_snapshot!(
            format!("click_{id}"),
            message(session.locator(format!("#{id}")).click().within(SHORT).await)
        );
    }
    expect(session.locator("#gone")).to_have_count(0).await?;
    insta::assert_snapshot!("click_gone", message(session.locator("#gone").click().within(SHORT).await));
    let moving = message(session.locator("#moving").click().within(SHORT).await);
    assert!(
        moving.starts_with("click on `#moving`: after 250 ms, it does not stand still\n  element: <button"),
        "{moving}"
    );
    session.locator("p").click().await?;
    Ok(())
}
