//! A program with everything that it starts: a process group, from its start to its last member's end.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, WaitId, WaitIdOptions};
use tokio::sync::watch;

use super::{Exit, Launch, SpawnError, Warden, Wires, tail};
use crate::config::Signal;

/// How long after `SIGKILL` the system may take to end a process before it is left to the warden: one
/// that hangs in the kernel must not hang the run.
const AFTER_KILL: Duration = Duration::from_secs(5);

/// A process that leads a group of its own, and all members of that group.
///
/// The group lives no longer than its leader: what a leader leaves behind is killed when it ends, also
/// when it ended well. Dropping a `Group` kills it.
///
/// It belongs to no async runtime: it may be started, awaited and stopped on different ones.
#[derive(Debug)]
pub(crate) struct Group {
    id: Pid,
    exit: watch::Receiver<Option<Exit>>,
    /// Whether the leader's id is still its own. While the leader is not reaped, the system gives its
    /// number to nobody else, so a signal under this lock cannot reach a stranger.
    unreaped: Arc<Mutex<bool>>,
    log: PathBuf,
    log_start: u64,
}

impl Group {
    /// Starts a program. The warden is told of the group for as long as it lives.
    pub(crate) fn spawn(launch: &Launch, warden: Option<&Arc<Warden>>) -> Result<Self, SpawnError> {
        Self::spawn_with(launch, Wires::default(), warden)
    }

    /// The same with other input and output.
    pub(crate) fn spawn_with(
        launch: &Launch,
        wires: Wires,
        warden: Option<&Arc<Warden>>,
    ) -> Result<Self, SpawnError> {
        let log_start = launch.log.metadata().map_or(0, |log| log.len());
        let child = launch.start(wires, warden.map(|warden| warden.mark()))?;
        let id = Pid::from_child(&child);
        if let Some(warden) = warden {
            warden.watch(id);
        }
        let (sender, exit) = watch::channel(None);
        let unreaped = Arc::new(Mutex::new(true));
        let group = Self { id, exit, unreaped: unreaped.clone(), log: launch.log.clone(), log_start };
        let watcher = Watcher { child, id, unreaped, warden: warden.cloned(), exit: sender };
        // A thread rather than a task, so that the group belongs to no runtime; it sleeps all its life.
        let thread = thread::Builder::new().name(format!("wait-{}", id.as_raw_nonzero()));
        thread.spawn(move || watcher.watch()).map_err(|source| SpawnError::Other {
            program: launch.program.clone(),
            dir: launch.dir.clone(),
            source,
        })?;
        Ok(group)
    }

    /// The id of the group and of its leader.
    #[cfg(test)]
    pub(crate) fn id(&self) -> Pid {
        self.id
    }

    /// Waits until the leader has ended and the rest of the group is killed. Any number of tasks may wait.
    pub(crate) fn exited(&self) -> impl Future<Output = Exit> + Send + use<> {
        let mut exit = self.exit.clone();
        async move {
            match exit.wait_for(Option::is_some).await {
                Ok(exit) => (*exit).unwrap_or(Exit::Unknown),
                Err(_) => Exit::Unknown,
            }
        }
    }

    /// How the leader ended, if it has.
    pub(crate) fn try_exit_status(&self) -> Option<Exit> {
        *self.exit.borrow()
    }

    /// How much memory its processes take, in bytes; nothing where the system does not tell. Reads many small files.
    pub(crate) fn memory(&self) -> Option<u64> {
        super::memory::of_group(self.id)
    }

    /// Sends the signal to every member of the group; does nothing when the group has ended.
    pub(crate) fn signal(&self, signal: Signal) {
        let unreaped = self.unreaped.lock().unwrap_or_else(PoisonError::into_inner);
        if *unreaped {
            // It can only fail because nobody is there any more, which is what the caller wants.
            let _ = rustix::process::kill_process_group(self.id, raw(signal));
        }
    }

    /// Ends the group: the signal, and `SIGKILL` if the leader is still there after the grace.
    ///
    /// The leader is who decides how long an orderly end takes; what it leaves behind is killed at
    /// once. `None` when the system could not even kill it.
    pub(crate) async fn stop(&self, signal: Signal, grace: Duration) -> Option<Exit> {
        self.signal(signal);
        if let Ok(exit) = tokio::time::timeout(grace, self.exited()).await {
            return Some(exit);
        }
        self.signal(Signal::Kill);
        tokio::time::timeout(AFTER_KILL, self.exited()).await.ok()
    }

    /// The file that the group's output goes to.
    pub(crate) fn log(&self) -> &Path {
        &self.log
    }

    /// Where in the log this group's output begins; what stands before it is somebody else's.
    pub(crate) fn log_start(&self) -> u64 {
        self.log_start
    }

    /// The last lines of the group's own output.
    pub(crate) fn last_lines(&self, lines: usize) -> Vec<String> {
        tail(&self.log, self.log_start, lines)
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.signal(Signal::Kill);
    }
}

/// Waits for the end of a group's leader, on a thread of its own.
struct Watcher {
    child: Child,
    id: Pid,
    unreaped: Arc<Mutex<bool>>,
    warden: Option<Arc<Warden>>,
    exit: watch::Sender<Option<Exit>>,
}

impl Watcher {
    fn watch(mut self) {
        // First only look: an ended leader that is not reaped keeps the group's number from being given
        // to somebody else while the rest of the group is killed and the warden is told.
        let seen = rustix::io::retry_on_intr(|| {
            rustix::process::waitid(WaitId::Pid(self.id), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT)
        });
        let mut unreaped = self.unreaped.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.is_ok() {
            let _ = rustix::process::kill_process_group(self.id, rustix::process::Signal::KILL);
        }
        if let Some(warden) = &self.warden {
            warden.forget(self.id);
        }
        let status: io::Result<_> = self.child.wait();
        *unreaped = false;
        drop(unreaped);
        self.exit.send_replace(Some(status.map_or(Exit::Unknown, Exit::from)));
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
