//! What goes wrong on pages: each kind counts, and each can be allowed.

use super::in_its_words;
use callboard::{Session, TestResult, e2e, expect};
use conformance::{Answer, SHORT, Site, message};

const ANSWERS: &[Answer] = &[
    Answer::page("/plain", "<title>Plain</title><p>nothing wrong</p>"),
    Answer::page(
        "/throws",
        "<script>function save() { throw new TypeError('course is undefined') }\nsave()</script>",
    ),
    Answer::page("/rejects", "<script>Promise.reject({ code: 7, why: 'no seat' })</script>"),
    Answer::page(
        "/logs",
        "<script>console.error('%s failed:', 'saving', { id: 7, tags: ['a', 'b'], at: null }, [1, 2], new Map([[1, 2]]))</script>",
    ),
    Answer::page("/parses", "<script>let let = 1</script>"),
    Answer::page("/refused", "<script>fetch('http://127.0.0.1:2/api?token=abc').catch(() => {})</script>"),
    Answer {
        path: "/policy",
        status: "200 OK",
        headers: "Content-Type: text/html\r\nContent-Security-Policy: default-src 'self'\r\n",
        body: "<img src='http://elsewhere.example/cat.png'>",
    },
    Answer::page(
        "/missing",
        "<img src=/no.png><script src=/no.js></script><script>fetch('/no.json')</script>",
    ),
    Answer::page("/icon", "<link rel=icon href=/favicon.svg><p>here</p>"),
    Answer::page("/leaves", "<script>fetch('/never'); location.href = '/plain'</script>"),
    Answer::script("/throws.js", "function count() { throw new Error('in a worker') }\ncount()"),
    Answer::page("/works", "<script>new Worker('/throws.js')</script>"),
];

fn site() -> Site {
    Site::start(ANSWERS)
}

/// Goes there, waits for the error, and returns its message. Then it is allowed, and all is well: also for the test.
async fn complaint(session: &Session, site: &Site, path: &str, allow: &str) -> TestResult<String> {
    session.goto(site.url(path)).await?;
    allowed(session, site, allow).await
}

async fn allowed(session: &Session, site: &Site, allow: &str) -> TestResult<String> {
    expect(session).not().to_have_no_console_errors().await?;
    let message = message(expect(session).to_have_no_console_errors().await);
    session.allow_console(allow);
    expect(session).to_have_no_console_errors().await?;
    Ok(settled(site, &message))
}

/// Without what differs from run to run.
fn settled(site: &Site, message: &str) -> String {
    let after = |line: &str| match line.split_once(" after ") {
        Some((before, rest)) => {
            let rest = rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
            let rest = rest.trim_start().trim_start_matches(|c: char| c.is_ascii_alphabetic());
            format!("{before} after N s{rest}")
        }
        None => line.to_owned(),
    };
    let lines: Vec<_> = site.settled(message).lines().map(after).collect();
    lines.join("\n")
}

#[e2e]
async fn an_exception(session: &Session) -> TestResult {
    insta::assert_snapshot!(
        "exception",
        complaint(session, &site(), "/throws", "course is undefined").await?
    );
    Ok(())
}

#[e2e]
async fn a_rejection(session: &Session) -> TestResult {
    let said = complaint(session, &site(), "/rejects", "no seat|^Object$").await?;
    in_its_words(|| insta::assert_snapshot!("rejection", said));
    Ok(())
}

#[e2e]
async fn an_error_on_the_console(session: &Session) -> TestResult {
    insta::assert_snapshot!("console", complaint(session, &site(), "/logs", "^saving failed").await?);
    Ok(())
}

#[e2e]
async fn a_script_that_is_none(session: &Session) -> TestResult {
    let said = complaint(session, &site(), "/parses", "^SyntaxError").await?;
    in_its_words(|| insta::assert_snapshot!("syntax", said));
    Ok(())
}

#[e2e]
async fn a_request_that_fails(session: &Session) -> TestResult {
    insta::assert_snapshot!("refused", complaint(session, &site(), "/refused", "^GET .*:2/api").await?);
    Ok(())
}

#[e2e]
async fn what_a_policy_forbids(session: &Session) -> TestResult {
    let said = complaint(session, &site(), "/policy", "Content.Security.Policy").await?;
    in_its_words(|| insta::assert_snapshot!("policy", said));
    Ok(())
}

#[e2e]
async fn what_another_origin_may_not_read(session: &Session) -> TestResult {
    let site = site();
    session.goto(site.url("/plain")).await?;
    let script = format!("fetch('{}').catch(() => {{}})", site.elsewhere("/plain"));
    session.execute(script, Vec::new()).await?;
    let said = allowed(session, &site, "CORS policy|Same Origin Policy").await?;
    in_its_words(|| insta::assert_snapshot!("cors", said));
    Ok(())
}

#[e2e]
async fn in_a_worker(session: &Session) -> TestResult {
    insta::assert_snapshot!("worker", complaint(session, &site(), "/works", "/throws.js$").await?);
    Ok(())
}

#[e2e]
async fn in_a_frame_of_another_origin(session: &Session) -> TestResult {
    let site = site();
    session.goto(site.url("/plain")).await?;
    let frame = format!(
        "document.body.insertAdjacentHTML('beforeend', '<iframe src={}>')",
        site.elsewhere("/throws")
    );
    session.execute(frame, Vec::new()).await?;
    insta::assert_snapshot!("frame", allowed(session, &site, "course is undefined").await?);
    Ok(())
}

#[e2e]
async fn on_a_page_that_was_opened(session: &Session) -> TestResult {
    let site = site();
    session.goto(site.url("/plain")).await?;
    session.execute("open('/throws', '_blank', 'noopener')", Vec::new()).await?;
    insta::assert_snapshot!("opened", allowed(session, &site, "course is undefined").await?);
    Ok(())
}

#[e2e]
async fn what_is_not_there_counts_only_where_that_is_asked_for(session: &Session) -> TestResult {
    let site = site();
    for path in ["/missing", "/icon", "/leaves"] {
        session.goto(site.url(path)).await?;
        session.goto(site.url("/plain")).await?;
    }
    expect(session).to_have_no_console_errors().await?;
    let waiting = expect(session).not().within(SHORT).to_have_no_console_errors();
    insta::assert_snapshot!("no_error_came", message(waiting.await));
    Ok(())
}

#[e2e(allow_console = ["course is undefined$"])]
async fn what_the_test_allows_is_none(session: &Session) -> TestResult {
    session.goto(site().url("/throws")).await?;
    expect(session).to_have_no_console_errors().await?;
    Ok(())
}
