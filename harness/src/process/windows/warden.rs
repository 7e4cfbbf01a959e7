//! What ends what the run started: no process here, but the job that the run itself is in.

use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::process::Command;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use super::job::Job;
use super::members::Members;
use super::remains::Remains;

/// The job of this process. Never closed, so that it ends with this process, and ends what is still in it.
static OWN: OnceLock<io::Result<Job>> = OnceLock::new();

/// How long the system may take to end what was killed.
const AFTER_KILL: Duration = Duration::from_secs(2);
/// How often it is looked whether it has.
const LOOK: Duration = Duration::from_millis(2);

/// Knows every group and every folder of temporary files of this run, and ends and removes them.
///
/// If the run is killed, the system ends the groups, and everything else that it has started. The folders stay until
/// the next run of this user begins.
///
/// Dropping it is the same as [`Warden::end`].
#[derive(Debug)]
pub(crate) struct Warden {
    ledger: Mutex<Ledger>,
}

#[derive(Debug)]
struct Ledger {
    groups: HashMap<u32, Members>,
    /// Nothing where they cannot be written down.
    remains: Option<Remains>,
    is_over: bool,
}

impl Warden {
    /// Removes what killed runs have left, and takes note of this one. `on_notice` is told what cannot be had here, in whole
    /// sentences.
    #[expect(clippy::unnecessary_wraps, reason = "elsewhere a process is started, which can fail")]
    pub(crate) fn start(on_notice: impl Fn(&str) + Send + 'static) -> io::Result<Self> {
        if let Err(error) = OWN.get_or_init(own_job) {
            on_notice(&format!(
                "this process cannot be in a job of its own ({error}): what a test starts itself may outlive the run"
            ));
        }
        Remains::remove_of_the_dead();
        let remains = Remains::new();
        if let Err(error) = &remains {
            on_notice(&format!(
                "if this run is killed, its temporary folders stay: they cannot be noted: {error}"
            ));
        }
        let ledger = Ledger { groups: HashMap::new(), remains: remains.ok(), is_over: false };
        Ok(Self { ledger: Mutex::new(ledger) })
    }

    /// Nothing: the job of this process holds what it starts, and what that starts.
    #[expect(clippy::unused_self, reason = "elsewhere each process carries a mark")]
    pub(crate) fn mark_on(&self, _command: &mut Command) {}

    /// A group lives from now on. After the warden's end none may: it is ended at once.
    pub(crate) fn watch(&self, members: &Members) {
        let mut ledger = self.lock();
        if ledger.is_over {
            return members.end();
        }
        ledger.groups.insert(members.id(), members.clone());
    }

    /// A group has ended.
    pub(crate) fn forget(&self, members: &Members) {
        self.lock().groups.remove(&members.id());
    }

    /// A folder that is to be removed with the run, until the warden's end. A path that is not absolute, or that could be
    /// misunderstood, is not taken.
    pub(crate) fn watch_dir(&self, dir: &Path) {
        if let Some(remains) = &mut self.lock().remains {
            remains.add(dir);
        }
    }

    /// A folder that is gone already, or that is to be kept.
    pub(crate) fn forget_dir(&self, dir: &Path) {
        if let Some(remains) = &mut self.lock().remains {
            remains.take_out(dir);
        }
    }

    /// Ends the groups, removes the folders that it still knows, and waits until that is done. From then on no group
    /// outlives the run, for none is let live. What a test has started in this very process ends with it.
    pub(crate) fn end(&self) {
        let (groups, remains) = {
            let mut ledger = self.lock();
            ledger.is_over = true;
            (ledger.groups.clone(), ledger.remains.take())
        };
        groups.values().for_each(Members::end);
        let begun = Instant::now();
        while groups.values().any(Members::is_alive) && begun.elapsed() < AFTER_KILL {
            // A job tells when it is empty only those who ask for much more.
            std::thread::sleep(LOOK);
        }
        if let Some(remains) = remains {
            remains.remove();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Warden {
    fn drop(&mut self) {
        self.end();
    }
}

fn own_job() -> io::Result<Job> {
    let job = Job::new()?;
    job.take_in_this_process()?;
    Ok(job)
}
