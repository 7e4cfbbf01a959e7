//! Turns: what `exclusive` and `group` promise, kept between all processes that run the same suite; and who may
//! gather several slots, one after another.
//!
//! Within a run the board sees to it. Under nextest every test is a run of its own, and two terminals may
//! be at the same suite: there it is locks in the folder of leases, which the kernel frees as it does those.

use std::fs::{File, TryLockError};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::path::{Path, PathBuf};

/// The locks of one suite.
#[derive(Debug, Clone)]
pub(crate) struct Turns {
    dir: PathBuf,
    suite: String,
}

/// The right to run now, until this is dropped or the process dies.
#[derive(Debug)]
pub(crate) struct Turn {
    _files: Vec<File>,
}

/// One lock that a test needs.
#[derive(Debug, Clone)]
struct Wanted {
    path: PathBuf,
    shared: bool,
}

impl Turns {
    pub(super) fn new(dir: &Path, config: &Path) -> Self {
        let mut hash = DefaultHasher::new();
        config.hash(&mut hash);
        Self { dir: dir.to_owned(), suite: format!("{:016x}", hash.finish()) }
    }

    /// Waits for the turn of a test of this group, or of an exclusive one.
    ///
    /// It is asked for by who has a slot already, and whoever has a turn waits for nothing else: so nobody waits in
    /// a circle.
    pub(crate) async fn take(&self, exclusive: bool, group: Option<&str>) -> io::Result<Turn> {
        let mut files = Vec::new();
        for wanted in self.wanted(exclusive, group) {
            let file = match wanted.try_lock()? {
                Some(file) => file,
                None => {
                    tokio::task::spawn_blocking(move || wanted.lock()).await.map_err(io::Error::other)??
                }
            };
            files.push(file);
        }
        Ok(Turn { _files: files })
    }

    /// The turn to gather slots, if nobody has it: to keep some while waiting for more. Nobody else may do so
    /// meanwhile, of whichever suite: two runs could each have what the other one waits for.
    pub(crate) fn try_gather(&self) -> io::Result<Option<Turn>> {
        let wanted = Wanted { path: self.dir.join("gather.turn"), shared: false };
        Ok(wanted.try_lock()?.map(|file| Turn { _files: vec![file] }))
    }

    /// In the order in which everybody takes them.
    fn wanted(&self, exclusive: bool, group: Option<&str>) -> Vec<Wanted> {
        let path = |name: &str| self.dir.join(format!("{}-{name}.turn", self.suite));
        let everybody = Wanted { path: path("all"), shared: !exclusive };
        let group = group.map(|group| {
            let mut hash = DefaultHasher::new();
            group.hash(&mut hash);
            Wanted { path: path(&format!("group-{:016x}", hash.finish())), shared: false }
        });
        std::iter::once(everybody).chain(group).collect()
    }
}

impl Wanted {
    fn open(&self) -> io::Result<File> {
        File::options().read(true).write(true).create(true).truncate(false).open(&self.path)
    }

    fn try_lock(&self) -> io::Result<Option<File>> {
        let file = self.open()?;
        match if self.shared { file.try_lock_shared() } else { file.try_lock() } {
            Ok(()) => Ok(Some(file)),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    fn lock(&self) -> io::Result<File> {
        let file = self.open()?;
        if self.shared { file.lock_shared() } else { file.lock() }?;
        Ok(file)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether a turn can be had at once.
    fn is_free(turns: &Turns, exclusive: bool, group: Option<&str>) -> bool {
        let wanted = turns.wanted(exclusive, group);
        let files: Vec<Option<File>> = wanted.iter().map(|wanted| wanted.try_lock().unwrap()).collect();
        files.iter().all(Option::is_some)
    }

    #[tokio::test]
    async fn exclusive_means_alone_and_a_group_one_at_a_time() {
        let dir = tempfile::tempdir().unwrap();
        let turns = Turns::new(dir.path(), Path::new("/a/callboard.toml"));
        let other_suite = Turns::new(dir.path(), Path::new("/b/callboard.toml"));

        let ordinary = turns.take(false, None).await.unwrap();
        assert!(is_free(&turns, false, Some("mail")));
        assert!(!is_free(&turns, true, None));
        assert!(is_free(&other_suite, true, None));
        drop(ordinary);

        let mail = turns.take(false, Some("mail")).await.unwrap();
        assert!(!is_free(&turns, false, Some("mail")));
        assert!(is_free(&turns, false, Some("import")));
        drop(mail);

        let alone = turns.take(true, None).await.unwrap();
        assert!(!is_free(&turns, false, None));
        drop(alone);
        assert!(is_free(&turns, true, Some("mail")));
    }

    #[test]
    fn one_run_gathers_at_a_time_whatever_its_suite() {
        let dir = tempfile::tempdir().unwrap();
        let [one, other] = ["/a/callboard.toml", "/b/callboard.toml"]
            .map(|config| Turns::new(dir.path(), Path::new(config)));
        let turn = one.try_gather().unwrap();
        assert!(turn.is_some());
        assert!(other.try_gather().unwrap().is_none());
        drop(turn);
        assert!(other.try_gather().unwrap().is_some());
    }
}
