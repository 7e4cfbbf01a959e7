//! Tests that talk to the application.

use callboard::{App, Slot, TestResult, e2e};

use crate::http::get;
use crate::stage::note;

#[e2e]
fn asks(app: &App, slot: &Slot) -> TestResult {
    note("asked", &format!("{} {} {}", slot.id(), app.base_url(), get(app, "/port")?))?;
    Ok(())
}

#[e2e]
fn asks_too(app: &App, slot: &Slot) -> TestResult {
    note("asked", &format!("{} {} {}", slot.id(), app.base_url(), get(app, "/port")?))?;
    Ok(())
}

#[e2e]
fn a_breaks_it(app: &App) -> TestResult {
    get(app, "/die")?;
    Ok(())
}
