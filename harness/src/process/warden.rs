//! The warden: a tiny process that outlives a killed run for a moment, to end what the run started.

use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rustix::process::{Pid, Signal, kill_process_group};

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
/// Dropping it is the same as [`Warden::end`].
#[derive(Debug)]
pub(crate) struct Warden(Mutex<Option<Process>>);

/// The warden's process, and the pipe to it.
#[derive(Debug)]
struct Process {
    child: Child,
    input: ChildStdin,
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
        Ok(Self(Mutex::new(Some(Process { child, input }))))
    }

    /// Its process.
    #[cfg(test)]
    pub(super) fn id(&self) -> Option<Pid> {
        self.lock().as_ref().map(|process| Pid::from_child(&process.child))
    }

    /// A process group lives from now on. After the warden's end no group may: it is killed at once.
    pub(crate) fn watch(&self, group: Pid) {
        if !self.tell(format!("+{}\n", group.as_raw_nonzero()).as_bytes()) {
            // It can only fail because nobody is there any more.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }

    /// Ends the groups and removes the folders that it still knows, and waits until that is done. From then
    /// on nothing outlives the run, for nothing new is let live.
    pub(crate) fn end(&self) {
        // The lock is free again before the wait: who comes meanwhile learns that it is over.
        let process = self.lock().take();
        let Some(Process { mut child, mut input }) = process else { return };
        // Said aloud rather than by closing the pipe: should its writing end have got into some child
        // after all, the end of the run still does not wait for that child.
        let _ = input.write_all(b"q\n");
        let _ = child.wait();
    }

    /// A process group has ended. To be said before its leader is reaped: afterwards its number may
    /// be somebody else's.
    pub(crate) fn forget(&self, group: Pid) {
        self.tell(format!("-{}\n", group.as_raw_nonzero()).as_bytes());
    }

    /// A folder that is to be removed with the run, until the warden's end. A path that is not absolute, or that could be
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

    /// One line at a time, whole: lines of several threads must not mix. False when the warden's end was before.
    fn tell(&self, line: &[u8]) -> bool {
        let mut process = self.lock();
        let Some(process) = process.as_mut() else { return false };
        // Whoever killed the warden wanted to be without one.
        let _ = process.input.write_all(line);
        true
    }

    fn lock(&self) -> MutexGuard<'_, Option<Process>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Warden {
    fn drop(&mut self) {
        self.end();
    }
}
