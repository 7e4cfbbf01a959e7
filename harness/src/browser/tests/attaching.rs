//! When the driver is needed, and what it is asked.

use rustix::process::{Signal, kill_process_group};
use serde_json::Value;
use thirtyfour::By;

use super::*;
use crate::browser::trace::Recording;
use crate::model::Outcome;

impl Slot {
    /// The sessions that the driver holds.
    async fn driver_sessions(&self) -> usize {
        let driver = self.driver.lock().await;
        let url = format!("{}/sessions", driver.as_ref().unwrap().endpoint().url);
        let answer: Value = self.connection.http.get(url).send().await.unwrap().json().await.unwrap();
        answer["value"].as_array().unwrap().len()
    }

    async fn kill_driver(&self) {
        let driver = self.driver.lock().await;
        kill_process_group(driver.as_ref().unwrap().group(), Signal::KILL).unwrap();
    }
}

#[tokio::test]
async fn a_session_that_sends_it_nothing_starts_no_driver() {
    let slot = Slot::start().await;
    let session = slot.open(Start::Fresh).await;
    session.set_content("<script>document.write('<b>set</b>')</script>").await.unwrap();
    assert_eq!(session.locator("b").text().await.unwrap(), "set");
    session.screenshot_png().await.unwrap();
    session.page_source().await.unwrap();
    session.state().await.unwrap();
    assert_eq!(session.problem().await, None);
    // Nor is one needed to end a session that it does not know.
    let web_driver: thirtyfour::WebDriver = (*session).clone();
    web_driver.quit().await.unwrap();
    session.close().await.unwrap();
    drop(session);
    assert!(slot.driver.lock().await.is_none());
    slot.end().await;
}

#[tokio::test]
async fn a_set_page_has_loaded_and_a_dialog_in_it_is_told_with_the_line() {
    let slot = Slot::start().await;
    let session = slot.open(Start::Fresh).await;
    let image = "<img src='data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=='>";
    session.set_content(image).await.unwrap();
    let complete = session.tab().page().evaluate("document.images[0].complete").await.unwrap();
    assert_eq!(complete, true);

    let line = line!() + 1;
    let error = session.set_content("<script>alert('stop')</script>").await.unwrap_err();
    assert_eq!(error.location().line(), line);
    let error = error.to_string();
    assert!(error.starts_with("set the page's content: a dialog is open"), "{error}");
    slot.end().await;
}

#[tokio::test]
async fn commands_at_once_attach_once_and_closing_ends_the_drivers_session() {
    let slot = Slot::start().await;
    let session = slot.open(Start::Fresh).await;
    session.set_content("<title>one</title><b>word</b>").await.unwrap();
    let (title, word, windows) = tokio::join!(
        session.title(),
        async { session.find(By::Tag("b")).await?.text().await },
        session.windows()
    );
    assert_eq!((title.unwrap().as_str(), word.unwrap().as_str()), ("one", "word"));
    assert_eq!(windows.unwrap().len(), 1);
    assert_eq!(slot.driver_sessions().await, 1);
    // What somebody sets is set.
    let timeouts = session.get_timeouts().await.unwrap();
    assert_eq!(timeouts.script(), Some(std::time::Duration::from_secs(30)));
    session.close().await.unwrap();
    assert_eq!(slot.driver_sessions().await, 0);
    let error = session.title().await.unwrap_err().to_string();
    assert!(error.to_lowercase().contains("session id"), "{error}");
    slot.end().await;
}

#[tokio::test]
async fn a_session_that_is_closed_while_it_attaches_leaves_none_with_the_driver() {
    let slot = Slot::start().await;
    // There is one already, so that it can be asked.
    slot.open(Start::Fresh).await.title().await.unwrap();
    let session = slot.open(Start::Fresh).await;
    let asking = tokio::spawn({
        let session = session.clone();
        async move { session.title().await }
    });
    tokio::task::yield_now().await;
    session.close().await.unwrap();
    let _ = asking.await.unwrap();
    drop(session);
    while slot.driver_sessions().await > 0 {}
    slot.end().await;
}

#[tokio::test]
async fn a_session_sees_its_own_pages_and_no_others() {
    let slot = Slot::start().await;
    let (one, other) = (slot.open(Start::Fresh).await, slot.open(Start::Fresh).await);
    one.set_content("<b>one</b>").await.unwrap();
    assert_eq!(one.windows().await.unwrap().len(), 1);
    one.execute("window.open('about:blank')", Vec::new()).await.unwrap();
    let windows = one.windows().await.unwrap();
    assert_eq!(windows.len(), 2);
    assert_eq!(other.windows().await.unwrap().len(), 1);
    // A page that the driver is asked for is one of the same user.
    let tab = one.new_tab().await.unwrap();
    assert_eq!(one.windows().await.unwrap().len(), 3);
    assert_eq!(other.windows().await.unwrap().len(), 1);
    one.switch_to_window(tab).await.unwrap();
    one.close_window().await.unwrap();
    assert_eq!(one.windows().await.unwrap(), windows);
    slot.end().await;
}

#[tokio::test]
async fn a_driver_that_died_is_told_and_closing_is_no_error() {
    let slot = Slot::start().await;
    let session = slot.open(Start::Fresh).await;
    session.title().await.unwrap();
    slot.kill_driver().await;
    let error = session.title().await.unwrap_err().to_string();
    assert!(error.contains("the driver is gone"), "{error}");
    assert!(session.problem().await.unwrap().message.starts_with("the driver is gone"));
    session.close().await.unwrap();
    assert_eq!(slot.contexts().await, 0);
    slot.end().await;
}

#[tokio::test]
async fn a_driver_that_died_before_it_was_needed_costs_nothing() {
    let slot = Slot::start().await;
    let session = slot.open(Start::Fresh).await;
    session.title().await.unwrap();
    let next = slot.open(Start::Fresh).await;
    slot.kill_driver().await;
    next.title().await.unwrap();
    assert_eq!(next.problem().await, None);
    slot.end().await;
}

#[tokio::test]
async fn a_driver_that_cannot_attach_is_the_surroundings_fault() {
    let slot = Slot::start().await;
    let session = slot.open(Start::Fresh).await;
    let driver = script(slot.dir.path(), "driver", "echo no driver today; exit 5");
    let programs = Browsers { driver, ..found() };
    let source = driver_source(&SharedDriver::default(), programs, options(&slot.dir));
    let connection = Connection { driver: source, ..slot.connection.clone() };
    let base_url = slot.app.base_url.clone();
    let open = OpenSession {
        base_url,
        account: None,
        start: Start::Fresh,
        waits: Waits::default(),
        console: Arc::default(),
        test_id: String::new(),
        recording: Recording::default(),
    };
    let refused = connection.open_session(open).await.unwrap();
    let error = refused.title().await.unwrap_err().to_string();
    assert!(error.contains("the driver exited with status 5; its log is "), "{error}");
    let problem = refused.problem().await.unwrap();
    assert_eq!(problem.outcome, Outcome::Errored);
    // Nobody else is the worse for it.
    session.title().await.unwrap();
    slot.end().await;
}
