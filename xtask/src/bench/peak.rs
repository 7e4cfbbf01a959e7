//! The most memory that a process ever had resident.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// Watches a process until it is gone.
///
/// The system keeps the highest mark itself (`VmHWM`) and forgets it with the process, so that it is read
/// again and again: only growth in the last interval is missed. What `wait4` tells is no use here. It counts
/// the children that the process waited for, browsers among them, and what this program had resident when
/// it forked.
pub(super) struct Peak {
    over: Arc<AtomicBool>,
    watching: JoinHandle<Option<u64>>,
}

/// Of what is watched.
#[derive(Debug, Clone, Copy)]
pub(super) enum Whose {
    /// The process itself.
    Own,
    /// The largest of the worker processes that it starts.
    Workers,
}

impl Peak {
    pub(super) fn watch(process: u32, whose: Whose, every: Duration) -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let stop = over.clone();
        let watching = std::thread::spawn(move || {
            let mut peak = None;
            while !stop.load(Ordering::Relaxed) {
                let now = match whose {
                    Whose::Own => high_water_mark(process),
                    Whose::Workers => workers(process).into_iter().filter_map(high_water_mark).max(),
                };
                peak = peak.max(now);
                std::thread::sleep(every);
            }
            peak
        });
        Self { over, watching }
    }

    /// The mark, in bytes. `None` where the system does not tell.
    pub(super) fn bytes(self) -> Option<u64> {
        self.over.store(true, Ordering::Relaxed);
        self.watching.join().ok().flatten()
    }
}

/// One that has ended has no memory any more, and no such line.
fn high_water_mark(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}

/// The worker processes that a run has started and that live.
fn workers(run: u32) -> Vec<u32> {
    let threads = fs::read_dir(format!("/proc/{run}/task")).into_iter().flatten().flatten();
    let children = threads.filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok());
    let ids: Vec<u32> = children
        .flat_map(|ids| ids.split_whitespace().filter_map(|id| id.parse().ok()).collect::<Vec<_>>())
        .collect();
    ids.into_iter().filter(|id| is_worker(*id)).collect()
}

fn is_worker(process: u32) -> bool {
    fs::read(format!("/proc/{process}/cmdline"))
        .is_ok_and(|line| line.split(|byte| *byte == 0).any(|word| word == b"--callboard-worker"))
}
