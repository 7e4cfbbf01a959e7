//! Old runs make room for new ones.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{history, ids, latest};

/// The lock that a run holds as long as it goes on. The kernel frees it, however the run ends.
const LOCK: &str = "running.lock";
/// Longer than a run takes to say that it goes on.
const MOMENT: Duration = Duration::from_mins(1);
/// What is being removed is called so, and nobody takes it for a run.
const REMOVED: &str = ".removed-";

/// Says that a run goes on, for as long as this lives.
#[derive(Debug)]
pub(crate) struct Running {
    /// Nobody reads it; it holds the lock.
    _lock: File,
    path: PathBuf,
}

impl Running {
    /// Takes the lock of a run's folder.
    ///
    /// # Errors
    ///
    /// The file cannot be made or locked.
    pub(crate) fn begin(run: &Path) -> io::Result<Self> {
        let path = run.join(LOCK);
        let lock = File::create(&path)?;
        lock.lock()?;
        Ok(Self { _lock: lock, path })
    }

    /// Takes the lock of a run that was stopped.
    ///
    /// # Errors
    ///
    /// The run goes on, or the file cannot be made.
    pub(crate) fn go_on(run: &Path) -> io::Result<Self> {
        let path = run.join(LOCK);
        let lock = File::create(&path)?;
        lock.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => io::Error::other("it goes on at this very moment"),
            TryLockError::Error(error) => error,
        })?;
        Ok(Self { _lock: lock, path })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Where it stays, nobody holds it any more.
        let _ = fs::remove_file(&self.path);
    }
}

/// Whether a run goes on. What cannot be known is taken for a yes.
fn is_running(run: &Path) -> bool {
    match OpenOptions::new().write(true).open(run.join(LOCK)) {
        Ok(lock) => lock.try_lock().is_err(),
        // One that has just begun has neither lock nor events yet.
        Err(error) => {
            error.kind() != io::ErrorKind::NotFound || (is_young(run) && !run.join("events.jsonl").exists())
        }
    }
}

fn is_young(run: &Path) -> bool {
    let made = fs::metadata(run).and_then(|run| run.modified()).ok();
    made.and_then(|made| made.elapsed().ok()).is_none_or(|age| age < MOMENT)
}

/// Removes the folders of the oldest runs, so that as many are left: of those of several tests, and, counted by themselves, of
/// those of one, which nextest and editors make by the dozen. The caller's `own` run, of so many tests, is one of them; what it
/// is cannot be seen yet. What goes on stays, and so does the latest. What cannot be removed is left to the next run.
pub(crate) fn prune(output: &Path, keep: usize, own: &str, tests: usize) {
    let runs = output.join("runs");
    let latest = latest(output);
    let (mut small, mut large) = if tests > 1 { (0, 1) } else { (1, 0) };
    for id in ids(&runs).into_iter().filter(|id| id != own) {
        let run = runs.join(&id);
        let is_large = history::first_of(&run.join("events.jsonl"))
            .is_ok_and(|first| first.is_some_and(|first| first.tests > 1));
        let count = if is_large { &mut large } else { &mut small };
        *count += 1;
        let is_latest = || latest.is_some() && fs::canonicalize(&run).ok() == latest;
        if *count > keep && !is_latest() && !is_running(&run) {
            // At once for those who look: half a run is none.
            let _ = fs::rename(&run, runs.join(format!("{REMOVED}{id}")));
        }
    }
    let removed = fs::read_dir(&runs).into_iter().flatten().flatten();
    for entry in removed.filter(|entry| entry.file_name().to_string_lossy().starts_with(REMOVED)) {
        let _ = fs::remove_dir_all(entry.path());
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::run;
    use super::*;

    /// A run of so many tests in this second, in its folder.
    fn kept(output: &Path, second: u32, tests: usize) -> PathBuf {
        let id = format!("2026-11-22T07-15-{second:02}Z-aaaa");
        let file = run(output, &id, "p/e2e", &format!("2026-11-22T07:15:{second:02}Z"), "");
        let events = fs::read_to_string(&file).unwrap();
        fs::write(&file, events.replace("\"tests\":7", &format!("\"tests\":{tests}"))).unwrap();
        file.parent().unwrap().to_owned()
    }

    fn seconds(output: &Path) -> Vec<String> {
        let mut left = ids(&output.join("runs"));
        left.sort_unstable();
        left.iter().map(|id| id[17..19].to_owned()).collect()
    }

    #[test]
    fn the_oldest_of_each_kind_make_room() {
        let output = tempfile::tempdir().unwrap();
        for second in 10..14 {
            kept(output.path(), second, 58);
        }
        for second in 20..25 {
            kept(output.path(), second, 1);
        }
        prune(output.path(), 2, "2026-11-22T07-15-24Z-aaaa", 1);
        assert_eq!(seconds(output.path()), ["12", "13", "23", "24"]);
        prune(output.path(), 1, "2026-11-22T07-15-24Z-aaaa", 1);
        assert_eq!(seconds(output.path()), ["13", "24"]);
        assert_eq!(fs::read_dir(output.path().join("runs")).unwrap().count(), 2, "nothing is half removed");
    }

    #[test]
    fn what_goes_on_stays_and_so_does_the_latest() {
        let output = tempfile::tempdir().unwrap();
        let runs: Vec<PathBuf> = (10..15).map(|second| kept(output.path(), second, 58)).collect();
        std::os::unix::fs::symlink(&runs[0], output.path().join("latest")).unwrap();
        let newest = "2026-11-22T07-15-14Z-aaaa";
        let running = Running::begin(&runs[1]).unwrap();
        // As after a kill.
        fs::write(runs[2].join(LOCK), "").unwrap();
        prune(output.path(), 1, newest, 58);
        assert_eq!(seconds(output.path()), ["10", "11", "14"]);
        drop(running);
        assert!(!runs[1].join(LOCK).exists());
        prune(output.path(), 1, newest, 58);
        assert_eq!(seconds(output.path()), ["10", "14"]);
    }

    #[test]
    fn what_is_no_run_is_nobodys_to_remove() {
        let output = tempfile::tempdir().unwrap();
        for name in ["mine", "2026-11-22", "2026-11-22T07-15-10Z-zzzz", "2026-11-22T07-15-10Z-aaaa-b"] {
            fs::create_dir_all(output.path().join("runs").join(name)).unwrap();
        }
        let elsewhere = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink(elsewhere.path(), output.path().join("runs/2026-11-22T07-15-02Z-aaaa"))
            .unwrap();
        kept(output.path(), 50, 58);
        kept(output.path(), 51, 58);
        prune(output.path(), 1, "2026-11-22T07-15-51Z-aaaa", 58);
        assert_eq!(fs::read_dir(output.path().join("runs")).unwrap().count(), 6);
        assert!(elsewhere.path().exists());
    }
}
