//! Frames: in each other, of other sites, gone and come again.

use callboard::{Session, TestResult, e2e, expect};
use conformance::{Pages, SHORT, message};

const PAGES: &[(&str, &str)] = &[
    (
        "/",
        "<h1>Outside</h1><div style='height: 900px'></div>\
         <iframe id=other src='{other}/inner' style='margin: 9px; border: 5px solid; padding: 7px; width: 400px; height: 300px'></iframe>",
    ),
    (
        "/inner",
        "<div style='height: 700px'>Inside</div><button onclick='this.textContent = event.isTrusted'>Press</button>\
         <label>Name <input></label><iframe id=nested srcdoc='<p style=\"height: 400px\">Deep</p>\
         <button onclick=\"this.textContent = `Deeply`\">Press</button>'></iframe>",
    ),
    (
        "/tall",
        "<iframe src='/inner' style='width: 300px; height: 3000px; transform: scale(0.5); transform-origin: 0 0'></iframe>",
    ),
    ("/second", "<p>Second</p>"),
    (
        "/covered",
        "<iframe src='/inner'></iframe><div id=over style='position: fixed; inset: 0'>Please wait</div>",
    ),
];

#[e2e]
async fn that_execute_no_scripts_are_looked_at_again_and_again(session: &Session) -> TestResult {
    const FRAME: &str = "<iframe sandbox='allow-same-origin' srcdoc='<p>First</p>'></iframe>";
    session.set_content(FRAME).await?;
    let inside = session.frame("iframe");
    // It is changed from outside, later.
    let change = "() => void setTimeout(() => { \
                  document.querySelector('iframe').contentDocument.querySelector('p').textContent = 'Second' }, 300)";
    session.evaluate::<()>(change).await?;
    expect(inside.locator("p")).to_have_text("Second").await?;
    let told = message(expect(inside.locator("p")).within(SHORT).to_have_text("Third").await);
    assert!(told.contains("after 250 ms, it was \"Second\""), "{told}");
    Ok(())
}

#[e2e]
async fn of_another_site_are_like_any_other(session: &Session) -> TestResult {
    let pages = Pages::serve(PAGES).await?;
    session.goto(pages.url("/")).await?;
    let inside = session.frame("#other");
    inside.by_role("button").click().await?;
    expect(inside.by_role("button")).to_have_text("true").await?;
    inside.by_label("Name").fill("Ida").await?;
    inside.by_label("Name").press("End").await?;
    inside.by_label("Name").type_text(" ö!").await?;
    expect(inside.by_label("Name")).to_have_value("Ida ö!").await?;
    assert_eq!(
        inside.by_label("Name").evaluate::<String>("input => location.pathname + input.value").await?,
        "/innerIda ö!"
    );
    let deep = inside.frame("#nested");
    deep.by_role("button").click().await?;
    expect(deep.by_role("button")).to_have_text("Deeply").await?;
    Ok(())
}

#[e2e]
async fn are_scrolled_and_scaled_like_their_window(session: &Session) -> TestResult {
    let pages = Pages::serve(PAGES).await?;
    session.goto(pages.url("/tall")).await?;
    let inside = session.frame("iframe");
    inside.by_role("button").click().await?;
    expect(inside.by_role("button")).to_have_text("true").await?;
    inside.frame("#nested").by_role("button").click().await?;
    expect(inside.frame("#nested").by_role("button")).to_have_text("Deeply").await?;
    Ok(())
}

#[e2e]
async fn may_go_elsewhere_and_come_late(session: &Session) -> TestResult {
    let pages = Pages::serve(PAGES).await?;
    session.goto(pages.url("/second")).await?;
    let late = "path => setTimeout(() => { const frame = document.createElement('iframe'); frame.src = '/inner'; \
                document.body.append(frame); frame.onload = () => { frame.onload = null; frame.src = path } }, 100)";
    session.evaluate::<()>(late).with("/second").await?;
    expect(session.frame("iframe").by_text("Second")).to_be_visible().await?;
    Ok(())
}

#[e2e]
async fn that_go_away_are_waited_for_no_longer_than_said(session: &Session) -> TestResult {
    let pages = Pages::serve(PAGES).await?;
    session.goto(pages.url("/tall")).await?;
    let remove = "() => void setTimeout(() => document.querySelector('iframe').remove(), 50)";
    session.evaluate::<()>(remove).await?;
    let click = session.frame("iframe").locator("#none").click().within(SHORT * 2);
    let gone = message(click.await);
    assert!(
        gone.starts_with("click on `frame iframe >> #none`: after 500 ms, there is no frame `iframe`\n"),
        "{gone}"
    );
    insta::assert_snapshot!(
        "no_frame",
        message(session.frame("#none").locator("p").click().within(SHORT).await)
    );
    session.goto(pages.url("/covered")).await?;
    insta::assert_snapshot!(
        "frame_covered",
        message(session.frame("iframe").by_role("button").click().within(SHORT * 4).await)
    );
    insta::assert_snapshot!(
        "frame_of_none",
        message(session.frame("#over").locator("p").click().within(SHORT).await)
    );
    insta::assert_snapshot!("frame_alone", message(session.frame("iframe").click().within(SHORT).await));
    let mixed = session.locator("p").or(&session.frame("iframe").locator("p"));
    insta::assert_snapshot!("frames_mixed", message(mixed.click().within(SHORT).await));
    expect(session.locator("#over")).to_have_text("Please wait").await?;
    Ok(())
}
