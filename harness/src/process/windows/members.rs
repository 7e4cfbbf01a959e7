//! A job: its first process, and who is in it.

use std::io;
use std::os::windows::io::AsHandle;
use std::os::windows::process::CommandExt;
use std::process::{Child, Command};
use std::sync::{Arc, Mutex, PoisonError};

use windows_sys::Win32::System::Threading::{CREATE_NEW_PROCESS_GROUP, CREATE_SUSPENDED};

use super::super::Exit;
use super::ENDED;
use super::job::{self, Job};
use crate::config::Signal;

/// The members of a job, from before the first instruction of its leader.
#[derive(Debug, Clone)]
pub(crate) struct Members {
    id: u32,
    job: Arc<Job>,
    /// Whether the leader's number is still its own: it is as long as the leader's handle is open.
    unreaped: Arc<Mutex<bool>>,
}

impl Members {
    /// Starts a program in a job of its own, and as the leader of a console group, which Ctrl-C at the terminal does not
    /// reach: a run that is interrupted ends it in order.
    pub(crate) fn start(command: &mut Command) -> io::Result<(Child, Self)> {
        let job = Job::new()?;
        let mut child = command.creation_flags(CREATE_SUSPENDED | CREATE_NEW_PROCESS_GROUP).spawn()?;
        // Before it can start anything that would not be in the job.
        let begun = job.take_in(child.as_handle()).and_then(|()| job::resume(child.id()));
        if let Err(error) = begun {
            let _ = child.kill();
            return Err(error);
        }
        let (id, unreaped) = (child.id(), Arc::new(Mutex::new(true)));
        Ok((child, Self { id, job: Arc::new(job), unreaped }))
    }

    /// The id of the leader.
    pub(super) fn id(&self) -> u32 {
        self.id
    }

    /// Asks every member to end, or ends it. Whether that could be done: all signals but `SIGKILL` are Ctrl-Break, which
    /// needs a console that both have.
    pub(crate) fn signal(&self, signal: Signal) -> bool {
        if signal == Signal::Kill {
            self.end();
            return true;
        }
        let unreaped = self.unreaped.lock().unwrap_or_else(PoisonError::into_inner);
        !*unreaped || job::press_break(self.id).is_ok()
    }

    /// Ends every member.
    pub(super) fn end(&self) {
        self.job.end(ENDED);
    }

    /// Whether a member lives.
    pub(super) fn is_alive(&self) -> bool {
        self.job.living().is_ok_and(|living| living > 0)
    }

    /// Nothing: the system tells of a job how much it took at the most, and not how much it takes.
    #[expect(clippy::unused_self, reason = "elsewhere the system tells")]
    pub(crate) fn memory(&self) -> Option<u64> {
        None
    }

    /// Waits until the leader has ended, and ends whom it leaves behind.
    pub(crate) fn wait(&self, mut leader: Child, at_end: impl FnOnce()) -> Exit {
        let status = leader.wait();
        self.end();
        at_end();
        let mut unreaped = self.unreaped.lock().unwrap_or_else(PoisonError::into_inner);
        // Its handle is closed here, and not before: until then nobody else has its number.
        drop(leader);
        *unreaped = false;
        drop(unreaped);
        status.map_or(Exit::Unknown, Exit::from)
    }
}
