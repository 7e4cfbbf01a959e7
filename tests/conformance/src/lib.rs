//! What the suite beside this is written with.

mod pages;

use std::fmt::Display;
use std::time::Duration;

pub use pages::Pages;

/// For what is expected to fail: long enough to be looked at, short enough to wait for.
pub const SHORT: Duration = Duration::from_millis(250);

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
        message.push_str(line);
        message.push('\n');
    }
    message
}
