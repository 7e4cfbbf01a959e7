//! Programs that are run: to their end, with their exit codes.

use std::collections::VecDeque;
use std::io::{self, BufRead as _, BufReader};
use std::process::{Command, ExitStatus, Stdio};

use crate::error::Error;

/// How many of the last lines of a failed program's output are repeated.
const TAIL: usize = 6;

/// Runs a program in this one's place: its input, output and terminal are ours, and its exit code is the
/// result.
pub(crate) fn run(command: &mut Command) -> Result<u8, Error> {
    let status = command
        .status()
        .map_err(|source| Error::Start { program: command.get_program().display().to_string(), source })?;
    Ok(code(status))
}

/// The exit code of a program, or what a shell makes of the signal that ended it.
pub(crate) fn code(status: ExitStatus) -> u8 {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return u8::try_from(128 + signal).unwrap_or(u8::MAX);
    }
    // Codes above a byte exist where there are no signals; they must not turn into success.
    u8::try_from(status.code().unwrap_or(1)).unwrap_or(1)
}

/// From now on an interrupt from the terminal ends the program that runs, which gets it as well and has
/// to clean up, and not this one, which waits for it and reports its exit code.
pub(crate) fn outlive_interrupts() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        // A handler that does nothing, unlike an ignored signal, is not inherited by the programs that
        // are started. It stays when the runtime is gone. Without it, one only waits less well.
        if let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_io().build() {
            let _inside = runtime.enter();
            drop(signal(SignalKind::interrupt()));
        }
    }
}

/// How a program ended that did not succeed.
#[derive(Debug, thiserror::Error)]
#[error("`{command}` {how}{}", indented(output))]
pub(crate) struct Failed {
    pub(crate) command: String,
    pub(crate) how: String,
    /// The last lines that it wrote.
    pub(crate) output: Vec<String>,
}

impl Failed {
    /// A program that could not be run, or read.
    fn unable(command: &Command, error: &io::Error) -> Self {
        Self { command: words(command), how: format!("could not be run: {error}"), output: Vec::new() }
    }

    fn ended(command: &Command, status: ExitStatus, output: Vec<String>) -> Self {
        let how = match status.code() {
            Some(code) => format!("failed with exit code {code}"),
            None => format!("died: {status}"),
        };
        Self { command: words(command), how, output }
    }
}

/// Runs a program that somebody waits for, and lets them read what it writes.
pub(crate) fn run_shown(command: &mut Command) -> Result<(), Failed> {
    let mut tail = VecDeque::new();
    let status = (|| {
        let (reader, writer) = io::pipe()?;
        command.stdin(Stdio::null()).stdout(writer.try_clone()?).stderr(writer);
        let mut child = command.spawn()?;
        // The command holds the pipe's other end, which would never close.
        command.stdout(Stdio::null()).stderr(Stdio::null());
        for line in BufReader::new(reader).split(b'\n') {
            let line = String::from_utf8_lossy(&line?).trim_end().to_owned();
            eprintln!("  {line}");
            if !line.is_empty() {
                tail.truncate(TAIL - 1);
                tail.push_front(line);
            }
        }
        child.wait()
    })()
    .map_err(|error| Failed::unable(command, &error))?;
    if status.success() {
        return Ok(());
    }
    Err(Failed::ended(command, status, tail.into_iter().rev().collect()))
}

/// Runs a program for what it writes to its standard output.
pub(crate) fn output(command: &mut Command) -> Result<Vec<u8>, Failed> {
    let output = command.stdin(Stdio::null()).output().map_err(|error| Failed::unable(command, &error))?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let text = if output.stderr.is_empty() { &output.stdout } else { &output.stderr };
    let text = String::from_utf8_lossy(text);
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let tail = lines[lines.len().saturating_sub(TAIL)..].iter().map(|&line| line.to_owned()).collect();
    Err(Failed::ended(command, output.status, tail))
}

/// A command as one would type it.
fn words(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.display().to_string()).collect::<Vec<_>>().join(" ")
}

fn indented(lines: &[String]) -> String {
    let lines: Vec<String> = lines.iter().map(|line| format!("\n    {line}")).collect();
    if lines.is_empty() { String::new() } else { format!(":{}", lines.concat()) }
}
