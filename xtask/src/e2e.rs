//! `cargo xtask e2e`: the browser tests.

use std::ffi::OsString;

use crate::args::Args;
use crate::error::Error;
use crate::install::Installer;
use crate::project::Project;
use crate::suite::Suite;
use crate::{cargo, history, process, report};

const HELP: &str = "\
Builds the browser tests and runs them. Installs a browser and its driver first if there are none.

Usage: cargo xtask e2e [--no-install] [-p PACKAGE]... [ARGS]
       cargo xtask e2e report [RUN]... [--output DIR]
       cargo xtask e2e history [TEST] [--json]
       cargo xtask e2e analyze [FILTER]... [--quick | --budget 20|10m] [--since RUN] [ARGS]
       cargo xtask e2e analyze --resume [RUN] [--budget 20|10m] [ARGS]
       cargo xtask e2e replay FILE [ARGS]
       cargo xtask e2e audit [FILTER]... [ARGS]

Options:
      --no-install       do not install a browser (the same: CALLBOARD_NO_INSTALL=1)
  -p, --package PACKAGE  the package whose tests to run; may be repeated{default}
  -h, --help             this, and the help of the test binary

All other arguments are passed to the test binary as they are, and after a `--` these options as well, and the
words `report`, `history`, `analyze`, `replay` and `audit` as filters.

Exit codes: those of the test binary (of `audit`: 1 if accounts differ); cargo's if the tests cannot be built; 2 if the command line or a
setting is wrong; 3 if there is no browser to test with.
";

/// Runs the command and gives its exit code.
pub(crate) fn run(project: &Project, args: impl Iterator<Item = OsString>) -> Result<u8, Error> {
    let mut args = args.peekable();
    if args.next_if(|arg| arg == "report").is_some() {
        return report::run(args);
    }
    if args.next_if(|arg| arg == "history").is_some() {
        return history::run(args);
    }
    // What the test binary takes as an option reads better as a command.
    let command = ["analyze", "replay", "audit"]
        .into_iter()
        .find(|command| args.next_if(|arg| arg == command).is_some());
    let command = command.map(|command| OsString::from(format!("--{command}")));
    let args = Args::e2e(command.into_iter().chain(args))?;
    let suites = suites(project, &args);
    if args.help {
        return help(project, &suites);
    }
    if suites.is_empty() {
        return Err(Error::NoSuite);
    }
    // A list of tests needs no browser.
    if !args.passes("--list") {
        Installer::new(args.no_install).ensure(&suites)?;
    }
    let built = suites.iter().map(cargo::build).collect::<Result<Vec<_>, _>>()?;
    let mut first_bad = 0;
    for (suite, built) in suites.iter().zip(&built) {
        let mut tests = cargo::test_binary(built);
        // What the summary says of running a test again.
        tests.env("CALLBOARD_COMMAND", format!("cargo xtask e2e -p {}", suite.package));
        let code = process::run(tests.args(&args.rest).envs(&suite.environment))?;
        if first_bad == 0 {
            first_bad = code;
        }
    }
    Ok(first_bad)
}

/// What to run: the project's suites, or those of the packages that were asked for.
fn suites(project: &Project, args: &Args) -> Vec<Suite> {
    if args.packages.is_empty() {
        return project.suites.clone();
    }
    let of_package = |package: &String| {
        let mut known: Vec<Suite> =
            project.suites.iter().filter(|suite| suite.package == *package).cloned().collect();
        if known.is_empty() {
            known.push(Suite::new(package));
        }
        known
    };
    args.packages.iter().flat_map(of_package).collect()
}

fn help(project: &Project, suites: &[Suite]) -> Result<u8, Error> {
    let packages: Vec<&str> = project.suites.iter().map(|suite| suite.package.as_str()).collect();
    let default = match packages.join(", ") {
        packages if packages.is_empty() => String::new(),
        packages => format!(" [default: {packages}]"),
    };
    print!("{}", HELP.replace("{default}", &default));
    let Some(suite) = suites.first() else { return Ok(0) };
    println!("\nThe test binary's own help:\n");
    process::run(cargo::test_binary(&cargo::build(suite)?).arg("--help"))
}
