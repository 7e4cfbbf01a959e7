//! The room with real browsers, against a small application of its own.
//!
//! Without a browser these fail, and say how to get one.

mod application;
mod attaching;
mod processes;
mod sessions;
mod signing_in;
mod witness;

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tempfile::TempDir;
use tokio::sync::Mutex;

use self::application::Application;
use super::trace::Recording;
use super::{
    Browser, Connection, DriverEndpoint, DriverProgram, OpenSession, Options, Session, Source, Start, Waits,
};
use crate::model::{Account, Problem, Role, SlotId};
use crate::setup::{Browsers, find};

/// A slot with a browser and an application, and with a driver once somebody has used one.
pub(crate) struct Slot {
    app: Application,
    connection: Connection,
    browser: Browser,
    driver: SharedDriver,
    dir: TempDir,
}

type SharedDriver = Arc<Mutex<Option<DriverProgram>>>;

impl Slot {
    pub(crate) async fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let browser = launch(&dir).await;
        let driver = SharedDriver::default();
        let source = driver_source(&driver, found(), options(&dir));
        let connection = Connection::connect(browser.endpoint(), source).await.unwrap();
        Self { app: Application::start().await, connection, browser, driver, dir }
    }

    pub(crate) async fn open(&self, start: Start) -> Session {
        let account = match start {
            Start::Fresh => None,
            _ => Some(account()),
        };
        let base_url = self.app.base_url.clone();
        self.connection
            .open_session(OpenSession {
                base_url,
                account,
                start,
                waits: Waits::default(),
                console: Arc::default(),
                test_id: String::new(),
                recording: Recording::default(),
            })
            .await
            .unwrap()
    }

    /// How many contexts the browser holds.
    async fn contexts(&self) -> usize {
        let answer = self.connection.cdp.call("Target.getBrowserContexts", serde_json::json!({})).await;
        answer.unwrap()["browserContextIds"].as_array().unwrap().len()
    }

    /// Ends the browser; what a test left in it must not get in the way of that.
    pub(crate) async fn end(self) {
        self.browser.close().await;
        if let Some(driver) = self.driver.lock().await.take() {
            driver.close().await;
        }
        drop(self.dir);
    }
}

/// Starts a driver for who asks first, and for who says that it is gone.
fn driver_source(driver: &SharedDriver, programs: Browsers, options: Options) -> Source<DriverEndpoint> {
    let driver = driver.clone();
    Arc::new(move |gone| {
        let (driver, programs, options) = (driver.clone(), programs.clone(), options.clone());
        Box::pin(async move {
            let mut driver = driver.lock().await;
            if gone.is_some() || driver.is_none() {
                let started = DriverProgram::launch(&programs, &options).await;
                *driver = Some(started.map_err(Problem::errored)?);
            }
            Ok(driver.as_ref().unwrap().endpoint().clone())
        })
    })
}

fn found() -> Browsers {
    find(None, None).unwrap_or_else(|error| panic!("{error}"))
}

fn options(dir: &TempDir) -> Options {
    Options {
        warden: None,
        dir: dir.path().join("slots/00"),
        args: Vec::new(),
        headless: true,
        one_context: false,
    }
}

async fn launch(dir: &TempDir) -> Browser {
    Browser::launch(&found(), &options(dir)).await.unwrap_or_else(|error| panic!("{error}"))
}

/// A program that is a few lines of a shell.
fn script(dir: &Path, name: &str, text: &str) -> PathBuf {
    let file = dir.join(name);
    std::fs::write(&file, format!("#!/bin/sh\n{text}\n")).unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).unwrap();
    file
}

fn account() -> Account {
    Account::new(Role::new("instructor"), SlotId(0), "instructor0@example.test", "a secret", BTreeMap::new())
}

/// The text of the page.
async fn body(session: &Session) -> String {
    let text = session.execute("return document.body.innerText", Vec::new()).await.unwrap();
    text.convert().unwrap()
}
