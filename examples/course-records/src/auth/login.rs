//! Signing in and out.

use axum::extract::{Form, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use minijinja::context;
use rusqlite::{OptionalExtension, Transaction};
use serde::Deserialize;

use super::{password, random_token, same_secret, session};
use crate::error::Error;
use crate::pages::{self, PageError};
use crate::server::App;

/// Before there is a session, the form's token is compared with the one in this cookie.
const FORM_COOKIE: &str = "course_records_login";
const FORM_COOKIE_SECONDS: u64 = 3600;
const WRONG: &str = "E-mail or password is wrong.";

#[derive(Deserialize)]
pub(crate) struct Next {
    #[serde(default)]
    next: String,
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
    Query(Next { next }): Query<Next>,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    if session::viewer_of(&app, &headers).await?.is_some() {
        return Ok(Redirect::to(local_path(&next)).into_response());
    }
    form(&headers, StatusCode::OK, &next, "", None)
}

pub(crate) async fn sign_in(
    State(app): State<App>,
    headers: HeaderMap,
    Form(sent): Form<Credentials>,
) -> Result<Response, PageError> {
    let expected = session::cookie(&headers, FORM_COOKIE).unwrap_or_default();
    if expected.is_empty() || !same_secret(expected, &sent.csrf_token) {
        let message = "This form was out of date. Please try again.";
        return form(&headers, StatusCode::FORBIDDEN, &sent.next, &sent.email, Some(message));
    }
    let previous = session::token_of(&headers);
    let hours = app.session_hours;
    let (email, password) = (sent.email.clone(), sent.password);
    let account = app.db.read(move |db| check(db, email.trim(), &password)).await?;
    let user_id = match account {
        Ok(user_id) => user_id,
        Err(message) => {
            return form(&headers, StatusCode::UNAUTHORIZED, &sent.next, &sent.email, Some(message));
        }
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
        (header::SET_COOKIE, session::set_cookie(FORM_COOKIE, "", 0)?),
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
fn check(db: &Transaction<'_>, email: &str, password: &str) -> Result<Result<i64, &'static str>, Error> {
    let account = db
        .query_row("SELECT id, password_hash, is_active FROM users WHERE email = ?1", [email], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?, row.get::<_, bool>(2)?))
        })
        .optional()?;
    let hash = account.as_ref().map(|(_, hash, _)| hash.as_str());
    if !password::matches(password, hash) {
        return Ok(Err(WRONG));
    }
    match account {
        Some((id, _, true)) => Ok(Ok(id)),
        Some(_) => Ok(Err("This account has been deactivated.")),
        None => Ok(Err(WRONG)),
    }
}

fn form(
    headers: &HeaderMap,
    status: StatusCode,
    next: &str,
    email: &str,
    error: Option<&str>,
) -> Result<Response, PageError> {
    // A token that is still there is kept, so that a second tab does not make the first one fail.
    let token = match session::cookie(headers, FORM_COOKIE) {
        Some(token) => token.to_owned(),
        None => random_token()?,
    };
    let cookie = session::set_cookie(FORM_COOKIE, &token, FORM_COOKIE_SECONDS)?;
    let page = pages::render(
        "login.html",
        context! { title => "Sign in", csrf => token, next => local_path(next), email, error },
    )?;
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
