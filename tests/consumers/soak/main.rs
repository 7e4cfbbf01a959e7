//! A suite that is killed at random moments: short tests that need a server, tests with a browser, and those that leave
//! processes behind.

mod leavers;
mod paged;
mod steady;

use std::io::{self, Write};
use std::path::PathBuf;

/// The folder of the test of the test.
fn stage() -> PathBuf {
    PathBuf::from(std::env::var_os("CALLBOARD_TEST_DIR").expect("CALLBOARD_TEST_DIR"))
}

/// Adds a line to a file there, in one piece.
fn note(name: &str, line: &str) -> io::Result<()> {
    let file = std::fs::OpenOptions::new().append(true).create(true).open(stage().join(name));
    file?.write_all(format!("{line}\n").as_bytes())
}

callboard::main!();
