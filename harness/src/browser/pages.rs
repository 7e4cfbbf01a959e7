//! The further pages of a session: windows and tabs that its pages opened, each with a session of its own.

use std::collections::BTreeSet;
use std::panic::Location;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::json;
use tokio::sync::watch;

use super::awaited::{Awaited, LONG};
use super::context::Context;
use super::locator::{Doing, PageError, Why};
use super::session::{Session, WeakSession};
use super::tab::{Further, Obstacle, Tab};

/// The pages of one context.
#[derive(Debug)]
pub(super) struct Family {
    pub(super) context: Context,
    /// The page that the session began with.
    pub(super) first: Tab,
    pub(super) further: Further,
    /// So many bodies are being fetched, which the browser forgets when a page goes elsewhere.
    pub(super) fetching: watch::Sender<u32>,
    members: Mutex<Members>,
}

#[derive(Debug, Default)]
struct Members {
    /// Those that have a session of their own, by their targets.
    sessions: Vec<(String, WeakSession)>,
    /// Those that somebody has waited for.
    given: BTreeSet<String>,
}

impl Family {
    pub(super) fn new(context: Context, first: Tab, further: Further) -> Arc<Self> {
        Arc::new(Self {
            context,
            first,
            further,
            fetching: watch::Sender::default(),
            members: Mutex::default(),
        })
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Members> {
        self.members.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether this page is given to who asks: to the first one only.
    fn give(&self, tab: &Tab) -> bool {
        self.lock().given.insert(tab.main_frame())
    }

    fn is_given(&self, tab: &Tab) -> bool {
        self.lock().given.contains(&tab.main_frame())
    }

    fn session(&self, target: &str) -> Option<Session> {
        let mut members = self.lock();
        members.sessions.retain(|(_, session)| session.upgrade().is_some());
        members.sessions.iter().find(|(known, _)| known == target)?.1.upgrade()
    }
}

impl Session {
    /// The next page that a page of this session opens (`window.open`, a link with `target="_blank"`), as a session of its own when it has
    /// loaded: with its own locators, expectations and `goto`, and the same cookies and storage. Each page is given once; one
    /// that was opened before anybody asked is given first.
    ///
    /// ```no_run
    /// # async fn prints(session: &callboard::Session) -> callboard::TestResult {
    /// use callboard::expect;
    ///
    /// session.by_role("link").named("Print").click().await?;
    /// let print = session.wait_for_page().await?;
    /// expect(print.by_role("heading")).to_have_text("Certificate").await?;
    /// print.close_page().await?;
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    pub fn wait_for_page(&self) -> Awaited<Session> {
        let (session, telling) = (self.clone(), self.family().clone());
        let coming = async move {
            let family = session.family().clone();
            let tab = loop {
                let found = family.further.find(|tab| !family.is_given(tab)).await;
                let Some(tab) = found else { return Err(Why::Closed) };
                // It begins as an empty page, and goes where it was sent from there.
                let loaded = tab.loading().until(|document| {
                    document.documents > 0 && document.is_loaded && !document.is_going_elsewhere()
                });
                tokio::select! {
                    _ = loaded => {}
                    obstacle = tab.in_the_way() => if matches!(obstacle, Obstacle::Closed) {
                        // The next one, then. What else is in the way, the test finds on the page.
                        continue;
                    },
                }
                if family.give(&tab) {
                    break tab;
                }
            };
            session.of_tab(tab).await
        };
        let missing = move || {
            let opened = telling.further.tabs().into_iter().find(|tab| !telling.is_given(tab));
            match opened {
                Some(tab) => format!("one was opened, and has not loaded: {}", tab.loading().now().url),
                None => "none was opened".to_owned(),
            }
        };
        Awaited::new(self, "wait for a page", Location::caller(), coming, missing)
    }

    /// All pages of the session that are open, oldest first: this one and those that were opened from it.
    #[track_caller]
    pub fn pages(&self) -> impl Future<Output = Result<Vec<Session>, PageError>> + Send + use<> {
        let (session, location) = (self.clone(), Location::caller());
        async move {
            let doing = Doing { what: "list the pages".into(), limit: LONG, location };
            let mut pages: Vec<Session> = Vec::new();
            for tab in session.tabs().into_iter().filter(|tab| !tab.is_closed()) {
                pages.push(session.of_tab(tab).await.map_err(|why| doing.failed(why))?);
            }
            Ok(pages)
        }
    }

    /// Closes this page, without asking it, and waits until it is closed. The other pages of the session stay.
    #[track_caller]
    pub fn close_page(&self) -> impl Future<Output = Result<(), PageError>> + Send + use<> {
        let (session, location) = (self.clone(), Location::caller());
        async move {
            let doing = Doing { what: "close the page".into(), limit: LONG, location };
            let tab = session.tab();
            if tab.is_closed() {
                return Ok(());
            }
            let target = json!({ "targetId": tab.main_frame() });
            let closed = session.connection().cdp.call("Target.closeTarget", target).await;
            closed.map_err(|error| doing.failed(Why::Browser(error)))?;
            tab.closed().await;
            Ok(())
        }
    }

    /// The session of a page of this context.
    async fn of_tab(&self, tab: Tab) -> Result<Session, Why> {
        let target = tab.main_frame();
        if target == self.tab().main_frame() {
            return Ok(self.clone());
        }
        if let Some(session) = self.family().session(&target) {
            return Ok(session);
        }
        let session = self.with_tab(tab).await.map_err(Why::Browser)?;
        self.family().lock().sessions.push((target, session.downgrade()));
        Ok(session)
    }
}
