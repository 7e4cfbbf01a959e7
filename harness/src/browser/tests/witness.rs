//! What is taken note of, on which page.

use std::sync::{Arc, Mutex};

use super::*;
use crate::browser::witness::{Entry, Exchange, FailureText, Kind, Level, Place, Stage};

/// The entries, as soon as this one is among them; what happens until then is up to the browser.
async fn until(session: &Session, is_there: impl Fn(&Kind) -> bool) -> Vec<Entry> {
    loop {
        let entries = session.witness().entries();
        if entries.iter().any(|entry| is_there(&entry.kind)) {
            return entries;
        }
        tokio::task::yield_now().await;
    }
}

fn exchange_to(path: &str) -> impl Fn(&Kind) -> Option<&Exchange> + '_ {
    move |kind| match kind {
        Kind::Exchange(exchange) if exchange.url.ends_with(path) => Some(exchange),
        _ => None,
    }
}

/// Each of what [`application`] complains of, by the words that it is found by.
fn complaints(entries: &[Entry], path: &str) -> Vec<String> {
    let source = |place: &Option<Place>| {
        let Some(Place { url, line, column }) = place else { return "nowhere".to_owned() };
        assert!(url.ends_with(path) && *line == 1 && *column > 1, "{place:?}");
        "there".to_owned()
    };
    let words = |entry: &Entry| match &entry.kind {
        Kind::Console { level, text, place } => Some(format!("{level:?} {text}, {}", source(place))),
        Kind::Exception { text, place, stack, of_promise } => {
            Some(format!("{text} {of_promise} {} {}", stack.len(), source(place)))
        }
        Kind::Exchange(exchange) if exchange.url.ends_with("/missing") => {
            Some(format!("{} {:?} {}", exchange.method, exchange.status, exchange.resource))
        }
        _ => None,
    };
    let mut complaints: Vec<_> = entries.iter().filter_map(words).collect();
    complaints.sort();
    complaints
}

/// Whether all of them are there.
async fn all_complaints(session: &Session) -> Vec<Entry> {
    until(session, |kind| matches!(kind, Kind::Exception { of_promise: true, .. })).await;
    until(session, |kind| matches!(kind, Kind::Exception { of_promise: false, .. })).await;
    until(session, |kind| exchange_to("/missing")(kind).is_some_and(|exchange| exchange.ended.is_some()))
        .await
}

fn expected(frames: usize) -> Vec<String> {
    let mut expected = vec![
        "Error something is wrong {a: Array(1)}, there".to_owned(),
        format!("Error: of its own false {frames} there"),
        "GET Some(404) Fetch".to_owned(),
        "{code: 3} true 1 there".to_owned(),
    ];
    expected.sort();
    expected
}

#[tokio::test]
async fn the_page_itself() {
    let slot = Slot::start().await;
    let session = slot.open(Start::Fresh).await;
    session.goto("/complains").await.unwrap();
    let entries = all_complaints(&session).await;
    assert_eq!(complaints(&entries, "/complains"), expected(2));
    let navigated = entries
        .iter()
        .position(|entry| matches!(&entry.kind, Kind::Navigated { url } if url.ends_with("/complains")));
    assert!(entries[navigated.unwrap()..].iter().all(|entry| entry.url == session.url_of("/complains")));
    slot.end().await;
}

#[tokio::test]
async fn a_page_that_it_opened_from_the_first_moment_on() {
    let slot = Slot::start().await;
    let session = slot.open(Start::Fresh).await;
    session.goto("/echo").await.unwrap();
    session.execute("open('/complains', '_blank', 'noopener')", Vec::new()).await.unwrap();
    let entries = all_complaints(&session).await;
    assert_eq!(complaints(&entries, "/complains"), expected(2));
    assert!(entries.iter().any(|entry| entry.url == session.url_of("/complains")));
    slot.end().await;
}

