//! The driver's way to the page of a session: taken when somebody first sends the driver a command, and never by most tests.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::Method;
use serde_json::{Value, json};
use thirtyfour::error::{WebDriverError, WebDriverErrorInfo, WebDriverResult};
use tokio::sync::OnceCell;

use super::cdp::text;
use super::connection::{Connection, PING};
use super::error::{BrowserError, Hint};
use super::running::DriverEndpoint;
use super::tab::Tab;
use super::tab::dialogs::Answer;
use crate::model::{Problem, chain};

/// How long attaching may take. It takes 40 ms, unless the machine has far more to do than it can.
const ATTACH: Duration = Duration::from_mins(1);
/// How long closing a session waits for a driver that is about to attach to it.
const SETTLE: Duration = Duration::from_secs(1);
/// Shorter than a test's deadline, so that the message is about the page.
const PAGE_LOAD: Duration = Duration::from_secs(30);
const SCRIPT: Duration = Duration::from_secs(30);

/// What a session has of the driver.
#[derive(Debug)]
pub(super) struct Attachment {
    connection: Connection,
    context: String,
    /// The page, and what it is called.
    tab: Tab,
    target: String,
    /// The window that the test has switched the driver to.
    window: Mutex<String>,
    /// What is to be said to the dialog that is open.
    answer: Mutex<Option<String>>,
    attached: OnceCell<Attached>,
    /// Held by who attaches.
    attaching: tokio::sync::Mutex<()>,
    closed: AtomicBool,
    /// Why it could not attach.
    problem: Mutex<Option<Problem>>,
}

/// A session of the driver's own.
#[derive(Debug)]
pub(super) struct Attached {
    driver: DriverEndpoint,
    /// `http://127.0.0.1:…/session/…`
    pub(super) url: String,
    /// Others use it, too.
    is_shared: bool,
}

/// The right to use a driver's session that is shared.
pub(super) struct Turn<'a> {
    at: tokio::sync::MutexGuard<'a, String>,
    own: &'a Mutex<String>,
}

