//! Forms of people who are not signed in. There is no session yet, so the form's token is compared with the one
//! in a cookie of its own.

use std::collections::HashMap;

use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, HeaderValue};
use serde_json::{Map, Value};

use super::{random_token, same_secret, session};
use crate::error::{Error, Result};
use crate::pages::PageError;

const COOKIE: &str = "course_records_form";
const COOKIE_SECONDS: u64 = 3600;
pub(crate) const OUT_OF_DATE: &str = "This form was out of date. Please try again.";

/// The token for a form, and the cookie that goes with it. A token that is still there is kept, so that a
/// second tab does not make the first one fail.
pub(crate) fn token(headers: &HeaderMap) -> Result<(String, HeaderValue)> {
    let token = match session::cookie(headers, COOKIE) {
        Some(token) => token.to_owned(),
        None => random_token()?,
    };
    let cookie = session::set_cookie(COOKIE, &token, COOKIE_SECONDS)?;
    Ok((token, cookie))
}

/// Whether the form came from one of our own pages.
pub(crate) fn is_ours(headers: &HeaderMap, sent: &str) -> bool {
    session::cookie(headers, COOKIE).is_some_and(|expected| same_secret(expected, sent))
}

/// The cookie that makes the browser forget the token.
pub(crate) fn forget() -> Result<HeaderValue> {
    session::set_cookie(COOKIE, "", 0)
}

/// What somebody filled into one of our own forms. Anything else is refused before it gets here.
pub(crate) struct Sent(Map<String, Value>);

impl Sent {
    /// A field as it was sent, for showing it again.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.0.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    pub(crate) fn fields(&self) -> Map<String, Value> {
        self.0.clone()
    }
}

impl<S: Send + Sync> FromRequest<S> for Sent {
    type Rejection = PageError;

    async fn from_request(request: Request, state: &S) -> Result<Self, PageError> {
        let headers = request.headers().clone();
        let form = axum::extract::Form::<HashMap<String, String>>::from_request(request, state).await;
        let axum::extract::Form(mut fields) =
            form.map_err(|_| Error::BadRequest("The form cannot be read. Please reload the page.".into()))?;
        let token = fields.remove("csrf_token").unwrap_or_default();
        if !is_ours(&headers, &token) {
            return Err(Error::Forbidden(OUT_OF_DATE.into()).into());
        }
        Ok(Self(fields.into_iter().map(|(name, value)| (name, value.into())).collect()))
    }
}
