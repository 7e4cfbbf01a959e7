//! How far the document of a page is, as its events tell.

use serde_json::{Value, json};
use tokio::sync::watch;

use crate::browser::cdp::{Page, text};

/// How far the document in the outermost frame is. A clone is the same one.
#[derive(Debug, Clone)]
pub(in crate::browser) struct Loading(watch::Sender<Document>);

/// The document that a page has at the moment.
#[expect(clippy::struct_excessive_bools, reason = "each is an event that was or was not")]
#[derive(Debug, Clone)]
pub(in crate::browser) struct Document {
    pub(in crate::browser) url: String,
    /// The browser's name for the navigation that brought it; the same as of the request for it.
    pub(in crate::browser) loader: String,
    /// So many documents have been here.
    pub(in crate::browser) documents: u64,
    /// So often the address has changed, also within one document.
    pub(in crate::browser) moves: u64,
    /// It is parsed.
    pub(in crate::browser) is_parsed: bool,
    /// All that it is made of is there.
    pub(in crate::browser) is_loaded: bool,
    /// It has had nothing under way for half a second.
    pub(in crate::browser) is_idle: bool,
    /// A script or a link has asked for the next one.
    is_asked: bool,
    /// The next one is on its way.
    is_leaving: bool,
}

impl Document {
    /// Whether another document is going to take its place.
    pub(in crate::browser) fn is_going_elsewhere(&self) -> bool {
        self.is_asked || self.is_leaving
    }

    /// Of a page that has been nowhere yet.
    fn blank() -> Self {
        Self {
            url: "about:blank".to_owned(),
            loader: String::new(),
            documents: 0,
            moves: 0,
            is_parsed: true,
            is_loaded: true,
            is_idle: false,
            is_asked: false,
            is_leaving: false,
        }
    }

    fn begin(&mut self, frame: &Value) {
        self.url = text(frame, "url") + frame["urlFragment"].as_str().unwrap_or_default();
        self.loader = text(frame, "loaderId");
        self.documents += 1;
        self.moves += 1;
        (self.is_parsed, self.is_loaded, self.is_idle) = (false, false, false);
        (self.is_asked, self.is_leaving) = (false, false);
    }
}

impl Loading {
    /// Of a page that has been nowhere yet.
    pub(super) fn of(page: &Page, frame: &str) -> Self {
        let loading = Self(watch::Sender::new(Document::blank()));
        let (own, frame) = (loading.clone(), frame.to_owned());
        page.listen(move |method, params| {
            own.0.send_if_modified(|document| hear(document, &frame, method, params));
        });
        loading
    }

    /// How far it is now.
    pub(in crate::browser) fn now(&self) -> Document {
        self.0.borrow().clone()
    }

    /// Waits until it is so far.
    pub(in crate::browser) async fn until(&self, is_there: impl FnMut(&Document) -> bool) -> Document {
        let mut changes = self.0.subscribe();
        let document = changes.wait_for(is_there).await.ok().map(|document| document.clone());
        match document {
            Some(document) => document,
            // The sender is in `self`.
            None => std::future::pending().await,
        }
    }

    /// Has the browser tell when nothing is under way any more, which it does not by itself; also if it was so before.
    pub(in crate::browser) fn tell_when_idle(page: &Page) {
        page.notify("Page.setLifecycleEventsEnabled", &json!({ "enabled": true }));
    }
}

/// Whether the event says something of the document.
fn hear(document: &mut Document, main: &str, method: &str, params: &Value) -> bool {
    let is_main = || params["frameId"] == main;
    match method {
        "Page.frameNavigated" if params["frame"]["id"] == main => {
            document.begin(&params["frame"]);
            if params["type"] == "BackForwardCacheRestore" {
                // It was complete before.
                (document.is_parsed, document.is_loaded, document.is_idle) = (true, true, true);
            }
        }
        "Page.navigatedWithinDocument" if is_main() => {
            document.url = text(params, "url");
            document.moves += 1;
        }
        "Page.domContentEventFired" => document.is_parsed = true,
        "Page.loadEventFired" => (document.is_parsed, document.is_loaded) = (true, true),
        "Page.lifecycleEvent" if is_main() && params["name"] == "networkIdle" => {
            if !document.loader.is_empty() && params["loaderId"] != document.loader.as_str() {
                return false;
            }
            document.is_idle = true;
        }
        "Page.frameRequestedNavigation" if is_main() && params["disposition"] == "currentTab" => {
            let is_script = params["url"].as_str().is_some_and(|url| url.starts_with("javascript:"));
            document.is_asked = !is_script;
        }
        "Page.frameClearedScheduledNavigation" if is_main() => document.is_asked = false,
        "Page.frameStartedNavigating" if is_main() => {
            document.is_leaving = params["navigationType"] != "sameDocument";
        }
        // Also when it does not go elsewhere after all: to a download, to nothing.
        "Page.frameStoppedLoading" if is_main() => {
            (document.is_asked, document.is_leaving) = (false, false);
        }
        _ => return false,
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_that_goes_elsewhere_while_the_page_loads_is_noticed() {
        let mut document = Document::blank();
        let mut hear = |method: &str, params: Value| hear(&mut document, "F", method, &params);
        assert!(hear(
            "Page.frameNavigated",
            json!({ "frame": { "id": "F", "loaderId": "1", "url": "http://a/" } })
        ));
        assert!(!hear("Page.frameNavigated", json!({ "frame": { "id": "G", "parentId": "F" } })));
        hear("Page.frameRequestedNavigation", json!({ "frameId": "F", "disposition": "currentTab" }));
        hear("Page.frameStartedNavigating", json!({ "frameId": "F", "navigationType": "differentDocument" }));
        hear("Page.frameClearedScheduledNavigation", json!({ "frameId": "F" }));
        hear("Page.loadEventFired", json!({}));
        assert!(document.is_loaded && document.is_going_elsewhere());
    }

    #[test]
    fn what_comes_to_nothing_leaves_the_document_as_it_was() {
        let mut document = Document::blank();
        hear(&mut document, "F", "Page.frameStartedNavigating", &json!({ "frameId": "F" }));
        assert!(document.is_going_elsewhere());
        hear(&mut document, "F", "Page.frameStoppedLoading", &json!({ "frameId": "F" }));
        assert!(!document.is_going_elsewhere() && document.is_loaded);
    }
}
