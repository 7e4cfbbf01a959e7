//! What a test drives: a page of its own, isolated from all others.

use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use serde_json::json;
use thirtyfour::WebDriver;

use super::attachment::Attachment;
use super::cdp::Page;
use super::connection::Connection;
use super::console::{Rules, problems};
use super::driver::Driver;
use super::emulation::Emulation;
use super::error::BrowserError;
use super::going::Arrival;
use super::locator::Why;
use super::open::{OpenSession, Start, Waits};
use super::pages::Family;
use super::renewal::Renew;
use super::state::{State, without_query};
use super::tab::Tab;
use super::trace::{PageTrace, Recording};
use super::witness::Entry;
use super::witness::Witness;
use crate::config::Console;
use crate::model::{Account, PageProblem, Pattern, Problem, Role, resolve};

/// How long closing may take.
const CLOSE: Duration = Duration::from_secs(5);
/// How long its pages may take to tell what they have not told yet.
const SETTLE: Duration = Duration::from_millis(500);

/// An isolated browser context that a test drives, signed in as its account or anonymous.
///
/// It dereferences to [`thirtyfour::WebDriver`], so all of thirtyfour works on it: the driver attaches to the page with the
/// first command that is sent to it. A clone is the same session. Cookies, storage and cache are its own: two sessions of a test are two users.
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

/// A session that is not kept open by this.
#[derive(Clone)]
pub(super) struct WeakSession(Weak<Inner>);

impl WeakSession {
    pub(super) fn upgrade(&self) -> Option<Session> {
        self.0.upgrade().map(Session)
    }
}

impl fmt::Debug for WeakSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WeakSession")
    }
}

struct Inner {
    driver: Driver,
    tab: Tab,
    /// The context that it is in, with all its pages.
    family: Arc<Family>,
    trace: PageTrace,
    recording: Recording,
    connection: Connection,
    base_url: String,
    waits: Waits,
    console: Arc<Console>,
    opened: Instant,
    /// What the test allowed on its pages.
    allowed: Mutex<Vec<Pattern>>,
    test_id: String,
    account: Option<Account>,
    first_goto: Mutex<FirstGoto>,
    /// The page that a sign-in began at.
    sign_in_page: Mutex<Option<String>>,
    /// What the surroundings did to a test that will only see an error of the driver.
    problem: Mutex<Option<Problem>>,
    /// What its page takes its surroundings to be.
    emulation: Mutex<Emulation>,
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
    pub(super) tab: Tab,
    pub(super) family: Arc<Family>,
    pub(super) trace: PageTrace,
    pub(super) open: OpenSession,
}

