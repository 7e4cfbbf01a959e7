//! The commands of this repository: what every consumer gets, nextest, `cargo xtask bench`, `cargo xtask soak`, `cargo xtask
//! analysis`, and `--faults` of `cargo xtask e2e`, which plants faults in course-records.

mod analysis;
mod bench;
mod faults;
mod soak;

use std::process::ExitCode;

use callboard_xtask::{Project, Step, Suite};

/// What the configuration takes for `--workers`, and the command line goes before. With faults all slots are to be at work:
/// half of them show only then.
const WORKERS: &str = "CALLBOARD_WORKERS";

fn main() -> ExitCode {
    let mut args = std::env::args_os().skip(1).peekable();
    if args.next_if(|arg| arg == "bench").is_some() {
        return bench::run(args);
    }
    if args.next_if(|arg| arg == "analysis").is_some() {
        return analysis::run(args);
    }
    if args.next_if(|arg| arg == "soak").is_some() {
        return soak::run(args);
    }
    let mut suite = Suite::new("course-records");
    let mut rest: Vec<_> = args.collect();
    if rest.first().is_some_and(|command| command == "e2e") {
        let names;
        (names, rest) = match faults::take(rest) {
            Ok(taken) => taken,
            Err(message) => {
                eprintln!("error: {message}");
                return ExitCode::from(2);
            }
        };
        if !names.is_empty() {
            suite = suite.env(faults::VARIABLE, names.join(","));
            // An audit looks into every slot anyway.
            let is_audit = rest.get(1).is_some_and(|command| command == "audit");
            if std::env::var_os(WORKERS).is_none() && !is_audit {
                suite = suite.env(WORKERS, "16!");
            }
        }
    }
    let nextest = Step::cargo(["nextest", "run", "-p", "course-records"]).if_installed("cargo-nextest");
    // All of it has run in Chromium.
    let firefox = Step::cargo(["test", "-p", "conformance", "--test", "conformance"])
        .env("CALLBOARD_BROWSER_ENGINE", "firefox")
        .if_firefox();
    Project::new().e2e(suite).then(nextest).then(firefox).run(rest)
}
