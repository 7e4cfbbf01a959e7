//! Accepting an invitation: the person chooses a name and a password, the rest stands in the invitation.

use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use rusqlite::Connection;

use super::Link;
use super::account::{Account, send_welcome};
use super::tokens::{self, Purpose};
use crate::auth::form::Sent;
use crate::auth::{Role, password};
use crate::error::{Error, Result};
use crate::pages::{FormPage, Input, PageError};
use crate::records::Form;
use crate::records::invitations::{self, Invited};
use crate::server::App;

pub(super) async fn show(
    State(app): State<App>,
    Query(Link { token }): Query<Link>,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let sought = token.clone();
    let invited = app.db.read(move |db| invited(db, &sought)).await?;
    form(&token, "", &invited).show(&headers)
}

pub(super) async fn submit(
    State(app): State<App>,
    headers: HeaderMap,
    sent: Sent,
) -> Result<Response, PageError> {
    let (token, fields) = (sent.get("token").to_owned(), sent.fields());
    let campus = app.campus.clone();
    let result = app
        .db
        .write(move |db| {
            let invited = invited(db, &token)?;
            let mut form = Form::new(fields);
            let name = form.text("display_name", 120);
            if let Err(message) = password::check_new(form.password("password")) {
                form.reject("password", message);
            }
            let accepted =
                form.finish().and_then(|()| accept(db, &invited, &name, form.password("password")));
            match accepted {
                Ok(account) => {
                    campus.map_or(Ok(()), |campus| campus.joined(db, account.id, &account.email))?;
                    Ok(Ok(account))
                }
                // Not used up: the person corrects the form and sends it again.
                Err(error @ Error::Invalid(_)) => Ok(Err((invited, error))),
                Err(error) => Err(error),
            }
        })
        .await?;
    match result {
        Ok(account) => {
            send_welcome(&app, account.welcome(&app));
            Ok(Redirect::to("/login?notice=accepted").into_response())
        }
        Err((invited, error)) => {
            form(sent.get("token"), sent.get("display_name"), &invited).refuse(&headers, error)
        }
    }
}

fn accept(db: &Connection, invited: &Invited, name: &str, password: &str) -> Result<Account> {
    let id = match Account::by_email(db, &invited.email)? {
        Some(known) if known.is_verified || !known.is_active => {
            return Err(Error::Conflict(
                "There is an account with this address already. Please sign in.".into(),
            ));
        }
        // Registered, but never verified: who holds the invitation has the address.
        Some(known) => {
            tokens::revoke(db, Purpose::Verify, known.id)?;
            Some(known.id)
        }
        None => None,
    };
    let id = invitations::accept(db, invited, id, name, &password::hash(password)?)?;
    tokens::revoke(db, Purpose::Invitation, invited.id)?;
    Account::by_id(db, id)
}

fn invited(db: &Connection, token: &str) -> Result<Invited> {
    let gone = || {
        let message = "This invitation was accepted or withdrawn, or is too old. Please ask for another one.";
        Error::Gone(message.into())
    };
    let id = tokens::owner(db, Purpose::Invitation, token)?.ok_or_else(gone)?;
    Invited::find(db, id)
}

fn form<'a>(token: &'a str, name: &'a str, invited: &Invited) -> FormPage<'a> {
    let Invited { email, role, institution, .. } = invited;
    let role = Role::parse(role).map_or("", Role::title).to_lowercase();
    FormPage {
        name: "accept",
        title: "Accept the invitation",
        lead: format!("You will be {role} of {institution}, and sign in with {email}."),
        action: "/invitations/accept",
        hidden: vec![("token", token)],
        inputs: vec![Input::own_name(name), Input::new_password("Password")],
        submit: "Accept",
        ..FormPage::default()
    }
}