impl Turn<'_> {
    /// The driver was sent to this window.
    pub(super) fn goes_to(&mut self, window: &str) {
        window.clone_into(&mut self.at);
        window.clone_into(&mut self.own.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Nobody knows where it is now.
    pub(super) fn is_lost(&mut self) {
        self.at.clear();
    }
}

impl Attached {
    /// Where the driver itself answers.
    pub(super) fn driver_url(&self) -> &str {
        &self.driver.url
    }

    async fn end(&self, http: &reqwest::Client) {
        // A driver that is dead holds no session either.
        if self.is_shared {
            return;
        }
        let _ = http.delete(&self.url).send().await;
    }
}

impl Attachment {
    /// To a page in `context`; nothing is done yet.
    pub(super) fn new(connection: Connection, context: &str, tab: Tab) -> Arc<Self> {
        Arc::new(Self {
            connection,
            context: context.to_owned(),
            target: tab.main_frame(),
            window: Mutex::new(tab.main_frame()),
            tab,
            answer: Mutex::default(),
            attached: OnceCell::new(),
            attaching: tokio::sync::Mutex::default(),
            closed: AtomicBool::new(false),
            problem: Mutex::default(),
        })
    }

    /// What the session is called until the driver has a name for it, and by those who do not know that one.
    pub(super) fn id(&self) -> &str {
        &self.target
    }

    pub(super) fn http(&self) -> &reqwest::Client {
        &self.connection.http
    }

    /// What the driver would say of a new session, as far as it is known without it.
    pub(super) fn capabilities(&self) -> Value {
        json!({
            "browserName": if self.connection.cdp.bidi().is_some() { "firefox" } else { "chrome" },
            "acceptInsecureCerts": false,
            "pageLoadStrategy": "normal",
            "goog:chromeOptions": { "debuggerAddress": self.connection.endpoint.debugger_address },
            "timeouts": timeouts(),
        })
    }

    /// What a command comes to because of a dialog that the driver cannot know of, as it was open before it attached: it would wait
    /// for it, in vain. `Ok` is what the command answers, `Err` the standard's name of an error and its words.
    pub(super) async fn by_dialog(
        &self,
        method: &Method,
        command: &str,
        body: Option<&Value>,
    ) -> Option<Result<Value, (&'static str, String)>> {
        if self.is_attached() {
            return None;
        }
        let dialog = self.tab.dialogs().opened()?;
        let said = || self.answer.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = match (method, command) {
            (&Method::GET, "/alert/text") => return Some(Ok(dialog.message.into())),
            (&Method::POST, "/alert/text") => {
                *said() = body.and_then(|body| body["text"].as_str()).map(str::to_owned);
                return Some(Ok(Value::Null));
            }
            (&Method::POST, "/alert/accept") => said().take().map_or(Answer::Accept, Answer::AcceptWith),
            // What else is asked of a page with a dialog ends it, by the standard, and is told so.
            _ => Answer::Dismiss,
        };
        let answered = self.tab.answer(&dialog, &answer).await;
        if command == "/alert/accept" || command == "/alert/dismiss" {
            return Some(answered.map_err(|error| ("unknown error", chain(&error))).map(|()| Value::Null));
        }
        Some(Err(("unexpected alert open", format!("{{Alert text : {}}}", dialog.message))))
    }

    pub(super) fn is_attached(&self) -> bool {
        self.attached.initialized()
    }

    /// Attaches if nobody has yet. Of several who need it at once one does it, and the others wait.
    pub(super) async fn attach(self: &Arc<Self>) -> WebDriverResult<&Attached> {
        if let Some(attached) = self.attached.get() {
            return Ok(attached);
        }
        if self.closed.load(Ordering::SeqCst) {
            let info = WebDriverErrorInfo::new("the session was closed".to_owned());
            return Err(WebDriverError::InvalidSessionId(info));
        }
        // As a task of its own: when the caller's time runs out, it is completed all the same, so that no session stays with
        // the driver that nobody knows of.
        let attachment = self.clone();
        let attaching = tokio::spawn(async move {
            let attaching = attachment.attaching.lock().await;
            if attachment.closed.load(Ordering::SeqCst) {
                return Err(Problem::errored(BrowserError::Closing));
            }
            let result = attachment.attached.get_or_try_init(|| attachment.find_driver()).await.map(drop);
            drop(attaching);
            if attachment.closed.load(Ordering::SeqCst) {
                attachment.delete().await;
            }
            result
        });
        let problem = match attaching.await {
            Ok(Ok(())) => None,
            Ok(Err(problem)) => Some(problem),
            Err(_) => Some(Problem::errored(BrowserError::Closing)),
        };
        match (self.attached.get(), problem) {
            (Some(attached), _) => Ok(attached),
            (None, problem) => {
                let problem = problem.unwrap_or_else(|| Problem::errored(BrowserError::Closing));
                let message = problem.message.clone();
                *self.problem.lock().unwrap_or_else(PoisonError::into_inner) = Some(problem);
                Err(WebDriverError::SessionCreateError(message))
            }
        }
    }

    async fn find_driver(&self) -> Result<Attached, Problem> {
        let endpoint = &self.connection.endpoint;
        if let Some(session) = &endpoint.session {
            let url = session.rsplit_once("/session/").map_or(&**session, |(url, _)| url).to_owned();
            let driver = DriverEndpoint { url, log: endpoint.log.clone() };
            return Ok(Attached { driver, url: session.clone(), is_shared: true });
        }
        let driver = (self.connection.driver)(None).await?;
        let gone = driver.url.clone();
        let attached = match self.attach_with(driver).await {
            // It died while nobody used it: that is no test's affair.
            Err(BrowserError::DriverGone { .. }) => {
                let driver = (self.connection.driver)(Some(gone)).await?;
                self.attach_with(driver).await
            }
            attached => attached,
        };
        attached.map_err(|error| Problem::errored(chain(&error)))
    }

    async fn attach_with(&self, driver: DriverEndpoint) -> Result<Attached, BrowserError> {
        let endpoint = &self.connection.endpoint;
        let capabilities = json!({
            "browserName": "chrome",
            "goog:chromeOptions": { "debuggerAddress": endpoint.debugger_address },
            "timeouts": timeouts(),
        });
        let attaching = async {
            let new = json!({ "capabilities": { "alwaysMatch": capabilities } });
            let answer = self.post(&driver, format!("{}/session", driver.url), new).await?;
            let url = format!("{}/session/{}", driver.url, text(&answer, "sessionId"));
            let attached = Attached { driver: driver.clone(), url, is_shared: false };
            // All sessions of a driver see all pages of the browser, so it is said which.
            let turn = json!({ "handle": self.target });
            if let Err(error) = self.post(&driver, format!("{}/window", attached.url), turn).await {
                attached.end(self.http()).await;
                return Err(error);
            }
            Ok(attached)
        };
        let attached = tokio::select! {
            attached = tokio::time::timeout(ATTACH, attaching) => attached,
            // The driver would look for it for a minute.
            gone = self.connection.cdp.ended() => return Err(gone),
        };
        match attached {
            Ok(Ok(attached)) => Ok(attached),
            Ok(Err(error @ BrowserError::Attach { .. })) => {
                self.connection.check().await?;
                Err(match &endpoint.browsers {
                    Some(browsers) => error.explained(browsers).await,
                    None => error,
                })
            }
            Ok(Err(error)) => Err(error),
            Err(_elapsed) => Err(BrowserError::AttachTooSlow { waited: ATTACH, log: driver.log }),
        }
    }

    /// The driver's session, at the window that this one was at last: nobody else gets there until the result is dropped. Nothing
    /// where the session is nobody else's.
    pub(super) async fn turn(&self, attached: &Attached) -> WebDriverResult<Option<Turn<'_>>> {
        if !attached.is_shared {
            return Ok(None);
        }
        let mut at = self.connection.window.lock().await;
        let own = self.window.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if *at != own {
            let there = json!({ "handle": own });
            let turned = self.post(&attached.driver, format!("{}/window", attached.url), there).await;
            turned.map_err(|error| WebDriverError::FatalError(chain(&error)))?;
            *at = own;
        }
        Ok(Some(Turn { at, own: &self.window }))
    }

    /// A command to the driver while it attaches.
    async fn post(&self, driver: &DriverEndpoint, url: String, body: Value) -> Result<Value, BrowserError> {
        let sent = self.connection.http.post(url).json(&body).send().await;
        let response = sent.map_err(|_| BrowserError::DriverGone { log: driver.log.clone() })?;
        let success = response.status().is_success();
        let mut answer: Value =
            response.json().await.map_err(|_| BrowserError::DriverGone { log: driver.log.clone() })?;
        if success {
            return Ok(answer["value"].take());
        }
        Err(BrowserError::Attach { message: text(&answer["value"], "message"), hint: Hint::default() })
    }

    /// Opens a further page of this session, and gives its handle: the driver would open it outside of the context, for
    /// nobody in particular.
    pub(super) async fn open_page(&self, of_kind: &str) -> Result<Value, BrowserError> {
        let page = self.connection.blank_page(&self.context, of_kind == "window");
        let answer = self.connection.cdp.call("Target.createTarget", page).await?;
        Ok(json!({ "handle": text(&answer, "targetId"), "type": of_kind }))
    }

    /// The handles of this session's own pages among these: a driver knows all pages of the browser.
    pub(super) async fn own_pages(&self, handles: &Value) -> Option<Value> {
        let targets = self.connection.cdp.call("Target.getTargets", json!({})).await.ok()?;
        let targets = targets["targetInfos"].as_array()?;
        let own = |handle: &&Value| {
            let mut targets = targets.iter();
            targets
                .any(|target| target["targetId"] == **handle && target["browserContextId"] == *self.context)
        };
        Some(handles.as_array()?.iter().filter(own).cloned().collect())
    }

    /// Why it could not attach, or that the driver that it is attached with is gone.
    pub(super) async fn problem(&self) -> Option<Problem> {
        let known = self.problem.lock().unwrap_or_else(PoisonError::into_inner).clone();
        match known {
            Some(problem) => Some(problem),
            None => self.check().await.err().map(Problem::errored),
        }
    }

    /// An error if it is attached and the driver does not answer any more.
    pub(super) async fn check(&self) -> Result<(), BrowserError> {
        let Some(Attached { driver, .. }) = self.attached.get() else { return Ok(()) };
        let status = self.connection.http.get(format!("{}/status", driver.url)).timeout(PING).send();
        match status.await {
            // While it dies it may still accept a connection and reset it. Slow is not gone.
            Err(error) if !error.is_timeout() => Err(BrowserError::DriverGone { log: driver.log.clone() }),
            Ok(_) | Err(_) => Ok(()),
        }
    }

    /// Waits until nobody attaches any more: a driver that attaches to a page which is closed meanwhile waits for it for a
    /// minute.
    pub(super) async fn settled(&self) {
        let _ = tokio::time::timeout(SETTLE, self.attaching.lock()).await;
    }

    /// Ends the session with the driver, if there is one or one is about to be.
    pub(super) async fn detach(&self) {
        if !self.closed.swap(true, Ordering::SeqCst) {
            self.settled().await;
            self.delete().await;
        }
    }

    async fn delete(&self) {
        if let Some(attached) = self.attached.get() {
            attached.end(self.http()).await;
        }
    }
}

pub(super) fn timeouts() -> Value {
    let milliseconds = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    json!({ "script": milliseconds(SCRIPT), "pageLoad": milliseconds(PAGE_LOAD), "implicit": 0 })
}
