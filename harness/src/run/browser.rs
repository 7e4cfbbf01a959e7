//! The warm browser of a slot: started when the first session asks, and again when it has died.

use std::sync::Arc;
use std::time::Instant;

use tokio::runtime::Handle;
use tokio::sync::Mutex;

use super::events::{Events, micros};
use crate::browser::{Browser, BrowserError, Endpoint, Launch};
use crate::model::{Event, SlotId};
use crate::suite::BrowserSource;

/// Owns the browser of a slot, on the runtime of the run.
#[derive(Debug)]
pub(super) struct Keeper {
    slot: SlotId,
    launch: Launch,
    events: Events,
    browser: Mutex<Option<Browser>>,
}

impl Keeper {
    pub(super) fn new(slot: SlotId, launch: Launch, events: Events) -> Arc<Self> {
        Arc::new(Self { slot, launch, events, browser: Mutex::new(None) })
    }

    /// What the slot's worker, which lives on a runtime of its own, asks for a browser.
    pub(super) fn source(self: &Arc<Self>) -> BrowserSource {
        let (keeper, run) = (self.clone(), Handle::current());
        Arc::new(move || {
            let (keeper, run) = (keeper.clone(), run.clone());
            Box::pin(async move {
                let started = run.spawn(async move { keeper.endpoint().await }).await;
                started.unwrap_or(Err(BrowserError::RunEnded))
            })
        })
    }

    async fn endpoint(&self) -> Result<Endpoint, BrowserError> {
        let mut browser = self.browser.lock().await;
        if let Some(browser) = browser.as_ref().filter(|browser| browser.check().is_ok()) {
            return Ok(browser.endpoint().clone());
        }
        let began = Instant::now();
        let started = Browser::launch(&self.launch).await?;
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
