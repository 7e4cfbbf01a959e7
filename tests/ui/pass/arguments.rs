//! Every fixture, by every way to name its type.
#![deny(warnings)]

use callboard::{Account, App, Session, Slot, TestResult, e2e};

type Page = Session;

#[e2e]
fn nothing() {}

#[e2e]
async fn anonymous(session: &Session) {
    session.clone().current_url().await.unwrap();
}

#[e2e(role = "instructor")]
async fn of_one_role(session: &Session, account: &Account, app: &App, slot: &Slot) -> TestResult {
    assert_eq!(account.slot(), slot.id());
    session.goto(app.url(account.username())).await?;
    Ok(())
}

#[e2e(roles = ["program_admin", "site-admin", "type"])]
async fn of_several_roles(
    program_admin: &Session,
    _site_admin: &Session,
    r#type: &Session,
    site_admin: &Account,
    program_admin_account: &Account,
    mut slot: &Slot,
) -> TestResult {
    program_admin.goto(site_admin.username()).await?;
    r#type.goto(program_admin_account.username()).await?;
    let other = slot.clone();
    slot = &other;
    assert_eq!(slot.id(), other.id());
    Ok(())
}

#[e2e(roles = ["site-admin", "site-admin#2", "site-admin#3", "instructor#2"])]
async fn of_several_accounts(
    site_admin: &Session,
    site_admin_2: &Session,
    _site_admin_3: &Session,
    site_admin_2_account: &Account,
    site_admin_3: &Account,
    instructor_2_account: &Account,
) -> TestResult {
    site_admin.goto(site_admin_2_account.username()).await?;
    site_admin_2.goto(site_admin_3.username()).await?;
    assert_ne!(instructor_2_account.slot(), site_admin_3.slot());
    Ok(())
}

#[e2e(roles = ["instructor"])]
async fn a_role_that_no_argument_uses(app: &App) {
    std::future::ready(app.base_url()).await;
}

#[e2e(role = "instructor")]
fn by_path(_session: &callboard::Session, _account: &'_ ::callboard::Account, #[allow(unused)] slot: &Slot) {}

#[e2e(role = "instructor")]
fn by_alias(_page: &Page) {}

fn main() {
    let arguments: Vec<_> = callboard::__private::inventory::iter::<callboard::__private::TestEntry>()
        .map(|entry| (entry.name, entry.roles))
        .collect();
    assert_eq!(arguments.len(), 8);
    assert!(arguments.contains(&("of_several_roles", &["program_admin", "site-admin", "type"])));
    let several: &[_] = &["site-admin", "site-admin#2", "site-admin#3", "instructor#2"];
    assert!(arguments.contains(&("of_several_accounts", several)));
    assert!(arguments.contains(&("by_alias", &["instructor"])));
    assert!(arguments.contains(&("anonymous", &[])));
}
