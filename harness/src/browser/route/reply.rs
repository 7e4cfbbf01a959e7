//! What becomes of a request that is held.

use std::fmt;
use std::future::IntoFuture;
use std::panic::Location;
use std::path::Path;
use std::time::Duration;

use bytes::Bytes;
use serde::Serialize;
use serde_json::{Value, json};

use super::fetched::{Fetched, fetch};
use super::held::Route;
use super::media;
use crate::browser::locator::action::Going;
use crate::browser::locator::{PageError, Why};
use crate::browser::witness::Handled;
use crate::model::resolve;

type Headers = Vec<(String, String)>;

/// An answer that no server has given: see [`Route::fulfill`]. It is given when this is awaited.
#[must_use = "the request is held until this is awaited"]
pub struct Fulfill {
    route: Route,
    location: &'static Location<'static>,
    after: Duration,
    status: u16,
    headers: Headers,
    body: Bytes,
    fault: Option<String>,
}

impl Fulfill {
    pub(super) fn new(route: Route, location: &'static Location<'static>) -> Self {
        Self {
            route,
            location,
            after: Duration::ZERO,
            status: 200,
            headers: Vec::new(),
            body: Bytes::new(),
            fault: None,
        }
    }

    pub(super) fn with(mut self, status: u16, headers: Headers, body: Bytes) -> Self {
        (self.status, self.headers, self.body) = (status, headers, body);
        self
    }

    /// The status. Default: 200.
    pub fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// A header, instead of one of this name that it has. A cookie is one, too: `Set-Cookie`. Where a page asks another origin than its own, and no header
    /// says so, it is allowed to read the answer.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        put(&mut self.headers, name.into(), value.into());
        self
    }

    /// What the body is: `text/html; charset=utf-8`. Where nothing is said, the browser looks at the body.
    pub fn content_type(self, content_type: &str) -> Self {
        self.header("Content-Type", content_type)
    }

    /// The body: text or bytes.
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    /// The body as JSON, and that it is JSON.
    ///
    /// # Errors
    ///
    /// When awaited, if it cannot be written as JSON: a map whose keys are no texts.
    pub fn json(self, value: &(impl Serialize + ?Sized)) -> Self {
        match serde_json::to_vec(value) {
            Ok(json) => self.content_type("application/json").body(json),
            Err(error) => self.fault(format!("this is no JSON: {error}")),
        }
    }

    /// The content of a file, and what it is by the end of its name. A relative path is one in the folder that the test
    /// is executed in, which is that of its package.
    ///
    /// # Errors
    ///
    /// When awaited, if it cannot be read.
    pub fn file(self, path: impl AsRef<Path>) -> Self {
        let path = path.as_ref();
        let answer = match std::fs::read(path) {
            Ok(content) => self.body(content),
            Err(error) => return self.fault(format!("cannot read `{}`: {error}", path.display())),
        };
        match media::type_of(path) {
            Some(content_type) => answer.content_type(content_type),
            None => answer,
        }
    }

    /// So long after this is awaited. Default: at once.
    pub fn after(mut self, delay: Duration) -> Self {
        self.after = delay;
        self
    }

    fn fault(mut self, fault: String) -> Self {
        self.fault.get_or_insert(fault);
        self
    }

    /// Whether the page may read it is up to the one who answers, and that is the test.
    fn allow_other_origins(&mut self) {
        const ALLOWED: &str = "Access-Control-Allow-Origin";
        let request = self.route.held();
        let Some(origin) = find(request.headers(), "origin").filter(|origin| *origin != "null") else {
            return;
        };
        let is_own = request.request().url().strip_prefix(origin).is_some_and(|rest| rest.starts_with('/'));
        if is_own || find(&self.headers, ALLOWED).is_some() {
            return;
        }
        let origin = origin.to_owned();
        put(&mut self.headers, ALLOWED.to_owned(), origin);
        put(&mut self.headers, "Access-Control-Allow-Credentials".to_owned(), "true".to_owned());
        put(&mut self.headers, "Vary".to_owned(), "Origin".to_owned());
    }
}

impl IntoFuture for Fulfill {
    type Output = Result<(), PageError>;
    type IntoFuture = Going<()>;

    fn into_future(mut self) -> Going<()> {
        self.allow_other_origins();
        let Self { route, location, after, status, headers, body, fault } = self;
        Box::pin(async move {
            let what = "fulfill";
            if let Some(fault) = fault {
                return Err(route.error(what, Why::Other(fault), location));
            }
            pause(after).await;
            let told = json!({
                "responseCode": status,
                "responseHeaders": of(&headers),
                "body": thirtyfour::support::base64_encode(&body),
            });
            route.answer(what, location, Handled::Fulfilled, "Fetch.fulfillRequest", told).await
        })
    }
}

/// A request on its way to its server: see [`Route::go_on`]. It goes on when this is awaited.
#[must_use = "the request is held until this is awaited"]
pub struct GoOn {
    route: Route,
    location: &'static Location<'static>,
    after: Duration,
    url: Option<String>,
    method: Option<String>,
    headers: Option<Headers>,
    body: Option<Bytes>,
}

impl GoOn {
    pub(super) fn new(route: Route, location: &'static Location<'static>) -> Self {
        Self { route, location, after: Duration::ZERO, url: None, method: None, headers: None, body: None }
    }

