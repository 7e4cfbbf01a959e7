//! What a test can leave in its process that the next one would find: another folder, another environment, no output, a thread
//! that goes on.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::inline::Rest;
use super::native;

/// How the process was before a test.
#[derive(Debug)]
pub(super) struct Traces {
    folder: Option<PathBuf>,
    environment: Vec<(OsString, OsString)>,
    /// The threads that are no test's.
    threads: BTreeSet<OsString>,
}

impl Traces {
    /// How it is now.
    pub(super) fn now() -> Self {
        Self {
            folder: std::env::current_dir().ok(),
            environment: std::env::vars_os().collect(),
            threads: threads().collect(),
        }
    }

    /// What is not as it was, and so makes the process unfit for the next test.
    pub(super) fn left(&mut self, rest: Rest) -> Option<String> {
        let mut left = Vec::new();
        if std::env::current_dir().ok() != self.folder {
            left.push("another current folder");
        }
        if !std::env::vars_os().eq(self.environment.iter().cloned()) {
            left.push("another environment");
        }
        if !native::can_print() {
            left.push("a closed output");
        }
        if self.has_new_thread(rest) {
            left.push("a thread that goes on");
        }
        (!left.is_empty()).then(|| format!("the test has left {}", left.join(" and ")))
    }

    fn has_new_thread(&mut self, rest: Rest) -> bool {
        let mut new = self.new_threads();
        for _ in 0..LOOKS {
            if new.is_empty() {
                break;
            }
            // The kernel tells nobody when a thread has its name, or is gone from its list.
            std::thread::sleep(LOOK);
            new = self.new_threads();
        }
        // One that is there from now on may be a fixture's that lives as long as the slot.
        let is_left = !rest.has_fixtures && !new.is_empty();
        self.threads.extend(new);
        is_left
    }

    fn new_threads(&self) -> Vec<OsString> {
        threads().filter(|id| !self.threads.contains(id)).filter(|id| !is_ours(id)).collect()
    }
}

/// One that is about to end, or to get its name, is looked at again, so often and after so long.
const LOOKS: u32 = 20;
const LOOK: Duration = Duration::from_millis(1);

const THREADS: &str = "/proc/self/task";

/// The threads of this process, where the system tells.
fn threads() -> impl Iterator<Item = OsString> {
    let threads = std::fs::read_dir(THREADS).into_iter().flatten();
    threads.filter_map(|thread| Some(thread.ok()?.file_name()))
}

/// Whether it is one of the harness that comes and goes. One that has ended meanwhile is nobody's.
fn is_ours(id: &OsString) -> bool {
    const OURS: [&[u8]; 3] = [b"callboard pool", b"callboard trace", b"callboard witne"];
    // The system cuts names after 15 bytes.
    let name = std::fs::read(Path::new(THREADS).join(id).join("comm"));
    name.map_or(true, |name| OURS.iter().any(|ours| name.starts_with(ours)))
}
