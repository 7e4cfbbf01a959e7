//! What each account must see before any test has changed anything: `cargo xtask e2e audit` compares the slots by it.

use callboard::{Findings, Session, TestResult, probe};

use crate::support::{Api, Step, texts};

/// The records of these kinds, each by one of its texts.
async fn seen(session: &Session, kinds: &[(&str, &str)]) -> Step<Findings> {
    let api = Api::of(session).await?;
    let mut findings = Findings::new();
    for (plural, key) in kinds {
        findings = findings.with(*plural, texts(&api.list(plural).await?, key));
    }
    Ok(findings)
}

#[probe(roles = ["institution_admin", "program_admin"])]
async fn records(session: &Session) -> TestResult<Findings> {
    let kinds = [
        ("programs", "name"),
        ("courses", "code"),
        ("offerings", "label"),
        ("sections", "label"),
        ("terms", "name"),
    ];
    Ok(seen(session, &kinds).await?)
}

#[probe(role = "instructor")]
async fn teaching(session: &Session) -> TestResult<Findings> {
    Ok(seen(session, &[("courses", "code"), ("sections", "label"), ("assessments", "name")]).await?)
}

#[probe(roles = ["site_admin", "institution_admin"])]
async fn users(session: &Session) -> TestResult<Findings> {
    Ok(seen(session, &[("users", "email")]).await?)
}

#[probe(role = "site_admin")]
async fn institutions(session: &Session) -> TestResult<Findings> {
    Ok(seen(session, &[("institutions", "name")]).await?)
}
