//! Each action, when it is possible and when it is not.

use callboard::page::{Choice, FileData};
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

#[e2e]
async fn fills_every_kind_of_input(session: &Session) -> TestResult {
    session.set_content("<form></form>").await?;
    for (kind, text) in [
        ("text", "שלום 👋"),
        ("search", "find"),
        ("tel", "+354 1"),
        ("url", "http://a.test"),
        ("email", "a@b.test"),
        ("password", "secret"),
        ("number", "-1.5e3"),
        ("color", "#ff8800"),
        ("date", "2026-11-22"),
        ("datetime-local", "2026-11-22T10:30"),
        ("month", "2026-11"),
        ("time", "10:30"),
        ("week", "2026-W47"),
        ("range", "70"),
    ] {
        let make = "(form, type) => { form.innerHTML = `<input type=${type}><p></p>`; \
                    form.oninput = () => form.querySelector('p').append('input '); \
                    form.onchange = () => form.querySelector('p').append('change ') }";
        session.locator("form").evaluate::<()>(make).with(kind).await?;
        session.locator("input").fill(text).await?;
        expect(session.locator("input")).to_have_value(text).await?;
        expect(session.locator("p")).to_contain_text("input").await?;
    }
    for (kind, text) in [("number", "seven"), ("date", "yesterday"), ("range", "1000"), ("color", "red")] {
        session
            .locator("form")
            .evaluate::<()>("(form, type) => { form.innerHTML = `<input type=${type}>` }")
            .with(kind)
            .await?;
        insta::assert_snapshot!(format!("fill_{kind}"), message(session.locator("input").fill(text).await));
    }
    Ok(())
}

#[e2e]
async fn says_what_cannot_be_filled(session: &Session) -> TestResult {
    session
        .set_content(
            "<input id=readonly readonly><input id=off disabled><input type=checkbox id=box><select id=list></select>\
             <input id=shy onfocus='this.blur()'><div id=plain>x</div>",
        )
        .await?;
    for id in ["readonly", "off", "box", "list", "shy"] {
        let fill = session.locator(format!("#{id}")).fill("x").within(SHORT);
        insta::assert_snapshot!(format!("fill_{id}"), message(fill.await));
    }
    insta::assert_snapshot!(
        "type_nowhere",
        message(session.locator("#plain").type_text("x").within(SHORT).await)
    );
    insta::assert_snapshot!("press_nothing", message(session.locator("#readonly").press("Entr").await));
    Ok(())
}

#[e2e]
async fn keys_arrive_one_by_one(session: &Session) -> TestResult {
    session
        .set_content(
            "<input><pre></pre><script>for (const type of ['keydown', 'keyup']) document.addEventListener(type, (event) => \
             document.querySelector('pre').append(`${type} ${event.key}, `))</script>",
        )
        .await?;
    let input = session.locator("input");
    input.type_text("aB").delay(std::time::Duration::from_millis(1)).await?;
    expect(session.locator("pre")).to_have_text("keydown a, keyup a, keydown B, keyup B,").await?;
    session.locator("pre").evaluate::<()>("pre => { pre.textContent = '' }").await?;
    input.press("Control+Shift+ArrowLeft").await?;
    expect(session.locator("pre"))
        .to_have_text(
            "keydown Control, keydown Shift, keydown ArrowLeft, keyup ArrowLeft, keyup Shift, keyup Control,",
        )
        .await?;
    input.press("Delete").await?;
    expect(&input).to_be_empty().await?;
    // The page itself takes keys, too, and nothing else has them then.
    session.locator("body").press("x").await?;
    expect(&input).to_be_empty().await?;
    Ok(())
}

#[e2e]
async fn checks_what_can_be_checked(session: &Session) -> TestResult {
    session
        .set_content(
            "<label id=label>Mail <input type=checkbox id=box></label><input type=radio name=r id=one checked>\
             <input type=radio name=r id=two><div role=switch aria-checked=false id=switch tabindex=0 \
             onclick='setTimeout(() => this.setAttribute(\"aria-checked\", this.getAttribute(\"aria-checked\") !== \"true\"), 100)'>S</div>\
             <input type=checkbox id=stuck onclick='event.preventDefault()'><button>B</button>",
        )
        .await?;
    for _ in 0..2 {
        session.locator("#label").check().await?;
        session.locator("#switch").check().await?;
    }
    expect(session.locator("#box")).to_be_checked().await?;
    expect(session.locator("#switch")).to_be_checked().await?;
    session.locator("#box").uncheck().await?;
    session.locator("#switch").uncheck().await?;
    expect(session.locator("#box")).not().to_be_checked().await?;
    session.locator("#two").check().await?;
    expect(session.locator("#one")).not().to_be_checked().await?;
    insta::assert_snapshot!("check_stuck", message(session.locator("#stuck").check().within(SHORT).await));
    insta::assert_snapshot!("uncheck_radio", message(session.locator("#two").uncheck().within(SHORT).await));
    insta::assert_snapshot!("check_button", message(session.locator("button").check().within(SHORT).await));
    Ok(())
}

