//! `cargo xtask test`: every test of the project.

use std::ffi::OsString;
use std::time::{Duration, Instant};

use callboard::setup::Machine;

use crate::args::Args;
use crate::error::Error;
use crate::install::Installer;
use crate::project::Project;
use crate::step::Step;
use crate::{cargo, process};

const HELP: &str = "\
Runs every test of the project. Installs a browser and its driver first if there are none.

Usage: cargo xtask test [--no-install] [ARGS]

Options:
      --no-install  do not install a browser (the same: CALLBOARD_NO_INSTALL=1)
  -h, --help        this

Steps:
  cargo test --workspace";

const AFTER_STEPS: &str = "\
All other arguments are passed to `cargo test` as they are. With them, this is the only step.

Exit codes: that of the first step that fails, after which none is run; 2 if a setting is wrong; 3 if
there is no browser to test with.
";

/// Runs the command and gives its exit code.
pub(crate) fn run(project: &Project, args: impl Iterator<Item = OsString>) -> Result<u8, Error> {
    let args = Args::test(args);
    if args.help {
        println!("{HELP}");
        for step in &project.steps {
            println!("  {step}");
        }
        print!("\n{AFTER_STEPS}");
        return Ok(0);
    }
    Installer::new(args.no_install).ensure(&project.suites)?;

    let mut done = Done::default();
    let (line, mut command) = cargo_test(&args);
    match done.run(line, &mut command)? {
        0 if args.rest.is_empty() => {}
        code => return Ok(done.end(code)),
    }
    let machine = Machine::this();
    for step in &project.steps {
        if let Some(lacking) = step.lacks(&machine) {
            done.leave_out(step, &lacking);
            continue;
        }
        let code = done.run(step.to_string(), &mut step.command())?;
        if code != 0 {
            return Ok(done.end(code));
        }
    }
    Ok(done.end(0))
}

/// `cargo test` for all packages, unless the arguments choose some.
fn cargo_test(args: &Args) -> (String, std::process::Command) {
    let mut command = cargo::command();
    command.arg("test");
    if !args.choose_packages() {
        command.arg("--workspace");
    }
    command.args(&args.rest);
    let words: Vec<String> = command.get_args().map(|word| word.display().to_string()).collect();
    (format!("cargo {}", words.join(" ")), command)
}

/// The steps so far, for the last line.
#[derive(Debug, Default)]
struct Done {
    steps: Vec<String>,
    last: String,
}

impl Done {
    fn run(&mut self, line: String, command: &mut std::process::Command) -> Result<u8, Error> {
        eprintln!("$ {line}");
        let begun = Instant::now();
        let code = process::run(command)?;
        let result = if code == 0 { "passed" } else { "FAILED" };
        self.steps.push(format!("{line}: {result} in {}", seconds(begun.elapsed())));
        self.last = line;
        Ok(code)
    }

    fn leave_out(&mut self, step: &Step, lacking: &str) {
        eprintln!("left out, because {lacking}: {step}");
        self.steps.push(format!("{step}: left out"));
    }

    fn end(&self, code: u8) -> u8 {
        eprintln!("{}", self.steps.join("; "));
        if code != 0 {
            eprintln!("error: the step `{}` failed with exit code {code}", self.last);
        }
        code
    }
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}
