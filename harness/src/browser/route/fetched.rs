//! A server's answer before the page gets it.

use std::fmt;
use std::panic::Location;

use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::held::{Route, is_gone};
use super::reply::{Fulfill, find};
use crate::browser::cdp::text;
use crate::browser::error::BrowserError;
use crate::browser::locator::{PageError, Why};
use crate::browser::network::response::{Request, decoded};

/// What the browser's own network has done to the body already, and how long it was before.
const OF_TRANSPORT: [&str; 3] = ["content-encoding", "content-length", "transfer-encoding"];

/// What a server has answered, whole: see [`Route::fetch`]. The page has it when [`fulfill`](Self::fulfill) is awaited.
#[must_use = "the page waits until the answer is handed on: `fulfill()`"]
pub struct Fetched {
    route: Route,
    status: u16,
    headers: Vec<(String, String)>,
    body: Bytes,
}

impl Fetched {
    /// The request that was answered.
    pub fn request(&self) -> &Request {
        self.route.request()
    }

    /// The status: 200, 404, …
    pub fn status(&self) -> u16 {
        self.status
    }

    /// Its headers; one that came twice is there twice.
    pub fn headers(&self) -> &[(String, String)] {
        &self.headers
    }

    /// The header of this name, in upper or lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        find(&self.headers, name)
    }

    /// Its body, without any compression; a redirect has none.
    pub fn bytes(&self) -> &Bytes {
        &self.body
    }

    /// Its body as text; what is no UTF-8 becomes `�`.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Its body, read as JSON.
    ///
    /// # Errors
    ///
    /// If it is none, or another.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_slice(&self.body)
    }

    /// Gives it to the page, as it is or with what is changed of it.
    #[track_caller]
    pub fn fulfill(self) -> Fulfill {
        let Self { route, status, mut headers, body } = self;
        headers.retain(|(name, _)| !OF_TRANSPORT.iter().any(|known| name.eq_ignore_ascii_case(known)));
        Fulfill::new(route, Location::caller()).with(status, headers, body)
    }
}

impl fmt::Debug for Fetched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fetched({}: {})", self.request(), self.status)
    }
}

/// Has the server asked, and holds its answer.
pub(super) async fn fetch(
    route: Route,
    location: &'static Location<'static>,
    told: Value,
) -> Result<Fetched, PageError> {
    let what = "fetch";
    let coming = route.fetched();
    let gave_up = || {
        route.give_up();
        Err(route.error(what, Why::Other("the page does not want it any more".to_owned()), location))
    };
    match route.call("Fetch.continueRequest", told).await {
        Ok(_) => {}
        Err(BrowserError::Refused { message, .. }) if is_gone(&message) => return gave_up(),
        Err(BrowserError::Refused { message, .. }) => {
            return Err(route.error(
                what,
                Why::Other(format!("the browser refuses it: {message}")),
                location,
            ));
        }
        Err(error) => return Err(route.error(what, Why::Browser(error), location)),
    }
    let answer = tokio::select! {
        answer = coming => answer.ok(),
        () = route.held().given_up() => None,
    };
    let Some(answer) = answer else { return gave_up() };
    if let Some(why) = answer["responseErrorReason"].as_str() {
        return Err(route.error(what, Why::Other(format!("no server answered it: {why}")), location));
    }
    let status = answer["responseStatusCode"].as_u64().and_then(|status| u16::try_from(status).ok());
    let status = status.unwrap_or_default();
    let headers = answer["responseHeaders"].as_array().map(Vec::as_slice).unwrap_or_default();
    let headers: Vec<_> =
        headers.iter().map(|header| (text(header, "name"), text(header, "value"))).collect();
    let is_redirect = (300..400).contains(&status) && find(&headers, "location").is_some();
    let body = if is_redirect {
        Bytes::new()
    } else {
        match route.call("Fetch.getResponseBody", json!({})).await {
            Ok(body) => decoded(&body).map_err(|why| route.error(what, Why::Other(why), location))?,
            Err(BrowserError::Refused { message, .. }) if is_gone(&message) => return gave_up(),
            Err(error) => return Err(route.error(what, Why::Browser(error), location)),
        }
    };
    Ok(Fetched { route, status, headers, body })
}
