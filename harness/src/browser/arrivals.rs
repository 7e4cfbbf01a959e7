//! Pages as they come to be: the browser attaches to each by itself, and holds it until somebody has begun to listen.
//!
//! So nothing is missed of a page that another one opened. A page of nobody's is told to go on.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::json;
use tokio::sync::mpsc;

use super::cdp::{Cdp, Page, text};
use super::error::BrowserError;

/// Who waits for the pages of which context. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(super) struct Arrivals(Arc<Mutex<HashMap<String, mpsc::UnboundedSender<Arrival>>>>);

/// A page that has come to be. It does nothing before `Runtime.runIfWaitingForDebugger`.
#[derive(Debug)]
pub(super) struct Arrival {
    pub(super) page: Page,
    pub(super) target: String,
}

impl Arrivals {
    /// From now on, of all pages of the browser.
    pub(super) async fn watch(cdp: &Cdp) -> Result<Self, BrowserError> {
        let arrivals = Self::default();
        // What listens belongs to the connection, and must not keep it open.
        let (listening, weak) = (arrivals.clone(), cdp.downgrade());
        cdp.listen(move |method, params| {
            if method != "Target.attachedToTarget" {
                return;
            }
            let Some(cdp) = weak.upgrade() else { return };
            let page = cdp.page(text(params, "sessionId"));
            let target = &params["targetInfo"];
            let waiting = listening.lock().get(&text(target, "browserContextId")).cloned();
            let arrival = Arrival { page: page.clone(), target: text(target, "targetId") };
            if waiting.is_none_or(|waiting| waiting.send(arrival).is_err()) {
                page.notify("Runtime.runIfWaitingForDebugger", &json!({}));
            }
        });
        let filter = json!([{ "type": "page" }, { "exclude": true }]);
        let pages =
            json!({ "autoAttach": true, "waitForDebuggerOnStart": true, "flatten": true, "filter": filter });
        cdp.call("Target.setAutoAttach", pages).await?;
        Ok(arrivals)
    }

    /// The pages of a context, from now on until it is forgotten.
    pub(super) fn of(&self, context: &str) -> mpsc::UnboundedReceiver<Arrival> {
        let (sender, receiver) = mpsc::unbounded_channel();
        self.lock().insert(context.to_owned(), sender);
        receiver
    }

    pub(super) fn forget(&self, context: &str) {
        self.lock().remove(context);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, mpsc::UnboundedSender<Arrival>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
