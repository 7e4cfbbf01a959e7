//! The warden: a tiny process that outlives a killed run for a moment, to end what the run started.

use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Mutex, PoisonError};

use rustix::process::Pid;

/// A shell script, because the executable of a run cannot be started again in a role of its own: under
/// the standard test harness its `main` is not ours.
const SCRIPT: &str = include_str!("warden.sh");

/// Knows every process group and every folder of temporary files of this run, and ends and removes
/// them when the run dies.
///
/// It holds the reading end of a pipe of which this process holds the only writing end (closed in every
/// child, as the standard library does with all that it opens), so it notices the death even where
/// nothing of the run could say a last word. It is in a process group of its own and ignores the
/// signals of a terminal. When it cannot be told something, because somebody killed it, the run goes
/// on without it.
///
/// Dropping it ends and removes what it still knows, and waits until that is done.
#[derive(Debug)]
pub(crate) struct Warden {
    child: Child,
    input: Mutex<ChildStdin>,
}

impl Warden {
    /// Starts the warden of this run.
    pub(crate) fn start() -> io::Result<Self> {
        let mut child = Command::new("/bin/sh")
            .args(["-c", SCRIPT, "callboard-warden"])
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()?;
        let input = child.stdin.take().ok_or(io::ErrorKind::BrokenPipe)?;
        Ok(Self { child, input: Mutex::new(input) })
    }

    /// Its process.
    #[cfg(test)]
    pub(super) fn id(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    /// A process group lives from now on.
    pub(crate) fn watch(&self, group: Pid) {
        self.tell(format!("+{}\n", group.as_raw_nonzero()).as_bytes());
    }

    /// A process group has ended. To be said before its leader is reaped: afterwards its number may
    /// be somebody else's.
    pub(crate) fn forget(&self, group: Pid) {
        self.tell(format!("-{}\n", group.as_raw_nonzero()).as_bytes());
    }

    /// A folder that is to be removed with the run. A path that is not absolute, or that could be
    /// misunderstood, is not taken.
    pub(crate) fn watch_dir(&self, dir: &Path) {
        self.tell_of_dir(b'd', dir);
    }

    /// A folder that is gone already, or that is to be kept.
    pub(crate) fn forget_dir(&self, dir: &Path) {
        self.tell_of_dir(b'k', dir);
    }

    fn tell_of_dir(&self, what: u8, dir: &Path) {
        let path = dir.as_os_str().as_bytes();
        if dir.is_absolute() && dir.parent().is_some() && !path.contains(&b'\n') {
            self.tell(&[&[what], path, b"\n"].concat());
        }
    }

    /// One line at a time, whole: lines of several threads must not mix.
    fn tell(&self, line: &[u8]) {
        let mut input = self.input.lock().unwrap_or_else(PoisonError::into_inner);
        // Whoever killed the warden wanted to be without one.
        let _ = input.write_all(line);
    }
}

impl Drop for Warden {
    fn drop(&mut self) {
        // Said aloud rather than by closing the pipe: should its writing end have got into some child
        // after all, the end of the run still does not wait for that child.
        self.tell(b"q\n");
        let _ = self.child.wait();
    }
}
