//! What the suite beside this is written with.

mod pages;
mod site;

use std::fmt::Display;
use std::time::Duration;

pub use pages::Pages;

pub use site::{Answer, Site};

/// For what is expected to fail: long enough to be looked at, short enough to wait for.
pub const SHORT: Duration = Duration::from_millis(250);

/// Whether the suite runs in Firefox: with `CALLBOARD_BROWSER_ENGINE=firefox`.
pub fn in_firefox() -> bool {
    std::env::var("CALLBOARD_BROWSER_ENGINE").is_ok_and(|engine| engine == "firefox")
}

/// A message without what differs from run to run.
///
/// # Panics
///
/// If what should have failed did not.
#[track_caller]
pub fn message<T, E: Display>(result: Result<T, E>) -> String {
    let Err(error) = result else { panic!("this should have failed") };
    let mut message = String::new();
    for line in error.to_string().lines() {
        let line = if line.starts_with("  looked ") { "  looked N times" } else { line };
        message.push_str(&without_ports(line));
        message.push('\n');
    }
    message
}

/// `127.0.0.1:3002` as `127.0.0.1:PORT`.
fn without_ports(line: &str) -> String {
    const HOST: &str = "127.0.0.1:";
    let mut parts = line.split(HOST);
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        text = text + HOST + "PORT" + part.trim_start_matches(|it: char| it.is_ascii_digit());
    }
    text
}
