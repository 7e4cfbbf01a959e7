//! A request that the browser holds, and who says what becomes of it.

use std::fmt;
use std::future::{Ready, ready};
use std::panic::Location;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};
use tokio::sync::{oneshot, watch};

use super::fetched::Fetched;
use super::reply::{Abort, Fulfill, GoOn};
use super::rule::Rule;
use super::table::Routes;
use crate::browser::cdp::{Page, text};
use crate::browser::error::BrowserError;
use crate::browser::locator::{PageError, Why};
use crate::browser::network::response::Request;
use crate::browser::witness::{Handled, Listening, Routed, Stage};

/// A request that the browser holds.
pub(super) struct Held {
    routes: Routes,
    page: Page,
    id: String,
    request: Request,
    /// All of them: those of the request are shortened where they are long.
    headers: Vec<(String, String)>,
    /// Nobody waits for it any more, and nobody had answered it by then.
    gone: watch::Sender<bool>,
    answered: Arc<AtomicBool>,
    _listening: Listening,
}

/// What a handler has said.
pub(super) enum Verdict {
    Answered,
    FellBack,
}

/// A request that is held until it is said what becomes of it. Nothing else happens to it meanwhile, however long that takes.
///
/// What is said takes the route with it, so that nothing is said twice.
#[must_use = "the request is held until it is said what becomes of it"]
pub struct Route {
    held: Arc<Held>,
    rule: Arc<Rule>,
    verdict: Option<oneshot::Sender<Verdict>>,
}

impl Held {
    pub(super) fn new(routes: Routes, page: Page, params: &Value, request: Request) -> Self {
        let gone = watch::Sender::new(false);
        let answered = Arc::new(AtomicBool::new(false));
        let (given_up, is_answered, network) = (gone.clone(), answered.clone(), text(params, "networkId"));
        let listening = routes.witness().on_exchange(move |exchange, stage| {
            if stage == Stage::Failed && exchange.id == network && !is_answered.load(Ordering::Relaxed) {
                given_up.send_replace(true);
            }
        });
        let headers = params["request"]["headers"].as_object().into_iter().flatten();
        let headers =
            headers.map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned()));
        let (id, headers) = (text(params, "requestId"), headers.collect());
        Self { routes, page, id, request, headers, gone, answered, _listening: listening }
    }

    pub(super) fn request(&self) -> &Request {
        &self.request
    }

    pub(super) fn page(&self) -> &Page {
        &self.page
    }

    pub(super) fn headers(&self) -> &[(String, String)] {
        &self.headers
    }

    pub(super) fn is_gone(&self) -> bool {
        *self.gone.borrow()
    }

    /// Waits until nobody waits for it any more.
    pub(super) async fn given_up(&self) {
        let _ = self.gone.subscribe().wait_for(|gone| *gone).await;
    }

    /// A route was asked about it.
    pub(super) fn note(&self, by: &Arc<str>, how: Handled) {
        let routed = Routed { by: by.clone(), how };
        self.routes.witness().routed(self.request.id(), self.request.url(), Some(routed));
    }

    /// No route did anything with it.
    pub(super) fn unnote(&self) {
        self.routes.witness().routed(self.request.id(), self.request.url(), None);
    }

    /// Fails it, as nobody has answered.
    pub(super) fn abort(&self) {
        self.page.notify("Fetch.failRequest", &json!({ "requestId": self.id, "errorReason": "Failed" }));
    }
}

impl Route {
    pub(super) fn new(held: Arc<Held>, rule: Arc<Rule>) -> (Self, oneshot::Receiver<Verdict>) {
        let (sender, receiver) = oneshot::channel();
        (Self { held, rule, verdict: Some(sender) }, receiver)
    }

    /// The request: address, method, headers, what it sends, what it is for.
    pub fn request(&self) -> &Request {
        self.held.request()
    }

    /// Answers the request; no server sees it. With status 200 and nothing in it, unless more is said.
    ///
    /// ```no_run
    /// # async fn test(session: &callboard::Session) -> callboard::TestResult {
    /// let courses = ["Algebra", "Botany"];
    /// session.route("/api/courses", move |route| async move { route.fulfill().json(&courses).await }).await?;
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    pub fn fulfill(self) -> Fulfill {
        Fulfill::new(self, Location::caller())
    }

    /// Lets the request go on to its server, as it is or changed. Other routes are not asked.
    ///
    /// ```no_run
    /// # async fn test(session: &callboard::Session) -> callboard::TestResult {
    /// session.route("/api/**", |route| async { route.go_on().header("X-Test", "1").await }).await?;
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    pub fn go_on(self) -> GoOn {
        GoOn::new(self, Location::caller())
    }

