//! What a test drives.

use std::time::Duration;

use thirtyfour::By;

use super::*;

#[tokio::test]
async fn two_sessions_are_two_users() {
    let slot = Slot::start().await;
    let one = slot.open(Start::Fresh).await;
    let other = slot.open(Start::Fresh).await;
    one.goto("/enter").await.unwrap();
    one.goto("/private").await.unwrap();
    assert_eq!(body(&one).await, "private");
    other.goto("/private").await.unwrap();
    assert_eq!(body(&other).await, "please sign in");
    other.goto("/echo").await.unwrap();
    assert_eq!(body(&other).await, "null");

    one.close().await.unwrap();
    // The other one is not touched by that.
    other.goto("/echo").await.unwrap();
    other.close().await.unwrap();
    assert_eq!(slot.contexts().await, 0);
    slot.end().await;
}

#[tokio::test]
async fn every_page_has_the_same_size_and_is_looked_at() {
    let slot = Slot::start().await;
    let sessions = [slot.open(Start::Fresh).await, slot.open(Start::Fresh).await];
    for session in &sessions {
        session.goto("/echo").await.unwrap();
    }
    for session in &sessions {
        let script = "return [innerWidth, innerHeight, document.hasFocus(), document.visibilityState]";
        let page = session.execute(script, Vec::new()).await.unwrap();
        assert_eq!(*page.json(), serde_json::json!([1280, 720, true, "visible"]));
    }
    slot.end().await;
}

#[tokio::test]
async fn elements_are_waited_for() {
    let slot = Slot::start().await;
    let session = slot.open(Start::Fresh).await;
    session.goto("/echo").await.unwrap();
    let later =
        "requestAnimationFrame(() => setTimeout(() => document.body.append(document.createElement('b'))))";
    session.execute(later, Vec::new()).await.unwrap();
    thirtyfour::extensions::query::ElementQueryable::query(&**session, By::Css("b")).first().await.unwrap();
    slot.end().await;
}

#[tokio::test]
async fn the_page_is_pictured_even_while_the_driver_is_busy() {
    let slot = Slot::start().await;
    let session = slot.open(Start::Fresh).await;
    session.goto("/api").await.unwrap();
    assert_eq!(session.page_source().await.unwrap(), "<html><head></head><body>refused</body></html>");

    // The driver now waits for a page that never comes.
    let waiting = tokio::spawn({
        let session = session.clone();
        async move { session.goto("/never").await }
    });
    tokio::task::yield_now().await;
    let png = session.screenshot_png().await.unwrap();
    assert!(png.starts_with(b"\x89PNG\r\n\x1a\n"));
    let side = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().unwrap());
    assert_eq!((side(16), side(20)), (1280, 720));
    // Closing ends the page that the driver waits for, whatever the driver makes of that.
    session.close().await.unwrap();
    let _ = waiting.await.unwrap();
    slot.end().await;
}

#[tokio::test]
async fn a_dialog_does_not_get_in_the_way_of_closing() {
    let slot = Slot::start().await;
    let session = slot.open(Start::Fresh).await;
    session.goto("/echo").await.unwrap();
    session.execute("setTimeout(() => alert('stop'))", Vec::new()).await.unwrap();
    session.close().await.unwrap();
    // The driver attaches to all pages of the browser: none is left that could hold it up.
    let next = slot.open(Start::Fresh).await;
    next.goto("/echo").await.unwrap();
    slot.end().await;
}

#[tokio::test]
async fn a_session_that_is_dropped_leaves_nothing_in_the_browser() {
    let slot = Slot::start().await;
    drop(slot.open(Start::Fresh).await);
    while slot.contexts().await > 0 {}
    slot.end().await;
}

#[tokio::test]
async fn a_session_that_nobody_waits_for_any_more_leaves_nothing_in_the_browser() {
    let slot = Slot::start().await;
    let opening = OpenSession {
        base_url: String::new(),
        account: None,
        start: Start::Fresh,
        waits: Waits::default(),
        console: Arc::default(),
        test_id: "data-testid".to_owned(),
        recording: Recording::default(),
    };
    let opening = slot.connection.open_session(opening);
    tokio::time::timeout(Duration::ZERO, opening).await.unwrap_err();
    // It may not have begun yet: first there is a context, then there is none.
    while slot.contexts().await == 0 {}
    while slot.contexts().await > 0 {}
    slot.end().await;
}

#[tokio::test]
async fn a_session_shows_no_secret() {
    let slot = Slot::start().await;
    let session = slot.open(Start::SigningIn).await;
    session.goto("/enter").await.unwrap();
    let state = session.state().await.unwrap();
    for text in [format!("{session:?}"), format!("{state:?}")] {
        assert!(!text.contains("a secret") && !text.contains("ticket-"), "{text}");
    }
    assert_eq!(session.role().map(Role::as_str), Some("instructor"));
    slot.end().await;
}

#[tokio::test]
async fn an_address_is_resolved_against_the_application() {
    let slot = Slot::start().await;
    let session = slot.open(Start::Fresh).await;
    session.goto("echo?a=http://b/c").await.unwrap();
    assert_eq!(session.current_url().await.unwrap().as_str(), session.url_of("/echo?a=http://b/c"));
    session.goto(session.url_of("/echo")).await.unwrap();
    session.goto("about:blank").await.unwrap();
    assert_eq!(session.current_url().await.unwrap().as_str(), "about:blank");
    slot.end().await;
}

/// Consumers' helpers may run on any thread (and futures of `async_trait` must be able to).
#[test]
fn a_session_may_be_sent_to_another_thread() {
    fn sendable(_: &(impl Send + ?Sized)) {}
    fn with(session: &Session) {
        fn both<T: Send + Sync>(_: &T) {}
        both(session);
        sendable(&session.goto("/"));
    }
    let _ = with;
}
