//! Tests that answer requests themselves, and do it wrong.

use callboard::page::Route;
use callboard::{PageError, Session, TestError, TestResult, e2e};

/// What a page is answered: the status, or the failure.
async fn asks(session: &Session) -> TestResult<String> {
    let script = "fetch('/api?token=abcdef').then(it => `${it.status}`, it => it.message)";
    Ok(session.evaluate(script).await?)
}

async fn fails(session: &Session) -> TestResult {
    assert_eq!(asks(session).await?, "Failed to fetch");
    Ok(())
}

#[e2e]
async fn panics(session: &Session) -> TestResult {
    session.goto("/").await?;
    session
        .route("/api", |route| async {
            assert_eq!(route.request().method(), "POST", "it saves");
            route.abort().await
        })
        .await?;
    fails(session).await?;
    fails(session).await
}

#[e2e]
async fn errs(session: &Session) -> TestResult {
    session.goto("/").await?;
    session
        .route("/api", |route| async {
            drop(route);
            Err::<(), _>(TestError::new("the handler's own words"))
        })
        .await?;
    fails(session).await
}

#[e2e]
async fn says_nothing(session: &Session) -> TestResult {
    session.goto("/").await?;
    session.route("/api", |_route| async { Ok::<(), PageError>(()) }).await?;
    fails(session).await
}

#[e2e]
async fn panics_in_the_pattern(session: &Session) -> TestResult {
    session.goto("/").await?;
    let pattern = |request: &callboard::page::Request| request.header("X-Kind").expect("a kind") == "a";
    session.route(pattern, Route::fall_back).await?;
    assert_eq!(asks(session).await?, "404");
    Ok(())
}

#[e2e]
async fn has_no_file(session: &Session) -> TestResult {
    session.goto("/").await?;
    session.route("/api", |route| async { route.fulfill().file("no/such.json").await }).await?;
    fails(session).await
}

#[e2e]
async fn has_no_header(session: &Session) -> TestResult {
    session.goto("/").await?;
    session.route("/api", |route| async { route.go_on().header("not a name", "a").await }).await?;
    fails(session).await
}

#[e2e]
async fn fetches_from_nobody(session: &Session) -> TestResult {
    session.goto("/").await?;
    session
        .route("/api", |route| async {
            let fetched = route.go_on().url("http://127.0.0.1:2/").fetch().await?;
            fetched.fulfill().await
        })
        .await?;
    fails(session).await
}

#[e2e]
async fn fails_beside_it(session: &Session) -> TestResult {
    session.goto("/").await?;
    session.route("/api", |_route| async { panic!("broken") as Result<(), PageError> }).await?;
    asks(session).await?;
    Err(TestError::new("the test's own words"))
}

/// None of this is an error of the page.
#[e2e]
async fn answers(session: &Session) -> TestResult {
    session.goto("/").await?;
    session.route("/api", |route| async { route.abort().await }).times(1).await?;
    fails(session).await?;
    session.route("/api", |route| async { route.fulfill().status(500).await }).await?;
    assert_eq!(asks(session).await?, "500");
    Ok(())
}

/// A page that goes elsewhere has not been failed by its routes.
#[e2e]
async fn is_left(session: &Session) -> TestResult {
    session.goto("/").await?;
    let (arrived, has_arrived) = tokio::sync::watch::channel(false);
    let (left, is_left) = tokio::sync::watch::channel(false);
    session
        .route("/api", move |route| {
            let (arrived, mut left) = (arrived.clone(), is_left.clone());
            async move {
                arrived.send_replace(true);
                let _ = left.wait_for(|left| *left).await;
                route.fetch().await?.fulfill().await
            }
        })
        .await?;
    session.evaluate::<()>("() => { fetch('/api') }").await?;
    has_arrived.clone().wait_for(|arrived| *arrived).await?;
    session.goto("/?elsewhere").await?;
    left.send_replace(true);
    session.unroute_all();
    asks(session).await?;
    Ok(())
}

callboard::main!();
