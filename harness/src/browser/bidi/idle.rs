//! Whether a page has nothing under way any more.

use std::collections::HashSet;
use std::time::Duration;

use serde_json::{Value, json};

use super::Bidi;
use super::contexts::Contexts;

/// A page that has had nothing under way for so long is idle.
const IDLE: Duration = Duration::from_millis(500);

/// Whether nothing is under way.
#[derive(Debug, Default)]
pub(super) struct Idle {
    pub(super) is_wanted: bool,
    pub(super) is_loaded: bool,
    pub(super) loader: String,
    pub(super) under_way: HashSet<String>,
    /// Counts what happens, so that it is known after a while whether nothing has.
    pub(super) events: u64,
}

impl Contexts {
    pub(super) fn want_idle(&mut self, page: &str) {
        if let Some(known) = self.known.get_mut(page) {
            known.idle.is_wanted = true;
            known.idle.events += 1;
        }
    }

    /// Something is under way of a page, or no more.
    pub(super) fn under_way(&mut self, context: &str, request: &str, is_begun: bool) {
        let page = self.page_of(context);
        let Some(known) = self.known.get_mut(&page) else { return };
        known.idle.events += 1;
        if is_begun {
            known.idle.under_way.insert(request.to_owned());
        } else {
            known.idle.under_way.remove(request);
        }
    }

    fn quiet(&self, page: &str) -> Option<(u64, String)> {
        let idle = &self.known.get(page)?.idle;
        let is_quiet = idle.is_wanted && idle.is_loaded && idle.under_way.is_empty();
        is_quiet.then(|| (idle.events, idle.loader.clone()))
    }
}

impl Bidi {
    /// Tells that a page is idle, if nothing happens of it for a while from now on.
    pub(super) fn look_for_idle(&self, params: &Value) {
        let Some(context) = params["context"].as_str() else { return };
        let page = self.state().contexts.page_of(context);
        self.look_for_idle_of(&page);
    }

    pub(super) fn look_for_idle_of(&self, page: &str) {
        let Some((events, loader)) = self.state().contexts.quiet(page) else { return };
        let (own, page) = (self.own.clone(), page.to_owned());
        tokio::spawn(async move {
            tokio::time::sleep(IDLE).await;
            let Some(own) = own.upgrade() else { return };
            let is_idle = own.state().contexts.quiet(&page).is_some_and(|(now, _)| now == events);
            if is_idle {
                let told = json!({ "frameId": page, "name": "networkIdle", "loaderId": loader });
                own.tell_of_page((Some(page), "Page.lifecycleEvent", told));
            }
        });
    }
}
