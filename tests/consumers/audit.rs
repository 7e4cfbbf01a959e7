//! Probes that find what files on the stage say, without a browser but for signing in.

use std::path::PathBuf;

use callboard::thirtyfour::prelude::*;
use callboard::{Account, Findings, Session, Slot, TestError, TestResult, e2e, probe, sign_in};

#[sign_in]
async fn enter(session: &Session, account: &Account) -> TestResult {
    session.goto("/login").await?;
    session.find(By::Name("user")).await?.send_keys(account.username()).await?;
    session.find(By::Name("password")).await?.send_keys(account.password()).await?;
    session.find(By::Tag("button")).await?.click().await?;
    match session.locator("#user, h1").text().await? {
        answer if answer == account.username() => Ok(()),
        answer => Err(TestError::new(format!("the application says {answer:?}"))),
    }
}

fn file(name: &str) -> PathBuf {
    PathBuf::from(std::env::var_os("CALLBOARD_TEST_DIR").unwrap_or_default()).join(name)
}

/// The lines of a file of the slot's; none where there is no such file.
fn lines(name: &str, slot: &Slot) -> Vec<String> {
    let text = std::fs::read_to_string(file(&format!("{name}-{}", slot.id()))).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

#[probe(roles = ["admin", "student"])]
async fn programs(slot: &Slot) -> Result<Vec<String>, std::io::Error> {
    let programs = lines("programs", slot);
    if programs.iter().any(|program| program == "never ends") {
        std::fs::write(file("waits"), "")?;
        std::future::pending::<()>().await;
    }
    Ok(programs)
}

#[probe(role = "admin")]
fn rights(account: &Account, slot: &Slot) -> Result<Findings, String> {
    let lines = lines("rights", slot);
    if lines.iter().any(|line| line == "error") {
        return Err(format!("the rights of {} with {} are damaged", account.username(), account.password()));
    }
    let findings = Findings::new().with("who", account.username()).with("secret", account.password());
    Ok(findings.with("rights", lines.len()))
}

/// What is seen on a page.
#[probe(role = "student")]
async fn user(session: &Session) -> TestResult<String> {
    session.goto("/private").await?;
    Ok(session.locator("#user").text().await?)
}

#[e2e(role = "admin")]
fn of_an_admin(slot: &Slot) -> TestResult {
    Ok(std::fs::write(file(&format!("ran-in-{}", slot.id())), "")?)
}

#[e2e]
fn of_nobody() {}

callboard::main!();
