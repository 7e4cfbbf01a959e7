//! A letter that somebody asks for by an address: a stranger learns nothing from the answer, and the address gets
//! a letter in any case.

use rusqlite::Connection;

use super::account::Account;
use super::limit;
use crate::auth::form::Sent;
use crate::error::Result;
use crate::links::Links;
use crate::mail::{Letter, letters};
use crate::records::Form;
use crate::server::{App, to_the_end};

/// Sends what `write` writes to the account of the address in the form, or what there is to say where it has no
/// usable one. Returns the address.
pub(super) async fn send(
    app: App,
    sent: &Sent,
    write: fn(&Connection, &Account, &Links) -> Result<Letter>,
) -> Result<String> {
    let mut form = Form::new(sent.fields());
    let email = form.email("email");
    form.finish()?;
    let to = email.clone();
    to_the_end(async move {
        app.mailer.demand()?;
        let links = app.links.clone();
        let letter = app
            .db
            .write(move |db| {
                limit::admit(db, &to)?;
                match Account::by_email(db, &to)? {
                    None => Ok(letters::no_account(&to, links.to("/register"))),
                    Some(account) if !account.is_active => Ok(letters::deactivated(&to, &account.name)),
                    Some(account) => write(db, &account, &links),
                }
            })
            .await?;
        Ok(app.mailer.send(&letter).await?)
    })
    .await?;
    Ok(email)
}