impl Session {
    pub(super) fn new(parts: Parts) -> Self {
        let Parts { connection, driver, tab, family, trace, open } = parts;
        let first_goto = match open.start {
            Start::Fresh | Start::Restored { renew: None, .. } => FirstGoto::Nothing,
            Start::SigningIn => FirstGoto::RememberPage,
            Start::Restored { state, renew: Some(renew) } => FirstGoto::CheckState(state, renew),
        };
        Self(Arc::new(Inner {
            driver,
            tab,
            family,
            trace,
            connection,
            base_url: open.base_url,
            waits: open.waits,
            console: open.console,
            opened: Instant::now(),
            allowed: Mutex::default(),
            test_id: open.test_id,
            recording: open.recording,
            account: open.account,
            first_goto: Mutex::new(first_goto),
            sign_in_page: Mutex::default(),
            problem: Mutex::default(),
            emulation: Mutex::default(),
        }))
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

    /// Errors on this session's pages that match are none, from the beginning of the test on: what a test provokes. `pattern` is a
    /// regular expression; it is looked for in the error's text, in `METHOD url` of its request, and in the address of its
    /// source. See [`guide::page_errors`](crate::guide::page_errors).
    ///
    /// ```no_run
    /// # async fn test(session: &callboard::Session) -> callboard::TestResult {
    /// session.allow_console("^GET .*/api/slow");
    /// session.goto("/courses").await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// If it is no regular expression.
    #[track_caller]
    pub fn allow_console(&self, pattern: &str) {
        match Pattern::new(pattern) {
            Ok(pattern) => self.allow([pattern]),
            Err(error) => {
                panic!("`allow_console({pattern:?})` is given what is no regular expression: {error}")
            }
        }
    }

    pub(crate) fn allow(&self, patterns: impl IntoIterator<Item = Pattern>) {
        lock(&self.0.allowed).extend(patterns);
    }

    /// What went wrong on its pages since then, and is not allowed, neither by the configuration, nor the session, nor this.
    pub(crate) fn page_problems(&self, since: Instant, allow: &[Pattern]) -> Vec<PageProblem> {
        let mut allowed = lock(&self.0.allowed).clone();
        allowed.extend_from_slice(allow);
        problems(&self.entries(), since, Rules { console: &self.0.console, allow: &allowed })
    }

    /// The same since it was opened.
    pub(super) fn all_page_problems(&self) -> Vec<PageProblem> {
        self.page_problems(self.0.opened, &[])
    }

    /// All that happened on its pages.
    pub(crate) fn entries(&self) -> Vec<Entry> {
        self.witness().entries()
    }

    /// Waits until what happened on its pages up to now is known: what a page tells is told in order. A page that is busy is not waited
    /// for long.
    pub(crate) async fn settle(&self) {
        let mut tabs = self.further();
        tabs.push(self.0.tab.clone());
        futures_util::future::join_all(tabs.iter().map(|tab| tab.settle(SETTLE))).await;
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
    pub(super) fn further(&self) -> Vec<Tab> {
        self.0.family.further.tabs()
    }

    /// Who takes note of what happens on all pages of the session.
    pub(super) fn witness(&self) -> &Witness {
        self.0.tab.witness()
    }

    /// What its page takes its surroundings to be.
    pub(super) fn emulation(&self) -> MutexGuard<'_, Emulation> {
        lock(&self.0.emulation)
    }

    /// All pages of its context.
    pub(super) fn family(&self) -> &Arc<Family> {
        &self.0.family
    }

    pub(super) fn connection(&self) -> &Connection {
        &self.0.connection
    }

    pub(super) fn downgrade(&self) -> WeakSession {
        WeakSession(Arc::downgrade(&self.0))
    }

    /// Waits until the browser is not there any more.
    pub(super) async fn gone(&self) -> Why {
        Why::Browser(self.0.connection.cdp.ended().await)
    }

    /// The part of a page that a frame is in, among all pages of the session; this page if it is in none of them any more.
    pub(super) fn page_of(&self, frame: &str) -> Page {
        let part = self.tabs().iter().find_map(|tab| tab.part_of(frame));
        part.unwrap_or_else(|| self.0.tab.page().clone())
    }

    /// All pages of its context, the one that it began with first.
    pub(super) fn tabs(&self) -> Vec<Tab> {
        let mut tabs = vec![self.0.family.first.clone()];
        tabs.append(&mut self.0.family.further.tabs());
        tabs
    }

    /// The same user on another page of the context.
    pub(super) async fn with_tab(&self, tab: Tab) -> Result<Self, BrowserError> {
        let connection = self.0.connection.clone();
        // As of every page of a test.
        let focus = tab.page().call("Emulation.setFocusEmulationEnabled", json!({ "enabled": true }));
        let attachment = Attachment::new(connection.clone(), &self.0.family.context.id, tab.clone());
        let trace = self.0.trace.of_another(&tab);
        let slow_mo = self.0.waits.pace.slow_mo;
        let driver = Driver::new(&connection, attachment, trace.clone(), slow_mo);
        let (driver, _) = tokio::try_join!(driver, focus)?;
        let open = OpenSession {
            base_url: self.0.base_url.clone(),
            account: self.0.account.clone(),
            start: Start::Fresh,
            waits: self.0.waits,
            console: self.0.console.clone(),
            test_id: self.0.test_id.clone(),
            recording: self.0.recording.clone(),
        };
        Ok(Self::new(Parts { connection, driver, tab, family: self.0.family.clone(), trace, open }))
    }

    /// How long actions and expectations wait, unless they say so themselves.
    pub(super) fn waits(&self) -> Waits {
        self.0.waits
    }

    /// The attribute that elements are known to tests by.
    pub(super) fn test_id(&self) -> &str {
        &self.0.test_id
    }

    /// What this context holds now: to be kept after a sign-in.
    pub(crate) async fn state(&self) -> Result<State, BrowserError> {
        let sign_in_page = lock(&self.0.sign_in_page).clone();
        State::capture(&self.0.connection.cdp, &self.0.family.context.id, self.0.tab.page(), sign_in_page)
            .await
    }

    /// What the surroundings did to the test, whatever it made of it: the browser is gone, or a kept
    /// sign-in was refused and could not be renewed.
    pub(crate) async fn problem(&self) -> Option<Problem> {
        if let Some(problem) = lock(&self.0.problem).clone() {
            return Some(problem);
        }
        match self.0.connection.check().await {
            Ok(()) => self.0.driver.attachment().problem().await,
            Err(gone) => Some(Problem::errored(gone)),
        }
    }

    /// Closes all pages of the session and forgets its context. It is of no use afterwards.
    ///
    /// A browser that is gone is no error here: nothing of the session is left in it.
    pub(crate) async fn close(&self) -> Result<(), BrowserError> {
        self.close_within(CLOSE).await
    }

    pub(super) async fn close_within(&self, limit: Duration) -> Result<(), BrowserError> {
        // A handler that never answers must not be waited for, and one that holds this session lets it go.
        self.0.tab.routes().end();
        let dispose = async {
            self.0.driver.attachment().settled().await;
            self.0.family.context.dispose().await
        };
        // Both at once: a driver that waits for a page is freed by the end of the page.
        let closing = async { tokio::join!(self.0.driver.detach(), dispose).1 };
        match tokio::time::timeout(limit, closing).await {
            Ok(Ok(()) | Err(BrowserError::Gone { .. })) => Ok(()),
            Ok(Err(error)) => Err(error),
            Err(_elapsed) => Err(BrowserError::CloseTooSlow { waited: limit }),
        }
    }

    /// What the first page that the session goes to shows: whether it has to be asked for again, signed in anew.
    pub(super) async fn settle_first(&self, url: &str, arrival: &Arrival) -> Result<bool, Why> {
        let first = std::mem::replace(&mut *lock(&self.0.first_goto), FirstGoto::Nothing);
        match first {
            FirstGoto::Nothing => Ok(false),
            FirstGoto::RememberPage => {
                *lock(&self.0.sign_in_page) = Some(without_query(arrival.url()).to_owned());
                Ok(false)
            }
            FirstGoto::CheckState(state, renew) => {
                let status = arrival.status().map_or(0, u64::from);
                if !state.is_refused(url, arrival.url(), status) {
                    return Ok(false);
                }
                self.renew(&renew).await?;
                Ok(true)
            }
        }
    }

    /// Signs in once more and puts the new state in the place of the refused one.
    async fn renew(&self, renew: &Renew) -> Result<(), Why> {
        let renewed = match renew.ask().await {
            Ok(state) => self.replace_state(&state).await.map_err(Problem::errored),
            Err(problem) => Err(problem),
        };
        renewed.map_err(|problem| {
            let message =
                format!("the kept sign-in was refused, and signing in again failed: {}", problem.message);
            *lock(&self.0.problem) = Some(problem);
            Why::Other(message)
        })
    }

    async fn replace_state(&self, state: &State) -> Result<(), BrowserError> {
        let (cdp, context) = (&self.0.connection.cdp, &self.0.family.context.id);
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

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
