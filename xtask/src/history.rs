//! `cargo xtask e2e history`: how tests did in the runs that are kept.

use std::ffi::OsString;

use callboard::reports;

use crate::error::Error;

const HELP: &str = "\
Says how tests did in the runs that are kept: pass rate, durations, flakiness, and since when a test fails.

Usage: cargo xtask e2e history [TEST] [--json]

Arguments:
  [TEST]  only tests whose names contain this, with their slots and numbers of workers

Options:
      --json  the same as one JSON document, durations in microseconds
  -h, --help  this

Runs are kept in the folder that CALLBOARD_OUTPUT names, else in target/callboard; how many, `[history] keep` in
callboard.toml says.

Exit codes: 0; 2 if there are no runs, or none of such a test.
";

/// Runs the command and gives its exit code.
pub(crate) fn run(args: impl Iterator<Item = OsString>) -> Result<u8, Error> {
    let (mut test, mut json) = (None, false);
    for arg in args {
        let refused = || Error::Argument { command: "history", argument: arg.display().to_string() };
        match arg.to_str() {
            Some("--help" | "-h") => {
                print!("{HELP}");
                return Ok(0);
            }
            Some("--json") => json = true,
            Some(name) if !name.starts_with('-') && test.is_none() => test = Some(name.to_owned()),
            _ => return Err(refused()),
        }
    }
    let kept = reports::output_dir().ok_or(Error::NoOutput)?;
    let past = reports::past(&kept, test.as_deref()).map_err(Error::Report)?;
    for notice in &past.notices {
        eprintln!("notice: {notice}");
    }
    if json {
        println!("{}", past.to_json());
    } else {
        print!("{past}");
    }
    Ok(0)
}