    /// Another address: a path of the slot's application, or a whole one. The page does not see that it is another.
    pub fn url(mut self, url: &str) -> Self {
        self.url = Some(resolve(self.route.base_url(), url));
        self
    }

    /// Another method.
    pub fn method(mut self, method: impl Into<String>) -> Self {
        self.method = Some(method.into());
        self
    }

    /// A header, instead of one of this name that it has. `Cookie` and `Host` are the browser's own.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        put(self.headers(), name.into(), value.into());
        self
    }

    /// Without the header of this name.
    pub fn without_header(mut self, name: &str) -> Self {
        self.headers().retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        self
    }

    /// Another body: text or bytes.
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = Some(body.into());
        self
    }

    /// So long after this is awaited. Default: at once.
    pub fn after(mut self, delay: Duration) -> Self {
        self.after = delay;
        self
    }

    /// The same, and gives the answer before the page gets it: see [`Route::fetch`].
    pub fn fetch(self) -> impl Future<Output = Result<Fetched, PageError>> + Send + use<> {
        let (mut told, location, after) = (self.told(), self.location, self.after);
        told["interceptResponse"] = true.into();
        let route = self.route;
        async move {
            pause(after).await;
            fetch(route, location, told).await
        }
    }

    fn headers(&mut self) -> &mut Headers {
        let own = self.route.held().headers();
        self.headers.get_or_insert_with(|| own.to_vec())
    }

    fn told(&self) -> Value {
        let mut told = json!({});
        if let Some(url) = &self.url {
            told["url"] = url.as_str().into();
        }
        if let Some(method) = &self.method {
            told["method"] = method.as_str().into();
        }
        if let Some(headers) = &self.headers {
            told["headers"] = of(headers);
        }
        if let Some(body) = &self.body {
            told["postData"] = thirtyfour::support::base64_encode(body).into();
        }
        told
    }
}

impl IntoFuture for GoOn {
    type Output = Result<(), PageError>;
    type IntoFuture = Going<()>;

    fn into_future(self) -> Going<()> {
        let told = self.told();
        let Self { route, location, after, .. } = self;
        Box::pin(async move {
            pause(after).await;
            route.answer("go on with", location, Handled::WentOn, "Fetch.continueRequest", told).await
        })
    }
}

/// A request that fails: see [`Route::abort`]. It fails when this is awaited.
#[must_use = "the request is held until this is awaited"]
pub struct Abort {
    route: Route,
    location: &'static Location<'static>,
    after: Duration,
    why: Failure,
}

/// Why a request fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Failure {
    /// For no reason in particular: `net::ERR_FAILED`.
    #[default]
    Failed,
    /// The page did not want it any more: `net::ERR_ABORTED`.
    Aborted,
    /// `net::ERR_TIMED_OUT`
    TimedOut,
    /// `net::ERR_ACCESS_DENIED`
    AccessDenied,
    /// `net::ERR_CONNECTION_CLOSED`
    ConnectionClosed,
    /// `net::ERR_CONNECTION_RESET`
    ConnectionReset,
    /// `net::ERR_CONNECTION_REFUSED`
    ConnectionRefused,
    /// `net::ERR_NAME_NOT_RESOLVED`
    NameNotResolved,
    /// `net::ERR_INTERNET_DISCONNECTED`
    InternetDisconnected,
    /// `net::ERR_ADDRESS_UNREACHABLE`
    AddressUnreachable,
    /// As an extension that blocks advertisements does: `net::ERR_BLOCKED_BY_CLIENT`.
    BlockedByClient,
}

impl Abort {
    pub(super) fn new(route: Route, location: &'static Location<'static>) -> Self {
        Self { route, location, after: Duration::ZERO, why: Failure::default() }
    }

    /// The reason. Default: [`Failure::Failed`].
    pub fn because(mut self, why: Failure) -> Self {
        self.why = why;
        self
    }

    /// So long after this is awaited. Default: at once.
    pub fn after(mut self, delay: Duration) -> Self {
        self.after = delay;
        self
    }
}

impl IntoFuture for Abort {
    type Output = Result<(), PageError>;
    type IntoFuture = Going<()>;

    fn into_future(self) -> Going<()> {
        let Self { route, location, after, why } = self;
        Box::pin(async move {
            pause(after).await;
            // The browser's names are the same.
            let told = json!({ "errorReason": format!("{why:?}") });
            route.answer("abort", location, Handled::Aborted, "Fetch.failRequest", told).await
        })
    }
}

async fn pause(delay: Duration) {
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
}

fn put(headers: &mut Headers, name: String, value: String) {
    headers.retain(|(known, _)| !known.eq_ignore_ascii_case(&name));
    headers.push((name, value));
}

pub(super) fn find<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

/// As the browser wants them.
fn of(headers: &[(String, String)]) -> Value {
    headers.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect()
}

impl fmt::Debug for Fulfill {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fulfill({}: {})", self.route.request(), self.status)
    }
}

impl fmt::Debug for GoOn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GoOn({})", self.route.request())
    }
}

impl fmt::Debug for Abort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Abort({}: {:?})", self.route.request(), self.why)
    }
}