#[tokio::test]
async fn a_frame_of_another_process_from_the_first_moment_on() {
    let slot = Slot::start().await;
    let session = slot.open(Start::Fresh).await;
    session.goto("/echo").await.unwrap();
    let other = session.url_of("/complains").replace("127.0.0.1", "localhost");
    let script =
        "document.body.append(Object.assign(document.createElement('iframe'), { src: arguments[0] }))";
    session.execute(script, vec![other.into()]).await.unwrap();
    let entries = all_complaints(&session).await;
    assert_eq!(complaints(&entries, "/complains"), expected(2));
    // It is a part of the page, and its document is told of once.
    let console = entries.iter().find(|entry| matches!(entry.kind, Kind::Console { .. })).unwrap();
    assert_eq!(console.url, session.url_of("/echo"));
    let documents = entries.iter().filter_map(|entry| exchange_to("/complains")(&entry.kind));
    assert_eq!(documents.map(|exchange| exchange.ended.is_some()).collect::<Vec<_>>(), [true]);
    slot.end().await;
}

#[tokio::test]
async fn a_worker_from_the_first_moment_on() {
    let slot = Slot::start().await;
    let session = slot.open(Start::Fresh).await;
    session.goto("/echo").await.unwrap();
    session.execute("new Worker('/complains.js')", Vec::new()).await.unwrap();
    let entries = all_complaints(&session).await;
    assert_eq!(complaints(&entries, "/complains.js"), expected(2));
    assert!(entries.iter().skip(1).all(|entry| entry.url == session.url_of("/echo")));
    slot.end().await;
}

#[tokio::test]
async fn exchanges_are_told_as_they_go_on() {
    let slot = Slot::start().await;
    let session = slot.open(Start::Fresh).await;
    session.goto("/echo").await.unwrap();
    let told = Arc::new(Mutex::new(Vec::new()));
    let listening = session.witness().on_exchange({
        let told = told.clone();
        move |exchange, stage| told.lock().unwrap().push((exchange.url.clone(), exchange.status, stage))
    });
    let script = "const done = arguments[0]; \
                  fetch('/elsewhere', { method: 'POST', body: 'a=b', headers: { 'X-Why': 'because' } }).then(() => done())";
    session.execute_async(script, Vec::new()).await.unwrap();
    until(&session, |kind| exchange_to("/api")(kind).is_some_and(|exchange| exchange.ended.is_some())).await;
    let (first, second) = (session.url_of("/elsewhere"), session.url_of("/api"));
    assert_eq!(
        *told.lock().unwrap(),
        [
            (first.clone(), None, Stage::Requested),
            (first.clone(), Some(302), Stage::Responded),
            (first, Some(302), Stage::Finished),
            (second.clone(), None, Stage::Requested),
            (second.clone(), Some(401), Stage::Responded),
            (second.clone(), Some(401), Stage::Finished),
        ]
    );
    let entries = session.witness().entries();
    let posted = entries.iter().find_map(|entry| exchange_to("/elsewhere")(&entry.kind)).unwrap();
    assert_eq!((posted.method.as_str(), posted.resource.as_str()), ("POST", "Fetch"));
    assert_eq!(posted.request_body.as_deref(), Some("a=b"));
    assert_eq!(posted.redirected_to, Some(second));
    assert!(posted.request_headers.contains(&("X-Why".to_owned(), "because".to_owned())));
    assert!(posted.began <= posted.ended.unwrap());
    let answered = entries.iter().find_map(|entry| exchange_to("/api")(&entry.kind)).unwrap();
    assert_eq!((answered.mime.as_str(), answered.frame.is_empty()), ("text/html", false));
    assert!(answered.bytes > 0);

    drop(listening);
    session.goto("/echo").await.unwrap();
    assert_eq!(told.lock().unwrap().len(), 6);
    slot.end().await;
}

