//! The warm browser of a slot: started when the first session asks, and again when it has died.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use tokio::runtime::Handle;
use tokio::sync::Mutex;

use super::events::Events;
use crate::browser::{Browser, Endpoint, Options};
use crate::config;
use crate::machine::Boots;
use crate::model::{Event, Problem, SlotId, chain, micros};
use crate::process::Warden;
use crate::setup::{find, find_with_window};
use crate::slots::Slot;
use crate::suite::BrowserSource;

/// Owns the browser of a slot, on the runtime of the run.
#[derive(Debug)]
pub(super) struct Keeper {
    slot: SlotId,
    config: config::Browser,
    dir: PathBuf,
    warden: Option<Arc<Warden>>,
    boots: Boots,
    events: Events,
    browser: Mutex<Option<Browser>>,
}

impl Keeper {
    pub(super) fn new(
        slot: &Slot,
        config: config::Browser,
        warden: Option<Arc<Warden>>,
        boots: Boots,
        events: Events,
    ) -> Arc<Self> {
        Arc::new(Self {
            slot: slot.id(),
            config,
            dir: slot.dir().to_owned(),
            warden,
            boots,
            events,
            browser: Mutex::new(None),
        })
    }

    /// What the slot's worker, which lives on a runtime of its own, asks for a browser.
    pub(super) fn source(self: &Arc<Self>) -> BrowserSource {
        let (keeper, run) = (self.clone(), Handle::current());
        Arc::new(move |gone| {
            let (keeper, run) = (keeper.clone(), run.clone());
            Box::pin(async move {
                let started = run.spawn(async move { keeper.endpoint(gone).await }).await;
                started
                    .unwrap_or_else(|_| Err(Problem::errored("the run ended before the browser was started")))
            })
        })
    }

    /// `gone` is the address of one that does not answer any more, though its process may still look alive.
    async fn endpoint(&self, gone: Option<String>) -> Result<Endpoint, Problem> {
        let mut browser = self.browser.lock().await;
        if let Some(browser) = browser.as_ref()
            && browser.check().is_ok()
            && gone.as_ref() != Some(&browser.endpoint().web_socket_url)
        {
            return Ok(browser.endpoint().clone());
        }
        let boot = self.boots.next().await;
        let began = Instant::now();
        let find = if self.config.headed { find_with_window } else { find };
        let found = find(self.config.executable.as_deref(), self.config.driver.as_deref());
        let found = found.map_err(Problem::errored)?;
        let options = Options {
            warden: self.warden.clone(),
            dir: self.dir.clone(),
            args: self.config.args.clone(),
            headless: !self.config.headed,
        };
        let started =
            Browser::launch(&found, &options).await.map_err(|error| Problem::errored(chain(&error)))?;
        drop(boot);
        self.events.emit(Event::BrowserReady { slot: self.slot, took_us: micros(began.elapsed()) });
        let endpoint = started.endpoint().clone();
        if let Some(dead) = browser.replace(started) {
            dead.close().await;
        }
        Ok(endpoint)
    }

    /// Ends the browser, if there is one.
    pub(super) async fn close(&self) {
        if let Some(browser) = self.browser.lock().await.take() {
            browser.close().await;
        }
    }
}
