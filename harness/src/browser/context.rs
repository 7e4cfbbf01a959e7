//! What a session has to itself: a context of its own, or the browser's own one, which is emptied for it.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};
use tokio::sync::OwnedMutexGuard;

use super::arrivals::Arrivals;
use super::cdp::{Cdp, text};
use super::connection::Connection;
use super::error::BrowserError;

/// A context with the page that a session begins with. When this is dropped, it is gone with all that is in it, or another session may
/// have it.
#[derive(Debug)]
pub(super) struct Context {
    cdp: Cdp,
    arrivals: Arrivals,
    pub(super) id: String,
    pub(super) target: String,
    only: Option<Only>,
}

/// There is no other one.
#[derive(Debug)]
struct Only {
    /// The right to it, until it is given back.
    taken: Mutex<Option<OwnedMutexGuard<()>>>,
    /// The page in which it waited for the session's.
    blank: String,
}

impl Context {
    /// One in which nothing was done yet.
    pub(super) async fn new(connection: &Connection) -> Result<Self, BrowserError> {
        let new = json!({ "disposeOnDetach": true });
        let answer = connection.cdp.call("Target.createBrowserContext", new).await?;
        Ok(Self::of(connection, text(&answer, "browserContextId")))
    }

    /// The browser's own, without what was left in it.
    pub(super) async fn only(connection: &Connection) -> Result<Self, BrowserError> {
        let taken = connection.only.clone().try_lock_owned().map_err(|_| BrowserError::ContextTaken)?;
        let answer = connection.cdp.call("Target.getBrowserContexts", json!({})).await?;
        let mut context = Self::of(connection, text(&answer, "defaultBrowserContextId"));
        let blank = context.close_pages().await?;
        context.empty(&blank).await?;
        context.only = Some(Only { taken: Mutex::new(Some(taken)), blank });
        Ok(context)
    }

    fn of(connection: &Connection, id: String) -> Self {
        let (cdp, arrivals) = (connection.cdp.clone(), connection.arrivals.clone());
        Self { cdp, arrivals, id, target: String::new(), only: None }
    }

    /// The session has its page, and no other is needed.
    pub(super) async fn begin(&self) -> Result<(), BrowserError> {
        match &self.only {
            Some(Only { blank, .. }) => self.close_page(blank).await,
            None => Ok(()),
        }
    }

    /// Disposes of it with all its pages, and waits until that is done.
    pub(super) async fn dispose(&self) -> Result<(), BrowserError> {
        let Some(only) = &self.only else {
            let params = json!({ "browserContextId": self.id });
            self.cdp.call("Target.disposeBrowserContext", params).await?;
            return Ok(());
        };
        if only.taken().is_some() {
            // Pages that go on would ask the application for something while the next test runs.
            self.close_pages().await?;
            self.arrivals.forget(&self.id);
            only.taken().take();
        }
        Ok(())
    }

    /// Removes all that pages have left: cookies, storage of all kinds and origins, the cache, permissions. Storage is that of the
    /// context of the page that is asked.
    async fn empty(&self, blank: &str) -> Result<(), BrowserError> {
        let attach = json!({ "targetId": blank, "flatten": true });
        let page = self.cdp.page(text(&self.cdp.call("Target.attachToTarget", attach).await?, "sessionId"));
        let context = json!({ "browserContextId": self.id });
        let everything = json!({ "origin": "*", "storageTypes": "all" });
        tokio::try_join!(
            self.cdp.call("Storage.clearCookies", context.clone()),
            self.cdp.call("Browser.resetPermissions", context),
            page.call("Storage.clearDataForOrigin", everything),
            page.call("Network.clearBrowserCache", json!({})),
        )?;
        Ok(())
    }

    /// Closes all its pages but a new one, which is empty and whose name is returned: some browsers end with their last page.
    async fn close_pages(&self) -> Result<String, BrowserError> {
        let targets = self.cdp.call("Target.getTargets", json!({})).await?;
        let blank = json!({ "url": "about:blank", "browserContextId": self.id });
        let blank = text(&self.cdp.call("Target.createTarget", blank).await?, "targetId");
        let of_context = |target: &&Value| target["type"] == "page" && target["browserContextId"] == *self.id;
        let pages = targets["targetInfos"].as_array().into_iter().flatten().filter(of_context);
        let pages: Vec<String> = pages.map(|page| text(page, "targetId")).collect();
        futures_util::future::try_join_all(pages.iter().map(|page| self.close_page(page))).await?;
        Ok(blank)
    }

    async fn close_page(&self, target: &str) -> Result<(), BrowserError> {
        match self.cdp.call("Target.closeTarget", json!({ "targetId": target })).await {
            // It has closed by itself meanwhile.
            Ok(_) | Err(BrowserError::Refused { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

impl Only {
    fn taken(&self) -> MutexGuard<'_, Option<OwnedMutexGuard<()>>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Context {
    fn drop(&mut self) {
        let Some(only) = &self.only else {
            self.arrivals.forget(&self.id);
            // Refused, if it was disposed of before; nobody waits for the answer.
            self.cdp.notify("Target.disposeBrowserContext", &json!({ "browserContextId": self.id }));
            return;
        };
        // The next one who has it empties it.
        if only.taken().is_some() {
            self.arrivals.forget(&self.id);
        }
    }
}
