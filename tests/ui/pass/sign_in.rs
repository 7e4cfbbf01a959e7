//! The functions that sign an account in.
#![deny(warnings)]

use callboard::__private::{SignInEntry, inventory};
use callboard::{Account, App, Session, Slot, TestResult, e2e, sign_in};

/// For every role that has no sign-in of its own.
#[sign_in]
async fn by_form(session: &Session, account: &Account, app: &App) -> TestResult {
    session.goto(app.url("/sign-in")).await?;
    by_token(session, account, app).await
}

#[sign_in(role = "site_admin")]
pub(crate) async fn by_token(session: &Session, account: &Account, app: &App) -> TestResult {
    session.goto(app.url(account.password())).await?;
    Ok(())
}

#[sign_in(role = "guest",)]
#[allow(unused_variables)]
fn blocking(slot: &Slot) {}

#[sign_in()]
#[cfg(any())]
async fn configured_away(session: &Session) {}

#[e2e]
async fn calls_a_sign_in(session: &Session, app: &App) {
    let account = Account::new(callboard::Role::new("guest"), callboard::SlotId(0), "", "", Default::default());
    by_token(session, &account, app).await.unwrap();
}

fn main() {
    let mut entries: Vec<_> =
        inventory::iter::<SignInEntry>().map(|entry| (entry.name, entry.role, entry.place.line)).collect();
    entries.sort_unstable();
    assert_eq!(
        entries,
        [("blocking", Some("guest"), 22), ("by_form", None, 9), ("by_token", Some("site_admin"), 15)]
    );
}
