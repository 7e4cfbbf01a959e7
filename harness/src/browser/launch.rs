//! One program of a slot's browser as a child process: its own group, its own log, gone when dropped.

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::path::Path;
use std::process::{ExitStatus, Stdio};

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::process::{Child, Command};

/// A started program with all processes that it starts itself.
#[derive(Debug)]
pub(super) struct Launched {
    child: Child,
    /// The group, which has the number of the program; `None` once the group was ended.
    group: Option<Pid>,
}

impl Launched {
    /// Starts it in a group of its own, with all that it prints in the file `log`.
    pub(super) fn start(program: &Path, args: &[OsString], log: &Path) -> io::Result<Self> {
        let log = File::create(log)?;
        let child = Command::new(program)
            .args(args)
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .process_group(0)
            .spawn()?;
        let group = child.id().and_then(|id| Pid::from_raw(id.cast_signed()));
        Ok(Self { child, group })
    }

    /// How it ended, if it did.
    pub(super) fn ended(&mut self) -> io::Result<Option<ExitStatus>> {
        self.child.try_wait()
    }

    /// Ends it and all processes of its group, at once: nothing that they hold is to be kept.
    pub(super) async fn end(&mut self) {
        self.kill();
        // It was killed, so this takes as long as the kernel does.
        let _ = self.child.wait().await;
    }

    fn kill(&mut self) {
        if let Some(group) = self.group.take() {
            let _ = kill_process_group(group, Signal::KILL);
        }
    }

    /// The number of the process group.
    #[cfg(test)]
    pub(super) fn group(&self) -> Option<Pid> {
        self.group
    }
}

impl Drop for Launched {
    fn drop(&mut self) {
        self.kill();
    }
}
