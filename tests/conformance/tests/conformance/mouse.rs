//! What is done with the mouse, seen by the page; and what happens to whom it was not meant for.

use callboard::page::Button;
use callboard::{Session, TestResult, e2e, expect};
use conformance::{Pages, SHORT, message};

/// Notes what happens to the button in `<pre>`.
const NOTES: &str = "<button style='width: 100px; height: 40px'>Go</button><pre></pre><script>\
    for (const type of ['mousedown', 'click', 'dblclick', 'auxclick', 'contextmenu', 'mouseover', 'keydown', 'keyup']) \
    document.addEventListener(type, (event) => { if (type === 'contextmenu') event.preventDefault(); \
    document.querySelector('pre').append([type, event.button ?? event.key, event.ctrlKey ? 'ctrl' : '', \
    event.shiftKey ? 'shift' : ''].filter((part) => part !== '').join(' ') + ', ') })</script>";

#[e2e]
async fn all_buttons_and_held_keys_are_seen(session: &Session) -> TestResult {
    let button = session.by_role("button");
    for (what, seen) in [
        ("twice", "mousedown 0, click 0, mousedown 0, click 0, dblclick 0,"),
        ("right", "mousedown 2, contextmenu 2, auxclick 2,"),
        ("middle", "mousedown 1, auxclick 1,"),
        (
            "held",
            "keydown Control ctrl, keydown Shift ctrl shift, mousedown 0 ctrl shift, click 0 ctrl shift, keyup Shift ctrl, keyup Control,",
        ),
    ] {
        session.set_content(NOTES).await?;
        button.hover().await?;
        expect(session.locator("pre")).to_contain_text("mouseover").await?;
        session.locator("pre").evaluate::<()>("pre => { pre.textContent = '' }").await?;
        match what {
            "twice" => button.dblclick().await?,
            "right" => button.click().button(Button::Right).await?,
            "middle" => button.click().button(Button::Middle).await?,
            _ => button.click().holding(["Control", "Shift"]).await?,
        }
        expect(session.locator("pre")).to_have_text(seen).await?;
    }
    insta::assert_snapshot!("no_such_key_held", message(button.click().holding(["Hyper"]).await));
    Ok(())
}

#[e2e]
async fn a_place_in_the_element_is_clicked(session: &Session) -> TestResult {
    session
        .set_content(
            "<div style='height: 1500px'></div><div id=box style='width: 200px; height: 100px; background: gold' \
             onclick='this.textContent = event.offsetX + \" \" + event.offsetY'></div>",
        )
        .await?;
    session.locator("#box").click().at(20.0, 30.0).await?;
    expect(session.locator("#box")).to_have_text("20 30").await?;
    insta::assert_snapshot!(
        "place_outside",
        message(session.locator("#box").click().at(5000.0, 1.0).within(SHORT).await)
    );
    Ok(())
}

/// In the instant of the click something else comes in the element's place: nobody gets it, and it is tried again.
#[e2e]
async fn what_comes_in_the_way_is_spared(session: &Session) -> TestResult {
    session
        .set_content(
            "<button id=meant onclick='document.title = \"meant\"'>Save</button><script>\
             const meant = document.querySelector('#meant'); let moved = 0; \
             meant.addEventListener('mousemove', () => { if (moved++) return; const other = document.createElement('button'); \
             other.id = 'other'; other.style = 'position: fixed; inset: 0'; other.textContent = 'Delete everything'; \
             for (const type of ['pointerdown', 'mousedown', 'mouseup', 'click']) \
             other.addEventListener(type, () => document.body.append('deleted')); \
             document.body.append(other); setTimeout(() => other.remove(), 200) })</script>",
        )
        .await?;
    session.locator("#meant").click().await?;
    expect(session).to_have_title("meant").await?;
    expect(session.locator("body")).not().to_contain_text("deleted").await?;
    // Nothing is guarded any more.
    session
        .evaluate::<()>("() => { document.body.innerHTML = '<p onclick=\"this.textContent = 1\">0</p>' }")
        .await?;
    session.locator("p").click().force().await?;
    expect(session.locator("p")).to_have_text("1").await?;
    Ok(())
}

#[e2e]
async fn an_element_that_is_replaced_is_found_again(session: &Session) -> TestResult {
    session
        .set_content(
            "<div id=root></div><script>let made = 0; const render = () => { made += 1; const number = made; \
             root.innerHTML = '<button>Save</button>'; const button = root.firstChild; \
             button.addEventListener('mousemove', () => { if (number < 3) render() }); \
             button.addEventListener('click', () => { document.title = 'clicked ' + number }) }; render()</script>",
        )
        .await?;
    session.by_role("button").click().await?;
    expect(session).to_have_title("clicked 3").await?;
    Ok(())
}

#[e2e]
async fn what_always_comes_in_the_way_is_told(session: &Session) -> TestResult {
    session
        .set_content(
            "<button id=meant>Save</button><script>meant.addEventListener('mousemove', () => { \
             const other = document.createElement('div'); other.style = 'position: fixed; inset: 0'; \
             other.textContent = 'In the way'; document.body.append(other); setTimeout(() => other.remove(), 50) })</script>",
        )
        .await?;
    let told = message(session.locator("#meant").click().within(SHORT * 3).await);
    assert!(told.contains("In the way"), "{told}");
    Ok(())
}

