//! Requests that the test answers, changes, holds or aborts.

use std::future::IntoFuture;
use std::sync::{Arc, Mutex};

use callboard::page::{Failure, Request, Route};
use callboard::{PageError, Session, Slot, TestResult, e2e, expect};
use conformance::{Answer, SHORT, Site, in_firefox, message};
use serde_json::{Value, json};
use tokio::sync::Notify;

/// What a page is answered: status and body, or the failure.
async fn asks(session: &Session, url: &str) -> TestResult<String> {
    let script = "url => fetch(url).then(async it => it.status + ' ' + await it.text(), it => it.message)";
    Ok(session.evaluate(script).with(url).await?)
}

/// What a script is told of a request that failed.
fn failed() -> &'static str {
    if in_firefox() { "NetworkError when attempting to fetch resource." } else { "Failed to fetch" }
}

async fn says(route: Route, text: &'static str) -> Result<(), PageError> {
    route.fulfill().body(text).await
}

#[e2e]
async fn answer_in_the_place_of_the_server(session: &Session, slot: &Slot) -> TestResult {
    session.goto("/").await?;
    let file = slot.dir().join("courses.JSON");
    std::fs::write(&file, "[7]")?;
    session
        .route("/api/*", move |route| {
            let file = file.clone();
            async move {
                match route.request().url().rsplit('/').next() {
                    Some("nothing") => route.fulfill().await,
                    Some("text") => route.fulfill().status(418).header("X-Kind", "teapot").body("hä").await,
                    Some("bytes") => route.fulfill().body(vec![0, 159, 255]).await,
                    Some("json") => route.fulfill().json(&json!({ "id": 7 })).await,
                    _ => route.fulfill().file(file).await,
                }
            }
        })
        .await?;
    let asked = "async () => { const all = []; \
        for (const it of ['nothing', 'text', 'bytes', 'json', 'file']) { \
            const answer = await fetch('/api/' + it); const body = new Uint8Array(await answer.arrayBuffer()); \
            all.push([answer.status, answer.headers.get('content-type'), answer.headers.get('x-kind'), [...body].slice(0, 3)]) } \
        return all }";
    assert_eq!(
        session.evaluate::<Value>(asked).await?,
        json!([
            [200, null, null, []],
            [418, null, "teapot", [104, 195, 164]],
            [200, null, null, [0, 159, 255]],
            [200, "application/json", null, [123, 34, 105]],
            [200, "application/json", null, [91, 55, 93]],
        ])
    );
    Ok(())
}

#[e2e]
async fn answer_documents_and_all_they_are_made_of(session: &Session) -> TestResult {
    session
        .route("/made/up", |route| async {
            route.fulfill().body("<h1>Made up</h1><script src=/script.js></script><img src=/no.png>").await
        })
        .await?;
    session
        .route("/script.js", |route| async {
            route.fulfill().content_type("text/javascript").body("document.title = 'By script'").await
        })
        .await?;
    let resources = Arc::new(Mutex::new(Vec::new()));
    let seen = resources.clone();
    session
        .route(
            |_: &Request| true,
            move |route| {
                seen.lock().unwrap().push(route.request().resource_type().to_owned());
                route.fall_back()
            },
        )
        .await?;
    let arrival = session.goto("/made/up").await?;
    assert_eq!(arrival.status(), Some(200));
    expect(session.by_role("heading")).to_have_text("Made up").await?;
    expect(session).to_have_title("By script").await?;
    let mut resources = resources.lock().unwrap().clone();
    resources.sort();
    if in_firefox() {
        // Where it keeps nothing it may ask twice for a picture: when it sees it coming, and when it is there.
        resources.dedup();
    }
    assert_eq!(resources, ["Document", "Image", "Script"]);
    Ok(())
}

