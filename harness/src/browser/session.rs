//! What a test drives: a page of its own, isolated from all others.

use std::fmt;
use std::ops::Deref;
use std::panic::Location;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::json;
use thirtyfour::WebDriver;
use thirtyfour::error::{WebDriverError, WebDriverResult};

use super::accessibility;
use super::connection::Connection;
use super::driver::Driver;
use super::error::BrowserError;
use super::open::{Context, OpenSession, Start, Waits};
use super::renewal::Renew;
use super::state::{State, without_query};
use super::tab::{Further, Tab};
use super::trace::PageTrace;
use super::witness::Witness;
use crate::model::{Account, Problem, Role, resolve};

/// How long closing may take, and how long taking a picture may.
const CLOSE: Duration = Duration::from_secs(5);
const PICTURE: Duration = Duration::from_secs(5);

/// An isolated browser context that a test drives, signed in as its account or anonymous.
///
/// It dereferences to [`thirtyfour::WebDriver`], so all of thirtyfour works on it. A clone is the same
/// session. Cookies, storage and cache are its own: two sessions of a test are two users.
///
/// ```no_run
/// use callboard::{Session, TestResult};
/// use thirtyfour::By;
///
/// async fn greets(session: &Session) -> TestResult {
///     session.goto("/profile").await?;
///     let heading = session.find(By::Css("h1")).await?;
///     assert_eq!(heading.text().await?, "Profile");
///     Ok(())
/// }
/// ```
#[derive(Clone)]
pub struct Session(Arc<Inner>);

struct Inner {
    driver: Driver,
    context: Context,
    tab: Tab,
    trace: PageTrace,
    #[allow(dead_code, reason = "for now, who uses them is being written")]
    further: Further,
    connection: Connection,
    base_url: String,
    waits: Waits,
    account: Option<Account>,
    first_goto: Mutex<FirstGoto>,
    /// The page that a sign-in began at.
    sign_in_page: Mutex<Option<String>>,
    /// What the surroundings did to a test that will only see an error of the driver.
    problem: Mutex<Option<Problem>>,
}

/// What is yet to be done when the test first goes anywhere.
enum FirstGoto {
    Nothing,
    RememberPage,
    CheckState(Arc<State>, Renew),
}

/// What a session is made of.
pub(super) struct Parts {
    pub(super) connection: Connection,
    pub(super) driver: Driver,
    pub(super) context: Context,
    pub(super) tab: Tab,
    pub(super) trace: PageTrace,
    pub(super) further: Further,
    pub(super) open: OpenSession,
}

impl Session {
    pub(super) fn new(parts: Parts) -> Self {
        let Parts { connection, driver, context, tab, further, trace, open } = parts;
        let first_goto = match open.start {
            Start::Fresh | Start::Restored { renew: None, .. } => FirstGoto::Nothing,
            Start::SigningIn => FirstGoto::RememberPage,
            Start::Restored { state, renew: Some(renew) } => FirstGoto::CheckState(state, renew),
        };
        Self(Arc::new(Inner {
            driver,
            context,
            tab,
            trace,
            further,
            connection,
            base_url: open.base_url,
            waits: open.waits,
            account: open.account,
            first_goto: Mutex::new(first_goto),
            sign_in_page: Mutex::default(),
            problem: Mutex::default(),
        }))
    }

    /// Goes to a path of the slot's application, or to an absolute address, and waits until the page
    /// has loaded (30 s at most).
    ///
    /// If the first page shows that the application no longer accepts the sign-in this session began
    /// with (it answers 401, or redirects to the sign-in page), the account is signed in once more and
    /// the page is asked for again.
    #[track_caller]
    pub fn goto(&self, path: impl AsRef<str>) -> impl Future<Output = WebDriverResult<()>> + Send {
        let (url, location) = (self.url_of(path.as_ref()), Location::caller());
        async move {
            let what = format!("go to {}", without_query(&url));
            self.0.trace.around("goto", &what, Some(location), None, self.go(&url)).await
        }
    }

