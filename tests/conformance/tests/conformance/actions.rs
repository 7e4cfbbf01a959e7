//! Each action, when it is possible and when it is not.

use callboard::{Session, TestResult, e2e, expect};
use conformance::{SHORT, message};

#[e2e]
async fn clicks_like_a_person(session: &Session) -> TestResult {
    session
        .set_content(
            "<button>Go</button><pre></pre><script>for (const type of ['mousedown', 'mouseup', 'click']) \
             document.querySelector('button').addEventListener(type, (event) => \
             document.querySelector('pre').append(`${type} ${event.isTrusted}\n`))</script>",
        )
        .await?;
    session.by_role("button").click().await?;
    expect(session.locator("pre")).to_have_text("mousedown true mouseup true click true").await?;
    Ok(())
}

#[e2e]
async fn waits_until_it_can_click(session: &Session) -> TestResult {
    session
        .set_content(
            "<script>setTimeout(() => { document.body.innerHTML = '<button disabled onclick=\"this.textContent = `Done`\">Go</button>' \
             ; setTimeout(() => document.querySelector('button').disabled = false, 100) }, 100)</script>",
        )
        .await?;
    session.locator("button").click().await?;
    expect(session.locator("button")).to_have_text("Done").await?;
    Ok(())
}

#[e2e]
async fn says_why_it_cannot_click(session: &Session) -> TestResult {
    session
        .set_content(
            "<button id=hidden hidden>A</button><button id=off disabled>B</button><button id=covered>C</button>\
             <div class=overlay style='position: fixed; inset: 0'>Please wait</div>",
        )
        .await?;
    for id in ["none", "hidden", "off", "covered"] {
        let click = session.locator(format!("#{id}")).click().within(SHORT);
        insta::assert_snapshot!(format!("click_{id}"), message(click.await));
    }
    Ok(())
}

#[e2e]
async fn fills_and_types(session: &Session) -> TestResult {
    session
        .set_content("<input value=old><textarea></textarea><input type=date><p contenteditable>x</p>")
        .await?;
    let input = session.locator("input").first();
    input.fill("new ü").await?;
    expect(&input).to_have_value("new ü").await?;
    input.press("Control+A").await?;
    input.type_text("Typed ö!").await?;
    expect(&input).to_have_value("Typed ö!").await?;
    input.clear().await?;
    expect(&input).to_be_empty().await?;
    session.locator("textarea").fill("two\nlines").await?;
    expect(session.locator("textarea")).to_have_value("two\nlines").await?;
    session.locator("[type=date]").fill("2026-11-22").await?;
    expect(session.locator("[type=date]")).to_have_value("2026-11-22").await?;
    session.locator("p").fill("edited").await?;
    expect(session.locator("p")).to_have_text("edited").await?;
    insta::assert_snapshot!("nothing_to_fill", message(session.locator("body").fill("x").await));
    Ok(())
}
