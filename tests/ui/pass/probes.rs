//! Whatever accounts can be compared by is simple to return.

use std::collections::BTreeSet;

use callboard::{Account, App, Findings, Session, Slot, TestResult, fixture, probe};

struct Timetable(Vec<String>);

#[fixture]
async fn timetable(session: &Session) -> TestResult<Timetable> {
    session.goto("/timetable").await?;
    Ok(Timetable(Vec::new()))
}

#[probe(role = "teacher")]
async fn texts(session: &Session) -> TestResult<Vec<String>> {
    Ok(session.locator("li").all_texts().await?)
}

#[probe(roles = ["teacher", "site-admin"], timeout = "20s", allow_console = ["^GET .*/slow"])]
fn number(account: &Account) -> usize {
    account.username().len()
}

#[probe(role = "teacher")]
fn text(app: &App) -> Result<String, std::fmt::Error> {
    Ok(app.base_url().to_owned())
}

#[probe(role = "teacher")]
fn perhaps(slot: &Slot) -> Option<bool> {
    (slot.id().0 > 0).then_some(true)
}

#[probe(role = "teacher")]
fn a_set() -> BTreeSet<&'static str> {
    BTreeSet::new()
}

#[probe(role = "teacher")]
async fn of_a_fixture(timetable: &mut Timetable) -> Result<Findings, Box<dyn std::error::Error>> {
    timetable.0.sort();
    Ok(Findings::from([("lessons", timetable.0.len())]).with("first", timetable.0.first().cloned()))
}

#[probe(role = "teacher")]
async fn nothing(anonymous: &Session, session: &Session) -> TestResult {
    anonymous.refresh().await?;
    session.refresh().await?;
    Ok(())
}

#[probe(role = "teacher")]
pub fn called_by_its_name() {}

fn main() {
    called_by_its_name();
}