#[tokio::test]
async fn a_request_that_fails_says_why() {
    let slot = Slot::start().await;
    let session = slot.open(Start::Fresh).await;
    session.goto("/echo").await.unwrap();
    let script = "const abort = new AbortController(); \
                  fetch('/never', { signal: abort.signal }).catch(() => {}); abort.abort(); \
                  const other = `http://localhost:${location.port}`; fetch(`${other}/api`).catch(() => {})";
    session.execute(script, Vec::new()).await.unwrap();
    let entries =
        until(&session, |kind| exchange_to("/api")(kind).is_some_and(|exchange| exchange.ended.is_some()))
            .await;
    let failure = |path| {
        entries.iter().find_map(|entry| exchange_to(path)(&entry.kind)).unwrap().failure.clone().unwrap()
    };
    let aborted = FailureText { text: "net::ERR_ABORTED".to_owned(), cancelled: true, blocked: None };
    assert_eq!(failure("/never"), aborted);
    let forbidden = FailureText {
        text: "net::ERR_FAILED".to_owned(),
        cancelled: false,
        blocked: Some("MissingAllowOriginHeader".to_owned()),
    };
    assert_eq!(failure("/api"), forbidden);
    // What the browser says itself is told once, and of a request that failed not at all.
    let lines =
        entries.iter().filter(|entry| matches!(&entry.kind, Kind::Console { level: Level::Error, .. }));
    assert_eq!(lines.count(), 1);
    slot.end().await;
}

#[tokio::test]
async fn a_rejection_that_is_handled_after_all_is_none() {
    let slot = Slot::start().await;
    let session = slot.open(Start::Fresh).await;
    session.goto("/echo").await.unwrap();
    session.execute("window.late = Promise.reject(new Error('late'))", Vec::new()).await.unwrap();
    let is_rejection = |kind: &Kind| matches!(kind, Kind::Exception { of_promise: true, .. });
    until(&session, is_rejection).await;
    session.execute("window.late.catch(() => {}); console.log('handled')", Vec::new()).await.unwrap();
    while session.witness().entries().iter().any(|entry| is_rejection(&entry.kind)) {
        tokio::task::yield_now().await;
    }
    slot.end().await;
}

#[tokio::test]
async fn too_much_of_it_costs_what_is_no_trouble_first() {
    let slot = Slot::start().await;
    let session = slot.open(Start::Fresh).await;
    session.goto("/echo").await.unwrap();
    let script = "console.error('kept'); for (let i = 0; i < 6000; i++) console.log(i); console.log('last')";
    session.execute(script, Vec::new()).await.unwrap();
    let entries = until(&session, |kind| matches!(kind, Kind::Console { text, .. } if text == "last")).await;
    assert!(entries.len() <= 5001);
    assert!(entries.iter().any(|entry| matches!(&entry.kind, Kind::Console { text, .. } if text == "kept")));
    let Kind::Dropped { entries: dropped } = entries.last().unwrap().kind else { panic!("nothing is said") };
    let numbers =
        entries.iter().filter(|entry| matches!(entry.kind, Kind::Console { level: Level::Log, .. }));
    assert!(numbers.count() as u64 + dropped >= 6001);
    slot.end().await;
}

#[tokio::test]
async fn a_dialog_and_a_crash_are_taken_note_of() {
    let slot = Slot::start().await;
    let session = slot.open(Start::Fresh).await;
    session.goto("/echo").await.unwrap();
    session.execute("setTimeout(() => alert('stop'))", Vec::new()).await.unwrap();
    until(
        &session,
        |kind| matches!(kind, Kind::Dialog { kind, message } if kind == "alert" && message == "stop"),
    )
    .await;
    session.close().await.unwrap();

    let session = slot.open(Start::Fresh).await;
    let crashing = session.clone();
    tokio::spawn(async move { crashing.goto("chrome://crash").await });
    until(&session, |kind| matches!(kind, Kind::Crashed)).await;
    slot.end().await;
}
