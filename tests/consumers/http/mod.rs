//! Asking the application without a browser.

use std::io::{Read, Write};
use std::net::TcpStream;

use callboard::{App, TestError, TestResult};

/// What it answers, or that it hung up.
pub(crate) fn get(app: &App, path: &str) -> TestResult<String> {
    get_from(address(app), path)
}

/// What a server at `127.0.0.1:3002` answers.
pub(crate) fn get_from(address: &str, path: &str) -> TestResult<String> {
    let mut stream = TcpStream::connect(address)?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    match answer.split_once("\r\n\r\n") {
        Some((_, body)) => Ok(body.to_owned()),
        None => Err(TestError::new("the application hung up")),
    }
}

/// Host and port.
pub(crate) fn address(app: &App) -> &str {
    app.base_url().strip_prefix("http://").unwrap_or_default()
}
