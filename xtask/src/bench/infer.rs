//! The inference of the diagnosis: how often it is right in simulated worlds, and how long it takes.

use std::process::{Command, Stdio};

use super::Bench;
use super::error::Error;
use super::sample::Sample;
use super::table::{Row, Unit};

/// The simulator's long form, a test that is not executed otherwise: it is part of the crate, whose inference is not public.
const FIGURES: &str = "diagnose::infer::sim::figures";

pub(super) fn rows(bench: &Bench) -> Result<Vec<Row>, Error> {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(&program);
    command.args(["test", "-p", "callboard", "--lib"]);
    if bench.workspace.release {
        command.arg("--release");
    }
    command
        .args(["--", FIGURES, "--exact", "--ignored", "--nocapture"])
        .env("CALLBOARD_INFER_WORLDS", bench.times(60, 6).to_string())
        .current_dir(&bench.workspace.root)
        .stdin(Stdio::null())
        .stderr(Stdio::inherit());
    let output = command.output().map_err(|source| Error::run(&program, source))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if !output.status.success() {
        let program = program.display().to_string();
        return Err(Error::Ended { program, how: format!("ended with {}", output.status), output: text });
    }
    println!("{text}");
    let row = |what: &str, key: &str| Row::new(what, Unit::Milliseconds, times(&text, key));
    Ok(vec![
        row(
            "inference: one attempt taken and the next experiments chosen, of 58 tests after 40 runs",
            "step_ms=",
        )
        .at_most(50.0),
        row("inference: a whole run taken and the next experiments chosen, after 40 runs", "run_step_ms=")
            .at_most(50.0),
        row("inference: all attempts of 40 runs of 58 tests taken", "take_all_ms="),
    ])
}

/// The figures of the lines that begin so.
fn times(text: &str, key: &str) -> Sample {
    text.lines().filter_map(|line| line.strip_prefix(key)?.parse().ok()).collect()
}
