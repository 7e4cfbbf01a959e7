//! Every kind of return value, sync and async, and what is said about an error.
#![deny(warnings)]

use std::error::Error;
use std::fmt;

use callboard::{TestError, TestResult, e2e};

#[derive(Debug)]
struct Refused;

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("refused")
    }
}

impl Error for Refused {}

/// An error like `anyhow`'s: it can be printed, and is no `std::error::Error`.
struct Report(Box<dyn Error>);

impl fmt::Debug for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "report: {}", self.0)
    }
}

impl<E: Error + 'static> From<E> for Report {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

mod eyre {
    pub(crate) type Result<T = (), E = super::Report> = std::result::Result<T, E>;
}

async fn refuse() -> Result<(), Refused> {
    Err(Refused)
}

#[e2e]
fn nothing() {}

#[e2e]
async fn nothing_async() {
    refuse().await.unwrap_err();
}

#[e2e]
fn unit() -> () {}

#[e2e]
fn test_result() -> TestResult {
    "80".parse::<u16>()?;
    Ok(())
}

#[e2e]
async fn test_result_async() -> TestResult {
    refuse().await?;
    Err(TestError::new("not reached"))
}

#[e2e]
async fn boxed() -> Result<(), Box<dyn Error>> {
    refuse().await?;
    Err("not reached".into())
}

#[e2e]
async fn boxed_and_sent() -> Result<(), Box<dyn Error + Send + Sync>> {
    Ok(refuse().await?)
}

#[e2e]
async fn of_its_own() -> Result<(), Refused> {
    refuse().await
}

#[e2e]
async fn report() -> eyre::Result {
    refuse().await?;
    Ok(())
}

#[e2e]
fn string() -> Result<(), String> {
    Err(format!("{} of {}", 3, 4))
}

#[e2e]
fn text() -> Result<(), &'static str> {
    Err("no")
}

#[e2e]
async fn thirtyfours() -> callboard::thirtyfour::error::WebDriverResult<()> {
    std::future::ready(Ok(())).await
}

fn main() {}
