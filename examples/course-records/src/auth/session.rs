//! Sessions: a random token in an `HttpOnly` cookie, the rest in the database.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

use super::{Role, Viewer, random_token, same_secret};
use crate::error::{Error, Result};
use crate::faults::Fault;
use crate::server::App;

const COOKIE: &str = "course_records_session";
pub(crate) const CSRF_HEADER: &str = "x-csrf-token";

/// The two secrets of a session: who knows `id` is the user, who knows `csrf` came from our own pages.
#[derive(Clone)]
pub(crate) struct Tokens {
    pub(crate) id: String,
    pub(crate) csrf: String,
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Tokens(..)")
    }
}

impl Tokens {
    pub(crate) fn check_csrf(&self, sent: Option<&str>) -> Result<()> {
        match sent {
            Some(sent) if same_secret(sent, &self.csrf) => Ok(()),
            _ => Err(Error::Forbidden("The CSRF token is missing or wrong. Please reload the page.".into())),
        }
    }
}

/// Begins a session that ends after `hours`, and clears away those that have ended.
pub(crate) fn begin(connection: &Connection, user_id: i64, hours: u32) -> Result<Tokens> {
    let tokens = Tokens { id: random_token()?, csrf: random_token()? };
    let now = Timestamp::now().as_second();
    connection.execute("DELETE FROM sessions WHERE expires_at <= ?1", [now])?;
    connection.execute(
        "INSERT INTO sessions (token, user_id, csrf, expires_at) VALUES (?1, ?2, ?3, ?4)",
        params![tokens.id, user_id, tokens.csrf, now + i64::from(hours) * 3600],
    )?;
    Ok(tokens)
}

pub(crate) fn end(connection: &Connection, token: &str) -> Result<()> {
    connection.execute("DELETE FROM sessions WHERE token = ?1", [token])?;
    Ok(())
}

/// Ends the sessions of a user, but for the one that `keep` names.
pub(crate) fn end_all(connection: &Connection, user_id: i64, keep: Option<&str>) -> Result<()> {
    connection
        .execute("DELETE FROM sessions WHERE user_id = ?1 AND token IS NOT ?2", params![user_id, keep])?;
    Ok(())
}

fn find(connection: &Connection, token: &str) -> Result<Option<Viewer>> {
    let viewer = connection
        .prepare_cached(
            "SELECT u.id, u.role, u.institution_id, u.email, u.display_name, s.csrf
             FROM sessions s JOIN users u ON u.id = s.user_id
             WHERE s.token = ?1 AND s.expires_at > ?2 AND u.is_active = 1",
        )?
        .query_row(params![token, Timestamp::now().as_second()], |row| {
            Ok((row.get::<_, String>(1)?, row.get(0)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?))
        })
        .optional()?;
    let Some((role, user_id, institution_id, email, display_name, csrf)) = viewer else { return Ok(None) };
    let role = Role::parse(&role).ok_or_else(|| Error::internal(format!("unknown role {role}")))?;
    let session = Tokens { id: token.to_owned(), csrf };
    Ok(Some(Viewer { user_id, role, institution_id, email, display_name, session }))
}

/// The viewer of a request, if its cookie belongs to a live session.
pub(crate) async fn viewer_of(app: &App, headers: &HeaderMap) -> Result<Option<Viewer>> {
    let Some(token) = token_of(headers) else { return Ok(None) };
    app.db.read(move |db| find(db, &token)).await
}

pub(crate) fn token_of(headers: &HeaderMap) -> Option<String> {
    cookie(headers, COOKIE).map(str::to_owned)
}

/// In front of every page: who is not signed in goes to the sign-in page and comes back after it.
pub(crate) async fn require_for_page(State(app): State<App>, mut request: Request, next: Next) -> Response {
    match viewer_of(&app, request.headers()).await {
        Ok(Some(viewer)) => {
            request.extensions_mut().insert(viewer);
            next.run(request).await
        }
        Ok(None) => {
            let wanted = request.uri().path_and_query().map_or("/", |path| path.as_str());
            Redirect::to(&format!("/login?next={}", percent_encode(wanted))).into_response()
        }
        Err(error) => crate::pages::PageError::from(error).into_response(),
    }
}

/// In front of the API: a session, and for everything that changes something the CSRF token too.
pub(crate) async fn require_for_api(
    State(app): State<App>,
    mut request: Request,
    next: Next,
) -> Result<Response> {
    let viewer = viewer_of(&app, request.headers()).await?.ok_or(Error::Unauthenticated)?;
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        viewer.session.check_csrf(csrf_header(request.headers()))?;
    }
    request.extensions_mut().insert(viewer);
    Ok(next.run(request).await)
}

pub(crate) fn csrf_header(headers: &HeaderMap) -> Option<&str> {
    headers.get(CSRF_HEADER)?.to_str().ok()
}

pub(crate) fn session_cookie(tokens: &Tokens, hours: u32) -> Result<HeaderValue> {
    if Fault::ShortToken.is_on() {
        return set_cookie(COOKIE, &as_numbers(&tokens.id), u64::from(hours) * 3600);
    }
    set_cookie(COOKIE, &tokens.id, u64::from(hours) * 3600)
}

/// `short-token`: the token as two numbers in hexadecimal digits.
fn as_numbers(token: &str) -> String {
    let number = |half: Option<&str>| u64::from_str_radix(half.unwrap_or_default(), 16).unwrap_or_default();
    format!("{:x}{:x}", number(token.get(..16)), number(token.get(16..)))
}

pub(crate) fn expired_session_cookie() -> Result<HeaderValue> {
    set_cookie(COOKIE, "", 0)
}

pub(super) fn set_cookie(name: &str, value: &str, seconds: u64) -> Result<HeaderValue> {
    HeaderValue::try_from(format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax"))
        .map_err(Error::internal)
}

pub(super) fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name && !value.is_empty()).then_some(value))
}

fn percent_encode(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' | b'~' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect()
}
