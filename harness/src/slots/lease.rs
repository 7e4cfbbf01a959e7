//! Leases: the exclusive right to a slot, as locks that the kernel frees when their holder dies.
//!
//! There is a file per *port*, in one folder per machine and user. So two checkouts, an editor and a
//! terminal, or the many processes of nextest never share a port, whichever configuration each has.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::{Turns, ports};
use crate::model::SlotId;

/// The folder of lease files.
#[derive(Debug, Clone)]
pub(crate) struct Leases {
    dir: PathBuf,
}

/// What a killed run's programs are given to end, after its leases are free already.
const AFTER_A_KILL: Duration = Duration::from_secs(1);

/// A slot's ports, held until this is dropped or the process dies.
#[derive(Debug, Default)]
pub(crate) struct Lease {
    /// Each port with its locked file.
    ports: Vec<(u16, File)>,
    /// Until when programs of a holder that was killed may still be ending.
    ending_until: Option<Instant>,
}

impl Lease {
    /// Whether the slot's programs can have its ports: nobody listens on them.
    pub(crate) fn check_ports(&self) -> Result<(), Refusal> {
        for &(port, _) in &self.ports {
            while let Some(program) = ports::listener(port) {
                if self.ending_until.is_none_or(|end| Instant::now() >= end) {
                    return Err(Refusal::Foreign { port, program });
                }
                // The warden of the killed run is at it; nothing tells when it is done.
                std::thread::sleep(Duration::from_millis(5));
            }
        }
        Ok(())
    }

    /// Waits for the programs of a killed holder. Who listens otherwise does not matter where only accounts are used.
    pub(crate) fn await_the_killed(&self) {
        if self.ending_until.is_some() {
            // Whoever still listens then is found when somebody wants the ports.
            let _ = self.check_ports();
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        for (_, file) in &self.ports {
            // A name that is left in the file says that its holder was killed.
            let _ = file.set_len(0);
        }
    }
}

/// Why a slot cannot be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    /// Another run has it: worth waiting for.
    #[error("port {port} is leased by {holder}")]
    Held { port: u16, holder: String },
    /// A program that is no run of callboard has it.
    #[error("port {port} is used by {program}, which callboard did not start")]
    Foreign { port: u16, program: String },
    /// The lease's file cannot be used.
    #[error("cannot lock {file}: {why}")]
    Unusable { file: String, why: String },
}

/// The folder of leases cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LeasesError {
    /// It cannot be made.
    #[error(
        "cannot make the folder of leases {}: {source}; set CALLBOARD_LEASE_DIR to a folder that all your runs share",
        .dir.display()
    )]
    Make { dir: PathBuf, source: io::Error },
    /// It is somebody else's.
    #[error(
        "the folder of leases {} belongs to another user; set CALLBOARD_LEASE_DIR to a folder of your own",
        .dir.display()
    )]
    Foreign { dir: PathBuf },
}

impl Leases {
    /// Opens the folder of this machine and user: `CALLBOARD_LEASE_DIR`, else one under `/tmp`.
    ///
    /// Not `TMPDIR`: two shells of one user often differ in it, and would not see each other.
    pub(crate) fn open() -> Result<Self, LeasesError> {
        let dir = match std::env::var_os("CALLBOARD_LEASE_DIR") {
            Some(dir) => PathBuf::from(dir),
            None => default_dir(),
        };
        fs::create_dir_all(&dir).map_err(|source| LeasesError::Make { dir: dir.clone(), source })?;
        if !is_ours(&dir) {
            return Err(LeasesError::Foreign { dir });
        }
        Ok(Self { dir })
    }

    /// The turns of the tests of the suite with this configuration.
    pub(crate) fn turns(&self, config: &Path) -> Turns {
        Turns::new(&self.dir, config)
    }

    /// Takes all ports of all these slots, or none of them and says which slot is refused.
    pub(crate) fn try_lease(
        &self,
        wanted: impl IntoIterator<Item = (SlotId, u16)>,
    ) -> Result<BTreeMap<SlotId, Lease>, (SlotId, Refusal)> {
        let mut wanted: Vec<(SlotId, u16)> = wanted.into_iter().collect();
        // One order for everybody, so that of two runs with overlapping ports one gets them all.
        wanted.sort_unstable_by_key(|(_, port)| *port);
        let mut leases: BTreeMap<SlotId, Lease> = BTreeMap::new();
        for (slot, port) in wanted {
            let (file, holder_was_killed) = self.lock(port).map_err(|refusal| (slot, refusal))?;
            let lease = leases.entry(slot).or_default();
            lease.ports.push((port, file));
            if holder_was_killed {
                lease.ending_until = Some(Instant::now() + AFTER_A_KILL);
            }
        }
        Ok(leases)
    }

