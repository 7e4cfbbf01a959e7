//! Browsers that speak WebDriver BiDi instead of Chromium's own protocol: Firefox, and what a grid has.
//!
//! The seam between callboard and an engine is [`Cdp`] and its pages: commands to a page, and what the page tells. Their
//! words are Chromium's, because that is where the time of users goes: nothing stands between callboard and Chromium. For all
//! others this room interprets. It knows the words that the rooms around it use, and no others: a new context and a page in it,
//! scripts in a world of their own, input, going somewhere, pictures, cookies, dialogs, and what happens meanwhile. Each
//! feature is written once, and what an engine lacks is said by one error, [`BrowserError::NotThere`], where it is asked for.

mod commands;
mod console;
mod contexts;
mod downloads;
mod emulation;
mod fetched;
mod held;
mod idle;
mod input;
mod network;
mod realms;
mod script;
mod storage;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use futures_util::FutureExt;
use serde_json::{Value, json};
use tokio::sync::Mutex as Turn;

use self::contexts::Contexts;
use self::held::Held;
use self::network::Exchanges;
use super::cdp::{Cdp, Front, text};
use super::error::BrowserError;

/// What is heard of.
const EVENTS: [&str; 4] = ["browsingContext", "script", "log", "network"];
/// Of what comes and goes so much is kept for who asks for it, in bytes.
const MOST_DATA: u64 = 20 << 20;

/// The interpreter of one browser.
#[derive(Debug)]
pub(super) struct Bidi {
    wire: Cdp,
    front: Front,
    /// For what goes on after its caller.
    own: Weak<Self>,
    state: Mutex<State>,
    /// One input after another, of each page: the browser would mix them. With the place of its mouse.
    inputs: Mutex<HashMap<String, Mouse>>,
}

#[derive(Debug, Default)]
struct State {
    contexts: Contexts,
    exchanges: Exchanges,
    held: Held,
    /// Where files go that contexts download, and those under way by their navigation.
    downloads: HashMap<String, std::path::PathBuf>,
    last: u64,
}

/// The right to an input, with where the mouse was last.
type Mouse = Arc<Turn<Option<(f64, f64)>>>;

/// Something to be told: to whom, what it is called, what it says.
type Told = (Option<String>, &'static str, Value);

impl Bidi {
    /// Begins to listen.
    pub(super) async fn begin(wire: Cdp, front: Front) -> Result<Arc<Self>, BrowserError> {
        let bidi = Arc::new_cyclic(|own| Self {
            wire,
            front,
            own: own.clone(),
            state: Mutex::default(),
            inputs: Mutex::default(),
        });
        let listening = bidi.own.clone();
        bidi.wire.listen(move |method, params| {
            if let Some(bidi) = listening.upgrade() {
                bidi.hear(method, params);
            }
        });
        bidi.wire.call("session.subscribe", json!({ "events": EVENTS })).await?;
        let data = json!({ "dataTypes": ["request", "response"], "maxEncodedDataSize": MOST_DATA });
        match bidi.wire.call("network.addDataCollector", data).await {
            // Bodies cannot be had, then; who asks for one is told.
            Ok(_) | Err(BrowserError::Refused { .. }) => Ok(bidi),
            Err(error) => Err(error),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends a command without waiting. It is on its way when this returns, as all that is sent later comes after it.
    pub(super) fn tell(&self, page: Option<&str>, method: &'static str, params: &Value) {
        let Some(own) = self.own.upgrade() else { return };
        let (page, params) = (page.map(str::to_owned), params.clone());
        let mut sending = Box::pin(async move {
            let _ = own.perform(page.as_deref(), method, params).await;
        });
        if (&mut sending).now_or_never().is_none()
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            runtime.spawn(sending);
        }
    }

    /// Takes an event, and tells what it means.
    fn hear(&self, method: &str, params: &Value) {
        let told = {
            let mut state = self.state();
            match method.split_once('.') {
                Some(("browsingContext", event)) => state.hear_context(event, params),
                Some(("script", event)) => state.hear_realm(event, params),
                Some(("log", "entryAdded")) => state.hear_log(params),
                Some(("network", event)) => state.hear_network(event, params),
                _ => return,
            }
        };
        if method == "browsingContext.load" && !told.is_empty() {
            // A script may just have sent it elsewhere, which is told only after it.
            return self.tell_later(text(params, "context"), told);
        }
        for told in told {
            self.tell_of_page(told);
        }
        if method == "browsingContext.contextCreated" && self.state().contexts.is_stray(params) {
            let (wire, page) = (self.wire.clone(), json!({ "context": params["context"] }));
            tokio::spawn(async move { wire.call("browsingContext.close", page).await });
        }
        match method {
            "network.beforeRequestSent" if params["isBlocked"] == true => self.hear_held(params),
            "browsingContext.contextDestroyed" => self.forget_held(&text(params, "context")),
            _ => {}
        }
        self.look_for_idle(params);
    }

    /// Tells it when all is told that had happened on the page by now.
    fn tell_later(&self, page: String, told: Vec<Told>) {
        let Some(own) = self.own.upgrade() else { return };
        let document = self.state().contexts.document(&page);
        tokio::spawn(async move {
            let _ = own.ask_script(&page, true, "() => 0", &[]).await;
            // Of a document that is gone nobody wants to hear any more.
            if own.state().contexts.document(&page) == document {
                for told in told {
                    own.tell_of_page(told);
                }
                own.look_for_idle_of(&page);
            }
        });
    }

    /// What a page tells that is still held is told when it goes on.
    fn tell_of_page(&self, (page, method, params): Told) {
        if let Some(page) = &page
            && let Some(held) = self.state().contexts.held(page)
        {
            held.push((method, params));
            return;
        }
        self.front.tell(page.as_deref(), method, params);
    }

    /// A page is known to whom it is of, and all it has told so far is told now.
    fn release(&self, page: &str) {
        // What comes meanwhile is told after it.
        loop {
            let held = self.state().contexts.release(page);
            if held.is_empty() {
                return;
            }
            for (method, params) in held {
                self.front.tell(Some(page), method, params);
            }
        }
    }

    fn turn(&self, page: &str) -> Mouse {
        let mut inputs = self.inputs.lock().unwrap_or_else(PoisonError::into_inner);
        inputs.entry(page.to_owned()).or_default().clone()
    }
}

impl State {
    fn number(&mut self) -> u64 {
        self.last += 1;
        self.last
    }
}

/// Since 1970, in seconds.
fn seconds(params: &Value) -> f64 {
    params["timestamp"].as_f64().unwrap_or_default() / 1e3
}
