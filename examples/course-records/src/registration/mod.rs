//! How people get an account and keep it, without anybody's help: registering and verifying the address,
//! a forgotten password, accepting an invitation.
//!
//! None of these pages tells a stranger which addresses have an account: whoever asks for a message to an
//! address gets the same answer, and the address gets a message in any case, whose words depend on the account.
//! What proves that an address is somebody's is a token ([`tokens`]) in the link of a message. Opening the link
//! only shows a form, because mail programs open links before people do; sending the form uses it up.

mod account;
mod invited;
mod limit;
mod register;
mod requested;
mod reset;
pub(crate) mod tokens;
mod verify;

use axum::Router;
use axum::routing::get;
use serde::Deserialize;

use crate::error::Error;
use crate::server::App;

pub(crate) fn router() -> Router<App> {
    Router::new()
        .route("/register", get(register::show).post(register::submit))
        .route("/verify", get(verify::show).post(verify::submit))
        .route("/verify/again", axum::routing::post(verify::again))
        .route("/forgot-password", get(reset::show_request).post(reset::request))
        .route("/reset-password", get(reset::show).post(reset::submit))
        .route("/invitations/accept", get(invited::show).post(invited::submit))
}

/// The query of a link in a message.
#[derive(Deserialize)]
struct Link {
    #[serde(default)]
    token: String,
}

/// What there is to say about a token that proves nothing. A used one cannot be told from an invented one.
fn worn_out() -> Error {
    Error::Gone("This link was used already, or is too old.".into())
}
