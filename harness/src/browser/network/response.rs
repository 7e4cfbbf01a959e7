//! Requests and responses as a test sees them.

use std::fmt;
use std::panic::Location;
use std::sync::Arc;

use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::sync::watch;

use super::pattern::Addressed;
use crate::browser::awaited::Awaited;
use crate::browser::cdp::Page;
use crate::browser::locator::Why;
use crate::browser::session::Session;
use crate::browser::state::without_query;
use crate::browser::witness::{Exchange, Listening};

/// Of a body that is no such JSON so much is shown.
const SHOWN: usize = 200;

/// A request that a page has made.
#[derive(Clone)]
pub struct Request(Arc<Exchange>);

/// What a request was answered with: status and headers at once, the body when it has come.
#[derive(Clone)]
pub struct Response(Arc<Inner>);

struct Inner {
    session: Session,
    request: Request,
    body: Body,
}

/// Where the body is to be had.
pub(in crate::browser) enum Body {
    /// It is fetched as soon as it is complete: the browser forgets it when the page goes elsewhere.
    Coming(
        watch::Receiver<Option<Result<Bytes, String>>>,
        #[expect(dead_code, reason = "it listens")] Listening,
    ),
    /// The browser has it as long as the page is there.
    Of(Page),
}

impl Request {
    pub(in crate::browser) fn new(exchange: &Exchange) -> Self {
        Self(Arc::new(exchange.clone()))
    }

    /// The browser's.
    pub(in crate::browser) fn id(&self) -> &str {
        &self.0.id
    }

    /// `GET`, `POST`, …
    pub fn method(&self) -> &str {
        &self.0.method
    }

    /// The whole address.
    pub fn url(&self) -> &str {
        &self.0.url
    }

    /// What it is for: `Document`, `Fetch`, `XHR`, `Script`, `Image`, …
    pub fn resource_type(&self) -> &str {
        &self.0.resource
    }

    /// Its headers, in the order in which they were sent.
    pub fn headers(&self) -> &[(String, String)] {
        &self.0.request_headers
    }

    /// The header of this name, in upper or lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        header(self.headers(), name)
    }

    /// What it sends; `None` if that is nothing, or no text. Of more than 64 KiB there is nothing.
    pub fn body(&self) -> Option<&str> {
        self.0.request_body.as_deref()
    }

    /// What it sends, read as JSON.
    ///
    /// # Errors
    ///
    /// If it sends none, or another.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_str(self.body().unwrap_or_default())
    }
}

impl Response {
    pub(in crate::browser) fn new(session: &Session, exchange: &Exchange, body: Body) -> Self {
        Self(Arc::new(Inner { session: session.clone(), request: Request::new(exchange), body }))
    }

    /// The request that it answers.
    pub fn request(&self) -> &Request {
        &self.0.request
    }

    /// The whole address.
    pub fn url(&self) -> &str {
        self.0.request.url()
    }

    /// The status: 200, 404, …
    pub fn status(&self) -> u16 {
        self.0.request.0.status.unwrap_or_default()
    }

    /// Whether the status is one of success: 200 to 299.
    pub fn ok(&self) -> bool {
        (200..300).contains(&self.status())
    }

    /// Its headers.
    pub fn headers(&self) -> &[(String, String)] {
        &self.0.request.0.response_headers
    }

    /// The header of this name, in upper or lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        header(self.headers(), name)
    }

    /// Its body, when all of it has come (30 s at most).
    #[track_caller]
    pub fn bytes(&self) -> Awaited<Bytes> {
        self.body(Location::caller(), Ok)
    }

    /// Its body as text; what is no UTF-8 becomes `�`.
    #[track_caller]
    pub fn text(&self) -> Awaited<String> {
        self.body(Location::caller(), |body| Ok(String::from_utf8_lossy(&body).into_owned()))
    }

    /// Its body, read as JSON.
    ///
    /// ```no_run
    /// # async fn lists(session: &callboard::Session) -> callboard::TestResult {
    /// let response = session.wait_for_response("/api/courses");
    /// session.goto("/courses").await?;
    /// let courses: Vec<String> = response.await?.json().await?;
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    pub fn json<T: DeserializeOwned + Send + 'static>(&self) -> Awaited<T> {
        self.body(Location::caller(), |body| {
            serde_json::from_slice(&body).map_err(|error| {
                let text = String::from_utf8_lossy(&body);
                let shown: String = text.chars().take(SHOWN).collect();
                let more = if shown.len() < text.len() { "…" } else { "" };
                Why::Other(format!("it is no such JSON: {error}\n  body: {shown}{more}"))
            })
        })
    }

    fn body<T: Send + 'static>(
        &self,
        location: &'static Location<'static>,
        read: impl FnOnce(Bytes) -> Result<T, Why> + Send + 'static,
    ) -> Awaited<T> {
        let what = format!("read the body of {self}");
        let own = self.clone();
        let coming = async move { read(own.0.complete().await.map_err(Why::Other)?) };
        Awaited::new(&self.0.session, what, location, coming, || {
            "it has not come to its end; what the page itself does not read may never do".to_owned()
        })
    }
}

impl Inner {
    async fn complete(&self) -> Result<Bytes, String> {
        match &self.body {
            Body::Of(page) => fetch(page, &self.request.0.id).await,
            Body::Coming(coming, _) => {
                let mut coming = coming.clone();
                match coming.wait_for(Option::is_some).await {
                    Ok(body) => body.clone().unwrap_or_else(|| Err("it is lost".to_owned())),
                    Err(_gone) => Err("the page that asked for it is gone".to_owned()),
                }
            }
        }
    }
}

/// Fetches a body that is complete.
pub(in crate::browser) async fn fetch(page: &Page, id: &str) -> Result<Bytes, String> {
    let body = page.call("Network.getResponseBody", json!({ "requestId": id })).await;
    let body = body.map_err(|error| format!("the browser has it no longer: {error}"))?;
    decoded(&body)
}

/// A body as the browser gives it.
pub(in crate::browser) fn decoded(body: &Value) -> Result<Bytes, String> {
    let text = body["body"].as_str().unwrap_or_default();
    if body["base64Encoded"] != true {
        return Ok(Bytes::from(text.to_owned()));
    }
    let bytes = thirtyfour::support::base64_decode(text);
    bytes.map(Bytes::from).map_err(|_| "the browser's answer is no base64".to_owned())
}

fn header<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

impl Addressed for Request {
    fn address(&self) -> &str {
        self.url()
    }
}

impl Addressed for Response {
    fn address(&self) -> &str {
        self.url()
    }
}

impl fmt::Display for Request {
    /// `GET http://127.0.0.1:3002/courses`: what is after a `?` may be a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method(), without_query(self.url()))
    }
}

impl fmt::Display for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.request)
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Request({self})")
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Response({self}: {})", self.status())
    }
}
