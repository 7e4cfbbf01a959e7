//! The folder in which a browser keeps everything: new for each, and removed with it.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::error::{BrowserError, Program};
use crate::process::Warden;

/// How often removing is tried, and the pause between: killed processes are gone in milliseconds.
const TRIES: u32 = 100;
const PAUSE: Duration = Duration::from_millis(2);

/// What a profile's folder is called, before its number.
const NAME: &str = "profile-";

/// Whether a file of this name in a slot's folder is the browser's or the driver's: a profile, or a log.
pub(crate) fn is_of_browser(name: &str) -> bool {
    let number = name.strip_prefix(NAME);
    let is_profile = number.is_some_and(|number| number.parse::<u32>().is_ok());
    is_profile || [Program::Browser, Program::Driver].iter().any(|program| name == format!("{program}.log"))
}

/// The folder that the browser keeps everything in; removed with it.
#[derive(Debug)]
pub(super) struct Profile {
    path: PathBuf,
    /// Removes it, should this process be killed.
    warden: Option<Arc<Warden>>,
}

impl Profile {
    /// A new folder: what an earlier browser of this slot may have left behind is not looked at.
    pub(super) fn create(dir: &Path, warden: Option<Arc<Warden>>) -> Result<Self, BrowserError> {
        let failed = |path: &Path, source| BrowserError::Folder { path: path.to_owned(), source };
        std::fs::create_dir_all(dir).map_err(|source| failed(dir, source))?;
        let dir = std::path::absolute(dir).map_err(|source| failed(dir, source))?;
        for number in 0_u32.. {
            let path = dir.join(format!("{NAME}{number}"));
            match std::fs::create_dir(&path) {
                Ok(()) => {
                    if let Some(warden) = &warden {
                        warden.watch_dir(&path);
                    }
                    return Ok(Self { path, warden });
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(failed(&path, error)),
            }
        }
        unreachable!("numbers do not end")
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Removes it with all that is in it; the browser was ended before.
    fn remove(&self) {
        if let Some(folder) = self.socket_folder() {
            let _ = std::fs::remove_dir_all(folder);
        }
        for _ in 0..TRIES {
            match std::fs::remove_dir_all(&self.path) {
                // A process that was killed a moment ago may have written one more file meanwhile. Nothing tells when the
                // last of them is gone, and `drop` cannot wait otherwise; it is over within 200 ms in any case.
                Err(error) if error.kind() != io::ErrorKind::NotFound => std::thread::sleep(PAUSE),
                _ => return,
            }
        }
    }

    /// A full browser keeps a socket in the system's temporary folder, to which the profile has a link,
    /// for a path in the profile may be too long for one. Killed, it leaves it there.
    fn socket_folder(&self) -> Option<PathBuf> {
        let folder = std::fs::read_link(self.path.join("SingletonSocket")).ok()?.parent()?.to_owned();
        let name = folder.file_name()?.to_str()?;
        ["org.chromium.", "com.google."].iter().any(|owner| name.starts_with(owner)).then_some(folder)
    }
}

impl Drop for Profile {
    fn drop(&mut self) {
        self.remove();
        if let Some(warden) = &self.warden {
            warden.forget_dir(&self.path);
        }
    }
}
