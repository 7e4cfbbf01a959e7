//! `cargo xtask bench`: what callboard costs, measured on this machine and put beside what was promised.
//!
//! A goal that is missed is said and fails nothing: how busy a machine is decides too much of it. What cannot
//! be measured because something is not installed is a row that says so.

mod build;
mod consumer;
mod diagnosis;
mod empty;
mod error;
mod fixtures;
mod infer;
mod instructions;
mod list;
mod machine;
mod mail;
mod page;
mod peak;
#[cfg(target_os = "linux")]
mod peers;
mod playwright;
mod reports;
mod sample;
mod session;
#[cfg(target_os = "linux")]
mod session_tests;
mod site;
#[cfg(target_os = "linux")]
mod spent;
mod suite;
mod table;
mod trace;
mod worker;

use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use build::Workspace;
use error::Error;
use machine::Machine;
use table::{Row, Table};

const HELP: &str = "\
Measures what callboard costs and prints a table, also to target/bench/report.md.

Usage: cargo xtask bench [--quick] [--release] [NAME]...
       cargo xtask bench diagnosis [OPTIONS]   how right the diagnosis is with planted faults; hours: see its --help
       cargo xtask bench peers ...         callboard beside its peers; `peers --help` says more
       cargo xtask bench instructions ...  what its pure rooms take, counted; `instructions --help` says more

Works, all unless some are named:
  list      listing 1,000 tests
  empty     1,000 tests that do nothing
  fixtures  what fixtures cost a test
  infer     how often the diagnosis is right in simulated worlds, and how long its inference takes
  mail      mail into a slot: how soon, and how much
  page      how soon a page's change is seen and a ready element is clicked, beside Playwright's
  reports   what reports add to a run, what events cost, and how large the page of a large run is
  session   a signed-in session, and an isolated test of a tiny page, beside Playwright's
  trace     what recording a trace costs a test
  worker    the memory of a worker process, and how soon there is another after a crash
  suite     the browser tests of course-records at 1, 2, 4 and 16 workers

Options:
      --quick    fewer repetitions
      --release  the tests built with optimisations, instead of as `cargo test` builds them
  -h, --help     this

Playwright comes from npm into target/bench. Without npm its rows say what is missing.

Exit codes: 0 when all that could be measured was, goals met or not; 1 when something failed; cargo's if
the tests cannot be built; 2 if the command line is wrong.
";

/// A thing to measure.
type Work = fn(&Bench) -> Result<Vec<Row>, Error>;

const WORKS: [(&str, Work); 11] = [
    ("list", list::rows),
    ("empty", empty::rows),
    ("fixtures", fixtures::rows),
    ("infer", infer::rows),
    ("mail", mail::rows),
    ("page", page::rows),
    ("reports", reports::rows),
    ("session", session::rows),
    ("trace", trace::rows),
    ("worker", worker::rows),
    ("suite", suite::rows),
];

/// How this invocation measures.
pub(crate) struct Bench {
    quick: bool,
    workspace: Workspace,
}

impl Bench {
    /// How often to measure something.
    fn times(&self, full: usize, quick: usize) -> usize {
        if self.quick { quick } else { full }
    }

    /// An empty folder of this name for what is measured.
    fn stage(&self, name: &str) -> Result<PathBuf, Error> {
        let dir = self.workspace.target.join("bench/stage").join(name);
        match fs::remove_dir_all(&dir) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(Error::file(&dir, error));
            }
            _ => {}
        }
        fs::create_dir_all(&dir).map_err(|error| Error::file(&dir, error))?;
        Ok(dir)
    }
}

/// Runs the command.
pub(crate) fn run(args: impl Iterator<Item = OsString>) -> ExitCode {
    let mut args = args.peekable();
    let special = ["diagnosis", "instructions", "peers"];
    let named = args.next_if(|arg| special.iter().any(|name| arg == name));
    let done = match named.as_deref().and_then(std::ffi::OsStr::to_str) {
        Some("diagnosis") => diagnosis::run(args),
        Some("instructions") => instructions::run(args),
        Some(_) => beside_peers(args),
        None => measure(args),
    };
    match done {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(error.exit_code())
        }
    }
}

#[cfg(target_os = "linux")]
use peers::run as beside_peers;

/// Processes and their memory are looked at as only Linux tells them.
#[cfg(not(target_os = "linux"))]
fn beside_peers(_: impl Iterator<Item = OsString>) -> Result<ExitCode, Error> {
    Err(Error::run("bench peers", std::io::Error::other("it is for Linux, of which it reads /proc")))
}

fn measure(args: impl Iterator<Item = OsString>) -> Result<ExitCode, Error> {
    let Some(asked) = Asked::read(args)? else {
        print!("{HELP}");
        return Ok(ExitCode::SUCCESS);
    };
    let bench = Bench { quick: asked.quick, workspace: Workspace::find(asked.release)? };
    let mut table = Table::new(Machine::now(&bench.workspace));
    let mut failed = false;
    for (name, work) in asked.works {
        eprintln!("measuring: {name}");
        match work(&bench) {
            Ok(rows) => table.add(rows),
            // What was compiled badly is no result of one work.
            Err(error @ Error::Build { .. }) => return Err(error),
            Err(error) => {
                eprintln!("error: {error}");
                table.add(vec![Row::failed(name, &error.to_string())]);
                failed = true;
            }
        }
    }
    table.finish();
    println!("{}", table.text());
    let report = bench.workspace.target.join("bench/report.md");
    fs::create_dir_all(bench.workspace.target.join("bench"))
        .and_then(|()| fs::write(&report, table.markdown()))
        .map_err(|error| Error::file(&report, error))?;
    println!("The same as Markdown: {}", report.display());
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// The command line.
struct Asked {
    quick: bool,
    release: bool,
    works: Vec<(&'static str, Work)>,
}

impl Asked {
    /// `None` if help is asked for.
    fn read(args: impl Iterator<Item = OsString>) -> Result<Option<Self>, Error> {
        let mut asked = Self { quick: false, release: false, works: Vec::new() };
        for arg in args {
            match arg.to_str() {
                Some("--quick") => asked.quick = true,
                Some("--release") => asked.release = true,
                Some("--help" | "-h") => return Ok(None),
                name => match WORKS.into_iter().find(|(work, _)| Some(*work) == name) {
                    Some(work) => asked.works.push(work),
                    None => return Err(Error::Argument(arg)),
                },
            }
        }
        if asked.works.is_empty() {
            asked.works.extend(WORKS);
        }
        Ok(Some(asked))
    }
}
