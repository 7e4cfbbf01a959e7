//! Waiting for what pages ask for and are answered.

use callboard::page::{Request, Response};
use callboard::{Session, TestResult, e2e};
use conformance::{SHORT, in_firefox, message};
use serde_json::{Value, json};

async fn fetches(session: &Session, script: &str) -> TestResult {
    session.goto("/").await?;
    session
        .execute(&format!("document.body.innerHTML = `<button onclick=\"{script}\">Go</button>`"), Vec::new())
        .await?;
    Ok(())
}

#[e2e]
async fn a_response_is_not_missed(session: &Session) -> TestResult {
    fetches(session, "fetch('/api/echo?a=b', { method: 'POST', body: 'hello' }).then((it) => it.text())")
        .await?;
    for pattern in ["/api/echo", "/api/echo?a=b", "**/api/*"] {
        let response = session.wait_for_response(pattern);
        session.locator("button").click().await?;
        // It has come and gone by now, as far as that is up to the page.
        let response = response.await?;
        assert_eq!((response.status(), response.ok()), (200, true));
        assert_eq!(response.url(), session.url_of("/api/echo?a=b"));
        assert_eq!((response.header("x-kind"), response.header("X-Nothing")), (Some("echo"), None));
        assert_eq!(response.request().method(), "POST");
        assert_eq!(response.json::<Value>().await?, json!({ "path": "/api/echo?a=b", "sent": "hello" }));
        assert_eq!(response.text().await?.as_bytes(), &response.bytes().await?[..]);
    }
    let wanted = session.wait_for_response(|it: &Response| it.status() == 201);
    session
        .execute("fetch('/api/words').then(() => fetch('/api/created')).then((it) => it.text())", Vec::new())
        .await?;
    assert_eq!(wanted.await?.json::<Value>().await?, json!({ "id": 7 }));
    Ok(())
}

#[e2e]
async fn a_body_outlives_its_page(session: &Session) -> TestResult {
    session.goto("/").await?;
    let response = session.wait_for_response("/other");
    session.locator("a").click().await?;
    let response = response.await?;
    session.wait_for_url("/other").await?;
    session.goto("/").await?;
    assert_eq!(response.text().await?, "<title>Other</title><h1>Other</h1>");
    Ok(())
}

#[e2e]
async fn a_request_is_not_missed(session: &Session) -> TestResult {
    fetches(session, "fetch('/api/created', { method: 'PUT', body: '{}' }); fetch('/never')").await?;
    let request = session.wait_for_request("/api/created");
    let unanswered = session.wait_for_request(|it: &Request| it.url().ends_with("/never"));
    session.locator("button").click().await?;
    let request = request.await?;
    assert_eq!((request.method(), request.resource_type()), ("PUT", "Fetch"));
    if in_firefox() {
        assert_eq!(request.body(), None, "the guide says so");
    } else {
        assert_eq!(request.body(), Some("{}"));
        assert_eq!(request.json::<Value>()?, json!({}));
    }
    assert_eq!(unanswered.await?.method(), "GET");
    Ok(())
}

#[e2e]
async fn says_what_came_instead(session: &Session) -> TestResult {
    fetches(session, "fetch('/api/echo?token=secret')").await?;
    let response = session.wait_for_response("/api/courses").within(SHORT);
    let request = session.wait_for_request("/api/courses").within(SHORT);
    let seen = session.wait_for_response("/api/echo");
    session.locator("button").click().await?;
    seen.await?;
    insta::assert_snapshot!("no_response", message(response.await));
    insta::assert_snapshot!("no_request", message(request.await));
    Ok(())
}

#[e2e(allow_console = ["."])]
async fn says_what_is_wrong_with_a_body(session: &Session) -> TestResult {
    fetches(session, "for (const it of ['/api/words', '/api/broken']) fetch(it).then((it) => it.text())")
        .await?;
    let (words, broken) = (session.wait_for_response("/api/words"), session.wait_for_response("/api/broken"));
    let moved = session.wait_for_response("/moved");
    session.locator("button").click().await?;
    insta::assert_snapshot!("no_json", message(words.await?.json::<Value>().await));
    insta::assert_snapshot!("broken_body", message(broken.await?.bytes().await));
    session.goto("/moved").await?;
    insta::assert_snapshot!("no_body", message(moved.await?.text().await));
    Ok(())
}