    /// The lock of a port, and whether who had it before was killed.
    fn lock(&self, port: u16) -> Result<(File, bool), Refusal> {
        let path = self.dir.join(format!("{port}.lease"));
        let unusable =
            |error: io::Error| Refusal::Unusable { file: path.display().to_string(), why: error.to_string() };
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(unusable)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(Refusal::Held { port, holder: holder(&mut file) }),
            Err(TryLockError::Error(error)) => return Err(unusable(error)),
        }
        let was_killed = file.metadata().is_ok_and(|data| data.len() > 0);
        // Who holds it is for messages only; a lease without a name is as good.
        let _ = sign(&mut file);
        Ok((file, was_killed))
    }
}

fn sign(file: &mut File) -> io::Result<()> {
    let program = std::env::current_exe().unwrap_or_default();
    file.set_len(0)?;
    file.rewind()?;
    write!(file, "process {} ({})", std::process::id(), program.display())
}

fn holder(file: &mut File) -> String {
    let mut name = String::new();
    match file.read_to_string(&mut name) {
        Ok(1..) => name,
        // On Windows nobody else can read what is locked.
        _ => "another run".to_owned(),
    }
}

#[cfg(unix)]
fn default_dir() -> PathBuf {
    PathBuf::from(format!("/tmp/callboard-{}/leases", rustix::process::geteuid().as_raw()))
}

#[cfg(not(unix))]
fn default_dir() -> PathBuf {
    std::env::temp_dir().join("callboard").join("leases")
}

#[cfg(unix)]
fn is_ours(dir: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    fs::metadata(dir).is_ok_and(|data| data.uid() == rustix::process::geteuid().as_raw())
}

#[cfg(not(unix))]
fn is_ours(_dir: &Path) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    fn leases() -> (tempfile::TempDir, Leases) {
        let dir = tempfile::tempdir().unwrap();
        let leases = Leases { dir: dir.path().to_owned() };
        (dir, leases)
    }

    /// A port that nobody listens on now.
    fn free_port() -> u16 {
        TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
    }

    /// A lease of these ports for a slot that runs tests.
    fn lease(leases: &Leases, ports: &[u16]) -> Result<Lease, Refusal> {
        let slot = SlotId(0);
        let had = leases.try_lease(ports.iter().map(|port| (slot, *port)));
        let lease = had.map_err(|(_, refusal)| refusal)?.remove(&slot).unwrap_or_default();
        lease.check_ports().map(|()| lease)
    }

    #[test]
    fn a_lease_is_exclusive_until_dropped() {
        let (_dir, leases) = leases();
        let port = free_port();
        let held = lease(&leases, &[port]).unwrap();
        let refusal = lease(&leases, &[port]).unwrap_err();
        if cfg!(unix) {
            assert!(refusal.to_string().contains(&format!("process {}", std::process::id())), "{refusal}");
        }
        drop(held);
        lease(&leases, &[port]).unwrap();
    }

    #[test]
    fn all_ports_of_all_slots_or_none() {
        let (_dir, leases) = leases();
        let (a, b) = (free_port(), free_port());
        let held = lease(&leases, &[b]).unwrap();
        let (refused, _) = leases.try_lease([(SlotId(3), a), (SlotId(1), b)]).unwrap_err();
        assert_eq!(refused, SlotId(1));
        // `a` was not kept when `b` was refused.
        lease(&leases, &[a]).unwrap();
        drop(held);
        let mut both = leases.try_lease([(SlotId(3), a), (SlotId(1), b)]).unwrap();
        // Each slot is given back by itself.
        drop(both.remove(&SlotId(1)));
        lease(&leases, &[b]).unwrap();
        lease(&leases, &[a]).unwrap_err();
    }

    #[test]
    fn a_listener_does_not_matter_where_only_accounts_are_used() {
        let (_dir, leases) = leases();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let had = leases.try_lease([(SlotId(0), port)]).unwrap();
        had[&SlotId(0)].await_the_killed();
        had[&SlotId(0)].check_ports().unwrap_err();
    }

    #[test]
    fn programs_of_a_killed_run_are_given_a_moment() {
        let (dir, leases) = leases();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        fs::write(dir.path().join(format!("{port}.lease")), "process 1 (killed)").unwrap();
        let (sender, started) = std::sync::mpsc::channel();
        let waiting = std::thread::spawn(move || {
            sender.send(()).unwrap();
            lease(&leases, &[port]).map(drop)
        });
        started.recv().unwrap();
        drop(listener);
        assert_eq!(waiting.join().unwrap(), Ok(()));
        assert_eq!(fs::read(dir.path().join(format!("{port}.lease"))).unwrap(), b"");
    }

    #[test]
    fn a_foreign_listener_is_named() {
        let (_dir, leases) = leases();
        for address in ["127.0.0.1:0", "0.0.0.0:0", "[::1]:0"] {
            let Ok(listener) = TcpListener::bind(address) else { continue };
            let port = listener.local_addr().unwrap().port();
            let refusal = lease(&leases, &[port]).unwrap_err();
            let Refusal::Foreign { port: named, program } = refusal else { panic!("{address}: {refusal}") };
            assert_eq!(named, port);
            if cfg!(target_os = "linux") {
                assert!(program.contains(&format!("process {}", std::process::id())), "{program}");
            }
        }
    }
}
