//! The folder in which a browser keeps everything: new for each, and removed with it.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::error::BrowserError;

/// How often removing is tried, and the pause between: killed processes are gone in milliseconds.
const TRIES: u32 = 100;
const PAUSE: Duration = Duration::from_millis(2);

/// The folder that the browser keeps everything in; removed with it.
#[derive(Debug)]
pub(super) struct Profile(PathBuf);

impl Profile {
    /// A new folder: what an earlier browser of this slot may have left behind is not looked at.
    pub(super) fn create(dir: &Path) -> Result<Self, BrowserError> {
        let failed = |path: &Path, source| BrowserError::Folder { path: path.to_owned(), source };
        std::fs::create_dir_all(dir).map_err(|source| failed(dir, source))?;
        let dir = std::path::absolute(dir).map_err(|source| failed(dir, source))?;
        for number in 0.. {
            let path = dir.join(format!("profile-{number}"));
            match std::fs::create_dir(&path) {
                Ok(()) => return Ok(Self(path)),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(failed(&path, error)),
            }
        }
        unreachable!("numbers do not end")
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// Removes it with all that is in it; the browser was ended before.
    fn remove(&self) {
        if let Some(folder) = self.socket_folder() {
            let _ = std::fs::remove_dir_all(folder);
        }
        for _ in 0..TRIES {
            match std::fs::remove_dir_all(&self.0) {
                // A process that was killed a moment ago may have written one more file meanwhile.
                Err(error) if error.kind() != io::ErrorKind::NotFound => std::thread::sleep(PAUSE),
                _ => return,
            }
        }
    }

    /// A full browser keeps a socket in the system's temporary folder, to which the profile has a link,
    /// for a path in the profile may be too long for one. Killed, it leaves it there.
    fn socket_folder(&self) -> Option<PathBuf> {
        let folder = std::fs::read_link(self.0.join("SingletonSocket")).ok()?.parent()?.to_owned();
        let name = folder.file_name()?.to_str()?;
        ["org.chromium.", "com.google."].iter().any(|owner| name.starts_with(owner)).then_some(folder)
    }
}

impl Drop for Profile {
    fn drop(&mut self) {
        self.remove();
    }
}