    /// Lets the server answer, and gives the answer, whole, before the page gets it: to be changed, or only looked at. The browser asks, as
    /// it would have anyway, with its cookies. A redirect is an answer, too: the request that the browser makes then is routed by itself.
    ///
    /// ```no_run
    /// # async fn test(session: &callboard::Session) -> callboard::TestResult {
    /// session
    ///     .route("/api/courses", |route| async {
    ///         let answer = route.fetch().await?;
    ///         let mut courses: Vec<String> = answer.json()?;
    ///         courses.push("Zoology".to_owned());
    ///         answer.fulfill().json(&courses).await?;
    ///         callboard::TestResult::Ok(())
    ///     })
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    pub fn fetch(self) -> impl Future<Output = Result<Fetched, PageError>> + Send + use<> {
        self.go_on().fetch()
    }

    /// Lets the request fail, as if there were no network, or by another [reason](Abort::because). It is no error of the page for
    /// the console policy.
    ///
    /// ```no_run
    /// # async fn test(session: &callboard::Session) -> callboard::TestResult {
    /// use callboard::page::Failure;
    ///
    /// session.route("**/*.{png,jpg}", |route| async { route.abort().await }).await?;
    /// session
    ///     .route("/api/save", |route| async { route.abort().because(Failure::ConnectionReset).await })
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    pub fn abort(self) -> Abort {
        Abort::new(self, Location::caller())
    }

    /// Leaves it to the route that was made before this one and means it, too; if there is none, the request goes on as it is.
    ///
    /// ```no_run
    /// # async fn test(session: &callboard::Session) -> callboard::TestResult {
    /// session
    ///     .route("/api/courses", |route| async {
    ///         match route.request().method() {
    ///             "POST" => route.fulfill().status(409).await,
    ///             _ => route.fall_back().await,
    ///         }
    ///     })
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn fall_back(mut self) -> Ready<Result<(), PageError>> {
        self.say(Verdict::FellBack);
        ready(Ok(()))
    }

    /// Tells the browser what becomes of it. A request that nobody waits for any more has become nothing.
    pub(super) async fn answer(
        mut self,
        what: &str,
        location: &'static Location<'static>,
        how: Handled,
        method: &'static str,
        params: Value,
    ) -> Result<(), PageError> {
        // What was noted is known before the browser tells what came of it.
        self.held.note(&self.rule.by, how);
        self.held.answered.store(true, Ordering::Relaxed);
        match self.call(method, params).await {
            Ok(_) => {}
            Err(BrowserError::Refused { message, .. }) if !is_gone(&message) => {
                self.held.answered.store(false, Ordering::Relaxed);
                let why = Why::Other(format!("the browser refuses it: {message}"));
                return Err(self.error(what, why, location));
            }
            Err(BrowserError::Refused { .. }) => self.give_up(),
            Err(error) => return Err(self.error(what, Why::Browser(error), location)),
        }
        self.say(Verdict::Answered);
        Ok(())
    }

    pub(super) async fn call(&self, method: &'static str, mut params: Value) -> Result<Value, BrowserError> {
        params["requestId"] = self.held.id.as_str().into();
        self.held.page.call(method, params).await
    }

    /// The server's answer, as soon as it is told; nothing if it is of no use to anybody any more.
    pub(super) fn fetched(&self) -> oneshot::Receiver<Value> {
        self.held.routes.fetch(&self.held.page, &self.held.id)
    }

    pub(super) fn held(&self) -> &Held {
        &self.held
    }

    pub(super) fn base_url(&self) -> &str {
        &self.rule.base_url
    }

    /// To be asked when it has been answered as well.
    pub(super) fn is_gone(&self) -> impl Fn() -> bool + Send + use<> {
        let gone = self.held.gone.clone();
        move || *gone.borrow()
    }

    pub(super) fn give_up(&self) {
        self.held.gone.send_replace(true);
    }

    pub(super) fn error(&self, what: &str, why: Why, location: &'static Location<'static>) -> PageError {
        PageError::new(format!("{what} {}", self.request()), why, location)
    }

    fn say(&mut self, verdict: Verdict) {
        if let Some(sender) = self.verdict.take() {
            let _ = sender.send(verdict);
        }
    }
}

/// The browser's words for a request that it does not hold.
pub(super) fn is_gone(message: &str) -> bool {
    message.contains("Invalid InterceptionId") || message.contains("Session with given id not found")
}

impl fmt::Debug for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Route({})", self.request())
    }
}
