//! The room with real browsers, against a small application of its own.
//!
//! Without a browser these fail, and say how to get one.

mod application;
mod processes;
mod sessions;
mod signing_in;
mod witness;

use std::collections::BTreeMap;

use tempfile::TempDir;

use self::application::Application;
use super::trace::Recording;
use super::{Browser, Connection, OpenSession, Options, Session, Start, Waits};
use crate::model::{Account, Role, SlotId};
use crate::setup::{Browsers, find};

/// A slot with a browser and an application.
struct Slot {
    app: Application,
    connection: Connection,
    browser: Browser,
    dir: TempDir,
}

impl Slot {
    async fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let browser = launch(&dir).await;
        let connection = Connection::connect(browser.endpoint()).await.unwrap();
        Self { app: Application::start().await, connection, browser, dir }
    }

    async fn open(&self, start: Start) -> Session {
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
    async fn end(self) {
        self.browser.close().await;
        drop(self.dir);
    }
}

fn found() -> Browsers {
    find(None, None).unwrap_or_else(|error| panic!("{error}"))
}

fn options(dir: &TempDir) -> Options {
    Options { warden: None, dir: dir.path().join("slots/00"), args: Vec::new(), headless: true }
}

async fn launch(dir: &TempDir) -> Browser {
    Browser::launch(&found(), &options(dir)).await.unwrap_or_else(|error| panic!("{error}"))
}

fn account() -> Account {
    Account::new(Role::new("instructor"), SlotId(0), "instructor0@example.test", "a secret", BTreeMap::new())
}

/// The text of the page.
async fn body(session: &Session) -> String {
    let text = session.execute("return document.body.innerText", Vec::new()).await.unwrap();
    text.convert().unwrap()
}
