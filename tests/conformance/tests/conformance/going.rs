//! Going to pages and waiting for them.

use std::net::TcpListener;
use std::time::Duration;

use super::in_its_words;
use callboard::page::Load;
use callboard::{Session, TestResult, e2e, expect};
use conformance::{SHORT, message};

#[e2e]
async fn arrives_with_what_it_was_answered(session: &Session) -> TestResult {
    let arrival = session.goto("/").await?;
    assert_eq!((arrival.status(), arrival.url()), (Some(200), &*session.url_of("/")));
    assert_eq!(arrival.response().unwrap().header("content-type"), Some("text/html"));
    assert!(arrival.response().unwrap().text().await?.contains("<h1>Home</h1>"));

    assert_eq!(session.goto("/missing").await?.status(), Some(404));
    let moved = session.goto("/moved").await?;
    assert_eq!((moved.status(), moved.url()), (Some(200), &*session.url_of("/other")));
    assert_eq!(session.url(), session.url_of("/other"));
    assert!(session.content().await?.contains("<h1>Other</h1>"));
    Ok(())
}

#[e2e]
async fn follows_where_scripts_send_it(session: &Session) -> TestResult {
    let arrival = session.goto("/by-script").await?;
    assert_eq!((arrival.status(), arrival.url()), (Some(200), &*session.url_of("/other")));
    assert_eq!(session.locator("h1").all_texts().await?, ["Other"]);
    Ok(())
}

#[e2e]
async fn goes_to_what_no_server_is_asked_for(session: &Session) -> TestResult {
    assert_eq!(session.goto("data:text/html,<h1>Data</h1>").await?.status(), None);
    expect(session.locator("h1")).to_have_text("Data").await?;
    assert_eq!(session.goto("about:blank").await?.url(), "about:blank");
    session.goto("/").await?;
    let within = session.goto("/#there").await?;
    assert_eq!(within.url(), session.url_of("/#there"));
    Ok(())
}

#[e2e]
async fn goes_back_and_forward_and_again(session: &Session) -> TestResult {
    session.goto("/").await?;
    session.goto("/other").await?;
    session.go_back().await?;
    expect(session.locator("h1")).to_have_text("Home").await?;
    session.go_forward().await?;
    expect(session.locator("h1")).to_have_text("Other").await?;
    session.goto("/other#a").await?;
    session.go_back().await?;
    assert_eq!(session.url(), session.url_of("/other"));
    assert_eq!(session.reload().await?.status(), Some(200));
    session.goto("/").await?;
    insta::assert_snapshot!("no_page_behind", message(session.go_forward().await));
    Ok(())
}

#[e2e]
async fn waits_as_far_as_asked(session: &Session) -> TestResult {
    session.goto("/slow-part").until(Load::DomContentLoaded).await?;
    expect(session.locator("h1")).to_have_text("Slow").await?;
    session.goto("/").until(Load::NetworkIdle).await?;
    session.wait_for_load(Load::NetworkIdle).await?;
    assert_eq!(session.goto("/other").until(Load::Commit).await?.url(), session.url_of("/other"));
    session.wait_for_load(Load::Load).await?;
    assert_eq!(session.locator("h1").text().await?, "Other");
    Ok(())
}

#[e2e]
async fn waits_for_an_address(session: &Session) -> TestResult {
    session.goto("/").await?;
    session.locator("a").click().await?;
    assert_eq!(session.wait_for_url("/other").await?.status(), Some(200));
    assert_eq!(session.locator("h1").text().await?, "Other");
    session.execute("setTimeout(() => history.pushState({}, '', '/courses/1?a=b'), 50)", Vec::new()).await?;
    session.wait_for_url("**/courses/*").await?;
    session.wait_for_url(|url: &str| url.ends_with("?a=b")).await?;
    let never = session.wait_for_url("/elsewhere").within(SHORT);
    insta::assert_snapshot!("not_the_address", message(never.await));
    insta::assert_snapshot!("no_pattern", message(session.wait_for_url("**/{a").await));
    Ok(())
}

#[e2e(allow_console = ["."])]
async fn says_why_there_is_no_page(session: &Session) -> TestResult {
    // Nobody listens where somebody has just stopped.
    let free = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let tls = session.base_url().replace("http://", "https://");
    for (name, address) in [
        ("refused", format!("http://{free}/")),
        ("no_host", "http://nowhere.invalid/".to_owned()),
        ("no_tls", tls),
        ("redirects", "/loop".to_owned()),
        ("no_content", "/nothing".to_owned()),
        ("download", "/file".to_owned()),
        ("closed", "/closed".to_owned()),
        ("script", "javascript:alert(1)".to_owned()),
        ("no_address", "http://".to_owned()),
        ("no_file", "file:///nowhere".to_owned()),
    ] {
        // Not all are resolved as paths.
        let gone = session.goto(&address).await;
        let told = message(gone);
        if name == "no_tls" || name == "closed" {
            in_its_words(|| insta::assert_snapshot!(format!("goto_{name}"), told));
        } else {
            insta::assert_snapshot!(format!("goto_{name}"), told);
        }
        // And nothing is the worse for it.
        session.goto("/").await?;
        assert_eq!(session.locator("h1").text().await?, "Home", "{name}");
    }
    Ok(())
}

#[e2e(allow_console = ["."])]
async fn says_what_it_waited_for(session: &Session) -> TestResult {
    let late = Duration::from_secs(2);
    insta::assert_snapshot!("never", message(session.goto("/never?secret=1").within(late).await));
    insta::assert_snapshot!("never_loads", message(session.goto("/slow-part").within(late).await));
    let polls = session.goto("/polls").until(Load::NetworkIdle).within(Duration::from_secs(3));
    insta::assert_snapshot!("never_idle", message(polls.await));
    session.goto("/").await?;
    assert_eq!(session.locator("h1").text().await?, "Home");
    Ok(())
}

#[e2e(timeout = "60s")]
async fn bears_a_page_that_is_large(session: &Session) -> TestResult {
    // It has not come to its end, or it has: nothing is the worse for it.
    let _ = session.goto("/large").within(Duration::from_secs(2)).await;
    session.goto("/").await?;
    assert_eq!(session.locator("h1").text().await?, "Home");
    Ok(())
}
