//! The folder that the test of the test reads and writes.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::PathBuf;

use callboard::TestResult;

pub(crate) fn file(name: &str) -> PathBuf {
    PathBuf::from(std::env::var_os("CALLBOARD_TEST_DIR").expect("CALLBOARD_TEST_DIR")).join(name)
}

/// Adds a line to a file, in one piece, and says how many it has then.
pub(crate) fn note(name: &str, line: &str) -> TestResult<usize> {
    let mut open = OpenOptions::new().append(true).create(true).open(file(name))?;
    open.write_all(format!("{line}\n").as_bytes())?;
    Ok(fs::read_to_string(file(name))?.lines().count())
}
