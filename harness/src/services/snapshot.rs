//! The files of a slot as its set-up left them, kept so that a reset can bring them back.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::copy::{FileError, copy_contents, remove, remove_contents};
use crate::browser::is_of_browser;
use crate::process::Warden;

/// The certificate of the slot's mail server, which lives through resets as the server does.
const CERTIFICATE: &str = "mail.pem";

/// What a slot's worker process says outside of any test, from before the services on.
pub(crate) const WORKER_LOG: &str = "worker.log";

/// What a slot's folder has that set-up commands, services and tests put there: all but the logs, and what the harness
/// has there itself.
#[derive(Debug, Clone)]
pub(super) struct Files {
    dir: PathBuf,
    logs: BTreeSet<OsString>,
}

/// A copy of them, beside the folder. Removed when dropped.
#[derive(Debug)]
pub(super) struct Snapshot {
    files: Files,
    copy: PathBuf,
    /// Removes it, should this process be killed.
    warden: Option<Arc<Warden>>,
}

impl Files {
    /// Those of a folder in which these are the logs.
    pub(super) fn new<'a>(dir: &Path, logs: impl Iterator<Item = &'a Path>) -> Self {
        let logs = logs.filter(|log| log.parent() == Some(dir)).filter_map(|log| log.file_name());
        Self { dir: dir.to_owned(), logs: logs.map(ToOwned::to_owned).collect() }
    }

    /// Removes them: the slot begins anew.
    pub(super) fn clear(&self) -> Result<(), FileError> {
        remove_contents(&self.dir, &|path| self.is_left(path))
    }

    /// Keeps a copy of them.
    pub(super) fn keep(&self, warden: Option<Arc<Warden>>) -> Result<Snapshot, FileError> {
        let copy = self.dir.with_extension("seeded");
        if copy.exists() {
            remove(&copy)?;
        }
        fs::create_dir(&copy).map_err(FileError::of("make the folder", &copy))?;
        if let Some(warden) = &warden {
            warden.watch_dir(&copy);
        }
        // From here on it is removed whatever happens.
        let snapshot = Snapshot { files: self.clone(), copy, warden };
        copy_contents(&self.dir, &snapshot.copy, &|path| self.is_left(path))?;
        Ok(snapshot)
    }

    fn is_left(&self, path: &Path) -> bool {
        let Some(name) = path.file_name() else { return false };
        self.logs.contains(name)
            || name
                .to_str()
                .is_some_and(|name| name == CERTIFICATE || name == WORKER_LOG || is_of_browser(name))
    }
}

impl Snapshot {
    /// Makes the files what they were.
    pub(super) fn restore(&self) -> Result<(), FileError> {
        self.files.clear()?;
        copy_contents(&self.copy, &self.files.dir, &|_| false)
    }
}

impl Drop for Snapshot {
    fn drop(&mut self) {
        if let Err(error) = remove(&self.copy) {
            tracing::debug!(%error, "a copy of a slot's files could not be removed");
        }
        if let Some(warden) = &self.warden {
            warden.forget_dir(&self.copy);
        }
    }
}
