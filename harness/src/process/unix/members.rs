//! A process group: its leader, and who is in it.

use std::io;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command};
use std::sync::{Arc, Mutex, PoisonError};

use rustix::process::{Pid, WaitId, WaitIdOptions, kill_process_group};

use super::super::Exit;
use super::memory;
use crate::config::Signal;

/// The members of a process group, from its start until its leader is reaped.
#[derive(Debug, Clone)]
pub(crate) struct Members {
    id: Pid,
    /// Whether the leader's id is still its own. While the leader is not reaped, the system gives its
    /// number to nobody else, so a signal under this lock cannot reach a stranger.
    unreaped: Arc<Mutex<bool>>,
}

impl Members {
    /// Starts a program as the leader of a new group.
    pub(crate) fn start(command: &mut Command) -> io::Result<(Child, Self)> {
        let child = command.process_group(0).spawn()?;
        let id = Pid::from_child(&child);
        Ok((child, Self { id, unreaped: Arc::new(Mutex::new(true)) }))
    }

    /// The id of the group and of its leader.
    pub(crate) fn id(&self) -> Pid {
        self.id
    }

    /// Sends the signal to every member. Whether it could be sent: here it can only fail because nobody is there any
    /// more, which is what the caller wants.
    pub(crate) fn signal(&self, signal: Signal) -> bool {
        let unreaped = self.unreaped.lock().unwrap_or_else(PoisonError::into_inner);
        if *unreaped {
            let _ = kill_process_group(self.id, raw(signal));
        }
        true
    }

    /// How much memory they take, in bytes; nothing where the system does not tell. Reads many small files.
    pub(crate) fn memory(&self) -> Option<u64> {
        memory::of_group(self.id)
    }

    /// Waits until the leader has ended, and kills whom it leaves behind. `at_end` is called while the group's number is
    /// still its own.
    pub(crate) fn wait(&self, mut leader: Child, at_end: impl FnOnce()) -> Exit {
        // First only look: an ended leader that is not reaped keeps the group's number from being given
        // to somebody else while the rest of the group is killed and the warden is told.
        let seen = rustix::io::retry_on_intr(|| {
            rustix::process::waitid(WaitId::Pid(self.id), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT)
        });
        let mut unreaped = self.unreaped.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.is_ok() {
            let _ = kill_process_group(self.id, rustix::process::Signal::KILL);
        }
        at_end();
        let status: io::Result<_> = leader.wait();
        *unreaped = false;
        drop(unreaped);
        status.map_or(Exit::Unknown, Exit::from)
    }
}

fn raw(signal: Signal) -> rustix::process::Signal {
    match signal {
        Signal::Term => rustix::process::Signal::TERM,
        Signal::Int => rustix::process::Signal::INT,
        Signal::Hup => rustix::process::Signal::HUP,
        Signal::Quit => rustix::process::Signal::QUIT,
        Signal::Kill => rustix::process::Signal::KILL,
    }
}
