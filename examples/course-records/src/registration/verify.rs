//! Verifying an address, and having the message for it sent again.

use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use rusqlite::Connection;

use super::account::{Account, send_welcome};
use super::tokens::{self, Purpose};
use super::{Link, requested};
use crate::auth::form::Sent;
use crate::error::Result;
use crate::links::Links;
use crate::mail::{Letter, letters};
use crate::pages::{FormPage, Input, PageError};
use crate::server::App;

pub(super) async fn show(
    State(app): State<App>,
    Query(Link { token }): Query<Link>,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let sought = token.clone();
    let account = app.db.read(move |db| Account::of_token(db, Purpose::Verify, &sought)).await;
    let account = match account {
        Ok(account) => account,
        Err(error) => return resend("").refuse(&headers, error),
    };
    let page = FormPage {
        name: "verify",
        title: "Verify your address",
        lead: format!("Is {} your e-mail address?", account.email),
        action: "/verify",
        hidden: vec![("token", &token)],
        submit: "Yes, verify it",
        ..FormPage::default()
    };
    page.show(&headers)
}

pub(super) async fn submit(
    State(app): State<App>,
    headers: HeaderMap,
    sent: Sent,
) -> Result<Response, PageError> {
    let token = sent.get("token").to_owned();
    let campus = app.campus.clone();
    let verified = app
        .db
        .write(move |db| {
            let account = Account::of_token(db, Purpose::Verify, &token)?;
            account.verify(db)?;
            campus.map_or(Ok(()), |campus| campus.verified(db, account.id))?;
            Ok(account)
        })
        .await;
    match verified {
        Ok(account) => {
            send_welcome(&app, account.welcome(&app));
            Ok(Redirect::to("/login?notice=verified").into_response())
        }
        Err(error) => resend("").refuse(&headers, error),
    }
}

pub(super) async fn again(
    State(app): State<App>,
    headers: HeaderMap,
    sent: Sent,
) -> Result<Response, PageError> {
    match requested::send(app, &sent, letter).await {
        Ok(email) => self::sent(&email).show(&headers),
        Err(error) => resend(sent.get("email")).refuse(&headers, error),
    }
}

fn letter(db: &Connection, account: &Account, links: &Links) -> Result<Letter> {
    let Account { email, name, .. } = account;
    if account.is_verified {
        return Ok(letters::account_exists(email, name, links.to("/login")));
    }
    let token = tokens::issue(db, Purpose::Verify, account.id)?;
    Ok(letters::verification(email, name, links.with_token("/verify", &token)))
}

/// What everybody sees who registered or asked again, whatever the account is like.
pub(super) fn sent(email: &str) -> FormPage<'_> {
    FormPage {
        name: "resend",
        title: "Please look into your mail",
        lead: format!("We have sent a message to {email}. Please follow the link in it."),
        action: "/verify/again",
        hidden: vec![("email", email)],
        submit: "Send the message again",
        links: vec![("/login", "Sign in")],
        ..FormPage::default()
    }
}

/// For those whose link is no good.
fn resend(email: &str) -> FormPage<'_> {
    FormPage {
        name: "resend",
        title: "Verify your address",
        lead: "We can send you another message. Your link may also have done its work: then sign in.".into(),
        action: "/verify/again",
        inputs: vec![Input::email(email)],
        submit: "Send the message again",
        links: vec![("/login", "Sign in")],
        ..FormPage::default()
    }
}
