//! One page of a browser: commands to it and events of it.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::{ANSWER, Cdp, Event, Way};
use crate::browser::error::BrowserError;

/// One page (a flat session of the protocol): commands to it and events of it.
#[derive(Debug, Clone)]
pub(crate) struct Page {
    pub(super) cdp: Cdp,
    pub(super) session: String,
}

impl Page {
    /// Sends a command to the page and waits for the answer.
    pub(crate) async fn call(&self, method: &'static str, params: Value) -> Result<Value, BrowserError> {
        self.cdp.send(Some(&self.session), method, params, ANSWER).await
    }

    /// The same for a command that takes its time.
    pub(crate) async fn call_within(
        &self,
        limit: Duration,
        method: &'static str,
        params: Value,
    ) -> Result<Value, BrowserError> {
        self.cdp.send(Some(&self.session), method, params, limit).await
    }

    /// Events of the mouse, or of the keyboard, one after another. All are on their way at once.
    pub(crate) async fn input(
        &self,
        limit: Duration,
        method: &'static str,
        events: Vec<Value>,
    ) -> Result<(), BrowserError> {
        if let Way::Interpreted(bidi) = &self.cdp.way {
            let done = tokio::time::timeout(limit, bidi.input(&self.session, method, &events)).await;
            return done.unwrap_or(Err(BrowserError::NoAnswer { method, waited: limit }));
        }
        let sending = events.into_iter().map(|event| self.call_within(limit, method, event));
        futures_util::future::try_join_all(sending).await.map(drop)
    }

    /// Whether the browser drags by itself what a page lets be dragged, and nobody can say where it is dropped.
    pub(crate) fn drags_itself(&self) -> bool {
        self.cdp.bidi().is_some()
    }

    /// Sends a command and does not wait.
    pub(crate) fn notify(&self, method: &'static str, params: &Value) {
        self.cdp.tell(Some(&self.session), method, params);
    }

    /// Whether this is the same one.
    pub(crate) fn is(&self, other: &Self) -> bool {
        self.session == other.session
    }

    /// Its session of the protocol.
    pub(crate) fn session(&self) -> &str {
        &self.session
    }

    /// Whether it is this session of the protocol.
    pub(crate) fn is_session(&self, session: &str) -> bool {
        self.session == session
    }

    /// What is attached beneath it: a frame of another process.
    pub(crate) fn child(&self, session: String) -> Self {
        self.cdp.page(session)
    }

    /// Has all events of the page told from now on, of the domains that were enabled for it: each before any answer that
    /// the browser gives later. At last `Target.detachedFromTarget`, when the page is closed.
    pub(crate) fn listen(&self, listener: impl Fn(&str, &Value) + Send + Sync + 'static) {
        self.cdp.shared.listen(&self.session, listener);
    }

    /// The value of an expression in the page.
    pub(crate) async fn evaluate(&self, expression: &str) -> Result<Value, BrowserError> {
        let params = json!({ "expression": expression, "returnByValue": true });
        let mut answer = self.call("Runtime.evaluate", params).await?;
        if let Some(exception) = answer.get("exceptionDetails") {
            let message = exception["exception"]["description"].as_str().or(exception["text"].as_str());
            let message = message.unwrap_or("an exception").to_owned();
            return Err(BrowserError::Refused { method: "Runtime.evaluate", message });
        }
        Ok(answer["result"]["value"].take())
    }

    /// All events of the page from now on, of the domains that were enabled for it.
    pub(crate) fn events(&self) -> mpsc::UnboundedReceiver<Event> {
        let (sender, receiver) = mpsc::unbounded_channel();
        let mut table = self.cdp.shared.table();
        // After the end nobody would ever drop the sender.
        if table.closed.is_none() {
            table.subscribers.entry(self.session.clone()).or_default().push(sender);
        }
        receiver
    }
}
