//! Tests that talk to the application.

use std::io::{Read, Write};
use std::net::TcpStream;

use callboard::{App, Slot, TestError, TestResult, e2e};

use crate::stage::note;

fn get(app: &App, path: &str) -> TestResult<String> {
    let address = app.base_url().strip_prefix("http://").unwrap_or_default();
    let mut stream = TcpStream::connect(address)?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    match answer.split_once("\r\n\r\n") {
        Some((_, body)) => Ok(body.to_owned()),
        None => Err(TestError::new("the application hung up")),
    }
}

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
