//! The most memory that a process ever had resident.

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

impl Peak {
    pub(super) fn watch(process: u32, every: Duration) -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let stop = over.clone();
        let watching = std::thread::spawn(move || {
            let file = format!("/proc/{process}/status");
            let mut peak = None;
            while !stop.load(Ordering::Relaxed) {
                // One that has ended has no memory any more, and no such line.
                let now = std::fs::read_to_string(&file).ok().and_then(|status| high_water_mark(&status));
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

fn high_water_mark(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}
