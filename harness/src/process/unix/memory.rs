//! How much memory a group of processes takes.

use std::path::Path;

use rustix::process::Pid;

/// The memory of all processes of a group, in bytes; nothing where the system does not tell.
///
/// Each page that several share counts for each by its part: a browser's processes share most of the browser, and their
/// resident sizes would count that once for each.
pub(super) fn of_group(group: Pid) -> Option<u64> {
    let group = group.as_raw_nonzero().to_string();
    let processes = std::fs::read_dir("/proc").ok()?.flatten().map(|entry| entry.path());
    processes.filter(|process| is_in(&group, process)).map(|process| proportional(&process)).sum()
}

fn is_in(group: &str, process: &Path) -> bool {
    let stat = std::fs::read_to_string(process.join("stat")).unwrap_or_default();
    // After the name, which may contain anything: state, parent, group.
    stat.rsplit_once(") ").is_some_and(|(_, fields)| fields.split(' ').nth(2) == Some(group))
}

fn proportional(process: &Path) -> Option<u64> {
    // One that has ended meanwhile takes none.
    let Ok(rollup) = std::fs::read_to_string(process.join("smaps_rollup")) else { return Some(0) };
    let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:"));
    let Some(line) = line else { return Some(0) };
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}