#[e2e(skip_if = (conformance::in_firefox(), "Firefox drags as a person does, and BiDi cannot drop it"))]
async fn things_are_dragged_as_html_has_it(session: &Session) -> TestResult {
    session
        .set_content(
            "<div id=card draggable=true style='width: 80px; height: 40px'>Card</div><div style='height: 1000px'></div>\
             <div id=target style='width: 200px; height: 100px'>Here</div><pre></pre><script>\
             const note = (text) => document.querySelector('pre').append(text + ', '); \
             card.addEventListener('dragstart', (event) => { event.dataTransfer.setData('text', 'the card'); note('start') }); \
             card.addEventListener('dragend', () => note('end')); addEventListener('mouseup', () => note('up')); \
             target.addEventListener('dragover', (event) => event.preventDefault()); \
             target.addEventListener('drop', (event) => { event.preventDefault(); \
             note('dropped ' + event.dataTransfer.getData('text')) })</script>",
        )
        .await?;
    session.locator("#card").drag_to(&session.locator("#target")).await?;
    expect(session.locator("pre")).to_have_text("start, dropped the card, end,").await?;
    // What is dragged next is not what was dragged before.
    session.locator("#card").drag_to(&session.locator("#target")).from(5.0, 5.0).await?;
    expect(session.locator("pre")).to_contain_text("end, start, dropped the card, end,").await?;
    session.locator("#card").click().await?;
    expect(session.locator("pre")).to_contain_text("up,").await?;
    Ok(())
}

/// As libraries do it that follow the pointer.
#[e2e]
async fn things_are_dragged_with_the_mouse_alone(session: &Session) -> TestResult {
    session
        .set_content(
            "<div id=knob style='position: absolute; width: 40px; height: 40px'>K</div>\
             <div id=target style='position: absolute; left: 300px; top: 200px; width: 100px; height: 100px'></div><script>\
             let held = false; knob.onpointerdown = (event) => { held = true; knob.setPointerCapture(event.pointerId) }; \
             knob.onpointermove = (event) => { if (held) { knob.style.left = event.clientX - 20 + 'px'; \
             knob.style.top = event.clientY - 20 + 'px' } }; \
             knob.onpointerup = () => { held = false; knob.textContent = 'let go' }</script>",
        )
        .await?;
    session.locator("#knob").drag_to(&session.locator("#target")).to(50.0, 50.0).await?;
    expect(session.locator("#knob")).to_have_text("let go").await?;
    expect(session.locator("#knob")).to_have_css("left", "330px").await?;
    // The mouse is up again, and the browser drags no longer.
    session.locator("#target").click().force().await?;
    let nowhere = session.locator("#knob").drag_to(&session.locator("#none")).within(SHORT).await;
    insta::assert_snapshot!("drag_to_none", message(nowhere));
    Ok(())
}

#[e2e]
async fn a_click_may_lead_elsewhere(session: &Session) -> TestResult {
    const PAGES: &[(&str, &str)] = &[
        ("/", "<a href=/next onmousedown='location = this.href'>Next</a>"),
        ("/next", "<h1>Next page</h1><a href=/>Back</a>"),
    ];
    let pages = Pages::serve(PAGES).await?;
    session.goto(pages.url("/")).await?;
    for _ in 0..3 {
        session.by_text("Next").and(&session.locator("a")).click().await?;
        session.by_text("Back").click().await?;
    }
    // It begins on one page and ends on the other.
    expect(session.by_text("Next")).to_be_visible().await?;
    session.evaluate::<()>("() => setTimeout(() => { location = '/next' }, 100)").await?;
    session.by_text("Back").click().await?;
    expect(session.by_text("Next")).to_be_visible().await?;
    Ok(())
}

#[e2e]
async fn pictures_are_of_the_element(session: &Session) -> TestResult {
    session
        .set_content(
            "<div style='height: 2000px'></div><div id=red style='width: 60px; height: 30px; background: red'></div>\
             <div id=large style='width: 300px; height: 1900px; background: blue'></div>",
        )
        .await?;
    for (id, width, height) in [("red", 60, 30), ("large", 300, 1900)] {
        let png = session.locator(format!("#{id}")).screenshot().await?;
        let number = |at: usize| u32::from_be_bytes([png[at], png[at + 1], png[at + 2], png[at + 3]]);
        assert_eq!(&png[1..4], b"PNG");
        assert_eq!((number(16), number(20)), (width, height), "{id}");
    }
    insta::assert_snapshot!("no_picture", message(session.locator("#none").screenshot().within(SHORT).await));
    Ok(())
}

#[e2e(skip_if = (!conformance::in_firefox(), "Chromium can"))]
async fn what_cannot_be_dragged_is_said(session: &Session) -> TestResult {
    session.set_content("<p id=card draggable=true>Card</p><p id=target>Here</p><pre></pre>").await?;
    let told = message(session.locator("#card").drag_to(&session.locator("#target")).await);
    assert!(told.contains("to drag what HTML lets be dragged (`draggable`) needs Chromium"), "{told}");
    session.locator("#target").click().await?;
    Ok(())
}
