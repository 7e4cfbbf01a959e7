//! The processes that descend from this one, as Linux tells them: how much memory they have, and their end.

use std::collections::BTreeMap;
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{JoinHandle, sleep};
use std::time::Duration;

use rustix::process::{Pid, Signal, WaitOptions, getpid, kill_process, set_child_subreaper, wait};

use super::super::error::Error;

/// Between two looks at the memory: each takes the time of a few milliseconds for each process.
const EVERY: Duration = Duration::from_millis(200);

/// From here on a process whose parent ends becomes a child of this one, so that none is lost sight of.
pub(super) fn keep_orphans() -> Result<(), Error> {
    set_child_subreaper(Some(getpid())).map_err(|error| Error::run("prctl", error.into()))
}

/// Kills what descends from this process.
pub(super) fn kill_all() {
    for process in descendants() {
        if let Some(process) = Pid::from_raw(process) {
            let _ = kill_process(process, Signal::KILL);
        }
    }
}

/// Ends what is left of a measurement. A browser whose runner was killed would go on beside the next.
pub(super) fn end_all() {
    kill_all();
    // What nobody waits for stays as a zombie; an error says that there is nobody.
    while let Ok(Some(_)) = wait(WaitOptions::NOHANG) {}
}

/// All that descend from this process. Those that begin meanwhile may be missed.
fn descendants() -> Vec<i32> {
    let mut children: BTreeMap<i32, Vec<i32>> = BTreeMap::new();
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(process) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        if let Some(parent) = parent(process) {
            children.entry(parent).or_default().push(process);
        }
    }
    let mut found = children.remove(&getpid().as_raw_nonzero().get()).unwrap_or_default();
    let mut next = 0;
    while let Some(process) = found.get(next) {
        found.extend(children.remove(process).unwrap_or_default());
        next += 1;
    }
    found
}

fn parent(process: i32) -> Option<i32> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // After the name, which may contain anything, and the state.
    stat.rsplit_once(") ")?.1.split(' ').nth(1)?.parse().ok()
}

/// The sum of the proportional sizes (PSS) of all descendants, in bytes: what several share is counted once.
fn size() -> u64 {
    descendants().into_iter().filter_map(size_of).sum()
}

fn size_of(process: i32) -> Option<u64> {
    let smaps = fs::read_to_string(format!("/proc/{process}/smaps_rollup")).ok()?;
    let line = smaps.lines().find_map(|line| line.strip_prefix("Pss:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}

/// Watches the size of all descendants.
pub(super) struct Watch {
    over: Arc<AtomicBool>,
    watching: JoinHandle<u64>,
}

impl Watch {
    pub(super) fn begin() -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let stop = over.clone();
        let watching = std::thread::spawn(move || {
            let mut most = 0;
            while !stop.load(Ordering::Relaxed) {
                most = most.max(size());
                sleep(EVERY);
            }
            most
        });
        Self { over, watching }
    }

    /// The most that they ever had at once, in bytes.
    pub(super) fn most(self) -> u64 {
        self.over.store(true, Ordering::Relaxed);
        self.watching.join().unwrap_or_default()
    }
}