    async fn go(&self, url: &str) -> WebDriverResult<()> {
        self.navigate(url).await?;
        let first = std::mem::replace(&mut *lock(&self.0.first_goto), FirstGoto::Nothing);
        match first {
            FirstGoto::Nothing => {}
            FirstGoto::RememberPage => {
                if let Some((landed, _)) = self.landed().await {
                    *lock(&self.0.sign_in_page) = Some(without_query(&landed).to_owned());
                }
            }
            FirstGoto::CheckState(state, renew) => {
                let Some((landed, status)) = self.landed().await else { return Ok(()) };
                if state.is_refused(url, &landed, status) {
                    self.renew(&renew).await?;
                    self.navigate(url).await?;
                }
            }
        }
        Ok(())
    }

    /// Makes this HTML the whole page, and waits until it has loaded. For a test of a component, without a server.
    ///
    /// ```no_run
    /// # async fn clicks(session: &callboard::Session) -> callboard::TestResult {
    /// session.set_content("<button>Save</button>").await?;
    /// session.by_role("button").named("Save").click().await?;
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    pub fn set_content(&self, html: impl AsRef<str>) -> impl Future<Output = WebDriverResult<()>> + Send {
        let (html, location) = (html.as_ref().to_owned(), Location::caller());
        async move {
            self.0
                .trace
                .around("goto", "set the content", Some(location), None, self.put_content(&html))
                .await
        }
    }

    async fn put_content(&self, html: &str) -> WebDriverResult<()> {
        let script = "document.open(); document.write(arguments[0]); document.close(); \
                      const done = arguments[1]; \
                      document.readyState === 'complete' ? done() : addEventListener('load', () => done())";
        self.0.driver.web_driver().execute_async(script, vec![html.into()]).await?;
        Ok(())
    }

    /// The account that this session is signed in as; `None` if it is anonymous.
    pub fn account(&self) -> Option<&Account> {
        self.0.account.as_ref()
    }

    /// The role of that account.
    pub fn role(&self) -> Option<&Role> {
        self.account().map(Account::role)
    }

    /// Where the slot's application answers, without a slash at the end: `http://127.0.0.1:3002`.
    pub fn base_url(&self) -> &str {
        &self.0.base_url
    }

    /// The absolute address of a path of the slot's application; an absolute address stays as it is.
    pub fn url_of(&self, path: &str) -> String {
        resolve(&self.0.base_url, path)
    }

    /// The page that locators look at.
    pub(super) fn tab(&self) -> &Tab {
        &self.0.tab
    }

    /// What is recorded of the page.
    pub(super) fn trace(&self) -> &PageTrace {
        &self.0.trace
    }

    /// The pages that this session's pages opened, oldest first, as long as they are open.
    #[allow(dead_code, reason = "for now, who uses them is being written")]
    pub(super) fn further(&self) -> Vec<Tab> {
        self.0.further.tabs()
    }

    /// Who takes note of what happens on all pages of the session.
    #[allow(dead_code, reason = "for now, who uses it is being written")]
    pub(super) fn witness(&self) -> &Witness {
        self.0.tab.witness()
    }

    /// How long actions and expectations wait, unless they say so themselves.
    pub(super) fn waits(&self) -> Waits {
        self.0.waits
    }

    /// What this context holds now: to be kept after a sign-in.
    pub(crate) async fn state(&self) -> Result<State, BrowserError> {
        let sign_in_page = lock(&self.0.sign_in_page).clone();
        State::capture(&self.0.connection.cdp, &self.0.context.id, self.0.tab.page(), sign_in_page).await
    }

    /// What the surroundings did to the test, whatever it made of it: the browser is gone, or a kept
    /// sign-in was refused and could not be renewed.
    pub(crate) async fn problem(&self) -> Option<Problem> {
        if let Some(problem) = lock(&self.0.problem).clone() {
            return Some(problem);
        }
        self.0.connection.check().await.err().map(Problem::errored)
    }

