//! What a page takes its surroundings to be.

use std::time::Duration;

use callboard::page::ColorScheme;
use callboard::{Session, TestResult, e2e, expect};
use conformance::{in_firefox, message};
use serde_json::{Value, json};

async fn is(session: &Session, script: &str) -> TestResult<Value> {
    Ok(session.execute(&format!("return {script}"), Vec::new()).await?.json().clone())
}

#[e2e]
async fn the_size_of_the_window(session: &Session) -> TestResult {
    session.emulate().viewport(390, 844).device_scale(2.0).await?;
    session.goto("/").await?;
    let device = "[innerWidth, innerHeight, devicePixelRatio]";
    assert_eq!(is(session, device).await?, json!([390, 844, 2]));
    session.emulate().viewport(500, 400).await?;
    assert_eq!(is(session, device).await?, json!([500, 400, 2]));
    Ok(())
}

#[e2e(skip_if = (in_firefox(), "Firefox emulates no mobile device"))]
async fn the_device(session: &Session) -> TestResult {
    session.emulate().viewport(390, 844).device_scale(3.0).mobile(true).touch(true).await?;
    session.goto("data:text/html,<meta name=viewport content='width=device-width'>").await?;
    let device = "[innerWidth, innerHeight, devicePixelRatio, navigator.maxTouchPoints > 0]";
    assert_eq!(is(session, device).await?, json!([390, 844, 3, true]));
    // What is said later leaves the rest as it was.
    session.emulate().viewport(500, 400).await?;
    assert_eq!(is(session, device).await?, json!([500, 400, 3, true]));
    Ok(())
}

#[e2e]
async fn the_language_and_the_time(session: &Session) -> TestResult {
    session.goto("/").await?;
    session.emulate().locale("de-DE").time_zone("Asia/Tokyo").await?;
    session.reload().await?;
    assert_eq!(
        is(session, "[navigator.language, (1234.5).toLocaleString()]").await?,
        json!(["de-DE", "1.234,5"])
    );
    assert_eq!(is(session, "new Date(0).getHours()").await?, json!(9));
    let request = session.wait_for_request("/other");
    session.goto("/other").await?;
    assert_eq!(request.await?.header("accept-language"), Some("de-DE"));
    insta::assert_snapshot!("no_locale", message(session.emulate().locale("de_DE").await));
    insta::assert_snapshot!("no_time_zone", message(session.emulate().time_zone("Mars/Olympus").await));
    Ok(())
}

#[e2e(skip_if = (in_firefox(), "BiDi has no media features"))]
async fn the_taste_of_who_looks(session: &Session) -> TestResult {
    session.goto("/").await?;
    session.emulate().color_scheme(ColorScheme::Dark).await?;
    session.emulate().reduced_motion(true).await?;
    let media = "['(prefers-color-scheme: dark)', '(prefers-reduced-motion: reduce)'].map((it) => matchMedia(it).matches)";
    assert_eq!(is(session, media).await?, json!([true, true]));
    session.emulate().color_scheme(ColorScheme::Light).await?;
    assert_eq!(is(session, media).await?, json!([false, true]));
    Ok(())
}

#[e2e]
async fn the_place(session: &Session) -> TestResult {
    session.goto("/").await?;
    session.emulate().geolocation(52.5, 13.4).await?;
    session
        .execute("navigator.geolocation.getCurrentPosition(({ coords }) => { document.title = `${coords.latitude} ${coords.longitude}` })", Vec::new())
        .await?;
    expect(session).to_have_title("52.5 13.4").await?;
    insta::assert_snapshot!("no_place", message(session.emulate().geolocation(152.5, 13.4).await));
    Ok(())
}

#[e2e(allow_console = ["."])]
async fn no_network(session: &Session) -> TestResult {
    session.emulate().offline(true).await?;
    insta::assert_snapshot!("offline", message(session.goto("/").await));
    session.emulate().offline(false).await?;
    assert_eq!(session.goto("/").await?.status(), Some(200));
    Ok(())
}

#[e2e(skip_if = (in_firefox(), "BiDi has no slow network"))]
async fn a_slow_network(session: &Session) -> TestResult {
    session.emulate().latency(Duration::from_millis(10)).throughput(1 << 20, 1 << 20).await?;
    assert_eq!(session.goto("/").await?.status(), Some(200));
    Ok(())
}

#[e2e]
async fn the_browser(session: &Session) -> TestResult {
    session.emulate().user_agent("callboard").await?;
    let request = session.wait_for_request("/other");
    session.goto("/other").await?;
    assert_eq!(request.await?.header("user-agent"), Some("callboard"));
    Ok(())
}

#[e2e(skip_if = (!in_firefox(), "Chromium has it"))]
async fn what_is_not_there_is_said(session: &Session) -> TestResult {
    for (name, emulated) in [
        ("no_slow_cpu", session.emulate().slow_cpu(1.5)),
        ("no_mobile", session.emulate().mobile(true)),
        ("no_touch", session.emulate().touch(true)),
        ("no_color_scheme", session.emulate().color_scheme(ColorScheme::Dark)),
        ("no_reduced_motion", session.emulate().reduced_motion(true)),
        ("no_latency", session.emulate().latency(Duration::from_millis(10))),
        ("no_throughput", session.emulate().throughput(1 << 20, 1 << 20)),
        ("no_javascript", session.emulate().javascript(false)),
    ] {
        insta::assert_snapshot!(name, message(emulated.await));
    }
    // And nothing is the worse for it.
    session.goto("/").await?;
    expect(session.locator("h1")).to_have_text("Home").await?;
    Ok(())
}

#[e2e(skip_if = (in_firefox(), "BiDi has neither"))]
async fn the_engine(session: &Session) -> TestResult {
    session.emulate().slow_cpu(1.5).await?;
    session.emulate().javascript(false).await?;
    session.goto("/no-script").await?;
    assert_eq!(session.locator("h1").text().await?, "Without");
    session.emulate().javascript(true).await?;
    session.goto("/no-script").await?;
    assert_eq!(session.locator("h1").text().await?, "With");
    Ok(())
}
