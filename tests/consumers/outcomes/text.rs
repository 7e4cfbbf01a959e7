//! Tests whose names and words have signs that mean something to a reader of reports. The lines are those of the messages.

use callboard::{TestError, TestResult, e2e, skip};

const SIGNS: &str =
    "\"quoted\" \\ back\\slash\ttab\r\n{ \"type\": \"suite\" }\n\u{0}\u{1b}[31m\u{7f} \u{2028} ü 日本 🦀";

#[e2e]
fn prüft_日本() {}

#[e2e]
fn returns_signs() -> TestResult {
    Err(TestError::new(SIGNS))
}

#[e2e]
fn skips_for_signs() {
    skip!("{SIGNS}");
}

#[e2e]
#[ignore = "needs a \"printer\", \\ or ü"]
fn ignored_for_signs() {}
