//! Starting, watching and ending.

use rustix::process::{Pid, Signal, kill_process_group};

use super::*;
use crate::browser::BrowserError;

/// Waits until no process of a group is left; one that was killed needs a moment for it.
async fn until_gone(group: Pid) {
    while alive(group) {
        tokio::task::yield_now().await;
    }
}

/// Whether a group has a process that still runs. Ended ones that nobody waited for do not count.
fn alive(group: Pid) -> bool {
    let group = group.as_raw_nonzero().to_string();
    std::fs::read_dir("/proc").unwrap().flatten().any(|entry| {
        let stat = std::fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        let Some((_, fields)) = stat.rsplit_once(") ") else { return false };
        let fields: Vec<_> = fields.split(' ').collect();
        fields[2] == group && !"ZX".contains(fields[0])
    })
}

#[tokio::test]
async fn closing_leaves_no_process_and_no_profile() {
    let dir = tempfile::tempdir().unwrap();
    let browser = launch(&dir).await;
    browser.check().unwrap();
    let driver = DriverProgram::launch(&found(), &options(&dir)).await.unwrap();
    driver.check().unwrap();
    let (group, profile) = browser.traces();
    let groups = [group, driver.group()];
    assert!(groups.iter().all(|group| alive(*group)) && profile.is_dir());

    browser.close().await;
    driver.close().await;
    for group in groups {
        until_gone(group).await;
    }
    assert!(!profile.exists());
    let logs = ["browser.log", "driver.log"].map(|log| options(&dir).dir.join(log));
    assert!(logs.iter().all(|log| log.is_file()), "the logs stay");
}

#[tokio::test]
async fn dropping_leaves_no_process_and_no_profile() {
    let dir = tempfile::tempdir().unwrap();
    let browser = launch(&dir).await;
    let driver = DriverProgram::launch(&found(), &options(&dir)).await.unwrap();
    let (group, profile) = browser.traces();
    let groups = [group, driver.group()];
    drop((browser, driver));
    for group in groups {
        until_gone(group).await;
    }
    assert!(!profile.exists());
}

#[tokio::test]
async fn what_an_earlier_browser_left_is_not_looked_at() {
    let dir = tempfile::tempdir().unwrap();
    let old = options(&dir).dir.join("profile-0");
    std::fs::create_dir_all(&old).unwrap();
    std::fs::write(
        old.join("DevToolsActivePort"),
        "1\n/devtools/browser/00000000-0000-0000-0000-000000000000",
    )
    .unwrap();
    let browser = launch(&dir).await;
    let driver = driver_source(&SharedDriver::default(), found(), options(&dir));
    Connection::connect(browser.endpoint(), driver).await.unwrap().check().await.unwrap();
    browser.close().await;
    assert!(old.exists());
}

#[tokio::test]
async fn a_browser_that_ends_at_once_is_told_with_its_last_words() {
    let dir = tempfile::tempdir().unwrap();
    let browser = script(dir.path(), "chrome", "echo one; echo cannot open display >&2; exit 3");
    let error =
        Browser::launch(&Browsers { browser, ..found() }, &options(&dir)).await.unwrap_err().to_string();
    assert!(error.starts_with("the browser exited with status 3; its log is "), "{error}");
    assert!(error.contains("browser.log\n  | one\n  | cannot open display"), "{error}");
}

#[tokio::test]
async fn two_versions_that_do_not_belong_together_are_told() {
    let dir = tempfile::tempdir().unwrap();
    let versions =
        |version| format!("[ \"$1\" = --version ] && echo Program {version} of today && exit; exit 1");
    let browsers = Browsers {
        browser: script(dir.path(), "chrome", &versions("150.0.1.2")),
        driver: script(dir.path(), "chromedriver", &versions("149.9.8.7")),
    };
    let error = Browser::launch(&browsers, &options(&dir)).await.unwrap_err().to_string();
    assert!(error.contains("browser and driver do not belong together"), "{error}");
    assert!(error.contains("chrome` is version 150.0.1.2"), "{error}");
    assert!(error.contains("chromedriver` is version 149.9.8.7"), "{error}");
}

#[tokio::test]
async fn a_program_that_cannot_be_started_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let driver = dir.path().join("nothing");
    let error = DriverProgram::launch(&Browsers { driver, ..found() }, &options(&dir)).await.unwrap_err();
    assert!(matches!(error, BrowserError::Spawn { .. }), "{error}");
    let error = crate::model::chain(&error);
    assert!(error.starts_with("cannot start the driver\n  caused by: no such file: `"), "{error}");
}

#[tokio::test]
async fn a_browser_that_died_is_told_everywhere_and_closing_is_no_error() {
    let slot = Slot::start().await;
    let session = slot.open(Start::Fresh).await;
    session.goto("/echo").await.unwrap();
    assert_eq!(session.problem().await, None);

    kill_process_group(slot.browser.traces().0, Signal::KILL).unwrap();
    let error = session.goto("/echo").await.unwrap_err().to_string();
    assert!(error.contains("the browser is gone"), "{error}");
    let problem = session.problem().await.unwrap();
    assert_eq!(problem.outcome, crate::model::Outcome::Errored);
    assert!(problem.message.contains("the browser is gone"), "{}", problem.message);
    session.close().await.unwrap();

    let opening = OpenSession {
        base_url: String::new(),
        account: None,
        start: Start::Fresh,
        waits: Waits::default(),
        console: Arc::default(),
        test_id: "data-testid".to_owned(),
        recording: Recording::default(),
    };
    let error = slot.connection.open_session(opening).await.unwrap_err();
    assert!(matches!(error, BrowserError::Gone { .. }), "{error}");

    let error = loop {
        match slot.browser.check() {
            Ok(()) => tokio::task::yield_now().await,
            Err(error) => break error.to_string(),
        }
    };
    assert!(error.starts_with("the browser was ended by SIGKILL"), "{error}");
    slot.end().await;
}

#[tokio::test]
async fn closing_a_session_of_a_browser_that_hangs_takes_no_longer_than_its_deadline() {
    let slot = Slot::start().await;
    let session = slot.open(Start::Fresh).await;
    kill_process_group(slot.browser.traces().0, Signal::STOP).unwrap();
    let error = session.close_within(std::time::Duration::from_millis(100)).await.unwrap_err();
    assert!(matches!(error, BrowserError::CloseTooSlow { .. }), "{error}");
    drop(session);
    slot.end().await;
}
