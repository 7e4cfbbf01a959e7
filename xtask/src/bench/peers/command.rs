//! A program that is measured: with its output in a file and a limit to its time.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use super::super::error::Error;
use super::tree;

/// Nothing that is measured takes nearly so long, unless it stands still.
const LIMIT: Duration = Duration::from_mins(15);

/// What became of it.
pub(super) struct Ran {
    /// From before it was started until it was gone.
    pub(super) took: Duration,
    pub(super) status: ExitStatus,
    /// What it printed.
    pub(super) output: String,
    program: String,
    log: PathBuf,
}

impl Ran {
    /// It must have ended with success.
    pub(super) fn succeeded(self) -> Result<Self, Error> {
        if self.status.success() {
            return Ok(self);
        }
        let how = format!("ended with {}: {}", self.status, self.log.display());
        Err(Error::Ended { program: self.program, how, output: last_lines(&self.output) })
    }
}

/// Runs it to its end.
pub(super) fn run(mut command: Command, log: &Path) -> Result<Ran, Error> {
    let file = File::create(log).map_err(|error| Error::file(log, error))?;
    let both = file.try_clone().map_err(|error| Error::file(log, error))?;
    let program = command.get_program().display().to_string();
    command.stdin(Stdio::null()).stdout(file).stderr(both).env("NO_COLOR", "1");
    let failed = |source| Error::run(&program, source);

    let began = Instant::now();
    let mut child = command.spawn().map_err(failed)?;
    let (over, wait) = channel::<()>();
    let guard = thread::spawn(move || {
        let late = wait.recv_timeout(LIMIT) == Err(RecvTimeoutError::Timeout);
        if late {
            tree::kill_all();
        }
        late
    });
    let status = child.wait().map_err(failed)?;
    let took = began.elapsed();
    drop(over);
    let late = guard.join().unwrap_or_default();
    let output = fs::read(log).map_err(|error| Error::file(log, error))?;
    let output = String::from_utf8_lossy(&output).into_owned();
    if late {
        let how = format!("was not over after {} minutes: {}", LIMIT.as_secs() / 60, log.display());
        return Err(Error::Ended { program, how, output: last_lines(&output) });
    }
    Ok(Ran { took, status, output, program, log: log.to_owned() })
}

/// The end of what was printed, which mostly says why.
pub(super) fn last_lines(output: &str) -> String {
    let lines: Vec<&str> = output.lines().collect();
    lines[lines.len().saturating_sub(15)..].join("\n")
}

/// How many passed, as the last line with such a number says: all of the runners say `20 passed`.
pub(super) fn passed(output: &str) -> u32 {
    let words: Vec<&str> = output.split_whitespace().collect();
    let pairs = words.windows(2).rev();
    pairs
        .filter(|pair| pair[1].trim_end_matches([',', ';']) == "passed")
        .find_map(|pair| pair[0].parse().ok())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_runners_say_how_many_passed() {
        assert_eq!(
            passed("Running 20 tests using 2 workers\n  1 failed\n    one.spec.ts\n  19 passed (12.3s)"),
            19
        );
        assert_eq!(passed("1 failed, 18 passed, 1 error in 3.21s"), 18);
        assert_eq!(passed("Summary [   3.301s] 1000 tests run: 1000 passed, 0 skipped"), 1000);
        assert_eq!(passed("test result: ok. 100 passed; 0 failed; 0 ignored"), 100);
        assert_eq!(passed("2 failed in 3 s"), 0);
    }
}
