//! Linux's pressure stall information: for how long some task has waited for a resource, ever since the system came up.
//!
//! The kernel describes it in `Documentation/accounting/psi.rst`. Its averages are over 10 s and more, too slow for a run;
//! its totals are exact at each reading, so that the difference of two is the pressure in between.

use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The counter of one resource.
#[derive(Debug)]
pub(super) struct Counter(File);

impl Counter {
    /// Opens the counter of `cpu` or `memory`; nothing where the system has none.
    ///
    /// It is that of the process's own control group, where there is one: what waits in other containers of the machine does not
    /// concern the run, but where its own tasks wait for those others, or at a quota, that is counted.
    pub(super) fn open(resource: &str) -> Option<Self> {
        let groups = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
        let own = own_group(&groups).map(|group| group.join(format!("{resource}.pressure")));
        let whole = Path::new("/proc/pressure").join(resource);
        own.into_iter().chain([whole]).find_map(|path| {
            // It can be opened, and not be read, where the kernel has it switched off.
            let mut counter = Self(File::open(path).ok()?);
            counter.read().map(|_| counter)
        })
    }

    /// For how long some task has waited, in all.
    pub(super) fn read(&mut self) -> Option<Duration> {
        let mut text = String::new();
        self.0.seek(SeekFrom::Start(0)).ok()?;
        self.0.read_to_string(&mut text).ok()?;
        total(&text)
    }
}

/// The folder of the unified control group in a `/proc/self/cgroup`.
fn own_group(groups: &str) -> Option<PathBuf> {
    let path = groups.lines().find_map(|line| line.strip_prefix("0::"))?;
    Some(Path::new("/sys/fs/cgroup").join(path.trim_start_matches('/')))
}

/// `some avg10=0.00 avg60=0.00 avg300=0.00 total=13457067560`, in microseconds.
fn total(text: &str) -> Option<Duration> {
    let some = text.lines().find_map(|line| line.strip_prefix("some "))?;
    let total = some.split_whitespace().find_map(|word| word.strip_prefix("total="))?;
    total.parse().ok().map(Duration::from_micros)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_total_of_some_counts() {
        let text = "some avg10=1.23 avg60=33.90 avg300=53.51 total=13457067560\n\
                    full avg10=0.00 avg60=0.00 avg300=0.00 total=7\n";
        assert_eq!(total(text), Some(Duration::from_micros(13_457_067_560)));
        for strange in ["", "some", "some total=", "some total=x", "full avg10=0.00 total=7\n"] {
            assert_eq!(total(strange), None, "{strange:?}");
        }
    }

    #[test]
    #[cfg(unix)]
    fn the_own_group_is_the_unified_one() {
        let group = |text| own_group(text).map(|path| path.display().to_string());
        assert_eq!(
            group("9:name=systemd:/\n4:memory:/a\n0::/user.slice/run.scope\n").as_deref(),
            Some("/sys/fs/cgroup/user.slice/run.scope")
        );
        assert_eq!(group("0::/\n").as_deref(), Some("/sys/fs/cgroup/"));
        assert_eq!(group("1:cpu:/\n"), None);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_counter_never_goes_back() {
        let Some(mut counter) = Counter::open("cpu") else { return };
        let first = counter.read().unwrap();
        assert!(counter.read().unwrap() >= first);
        assert!(Counter::open("patience").is_none());
    }
}
