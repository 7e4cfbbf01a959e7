//! Tests of the room as a whole.

mod accounts;
mod faults;
mod files;
mod properties;
mod valid;
mod workers;

use super::{Config, ConfigError};

/// The password in the tests' files, which no message may show.
const HUNTER2: &str = "hunter2";

/// Reads a text as the file `callboard.toml` of the current folder, with these environment variables.
fn parse(text: &str, environment: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let file = std::env::current_dir().expect("a current folder").join("callboard.toml");
    Config::parse(file, text.to_owned(), &|name| {
        let mut all = [("EMPTY", ""), ("INSTRUCTOR_PASSWORD", HUNTER2)].iter().chain(environment);
        all.find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
    })
}