#[e2e]
async fn selects_every_kind_of_option(session: &Session) -> TestResult {
    session
        .set_content(
            "<label>Fruit <select id=one><option value=a>Apple</option><option value=b>Big  banana</option>\
             <optgroup disabled label=g><option value=c>Cherry</option></optgroup></select></label>\
             <select id=many multiple><option>1</option><option selected>2</option><option>3</option></select>\
             <script>document.onchange = (event) => { document.title = 'changed ' + event.target.id }</script>",
        )
        .await?;
    let one = session.by_label("Fruit");
    assert_eq!(one.select("Big banana").await?, ["b"]);
    expect(session).to_have_title("changed one").await?;
    assert_eq!(one.select("a").await?, ["a"]);
    assert_eq!(one.select(Choice::Index(1)).await?, ["b"]);
    assert_eq!(one.select(Choice::Label("Apple".to_owned())).await?, ["a"]);
    assert_eq!(one.select(Choice::Value("b".to_owned())).await?, ["b"]);
    assert_eq!(session.locator("#many").select_all(["1", "3"]).await?, ["1", "3"]);
    assert_eq!(session.locator("#many").select_all(Vec::<String>::new()).await?, Vec::<String>::new());
    insta::assert_snapshot!("select_none", message(one.select("Date").within(SHORT).await));
    insta::assert_snapshot!("select_disabled", message(one.select("Cherry").within(SHORT).await));
    insta::assert_snapshot!("select_two_of_one", message(one.select_all(["a", "b"]).within(SHORT).await));
    insta::assert_snapshot!(
        "select_no_list",
        message(session.locator("body").select("a").within(SHORT).await)
    );
    Ok(())
}

#[e2e]
async fn uploads_files(session: &Session) -> TestResult {
    session
        .set_content(
            "<label>One <input type=file hidden id=one></label><input type=file multiple id=many><pre></pre><script>\
             document.onchange = async (event) => { const texts = []; for (const file of event.target.files) \
             texts.push(`${file.name} ${file.type} ${await file.text()}`); \
             document.querySelector('pre').textContent = texts.join(', ') || 'none' }</script>",
        )
        .await?;
    let [csv, text] =
        [FileData::new("a.csv", "text/csv", "1,2"), FileData::new("ö.txt", "text/plain", "ü".as_bytes())];
    session.by_label("One").upload_data([csv.clone()]).await?;
    expect(session.locator("pre")).to_have_text("a.csv text/csv 1,2").await?;
    session.locator("#many").upload_data([csv.clone(), text.clone()]).await?;
    expect(session.locator("pre")).to_have_text("a.csv text/csv 1,2, ö.txt text/plain ü").await?;
    session.locator("#many").upload(["Cargo.toml", "callboard.toml"]).await?;
    expect(session.locator("pre")).to_contain_text("Cargo.toml").await?;
    expect(session.locator("pre")).to_contain_text("callboard.toml").await?;
    session.locator("#many").upload(Vec::<String>::new()).await?;
    expect(session.locator("pre")).to_have_text("none").await?;
    insta::assert_snapshot!(
        "upload_two_to_one",
        message(session.by_label("One").upload_data([csv, text]).await)
    );
    insta::assert_snapshot!("upload_no_input", message(session.locator("pre").upload(["Cargo.toml"]).await));
    let missing = message(session.locator("#many").upload(["no/such/file"]).await);
    assert!(missing.contains("cannot read /") && missing.contains("no/such/file: No such file"), "{missing}");
    Ok(())
}

#[e2e]
async fn focus_blur_and_scroll(session: &Session) -> TestResult {
    session.set_content("<input id=a><div style='height: 3000px'></div><input id=b>").await?;
    session.locator("#a").focus().await?;
    expect(session.locator("#a")).to_be_focused().await?;
    session.locator("#a").blur().await?;
    expect(session.locator("#a")).not().to_be_focused().await?;
    expect(session.locator("#b")).not().to_be_in_viewport().await?;
    session.locator("#b").scroll_into_view().await?;
    expect(session.locator("#b")).to_be_in_viewport().await?;
    insta::assert_snapshot!(
        "scroll_to_none",
        message(session.locator("#c").scroll_into_view().within(SHORT).await)
    );
    Ok(())
}