#[e2e]
async fn let_requests_go_on_changed(session: &Session) -> TestResult {
    session.goto("/").await?;
    session
        .route("/api/wrong", |route| async {
            let request = route.request();
            assert_eq!((request.method(), request.body()), ("PUT", Some("old")));
            assert_eq!((request.header("x-old"), request.resource_type()), (Some("1"), "Fetch"));
            let changed = route.go_on().url("/api/head?right").method("POST").body("new");
            changed.header("X-New", "2").without_header("x-old").await
        })
        .await?;
    let script = "fetch('/api/wrong', { method: 'PUT', body: 'old', headers: { 'X-Old': '1' } })\
        .then(async it => [it.url, await it.text()])";
    let (url, sent): (String, String) = session.evaluate(script).await?;
    assert_eq!(url, session.url_of("/api/wrong"));
    let lower = sent.to_lowercase();
    assert!(sent.starts_with("POST /api/head?right HTTP/1.1\r\n") && sent.ends_with("\r\n\r\nnew"), "{sent}");
    assert!(lower.contains("\r\nx-new: 2\r\n") && !lower.contains("x-old"), "{sent}");
    Ok(())
}

#[e2e]
async fn change_what_the_server_answers(session: &Session) -> TestResult {
    session.goto("/").await?;
    session
        .route("/api/echo", |route| async {
            let answer = route.fetch().await?;
            assert_eq!((answer.status(), answer.header("x-kind")), (200, Some("echo")));
            let mut echo: Value = answer.json()?;
            echo["sent"] = "changed".into();
            answer.fulfill().status(202).json(&echo).await?;
            TestResult::Ok(())
        })
        .await?;
    assert_eq!(asks(session, "/api/echo").await?, r#"202 {"path":"/api/echo","sent":"changed"}"#);
    // As it came, also where it was compressed on its way.
    session.route("/api/gzip", |route| async { route.fetch().await?.fulfill().await }).await?;
    assert_eq!(asks(session, "/api/gzip").await?, "200 compressed");
    // The page is sent on, and asks there.
    session.route("/moved", |route| async { route.fetch().await?.fulfill().await }).await?;
    assert_eq!(session.goto("/moved").await?.url(), session.url_of("/other"));
    Ok(())
}

#[e2e]
async fn abort_requests_and_no_page_is_to_blame(session: &Session) -> TestResult {
    session.goto("/").await?;
    session.route("**/*.png", |route| async { route.abort().await }).await?;
    session
        .route("/api/*", |route| async { route.abort().because(Failure::ConnectionRefused).await })
        .await?;
    session.locator("h1").evaluate::<()>("it => { it.innerHTML = '<img src=/a.png>' }").await?;
    assert_eq!(asks(session, "/api/courses").await?, failed());
    expect(session).to_have_no_console_errors().await?;
    session.route("/other", |route| async { route.abort().because(Failure::TimedOut).await }).await?;
    insta::assert_snapshot!("route_aborted", without_line(&message(session.goto("/other").await)));
    Ok(())
}

#[e2e]
async fn the_latest_is_asked_first(session: &Session) -> TestResult {
    session.goto("/").await?;
    session.route("/api/*", |route| says(route, "first")).await?;
    session.route("**/api/created", |route| says(route, "second")).await?;
    assert_eq!(asks(session, "/api/created").await?, "200 second");
    session.route("/api/created", |route| says(route, "twice")).times(2).await?;
    session.route("**", Route::fall_back).await?;
    for answer in ["200 twice", "200 twice", "200 second"] {
        assert_eq!(asks(session, "/api/created").await?, answer);
    }
    session.unroute("**/api/created")?;
    assert_eq!(asks(session, "/api/created").await?, "200 first");
    insta::assert_snapshot!("no_route_of_that", message(session.unroute("/api/courses")));
    // Also one that is used up.
    session.unroute("/api/created")?;
    session.unroute_all();
    assert_eq!(asks(session, "/api/created").await?, r#"201 {"id": 7}"#);
    insta::assert_snapshot!("no_route", message(session.unroute("/api/*")));
    session.route("/api/*", |route| says(route, "again")).await?;
    assert_eq!(asks(session, "/api/created").await?, "200 again");
    Ok(())
}

#[e2e]
async fn hold_a_request_while_others_go_on(session: &Session) -> TestResult {
    session.goto("/").await?;
    let (arrived, release) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (has_arrived, is_released) = (arrived.clone(), release.clone());
    session
        .route("/api/slow", move |route| {
            let (arrived, release) = (has_arrived.clone(), is_released.clone());
            async move {
                arrived.notify_one();
                release.notified().await;
                says(route, "at last").await
            }
        })
        .await?;
    session.route("/api/later", |route| async { route.fulfill().body("later").after(SHORT).await }).await?;
    let waiting = session.wait_for_response("/api/slow").within(SHORT);
    session.evaluate::<()>("() => { slow = fetch('/api/slow').then(it => it.text()) }").await?;
    arrived.notified().await;
    assert_eq!(asks(session, "/api/later").await?, "200 later");
    insta::assert_snapshot!("route_holds", without_line(&message(waiting.await)));
    release.notify_one();
    assert_eq!(session.evaluate::<String>("() => slow").await?, "at last");
    Ok(())
}

#[e2e]
async fn one_that_never_answers_is_not_waited_for_at_the_end(session: &Session) -> TestResult {
    session.goto("/").await?;
    let arrived = Arc::new(Notify::new());
    let (has_arrived, own) = (arrived.clone(), session.clone());
    session
        .route("/api/*", move |route| {
            // It holds its own session, too.
            let (arrived, _own) = (has_arrived.clone(), own.clone());
            async move {
                arrived.notify_one();
                let () = std::future::pending().await;
                says(route, "never").await
            }
        })
        .await?;
    session.evaluate::<()>("() => { fetch('/api/held') }").await?;
    arrived.notified().await;
    Ok(())
}

/// A page with a frame of another site and a worker, each of which asks for something.
const PARTS: &[Answer] = &[
    Answer::page(
        "/opens",
        "<script>open('/opened'); new Worker('/worker.js').onmessage = it => { worker = it.data }</script>",
    ),
    Answer::page("/opened", "<h1>Opened</h1><script src=/part.js></script>"),
    Answer::script(
        "/worker.js",
        "fetch('/api').then(it => it.text()).then(postMessage, () => postMessage('none'))",
    ),
    Answer::page("/serviced", "<h1>Serviced</h1>"),
    Answer::script(
        "/service.js",
        "onactivate = it => it.waitUntil(clients.claim()); \
        onfetch = it => { if (it.request.url.endsWith('/api')) it.respondWith(new Response('by the service worker')) }",
    ),
    Answer::page(
        "/framed",
        "<script>fetch('/api').then(it => it.text()).then(it => { document.write('<p>' + it) })</script>",
    ),
];

#[e2e]
async fn are_asked_about_pages_that_open_frames_and_workers(session: &Session) -> TestResult {
    let site = Site::start(PARTS);
    let asked = Arc::new(Mutex::new(Vec::new()));
    let seen = asked.clone();
    session
        .route("**", move |route| {
            let path = route.request().url().rsplit('/').next().unwrap_or_default().to_owned();
            seen.lock().unwrap().push(path.clone());
            async move {
                match &*path {
                    "part.js" => route.fulfill().body("document.title = 'routed'").await,
                    "api" => says(route, "routed").await,
                    _ => route.fall_back().await,
                }
            }
        })
        .await?;
    session.goto(site.url("/opens")).await?;
    let opened = session.wait_for_page().await?;
    expect(&opened).to_have_title("routed").await?;
    let worker = "async () => { while (!globalThis.worker) await new Promise(it => setTimeout(it, 5)); return worker }";
    assert_eq!(session.evaluate::<String>(worker).await?, "routed");
    let frame = format!("() => {{ document.body.innerHTML = '<iframe src={}>' }}", site.elsewhere("/framed"));
    session.evaluate::<()>(&frame).await?;
    expect(session.frame("iframe").locator("p")).to_have_text("routed").await?;
    // Each is asked about once, also what a page and its part tell of.
    let mut asked = asked.lock().unwrap().clone();
    asked.sort();
    assert_eq!(asked, ["api", "api", "framed", "opened", "opens", "part.js", "worker.js"]);
    // Of a page that is open already as well.
    session.unroute_all();
    opened.route("/api/*", |route| says(route, "by the other page")).await?;
    session.goto("/").await?;
    assert_eq!(asks(session, "/api/created").await?, "200 by the other page");
    Ok(())
}

#[e2e]
async fn are_not_asked_about_what_a_service_worker_takes(session: &Session) -> TestResult {
    let site = Site::start(PARTS);
    session.goto(site.url("/serviced")).await?;
    session.route("**/api", |route| says(route, "routed")).await?;
    assert_eq!(asks(session, "/api").await?, "200 routed");
    let register = "async () => { await navigator.serviceWorker.register('/service.js'); \
        if (!navigator.serviceWorker.controller) \
            await new Promise(it => { navigator.serviceWorker.oncontrollerchange = it }) }";
    session.evaluate::<()>(register).await?;
    assert_eq!(asks(session, "/api").await?, "200 by the service worker");
    Ok(())
}

#[e2e]
async fn are_asked_at_each_hop_of_a_redirect(session: &Session) -> TestResult {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let seen = asked.clone();
    session
        .route("**", move |route| {
            seen.lock().unwrap().push(route.request().url().to_owned());
            route.fall_back()
        })
        .await?;
    assert_eq!(session.goto("/moved").await?.url(), session.url_of("/other"));
    assert_eq!(*asked.lock().unwrap(), [session.url_of("/moved"), session.url_of("/other")]);
    session.unroute_all();
    session
        .route("/here", |route| async { route.fulfill().status(302).header("Location", "/there").await })
        .await?;
    session.route("/there", |route| says(route, "There")).await?;
    assert_eq!(session.goto("/here").await?.url(), session.url_of("/there"));
    Ok(())
}

#[e2e]
async fn answer_for_other_origins(session: &Session) -> TestResult {
    session.goto("/").await?;
    session.route("https://api.example/plain", |route| says(route, "from elsewhere")).await?;
    assert_eq!(asks(session, "https://api.example/plain").await?, "200 from elsewhere");
    // With a question first, which nobody is there to answer, and which is not the one that is meant.
    session.route(|it: &Request| it.method() == "PUT", |route| says(route, "from elsewhere")).await?;
    let script = "fetch('https://api.example/put', { method: 'PUT', credentials: 'include', headers: { 'X-A': 'b' } })\
        .then(it => it.text())";
    assert_eq!(session.evaluate::<String>(script).await?, "from elsewhere");
    expect(session).to_have_no_console_errors().await?;
    // One that forbids it is obeyed.
    session
        .route("https://api.example/own", |route| async {
            route.fulfill().header("Access-Control-Allow-Origin", "https://example").await
        })
        .await?;
    session.allow_console("CORS policy|Same Origin Policy");
    assert_eq!(asks(session, "https://api.example/own").await?, failed());
    Ok(())
}

#[e2e]
async fn answer_downloads(session: &Session) -> TestResult {
    session.goto("/files").await?;
    session
        .route("/file", |route| async {
            let kept = "attachment; filename=\"made-up.csv\"";
            route.fulfill().header("Content-Disposition", kept).body("a,b\n").await
        })
        .await?;
    let download = session.wait_for_download();
    session.locator("#file").click().await?;
    let download = download.await?;
    assert_eq!(download.suggested_name(), "made-up.csv");
    assert_eq!(std::fs::read_to_string(download.path().await?)?, "a,b\n");
    Ok(())
}

#[e2e]
async fn are_not_asked_about_what_is_no_request(session: &Session) -> TestResult {
    session.goto("/").await?;
    let asked = Arc::new(Mutex::new(Vec::new()));
    let seen = asked.clone();
    session
        .route("**", move |route| {
            seen.lock().unwrap().push(route.request().url().to_owned());
            route.abort().into_future()
        })
        .await?;
    assert_eq!(asks(session, "data:text/plain,here").await?, "200 here");
    let socket = "new Promise(it => { new WebSocket('ws://127.0.0.1:2/').onclose = () => it('closed') })";
    assert_eq!(session.evaluate::<String>(socket).await?, "closed");
    session.allow_console(
        "^WebSocket connection to 'ws://127.0.0.1:2/' failed|connection to the server at ws://127.0.0.1:2/",
    );
    let blob = "fetch(URL.createObjectURL(new Blob(['blob']))).then(it => it.text())";
    assert_eq!(session.evaluate::<String>(blob).await?, "blob");
    assert_eq!(*asked.lock().unwrap(), Vec::<String>::new());
    Ok(())
}

#[e2e]
async fn say_what_is_no_pattern(session: &Session) -> TestResult {
    insta::assert_snapshot!("route_no_pattern", message(session.route("/{a", Route::fall_back).await));
    Ok(())
}

/// A message without the line of the route.
fn without_line(message: &str) -> String {
    let Some((before, after)) = message.split_once(".rs:") else { return message.to_owned() };
    before.to_owned() + ".rs:LINE" + after.trim_start_matches(|it: char| it.is_ascii_digit() || it == ':')
}