    /// The page as a PNG picture. It does not need the driver, which may be busy with what the test
    /// was waiting for.
    pub(crate) async fn screenshot_png(&self) -> Result<Vec<u8>, BrowserError> {
        let picture = self.0.tab.page().call("Page.captureScreenshot", json!({ "format": "png" }));
        let answer = in_time("picture", picture).await?;
        let data = answer["data"].as_str().unwrap_or_default();
        thirtyfour::support::base64_decode(data).map_err(|_| BrowserError::NoPicture { what: "picture" })
    }

    /// The page's document as HTML, as it is now.
    pub(crate) async fn page_source(&self) -> Result<String, BrowserError> {
        let html = in_time("text", self.0.tab.page().evaluate("document.documentElement.outerHTML")).await?;
        Ok(html.as_str().unwrap_or_default().to_owned())
    }

    /// The page's accessibility tree as text.
    pub(crate) async fn accessibility_tree(&self) -> Result<String, BrowserError> {
        in_time("accessibility tree", accessibility::tree(self.0.tab.page())).await
    }

    /// Closes all pages of the session and forgets its context. It is of no use afterwards.
    ///
    /// A browser that is gone is no error here: nothing of the session is left in it.
    pub(crate) async fn close(&self) -> Result<(), BrowserError> {
        self.close_within(CLOSE).await
    }

    pub(super) async fn close_within(&self, limit: Duration) -> Result<(), BrowserError> {
        // Both at once: a driver that waits for a page is freed by the end of the page.
        let closing = async { tokio::join!(self.0.context.dispose(), self.0.driver.detach()).0 };
        match tokio::time::timeout(limit, closing).await {
            Ok(Ok(()) | Err(BrowserError::Gone { .. })) => Ok(()),
            Ok(Err(error)) => Err(error),
            Err(_elapsed) => Err(BrowserError::CloseTooSlow { waited: limit }),
        }
    }

    async fn navigate(&self, url: &str) -> WebDriverResult<()> {
        let Err(error) = self.0.driver.web_driver().goto(url).await else { return Ok(()) };
        match self.0.connection.check().await {
            Ok(()) => Err(error),
            Err(gone) => Err(WebDriverError::FatalError(gone.to_string())),
        }
    }

    /// Where the page is, and what its document was answered with. Only a guess depends on it, so
    /// that a page which cannot be asked is no error.
    async fn landed(&self) -> Option<(String, u64)> {
        let script =
            "return [location.href, performance.getEntriesByType('navigation')[0]?.responseStatus ?? 0]";
        self.0.driver.web_driver().execute(script, Vec::new()).await.ok()?.convert().ok()
    }

    /// Signs in once more and puts the new state in the place of the refused one.
    async fn renew(&self, renew: &Renew) -> WebDriverResult<()> {
        let renewed = match renew.ask().await {
            Ok(state) => self.replace_state(&state).await.map_err(Problem::errored),
            Err(problem) => Err(problem),
        };
        renewed.map_err(|problem| {
            let message =
                format!("the kept sign-in was refused, and signing in again failed: {}", problem.message);
            *lock(&self.0.problem) = Some(problem);
            WebDriverError::SessionCreateError(message)
        })
    }

    async fn replace_state(&self, state: &State) -> Result<(), BrowserError> {
        let (cdp, context) = (&self.0.connection.cdp, &self.0.context.id);
        cdp.call("Storage.clearCookies", json!({ "browserContextId": context })).await?;
        state.put_cookies(cdp, context).await?;
        state.put_local_storage(self.0.tab.page()).await
    }
}

impl Deref for Session {
    type Target = WebDriver;

    fn deref(&self) -> &WebDriver {
        self.0.driver.web_driver()
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("base_url", &self.0.base_url)
            .field("account", &self.0.account)
            .finish_non_exhaustive()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn in_time<T>(
    what: &'static str,
    taking: impl Future<Output = Result<T, BrowserError>>,
) -> Result<T, BrowserError> {
    tokio::time::timeout(PICTURE, taking).await.unwrap_or(Err(BrowserError::NoPicture { what }))
}
