#![allow(unused_variables, reason = "only the signatures are of interest")]

use callboard::{Account, App, Session, e2e};

#[e2e(roles = ["program_admin", "instructor", "site-admin"])]
async fn a_slip_in_a_name(program_admin: &Session, instuctor: &Session) {}

#[e2e(roles = ["program_admin", "instructor"])]
async fn no_role_in_a_name(instructor: &Session, session: &callboard::Session) {}

#[e2e(roles = ["site-admin"])]
async fn no_role_in_the_name_of_an_account(account: &Account, siteadmin_account: &Account, app: &App) {}

#[e2e]
async fn nobodys_account(session: &Session, account: &Account) {}

fn main() {}
