//! Requests that a test answers itself, changes, holds or aborts, before a server sees them.

mod fetched;
mod held;
mod media;
mod reply;
mod rule;
mod table;

use std::fmt;
use std::future::IntoFuture;
use std::panic::Location;
use std::sync::Arc;

use futures_util::FutureExt;

pub use self::fetched::Fetched;
pub use self::held::Route;
pub use self::reply::{Abort, Failure, Fulfill, GoOn};
pub(in crate::browser) use self::rule::words_of;
use self::rule::{Handler, Rule};
pub(in crate::browser) use self::table::Routes;
use super::awaited::LONG;
use super::locator::action::Going;
use super::locator::{Doing, PageError, Why};
use super::network::pattern::{Matcher, Pattern};
use super::network::response::Request;
use super::session::Session;

impl Session {
    /// Has the requests that the pattern means given to `handler`, from when this is awaited: on all pages of the session, in
    /// their frames and workers, and on pages that they open, from the first request on.
    ///
    /// The handler has the request until it says what becomes of it: [`fulfill`](Route::fulfill), [`go_on`](Route::go_on),
    /// [`fetch`](Route::fetch), [`abort`](Route::abort), or [`fall_back`](Route::fall_back). Of several routes that mean a request the
    /// latest is asked first. A handler that fails, panics, or ends without an answer fails the request and the test.
    /// See [`guide::routes`](crate::guide::routes).
    ///
    /// ```no_run
    /// # async fn test(session: &callboard::Session) -> callboard::TestResult {
    /// use callboard::expect;
    ///
    /// session.route("/api/courses", |route| async { route.fulfill().status(503).await }).await?;
    /// session.goto("/courses").await?;
    /// expect(session.by_role("alert")).to_have_text("Try again later").await?;
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    pub fn route<H, F, E>(&self, pattern: impl Pattern<Request>, handler: H) -> Routing
    where
        H: Fn(Route) -> F + Send + Sync + 'static,
        F: Future<Output = Result<(), E>> + Send + 'static,
        E: fmt::Display + 'static,
    {
        let handler = Arc::new(move |route| {
            let handling = handler(route);
            handling.map(|result| result.map_err(|error| error.to_string())).boxed()
        });
        let (session, location) = (self.clone(), Location::caller());
        Routing { session, location, pattern: pattern.matcher(self), handler, times: None }
    }

    /// Takes away the routes that were made with this pattern, as it was written there. A request that a handler has is not
    /// taken from it.
    ///
    /// # Errors
    ///
    /// If there never was such a route.
    ///
    /// ```no_run
    /// # async fn test(session: &callboard::Session) -> callboard::TestResult {
    /// session.route("**/*.png", |route| async { route.abort().await }).await?;
    /// session.goto("/campus").await?;
    /// session.unroute("**/*.png")?;
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    pub fn unroute(&self, pattern: &str) -> Result<(), PageError> {
        let what = format!("take away the routes of `{pattern}`");
        let removed = self.tab().routes().remove(&format!("`{pattern}`"));
        removed.map_err(|why| PageError::new(what, Why::Other(why), Location::caller()))
    }

    /// Takes away all routes.
    pub fn unroute_all(&self) {
        self.tab().routes().clear();
    }
}

/// A route that is going to be there when this is awaited: see [`Session::route`].
#[must_use = "nothing is routed until this is awaited"]
pub struct Routing {
    session: Session,
    location: &'static Location<'static>,
    pattern: Matcher<Request>,
    handler: Handler,
    times: Option<u64>,
}

impl Routing {
    /// So many requests at most are given to it; then it is as if it were not there. Default: all.
    ///
    /// ```no_run
    /// # async fn test(session: &callboard::Session) -> callboard::TestResult {
    /// // The first attempt fails, the second one gets through.
    /// session.route("/api/save", |route| async { route.abort().await }).times(1).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn times(mut self, times: u64) -> Self {
        self.times = Some(times);
        self
    }
}

impl IntoFuture for Routing {
    type Output = Result<(), PageError>;
    type IntoFuture = Going<()>;

    fn into_future(self) -> Going<()> {
        let Self { session, location, pattern, handler, times } = self;
        let Matcher { words, matches, fault } = pattern;
        let doing = Doing { what: format!("route {words}").into(), limit: LONG, location };
        Box::pin(async move {
            if let Some(fault) = fault {
                return Err(doing.failed(Why::Other(fault)));
            }
            let base_url = session.base_url().into();
            let rule = Rule::new(words, location, base_url, matches, handler, times);
            session.tab().routes().add(rule).await.map_err(|error| doing.failed(Why::Browser(error)))
        })
    }
}

impl fmt::Debug for Routing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Routing({})", self.pattern.words)
    }
}
