//! The temporary folders of a run, written down for the next one: who is killed cannot remove them, and here nobody
//! outlives the run.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How a finished list is called. Until it is locked, it has another name, so that nobody takes it for a dead run's.
const LIST: &str = "folders";

/// How long killed processes may hold files open.
const AFTER_KILL: Duration = Duration::from_secs(1);
/// The pause between two tries.
const PAUSE: Duration = Duration::from_millis(5);

/// A list of folders, in a file that is locked as long as its run lives.
#[derive(Debug)]
pub(super) struct Remains {
    file: File,
    path: PathBuf,
    folders: Vec<PathBuf>,
}

impl Remains {
    pub(super) fn new() -> io::Result<Self> {
        Self::new_in(&home())
    }

    fn new_in(home: &Path) -> io::Result<Self> {
        fs::create_dir_all(home)?;
        for number in 0_u32.. {
            let unlocked = home.join(format!("{}-{number}", std::process::id()));
            let path = unlocked.with_extension(LIST);
            if path.exists() {
                continue;
            }
            let file = match OpenOptions::new().read(true).write(true).create_new(true).open(&unlocked) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
                file => file?,
            };
            file.try_lock()?;
            fs::rename(&unlocked, &path)?;
            return Ok(Self { file, path, folders: Vec::new() });
        }
        unreachable!("numbers do not end")
    }

    /// Removes the folders of runs that were killed.
    pub(super) fn remove_of_the_dead() {
        Self::remove_of_the_dead_in(&home());
    }

    fn remove_of_the_dead_in(home: &Path) {
        let lists = fs::read_dir(home).into_iter().flatten().flatten().map(|entry| entry.path());
        for path in lists.filter(|path| path.extension().is_some_and(|kind| kind == LIST)) {
            // One that cannot be had is a living run's.
            let Ok(mut file) = OpenOptions::new().read(true).write(true).open(&path) else { continue };
            let mut text = String::new();
            if file.try_lock().is_err() || file.read_to_string(&mut text).is_err() {
                continue;
            }
            let folders = text.lines().map(PathBuf::from).filter(|folder| is_removable(folder)).collect();
            Self { file, path, folders }.remove();
        }
    }

    pub(super) fn add(&mut self, folder: &Path) {
        if is_removable(folder) {
            self.folders.push(folder.to_owned());
            self.write();
        }
    }

    pub(super) fn take_out(&mut self, folder: &Path) {
        self.folders.retain(|known| known != folder);
        self.write();
    }

    /// Removes the folders, and the list.
    pub(super) fn remove(self) {
        let begun = Instant::now();
        for folder in &self.folders {
            while fs::remove_dir_all(folder).is_err_and(|error| error.kind() != io::ErrorKind::NotFound)
                && begun.elapsed() < AFTER_KILL
            {
                // Nothing tells when the last process that has a file of it open is gone.
                std::thread::sleep(PAUSE);
            }
        }
        // What is still there is for the next.
        if self.folders.iter().all(|folder| !folder.exists()) {
            let _ = fs::remove_file(&self.path);
        }
    }

    /// A list that cannot be written only means that folders stay.
    fn write(&mut self) {
        let names: Vec<&str> = self.folders.iter().filter_map(|folder| folder.to_str()).collect();
        let text = names.join("\n");
        let written = self.file.rewind().and_then(|()| self.file.write_all(text.as_bytes()));
        let _ = written.and_then(|()| self.file.set_len(text.len() as u64));
    }
}

/// A folder of its own, whose name is one line of text.
fn is_removable(folder: &Path) -> bool {
    let has_name = folder.to_str().is_some_and(|name| !name.contains('\n'));
    folder.is_absolute() && folder.parent().is_some() && has_name
}

fn home() -> PathBuf {
    std::env::temp_dir().join("callboard").join("remains")
}
