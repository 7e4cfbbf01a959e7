//! A program with everything that it starts: a group, from its start to its last member's end.

use std::path::{Path, PathBuf};
use std::process::Child;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use tokio::sync::watch;

use super::system::Members;
use super::{Exit, Launch, SpawnError, Warden, Wires, tail};
use crate::config::Signal;

/// How long after `SIGKILL` the system may take to end a process before it is left to the warden: one
/// that hangs in the kernel must not hang the run.
const AFTER_KILL: Duration = Duration::from_secs(5);

/// A process, and everything that it has started and that the system keeps with it.
///
/// The group lives no longer than its leader: what a leader leaves behind is killed when it ends, also
/// when it ended well. Dropping a `Group` kills it.
///
/// It belongs to no async runtime: it may be started, awaited and stopped on different ones.
#[derive(Debug)]
pub(crate) struct Group {
    members: Members,
    #[cfg(feature = "mail")]
    process: u32,
    exit: watch::Receiver<Option<Exit>>,
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
        let (child, members) = launch.start(wires, warden.map(Arc::as_ref))?;
        if let Some(warden) = warden {
            warden.watch(&members);
        }
        let (sender, exit) = watch::channel(None);
        let name = format!("wait-{}", child.id());
        let group = Self {
            members: members.clone(),
            #[cfg(feature = "mail")]
            process: child.id(),
            exit,
            log: launch.log.clone(),
            log_start,
        };
        let watcher = Watcher { child, members, warden: warden.cloned(), exit: sender };
        // A thread rather than a task, so that the group belongs to no runtime; it sleeps all its life.
        let thread = thread::Builder::new().name(name);
        thread.spawn(move || watcher.watch()).map_err(|source| SpawnError::Other {
            program: launch.program.clone(),
            dir: launch.dir.clone(),
            source,
        })?;
        Ok(group)
    }

    /// The id of the group and of its leader.
    #[cfg(all(test, unix))]
    pub(crate) fn id(&self) -> rustix::process::Pid {
        self.members.id()
    }

    /// The number of its leader.
    #[cfg(feature = "mail")]
    pub(crate) fn process(&self) -> u32 {
        self.process
    }

    /// Who is in it.
    #[cfg(all(test, unix))]
    pub(super) fn members(&self) -> &Members {
        &self.members
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
        self.members.memory()
    }

    /// Sends the signal to every member of the group; does nothing when the group has ended. Whether the system could: Windows
    /// cannot always ask a program to end.
    pub(crate) fn signal(&self, signal: Signal) -> bool {
        self.members.signal(signal)
    }

    /// Ends the group: the signal, and `SIGKILL` if the leader is still there after the grace, or cannot be asked.
    ///
    /// The leader is who decides how long an orderly end takes; what it leaves behind is killed at
    /// once. `None` when the system could not even kill it.
    pub(crate) async fn stop(&self, signal: Signal, grace: Duration) -> Option<Exit> {
        let grace = if self.signal(signal) { grace } else { Duration::ZERO };
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
    members: Members,
    warden: Option<Arc<Warden>>,
    exit: watch::Sender<Option<Exit>>,
}

impl Watcher {
    fn watch(self) {
        let Self { child, members, warden, exit } = self;
        let ended = members.wait(child, || {
            if let Some(warden) = &warden {
                warden.forget(&members);
            }
        });
        exit.send_replace(Some(ended));
    }
}
