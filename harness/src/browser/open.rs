//! Opening a session: an isolated context, a page in it, and the kept state.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::mpsc::UnboundedReceiver;

use super::VIEWPORT;
use super::arrivals::Arrival;
use super::attachment::Attachment;
use super::cdp::{Page, text};
use super::connection::Connection;
use super::context::Context;
use super::driver::Driver;
use super::error::BrowserError;
use super::flags::is_headless_shell;
use super::pace::Pace;
use super::pages::Family;
use super::renewal::Renew;
use super::route::Routes;
use super::session::{Parts, Session};
use super::state::State;
use super::tab::{Further, Tab};
use super::trace::{PageTrace, Recording};
use super::witness::Witness;
use crate::config::Console;
use crate::model::Account;

/// What a session is opened for.
#[derive(Debug, Clone)]
pub(crate) struct OpenSession {
    /// Where the slot's application answers, without a slash at the end.
    pub(crate) base_url: String,
    /// Whose session it is; nobody's if it is anonymous.
    pub(crate) account: Option<Account>,
    /// What it begins with.
    pub(crate) start: Start,
    pub(crate) waits: Waits,
    /// What of all that happens on its pages is a problem.
    pub(crate) console: Arc<Console>,
    /// The attribute that `by_test_id` looks at.
    pub(crate) test_id: String,
    /// Whether what happens on its page is recorded.
    pub(crate) recording: Recording,
}

/// How long is waited for what a page has to become.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Waits {
    /// Until something can be done with an element.
    pub(crate) action: Duration,
    /// Until an expectation holds.
    pub(crate) expect: Duration,
    /// And how fast a test goes that is watched.
    pub(crate) pace: Pace,
}

impl Default for Waits {
    fn default() -> Self {
        Self { action: Duration::from_secs(10), expect: Duration::from_secs(5), pace: Pace::default() }
    }
}

/// What a session begins with.
#[derive(Debug, Clone)]
pub(crate) enum Start {
    /// Nothing.
    Fresh,
    /// Nothing, and a sign-in will follow: the first page that it goes to is remembered.
    SigningIn,
    /// What a sign-in left behind.
    Restored {
        /// What it left.
        state: Arc<State>,
        /// How to get another one, if the application refuses this one; asked once at most.
        renew: Option<Renew>,
    },
}

impl Connection {
    /// Opens a session.
    pub(crate) async fn open_session(&self, open: OpenSession) -> Result<Session, BrowserError> {
        let connection = self.clone();
        // As a task of its own: when the caller's time runs out, it is completed all the same, and
        // what it made is taken down again, instead of being left half made.
        let opening = tokio::spawn(connection.open(open));
        match opening.await {
            Ok(session) => session,
            Err(error) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_) => Err(self.cdp.gone().unwrap_or(BrowserError::Closing)),
            },
        }
    }

    async fn open(self, open: OpenSession) -> Result<Session, BrowserError> {
        let state = match &open.start {
            Start::Fresh | Start::SigningIn => None,
            Start::Restored { state, .. } => Some(state.clone()),
        };
        let label = open
            .account
            .as_ref()
            .map_or_else(|| "anonymous".to_owned(), |account| account.role().to_string());
        let label = match open.start {
            Start::SigningIn => format!("{label}, signing in"),
            _ => label,
        };
        let trace = PageTrace::new(open.recording.clone(), label);
        let (context, page, further) = self.open_context(state.as_deref()).await?;
        let tab = self.prepare(&context, page, state.as_deref()).await?;
        trace.of(&tab);
        let attachment = Attachment::new(self.clone(), &context.id, tab.clone());
        let driver = Driver::new(&self, attachment, trace.clone(), open.waits.pace.slow_mo).await?;
        let further = Further::welcome(further, tab.routes().clone());
        let family = Family::new(context, tab.clone(), further);
        Ok(Session::new(Parts { connection: self, driver, tab, family, trace, open }))
    }

    /// A context with an empty page and the kept cookies; and where its further pages arrive.
    async fn open_context(
        &self,
        state: Option<&State>,
    ) -> Result<(Context, Page, UnboundedReceiver<Arrival>), BrowserError> {
        let cdp = &self.cdp;
        let mut context =
            if self.endpoint.one_context { Context::only(self).await? } else { Context::new(self).await? };
        let mut pages = self.arrivals.of(&context.id);

        let target = self.blank_page(&context.id, false);
        let cookies = async {
            match state {
                Some(state) => state.put_cookies(cdp, &context.id).await,
                None => Ok(()),
            }
        };
        let (answer, ()) = tokio::try_join!(cdp.call("Target.createTarget", target), cookies)?;
        context.target = text(&answer, "targetId");
        // It is announced before the answer.
        match pages.recv().await {
            Some(Arrival { page, target }) if target == context.target => {
                context.begin().await?;
                Ok((context, page, pages))
            }
            _ => Err(cdp.gone().unwrap_or(BrowserError::Closing)),
        }
    }

    /// What asks for an empty page in a context.
    pub(super) fn blank_page(&self, context: &str, in_window: bool) -> Value {
        let mut target = json!({ "url": "about:blank", "browserContextId": context });
        if in_window {
            target["newWindow"] = true.into();
        }
        if self.is_shell() {
            target["width"] = VIEWPORT.0.into();
            target["height"] = VIEWPORT.1.into();
        }
        target
    }

    /// Makes the page of a context what every page of a test is.
    async fn prepare(
        &self,
        context: &Context,
        page: Page,
        state: Option<&State>,
    ) -> Result<Tab, BrowserError> {
        // Every page of a test counts as the one that is looked at, or the second of two users would
        // get no focus events.
        let focus = page.call("Emulation.setFocusEmulationEnabled", json!({ "enabled": true }));
        let size = async {
            // A full browser without a window still takes the space of one from the page.
            if self.endpoint.headless && !self.is_shell() {
                let (width, height) = VIEWPORT;
                let size =
                    json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
                page.call("Emulation.setDeviceMetricsOverride", size).await?;
            }
            Ok(())
        };
        let local_storage = async {
            match state {
                Some(state) => state.put_local_storage(&page).await,
                None => Ok(()),
            }
        };
        let tab = Tab::open(page.clone(), &context.target, Routes::new(Witness::new()));
        let (tab, ..) = tokio::try_join!(tab, focus, size, local_storage)?;
        Ok(tab)
    }

    fn is_shell(&self) -> bool {
        self.endpoint.browsers.as_ref().is_some_and(|browsers| is_headless_shell(&browsers.browser))
    }
}
