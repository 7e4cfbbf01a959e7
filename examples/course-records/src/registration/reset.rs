//! A forgotten password: asking for a link, and choosing a new password with it.

use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use rusqlite::Connection;

use super::account::Account;
use super::tokens::{self, Purpose};
use super::{Link, requested};
use crate::auth::form::Sent;
use crate::auth::password;
use crate::error::{Error, Result};
use crate::links::Links;
use crate::mail::{Letter, letters};
use crate::pages::{FormPage, Input, PageError};
use crate::server::App;

pub(super) async fn show_request(State(app): State<App>, headers: HeaderMap) -> Result<Response, PageError> {
    app.mailer.demand()?;
    forgot("").show(&headers)
}

pub(super) async fn request(
    State(app): State<App>,
    headers: HeaderMap,
    sent: Sent,
) -> Result<Response, PageError> {
    let email = match requested::send(app, &sent, letter).await {
        Ok(email) => email,
        Err(error) => return forgot(sent.get("email")).refuse(&headers, error),
    };
    let page = FormPage {
        name: "forgot",
        title: "Please look into your mail",
        lead: format!("We have sent a message to {email}. The link in it works for one hour."),
        action: "/forgot-password",
        hidden: vec![("email", &email)],
        submit: "Send the message again",
        links: vec![("/login", "Sign in")],
        ..FormPage::default()
    };
    page.show(&headers)
}

fn letter(db: &Connection, account: &Account, links: &Links) -> Result<Letter> {
    let token = tokens::issue(db, Purpose::Reset, account.id)?;
    Ok(letters::reset(&account.email, &account.name, links.with_token("/reset-password", &token)))
}

pub(super) async fn show(
    State(app): State<App>,
    Query(Link { token }): Query<Link>,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let sought = token.clone();
    match app.db.read(move |db| Account::of_token(db, Purpose::Reset, &sought)).await {
        Ok(account) => choose(&token, &account.email).show(&headers),
        Err(error) => forgot("").refuse(&headers, error),
    }
}

pub(super) async fn submit(
    State(app): State<App>,
    headers: HeaderMap,
    sent: Sent,
) -> Result<Response, PageError> {
    let token = sent.get("token").to_owned();
    let new_password = sent.get("password").to_owned();
    let campus = app.campus.clone();
    let result = app
        .db
        .write(move |db| {
            let account = Account::of_token(db, Purpose::Reset, &token)?;
            if let Err(message) = password::check_new(&new_password) {
                // Not used up: the person corrects the form and sends it again.
                return Ok(Err((account.email, Error::field("password", message))));
            }
            if let Some(campus) = campus {
                campus.check_person(db, account.id, &account.email)?;
                campus.verified(db, account.id)?;
            }
            account.set_password(db, &new_password)?;
            // Who read the message has shown as well that the address is theirs.
            account.verify(db)?;
            tokens::revoke(db, Purpose::Reset, account.id)?;
            Ok(Ok(()))
        })
        .await;
    match result {
        Ok(Ok(())) => Ok(Redirect::to("/login?notice=password").into_response()),
        Ok(Err((email, error))) => choose(sent.get("token"), &email).refuse(&headers, error),
        Err(error) => forgot("").refuse(&headers, error),
    }
}

fn forgot(email: &str) -> FormPage<'_> {
    FormPage {
        name: "forgot",
        title: "Forgot your password?",
        lead: "We send you a link with which you can choose a new one.".into(),
        action: "/forgot-password",
        inputs: vec![Input::email(email)],
        submit: "Send the link",
        links: vec![("/login", "Sign in")],
        ..FormPage::default()
    }
}

fn choose<'a>(token: &'a str, email: &str) -> FormPage<'a> {
    FormPage {
        name: "reset",
        title: "Choose a new password",
        lead: format!("For {email}. You will be signed out everywhere."),
        action: "/reset-password",
        hidden: vec![("token", token)],
        inputs: vec![Input::new_password("New password")],
        submit: "Save",
        ..FormPage::default()
    }
}
