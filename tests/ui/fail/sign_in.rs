#![allow(unused_variables, reason = "only the signatures are of interest")]

use callboard::{Account, Session, sign_in};

#[sign_in(rol = "instructor")]
async fn nearly_known(session: &Session) {}

#[sign_in(roles = ["instructor"])]
async fn of_several_roles(session: &Session) {}

#[sign_in(timeout = "90s")]
async fn not_known(session: &Session) {}

#[sign_in(role = instructor)]
async fn without_quotes(session: &Session) {}

#[sign_in(role = "instructor", role = "site_admin")]
async fn twice(session: &Session) {}

#[sign_in]
async fn by_value(session: Session, account: &Account) {}

#[sign_in]
async fn generic<T>(session: &Session) {}

#[sign_in(tags)]
pub async fn called_elsewhere(session: &Session) {}

fn main() {
    let _ = called_elsewhere;
}
