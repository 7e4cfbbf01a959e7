//! For the bench: how soon a page's change is seen, how soon something is done with an element that has become ready, what
//! steps cost, and how soon a report is open.

use std::fmt::Write as _;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use callboard::{Session, TestError, TestResult, e2e, expect, step};

/// A text that changes, and a button that can be clicked, each a moment after it was asked for; the page notes when, in
/// milliseconds of the epoch.
const PAGE: &str = include_str!("page.html");

fn rounds() -> TestResult<usize> {
    Ok(std::env::var("CALLBOARD_BENCH_COUNT")?.parse()?)
}

fn write(figures: &[f64]) -> TestResult {
    let mut lines = String::new();
    for figure in figures {
        writeln!(lines, "{figure}")?;
    }
    std::fs::write(std::env::var("CALLBOARD_BENCH_FILE")?, lines)?;
    Ok(())
}

async fn noted(session: &Session) -> TestResult<f64> {
    Ok(session.execute("return noted", Vec::new()).await?.convert()?)
}

/// From the change until the test goes on.
#[e2e(timeout = "10m")]
#[ignore = "it is for the bench"]
async fn measures_expectations(session: &Session) -> TestResult {
    session.set_content(PAGE).await?;
    let mut figures = Vec::new();
    for round in 0..rounds()? {
        let text = format!("text {round}");
        session.execute("change(arguments[0])", vec![text.as_str().into()]).await?;
        expect(session.locator("#text")).to_have_text(text).await?;
        let seen = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs_f64() * 1e3;
        figures.push(seen - noted(session).await?);
    }
    write(&figures)
}

/// From the moment in which the button is ready until it gets the click.
#[e2e(timeout = "10m")]
#[ignore = "it is for the bench"]
async fn measures_actions(session: &Session) -> TestResult {
    session.set_content(PAGE).await?;
    let mut figures = Vec::new();
    for _ in 0..rounds()? {
        session.execute("enable()", Vec::new()).await?;
        session.locator("#button").click().await?;
        let took: f64 = session.execute("return clicked - noted", Vec::new()).await?.convert()?;
        if took < 0.0 {
            return Err(TestError::new("the button was clicked before it was ready"));
        }
        figures.push(took);
    }
    write(&figures)
}

/// What all the steps took together, in microseconds.
#[e2e(timeout = "10m")]
#[ignore = "it is for the bench"]
async fn measures_steps() -> TestResult {
    let rounds = rounds()?;
    let began = Instant::now();
    for _ in 0..rounds {
        step("does nothing", async {}).await;
    }
    write(&[began.elapsed().as_secs_f64() * 1e6])
}

/// From going to the page of a report, which `CALLBOARD_BENCH_REPORT` names, until it can be used, in milliseconds.
#[e2e(timeout = "10m")]
#[ignore = "it is for the bench"]
async fn measures_a_report(session: &Session) -> TestResult {
    let page = format!("file://{}", std::env::var("CALLBOARD_BENCH_REPORT")?);
    let mut figures = Vec::new();
    for _ in 0..rounds()? {
        session.goto("about:blank").await?;
        let began = Instant::now();
        session.goto(page.as_str()).await?;
        expect(session.locator("html")).to_have_attribute("data-ready", "").await?;
        figures.push(began.elapsed().as_secs_f64() * 1e3);
    }
    write(&figures)
}

callboard::main!();
