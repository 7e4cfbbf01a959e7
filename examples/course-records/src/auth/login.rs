//! Signing in and out.

use axum::extract::{Form, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use minijinja::{Value, context};
use rusqlite::{OptionalExtension, Transaction};
use serde::Deserialize;

use super::{form as forms, password, session};
use crate::error::Error;
use crate::pages::{self, PageError};
use crate::server::App;

const WRONG: &str = "E-mail or password is wrong.";

#[derive(Deserialize)]
pub(crate) struct Wanted {
    #[serde(default)]
    next: String,
    /// What was done just before: a name of [`NOTICES`].
    #[serde(default)]
    notice: String,
}

/// What the page says to people who come from a link in a message.
const NOTICES: [(&str, &str); 3] = [
    ("verified", "Your address is verified. Please sign in."),
    ("password", "Your password was changed. Please sign in."),
    ("accepted", "Your account is ready. Please sign in."),
];

/// Why somebody is not let in.
enum Refusal {
    Because(&'static str),
    /// The password is right, so the page may offer to send the message again.
    Unverified,
}

#[derive(Deserialize)]
pub(crate) struct Credentials {
    #[serde(default)]
    email: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    csrf_token: String,
    #[serde(default)]
    next: String,
}

#[derive(Deserialize)]
pub(crate) struct LogoutForm {
    csrf_token: Option<String>,
}

pub(crate) async fn show(
    State(app): State<App>,
    Query(Wanted { next, notice }): Query<Wanted>,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    if session::viewer_of(&app, &headers).await?.is_some() {
        return Ok(Redirect::to(local_path(&next)).into_response());
    }
    let notice = NOTICES.iter().find(|(name, _)| *name == notice).map(|(_, text)| *text);
    page(&headers, StatusCode::OK, context! { notice, next => local_path(&next) })
}

pub(crate) async fn sign_in(
    State(app): State<App>,
    headers: HeaderMap,
    Form(sent): Form<Credentials>,
) -> Result<Response, PageError> {
    let again = |status, refusal: &Refusal| {
        let (error, unverified) = match refusal {
            Refusal::Because(words) => (*words, false),
            Refusal::Unverified => ("Please verify your e-mail address first.", true),
        };
        let (next, email) = (local_path(&sent.next), sent.email.as_str());
        page(&headers, status, context! { next, email, error, unverified })
    };
    if !forms::is_ours(&headers, &sent.csrf_token) {
        return again(StatusCode::FORBIDDEN, &Refusal::Because(forms::OUT_OF_DATE));
    }
    let previous = session::token_of(&headers);
    let hours = app.session_hours;
    let (email, password) = (sent.email.clone(), sent.password.clone());
    let account = app.db.read(move |db| check(db, email.trim(), &password)).await?;
    let user_id = match account {
        Ok(user_id) => user_id,
        Err(refusal) => return again(StatusCode::UNAUTHORIZED, &refusal),
    };
    let tokens = app
        .db
        .write(move |db| {
            if let Some(previous) = previous {
                session::end(db, &previous)?;
            }
            session::begin(db, user_id, hours)
        })
        .await?;
    let cookies = AppendHeaders([
        (header::SET_COOKIE, session::session_cookie(&tokens, hours)?),
        (header::SET_COOKIE, forms::forget()?),
    ]);
    Ok((cookies, Redirect::to(local_path(&sent.next))).into_response())
}

pub(crate) async fn sign_out(
    State(app): State<App>,
    headers: HeaderMap,
    Form(sent): Form<LogoutForm>,
) -> Result<Response, PageError> {
    if let Some(viewer) = session::viewer_of(&app, &headers).await? {
        let token = session::csrf_header(&headers).or(sent.csrf_token.as_deref());
        viewer.session.check_csrf(token)?;
        app.db.write(move |db| session::end(db, &viewer.session.id)).await?;
    }
    let cookies = [(header::SET_COOKIE, session::expired_session_cookie()?)];
    Ok((cookies, Redirect::to("/login")).into_response())
}

/// The user with this address and password, or what to tell the person who tried.
fn check(db: &Transaction<'_>, email: &str, password: &str) -> Result<Result<i64, Refusal>, Error> {
    let account = db
        .query_row(
            "SELECT id, password_hash, is_active, is_verified FROM users WHERE email = ?1",
            [email],
            |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?, row.get(2)?, row.get(3)?)),
        )
        .optional()?;
    let hash = account.as_ref().map(|(_, hash, ..)| hash.as_str());
    if !password::matches(password, hash) {
        return Ok(Err(Refusal::Because(WRONG)));
    }
    Ok(match account {
        Some((id, _, true, true)) => Ok(id),
        Some((_, _, true, false)) => Err(Refusal::Unverified),
        Some(_) => Err(Refusal::Because("This account has been deactivated.")),
        None => Err(Refusal::Because(WRONG)),
    })
}

fn page(headers: &HeaderMap, status: StatusCode, values: Value) -> Result<Response, PageError> {
    let (token, cookie) = forms::token(headers)?;
    let page = pages::render("login.html", context! { title => "Sign in", csrf => token, ..values })?;
    Ok((status, [(header::SET_COOKIE, cookie)], page).into_response())
}

/// `next` when it stays on this site, else the dashboard. Browsers read `//host` and `/\host` as another
/// site, and drop control characters before they look.
fn local_path(next: &str) -> &str {
    let stays = next.starts_with('/')
        && !next.starts_with("//")
        && !next.contains('\\')
        && !next.starts_with("/login")
        && !next.chars().any(char::is_control);
    if stays { next } else { "/dashboard" }
}

#[cfg(test)]
mod tests {
    use super::local_path;

    #[test]
    fn next_stays_on_this_site() {
        for path in ["/courses", "/sections/3?search=a%20b", "/"] {
            assert_eq!(local_path(path), path);
        }
        for path in
            ["", "courses", "https://evil.test/", "//evil.test", "/\\evil.test", "/\t/evil.test", "/login"]
        {
            assert_eq!(local_path(path), "/dashboard", "{path:?}");
        }
    }
}
