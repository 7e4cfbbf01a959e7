//! `cargo xtask e2e report`: reports of runs that are over.

use std::ffi::OsString;
use std::path::PathBuf;

use callboard::reports;

use crate::error::Error;

const HELP: &str = "\
Makes all reports of a run again. Several runs are told as one: the shards of a suite.

Usage: cargo xtask e2e report [RUN]... [--output DIR]

Arguments:
  [RUN]...  the id of a run, its folder, or its events.jsonl [default: the latest]

Options:
  -o, --output DIR  where the reports go [default: the folder of the run; of several, `merged` beside the runs]
  -h, --help        this

Runs are kept in the folder that CALLBOARD_OUTPUT names, else in target/callboard.

Exit codes: 0 if the reports were made, whatever is in them; 2 if there is nothing that they could be made of; 3 if they
cannot be written.
";

/// The command line of the command.
#[derive(Debug, Default)]
struct Args {
    help: bool,
    runs: Vec<OsString>,
    output: Option<PathBuf>,
}

impl Args {
    fn read(mut args: impl Iterator<Item = OsString>) -> Result<Self, Error> {
        let mut own = Self::default();
        while let Some(arg) = args.next() {
            match arg.to_str() {
                Some("--help" | "-h") => own.help = true,
                Some("--") => own.runs.extend(args.by_ref()),
                Some("--output" | "-o") => {
                    own.output = Some(args.next().ok_or(Error::OutputWithoutFolder)?.into());
                }
                Some(text) if text.starts_with("--output=") => {
                    own.output =
                        text.strip_prefix("--output=").filter(|value| !value.is_empty()).map(PathBuf::from);
                    own.output.as_ref().ok_or(Error::OutputWithoutFolder)?;
                }
                Some(text) if text.starts_with('-') => {
                    return Err(Error::Argument { command: "report", argument: text.to_owned() });
                }
                _ => own.runs.push(arg),
            }
        }
        Ok(own)
    }
}

/// Runs the command and gives its exit code.
pub(crate) fn run(args: impl Iterator<Item = OsString>) -> Result<u8, Error> {
    let args = Args::read(args)?;
    if args.help {
        print!("{HELP}");
        return Ok(0);
    }
    let kept = reports::output_dir().ok_or(Error::NoOutput)?;
    let made = reports::make(&args.runs, &kept, args.output.as_deref()).map_err(Error::Report)?;
    for notice in &made.notices {
        eprintln!("notice: {notice}");
    }
    for file in &made.files {
        println!("{}", file.display());
    }
    Ok(0)
}
