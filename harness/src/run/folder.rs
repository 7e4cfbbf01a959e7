//! The folder that a run leaves: where it is, and what it is called.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;

use crate::kept::Running;
use crate::model::{SlotId, TestId};

/// `target/callboard/runs/<id>/`
#[derive(Debug, Clone)]
pub(crate) struct RunFolder {
    id: String,
    path: PathBuf,
    /// Where services and slots have their files.
    ground: PathBuf,
    /// As long as somebody has this, the folder is nobody's to remove.
    _running: Option<Arc<Running>>,
}

/// The folder cannot be made.
#[derive(Debug, thiserror::Error)]
#[error("cannot make or clear a folder of the run, {}: {source}", .path.display())]
pub(crate) struct FolderError {
    path: PathBuf,
    source: io::Error,
}

impl RunFolder {
    /// Makes the folder of a new run below `output`, and lets `output/latest` point to it.
    pub(crate) fn create(output: &Path, now: Timestamp) -> Result<Self, FolderError> {
        let runs = output.join("runs");
        let error = |path: &Path| {
            let path = path.to_owned();
            move |source| FolderError { path, source }
        };
        fs::create_dir_all(&runs).map_err(error(&runs))?;
        // Several runs may begin in one process at the same moment: tests under the standard harness.
        let mut number = std::process::id() & 0xffff;
        let (id, path) = loop {
            let id = format!("{}-{number:04x}", now.strftime("%Y-%m-%dT%H-%M-%SZ"));
            let path = runs.join(&id);
            match fs::create_dir(&path) {
                Ok(()) => break (id, path),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number = (number + 1) & 0xffff,
                Err(source) => return Err(FolderError { path, source }),
            }
        };
        // Where there are no locks, old runs that go on may be taken for such that do not.
        let running = Running::begin(&path).ok().map(Arc::new);
        // Only a convenience: of several runs at once any may be the latest.
        let _ = point_latest(output, &id);
        Ok(Self { id, ground: path.clone(), path, _running: running })
    }

    /// The folder of a run that was stopped and goes on, to which `output/latest` points again.
    ///
    /// # Errors
    ///
    /// It goes on already, or nobody can lock it.
    pub(crate) fn again(path: &Path) -> io::Result<Self> {
        let running = Running::go_on(path)?;
        let id = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if let Some(output) = path.parent().and_then(Path::parent) {
            let _ = point_latest(output, &id);
        }
        Ok(Self { id, ground: path.to_owned(), path: path.to_owned(), _running: Some(Arc::new(running)) })
    }

    /// The run's id.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// The folder.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Where services have their files, and slots their folders: the folder itself, but for what begins anew within a run.
    pub(crate) fn ground(&self) -> &Path {
        &self.ground
    }

    /// The same folder, with an empty ground of its own that can begin anew: `world-1a2b`. Of a run that was killed, and goes on in another
    /// process, it is another one: the warden of the first may be about to remove that.
    ///
    /// # Errors
    ///
    /// It cannot be made.
    pub(crate) fn with_ground(&self) -> Result<Self, FolderError> {
        let folder =
            Self { ground: self.path.join(format!("world-{:04x}", std::process::id())), ..self.clone() };
        folder.clear_ground(&[])?;
        Ok(folder)
    }

    /// Removes all that the ground has, but for the folders of these slots; makes it where it is not there.
    ///
    /// # Errors
    ///
    /// Something cannot be removed.
    pub(crate) fn clear_ground(&self, but: &[PathBuf]) -> Result<(), FolderError> {
        let error = |source| FolderError { path: self.ground.clone(), source };
        fs::create_dir_all(&self.ground).map_err(error)?;
        let slots = self.ground.join("slots");
        let left = if slots.is_dir() { entries(&slots)? } else { Vec::new() };
        let others = entries(&self.ground)?.into_iter().filter(|path| *path != slots);
        for path in others.chain(left).filter(|path| !but.contains(path)) {
            let is_dir = path.symlink_metadata().is_ok_and(|data| data.is_dir());
            let removed = if is_dir { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
            removed.map_err(|source| FolderError { path, source })?;
        }
        Ok(())
    }

    /// `slots/03`
    pub(crate) fn slot(&self, slot: SlotId) -> PathBuf {
        self.ground.join("slots").join(format!("{:02}", slot.0))
    }

    /// `output`: what tests print, as long as they run.
    pub(crate) fn output(&self) -> PathBuf {
        self.path.join("output")
    }

    /// `tests/<test>/attempt-1`; of a test that is repeated, from the second time on, `tests/<test>/repetition-2/attempt-1`.
    pub(crate) fn attempt(&self, test: &TestId, repetition: u32, attempt: u32) -> PathBuf {
        let mut folder = self.path.join("tests").join(file_name(test.as_str()));
        if repetition > 1 {
            folder.push(format!("repetition-{repetition}"));
        }
        folder.join(format!("attempt-{attempt}"))
    }
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, FolderError> {
    let read = || -> io::Result<_> { fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect() };
    read().map_err(|source| FolderError { path: folder.to_owned(), source })
}

/// A name that every file system takes, and that a person recognises.
fn file_name(name: &str) -> String {
    const LONGEST: usize = 180;
    let plain = |c: char| if c.is_alphanumeric() || matches!(c, '_' | '-' | '.') { c } else { '.' };
    let name = name.replace("::", ".");
    let mut text: String = name.chars().map(plain).collect();
    if text.len() > LONGEST {
        let cut = (0..=LONGEST).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
        text.truncate(cut);
    }
    text
}

#[cfg(unix)]
fn point_latest(output: &Path, id: &str) -> io::Result<()> {
    // Made aside and renamed over: at no moment is there no `latest`.
    let aside = output.join(format!(".latest-{id}"));
    std::os::unix::fs::symlink(Path::new("runs").join(id), &aside)?;
    fs::rename(&aside, output.join("latest"))
}

#[cfg(not(unix))]
fn point_latest(output: &Path, id: &str) -> io::Result<()> {
    fs::write(output.join("latest.txt"), id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(unix)]
    fn latest_is_the_newest_run() {
        let output = tempfile::tempdir().unwrap();
        let now: Timestamp = "2026-11-22T07:15:02Z".parse().unwrap();
        RunFolder::create(output.path(), now).unwrap();
        let second = RunFolder::create(output.path(), now).unwrap();
        assert!(second.id().starts_with("2026-11-22T07-15-02Z-"), "{}", second.id());
        let latest = fs::canonicalize(output.path().join("latest")).unwrap();
        assert_eq!(latest, fs::canonicalize(second.path()).unwrap());
    }

    #[test]
    fn attempts_of_any_test_have_a_folder() {
        let folder = RunFolder { id: "x".into(), path: "/run".into(), ground: "/run".into(), _running: None };
        let of = |name: &str| folder.attempt(&TestId::new(name), 1, 2);
        assert_eq!(of("a::b"), Path::new("/run/tests/a.b/attempt-2"));
        assert_eq!(of("a/../b"), Path::new("/run/tests/a....b/attempt-2"));
        let third = folder.attempt(&TestId::new("a::b"), 3, 1);
        assert_eq!(third, Path::new("/run/tests/a.b/repetition-3/attempt-1"));
        assert!(of(&"ü".repeat(400)).to_str().unwrap().len() < 230);
    }
}
