//! The room with real processes.

mod warden;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::process::{Pid, test_kill_process};
use tempfile::TempDir;

use super::*;
use crate::config::Signal;

/// Long enough for anything here on the slowest machine; nothing waits that long when all is well.
const LONG: Duration = Duration::from_mins(1);

fn shell(dir: &Path, script: &str) -> Launch {
    Launch {
        program: "sh".into(),
        args: vec!["-c".into(), script.into()],
        env: BTreeMap::new(),
        dir: dir.to_owned(),
        log: dir.join("log"),
    }
}

/// Waits until the condition holds.
fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < LONG, "{what}: not within {LONG:?}");
        // The pause between two looks at another process, which tells nobody; only the condition decides.
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Waits for a number in a file.
fn pid_in(path: &Path) -> Pid {
    let mut pid = None;
    until("a process id is written", || {
        let text = fs::read_to_string(path).unwrap_or_default();
        pid = text.strip_suffix('\n').and_then(|text| text.trim().parse().ok()).and_then(Pid::from_raw);
        pid.is_some()
    });
    pid.unwrap()
}

/// Whether a process is executing: a dead one that nobody has asked after is not.
fn is_alive(pid: Pid) -> bool {
    if test_kill_process(pid).is_err() {
        return false;
    }
    match fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero())) {
        Ok(stat) => !stat.rsplit(") ").next().unwrap_or_default().starts_with(['Z', 'X']),
        Err(_) => !cfg!(target_os = "linux"),
    }
}

#[tokio::test]
async fn tells_everybody_how_it_ended() {
    let dir = TempDir::new().unwrap();
    let group = Group::spawn(&shell(dir.path(), "exit 3"), None).unwrap();
    let (one, two) = tokio::join!(group.exited(), group.exited());
    assert_eq!((one, two), (Exit::Code(3), Exit::Code(3)));
    assert_eq!(group.try_exit_status(), Some(Exit::Code(3)));
    assert_eq!(one.to_string(), "exited with status 3");
    assert_eq!(group.stop(Signal::Term, LONG).await, Some(Exit::Code(3)));
}

#[tokio::test]
async fn names_the_signal_that_ended_it() {
    let dir = TempDir::new().unwrap();
    let group = Group::spawn(&shell(dir.path(), "kill -s SEGV $$"), None).unwrap();
    assert_eq!(group.exited().await.to_string(), "was ended by SIGSEGV");
}

#[tokio::test]
async fn appends_all_output_to_the_log() {
    let dir = TempDir::new().unwrap();
    let mut launch = shell(dir.path(), "echo out; echo $WORD >&2; pwd -P; cat");
    launch.log = dir.path().join("deep/er/log");
    launch.env.insert("WORD".into(), "err".into());
    fs::create_dir_all(dir.path().join("deep/er")).unwrap();
    fs::write(&launch.log, "before\n").unwrap();

    let group = Group::spawn(&launch, None).unwrap();
    assert!(group.exited().await.success());

    let here = dir.path().canonicalize().unwrap().display().to_string();
    assert_eq!(group.last_lines(20), ["out", "err", &here]);
    assert!(fs::read_to_string(group.log()).unwrap().starts_with("before\nout\n"));
    assert_eq!(group.log_start(), 7);
}

#[tokio::test]
async fn output_that_nobody_reads_blocks_nothing() {
    let dir = TempDir::new().unwrap();
    let script = "head -c 3000000 /dev/zero";
    let group = Group::spawn(&shell(dir.path(), script), None).unwrap();
    assert!(group.exited().await.success());
    assert_eq!(group.log().metadata().unwrap().len(), 3_000_000);
}

#[tokio::test]
async fn kills_what_ignores_the_signal_and_its_grandchildren() {
    let dir = TempDir::new().unwrap();
    let script = "trap '' TERM; sh -c 'sleep 1000 & echo $! > grandchild; wait' & echo $$ > leader; wait";
    let group = Group::spawn(&shell(dir.path(), script), None).unwrap();
    let (grandchild, leader) = (pid_in(&dir.path().join("grandchild")), pid_in(&dir.path().join("leader")));
    assert_eq!(leader, group.id());

    let exit = group.stop(Signal::Term, Duration::from_millis(50)).await;

    assert_eq!(exit, Some(Exit::Signal(9)));
    until("the grandchild is gone", || !is_alive(grandchild));
}

#[tokio::test]
async fn a_leader_may_end_in_its_own_way() {
    let dir = TempDir::new().unwrap();
    let script = "trap 'echo bye; exit 0' INT; echo $$ > ready; while :; do sleep 1; done";
    let group = Group::spawn(&shell(dir.path(), script), None).unwrap();
    pid_in(&dir.path().join("ready"));
    assert_eq!(group.stop(Signal::Int, LONG).await, Some(Exit::Code(0)));
    assert_eq!(group.last_lines(1), ["bye"]);
}

#[tokio::test]
async fn kills_what_a_leader_leaves_behind() {
    let dir = TempDir::new().unwrap();
    let script = "sleep 1000 & echo $! > child; exit 0";
    let group = Group::spawn(&shell(dir.path(), script), None).unwrap();
    assert!(group.exited().await.success());
    let child = pid_in(&dir.path().join("child"));
    until("the child is gone", || !is_alive(child));
}

#[tokio::test]
async fn kills_the_group_when_dropped() {
    let dir = TempDir::new().unwrap();
    let script = "sleep 1000 & echo $! > child; wait";
    let group = Group::spawn(&shell(dir.path(), script), None).unwrap();
    let child = pid_in(&dir.path().join("child"));
    let (leader, exited) = (group.id(), group.exited());
    drop(group);
    assert_eq!(exited.await, Exit::Signal(9));
    assert!(!is_alive(leader));
    until("the child is gone", || !is_alive(child));
}

#[test]
fn outlives_the_runtime_that_started_it() {
    let dir = TempDir::new().unwrap();
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let launch = shell(dir.path(), "exec sleep 1000");
    let group = runtime().block_on(async { Group::spawn(&launch, None) }).unwrap();
    assert_eq!(group.try_exit_status(), None);
    let exit = std::thread::scope(|scope| {
        scope.spawn(|| runtime().block_on(group.stop(Signal::Term, LONG))).join().unwrap()
    });
    assert_eq!(exit, Some(Exit::Signal(15)));
}

#[test]
fn says_why_it_could_not_be_started() {
    let dir = TempDir::new().unwrap();
    let at = dir.path().display().to_string();
    let error = |program: &str, folder: &Path| {
        let mut launch = shell(dir.path(), "");
        launch.program = program.into();
        launch.dir = folder.to_owned();
        Group::spawn(&launch, None).unwrap_err().to_string()
    };
    assert_eq!(
        error("target/debug/app", dir.path()),
        format!("no such file: `{at}/target/debug/app`: did you build it?"),
    );
    assert_eq!(
        error("no-such-program-anywhere", dir.path()),
        "`no-such-program-anywhere` is in no folder of PATH: install it, or write its path",
    );
    assert_eq!(
        error("sh", &dir.path().join("gone")),
        format!("cannot start `sh`: the folder it is to run in, `{at}/gone`, is not there"),
    );
    fs::write(dir.path().join("text"), "hello").unwrap();
    assert!(
        error("./text", dir.path())
            .ends_with("text` is not executable: `chmod +x` it, or name the program that runs it first")
    );
    assert!(error(&format!("{at}/text"), dir.path()).contains(&format!("`{at}/text` is not executable")));
}
