//! What a test can leave in its process that the next one would find: another folder, another environment, no output, a thread
//! that goes on.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::PathBuf;

use super::inline::Rest;

/// How the process is.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Traces {
    folder: Option<PathBuf>,
    environment: Vec<(OsString, OsString)>,
    threads: BTreeSet<OsString>,
}

impl Traces {
    pub(super) fn now() -> Self {
        Self {
            folder: std::env::current_dir().ok(),
            environment: std::env::vars_os().collect(),
            threads: threads(),
        }
    }

    /// What is not as it was, and so makes the process unfit for the next test.
    pub(super) fn left(&self, rest: Rest) -> Option<String> {
        let now = Self::now();
        let mut left = Vec::new();
        if now.folder != self.folder {
            left.push("another current folder");
        }
        if now.environment != self.environment {
            left.push("another environment");
        }
        if rustix::io::fcntl_getfd(rustix::stdio::stdout()).is_err()
            || rustix::io::fcntl_getfd(rustix::stdio::stderr()).is_err()
        {
            left.push("a closed output");
        }
        // One that is there from now on may be a fixture's that lives as long as the slot.
        if !rest.has_fixtures && !now.threads.is_subset(&self.threads) {
            left.push("a thread that goes on");
        }
        (!left.is_empty()).then(|| format!("the test has left {}", left.join(" and ")))
    }
}

/// The threads of this process that are not the harness's own, where the system tells.
fn threads() -> BTreeSet<OsString> {
    let Ok(threads) = std::fs::read_dir("/proc/self/task") else { return BTreeSet::new() };
    let ours = |id: &OsString| {
        let name = std::fs::read(std::path::Path::new("/proc/self/task").join(id).join("comm"));
        // One that has ended meanwhile is nobody's.
        // The system cuts names after 15 bytes.
        name.map_or(true, |name| name.starts_with(b"callboard pool") || name.starts_with(b"callboard witne"))
    };
    threads.filter_map(|thread| Some(thread.ok()?.file_name())).filter(|id| !ours(id)).collect()
}
