//! The room with real processes: this executable again, in one of the parts below.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::super::{Exit, Group, Launch, Warden};
use crate::config::Signal;

/// Long enough for anything here on the slowest machine; nothing waits that long when all is well.
const LONG: Duration = Duration::from_mins(1);

/// What a process that is started here is to do, and in which folder.
const PART: &str = "CALLBOARD_TEST_PART";

/// Waits until the condition holds.
fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < LONG, "{what}: not within {LONG:?}");
        // The pause between two looks at another process, which tells nobody; only the condition decides.
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn arguments() -> [&'static str; 3] {
    ["process::windows::tests::a_part", "--exact", "--nocapture"]
}

/// A process that plays a part, on its own.
fn process(dir: &Path, part: &str) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(arguments()).env(PART, part).current_dir(dir);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// A group whose leader plays a part.
fn group(dir: &Path, part: &str, warden: Option<&Arc<Warden>>) -> Group {
    let launch = Launch {
        program: std::env::current_exe().unwrap(),
        args: arguments().map(Into::into).to_vec(),
        env: BTreeMap::from([(PART.to_owned(), part.to_owned())]),
        dir: dir.to_owned(),
        log: dir.join("log"),
    };
    Group::spawn(&launch, warden).unwrap()
}

/// Stays until it is ended. As long, it has a lock on a file of this name.
fn stay(name: &str) -> ! {
    let file = File::create(name).unwrap();
    file.lock().unwrap();
    fs::write(format!("{name}.up"), "").unwrap();
    std::thread::sleep(LONG);
    std::process::exit(99);
}

/// Waits until a process stays.
fn until_up(dir: &Path, name: &str) {
    until(&format!("{name} is up"), || dir.join(format!("{name}.up")).exists());
    assert!(is_alive(dir, name));
}

fn is_alive(dir: &Path, name: &str) -> bool {
    File::open(dir.join(name)).unwrap().try_lock().is_err()
}

/// What the processes of these tests do. Started by nobody, it does nothing.
#[test]
fn a_part() {
    let dir = std::env::current_dir().unwrap();
    match std::env::var(PART).as_deref().unwrap_or_default() {
        "leader" => {
            drop(process(&dir, "grandchild"));
            stay("leader");
        }
        "deserter" => {
            drop(process(&dir, "grandchild"));
            until_up(&dir, "grandchild");
            std::process::exit(0);
        }
        name @ ("grandchild" | "own") => stay(name),
        "three" => {
            println!("out");
            eprintln!("err");
            std::process::exit(3);
        }
        "abort" => std::process::abort(),
        "run" => {
            let warden = Arc::new(Warden::start(|notice| panic!("{notice}")).unwrap());
            warden.watch_dir(&dir.join("temporary"));
            let _group = group(&dir, "leader", Some(&warden));
            // In no group.
            drop(process(&dir, "own"));
            stay("run");
        }
        _ => {}
    }
}

#[tokio::test]
async fn tells_how_it_ended_and_keeps_what_it_said() {
    let dir = TempDir::new().unwrap();
    let three = group(dir.path(), "three", None);
    assert_eq!(three.exited().await, Exit::Code(3));
    let said = three.last_lines(20);
    assert!(said.iter().any(|line| line.contains("out")) && said.iter().any(|line| line.contains("err")));
    let aborted = group(dir.path(), "abort", None).exited().await;
    assert!(!aborted.success() && matches!(aborted, Exit::Signal(_) | Exit::Code(3)), "{aborted}");
}

#[tokio::test]
async fn ends_a_group_with_its_grandchildren() {
    let dir = TempDir::new().unwrap();
    let group = group(dir.path(), "leader", None);
    ["leader", "grandchild"].into_iter().for_each(|name| until_up(dir.path(), name));

    let exit = group.stop(Signal::Kill, LONG).await.unwrap();

    assert_eq!(exit.to_string(), "was ended by callboard");
    until("the grandchild is gone", || !is_alive(dir.path(), "grandchild"));
}

#[test]
fn ends_a_group_when_it_is_dropped() {
    let dir = TempDir::new().unwrap();
    let group = group(dir.path(), "leader", None);
    ["leader", "grandchild"].into_iter().for_each(|name| until_up(dir.path(), name));
    drop(group);
    for name in ["leader", "grandchild"] {
        until(&format!("{name} is gone"), || !is_alive(dir.path(), name));
    }
}

#[tokio::test]
async fn ends_what_a_leader_leaves_behind() {
    let dir = TempDir::new().unwrap();
    let group = group(dir.path(), "deserter", None);
    assert!(group.exited().await.success());
    until("the grandchild is gone", || !is_alive(dir.path(), "grandchild"));
}

#[tokio::test]
async fn who_cannot_be_asked_is_ended_at_once() {
    let dir = TempDir::new().unwrap();
    let group = group(dir.path(), "leader", None);
    until_up(dir.path(), "grandchild");
    // By Ctrl-Break, which ends who does not listen for it; where there is no console, by its job. Never after the grace.
    let exit = tokio::time::timeout(LONG, group.stop(Signal::Term, LONG * 2)).await;
    assert!(!exit.expect("it need not be waited for").unwrap().success());
    until("the grandchild is gone", || !is_alive(dir.path(), "grandchild"));
}

#[test]
fn nothing_is_let_live_after_the_wardens_end() {
    let dir = TempDir::new().unwrap();
    let temporary = dir.path().join("temporary");
    fs::create_dir(&temporary).unwrap();
    fs::write(temporary.join("file"), "").unwrap();
    let warden = Arc::new(Warden::start(|_| {}).unwrap());
    warden.watch_dir(&temporary);
    let before = group(dir.path(), "leader", Some(&warden));
    ["leader", "grandchild"].into_iter().for_each(|name| until_up(dir.path(), name));

    warden.end();

    assert!(!temporary.exists());
    assert!(!is_alive(dir.path(), "leader") && !is_alive(dir.path(), "grandchild"));
    until("it is known", || before.try_exit_status().is_some());
    let after = group(dir.path(), "leader", Some(&warden));
    until("it is ended at once", || after.try_exit_status().is_some());
}

#[test]
fn a_killed_run_leaves_nothing_for_long() {
    let dir = TempDir::new().unwrap();
    let temporary = dir.path().join("temporary");
    fs::create_dir(&temporary).unwrap();
    fs::write(temporary.join("file"), "").unwrap();
    let mut run = process(dir.path(), "run");
    let names = ["leader", "grandchild", "own", "run"];
    names.into_iter().for_each(|name| until_up(dir.path(), name));
    // A run that begins meanwhile takes nothing from it.
    drop(Warden::start(|_| {}).unwrap());
    assert!(temporary.exists());

    run.kill().unwrap();
    run.wait().unwrap();

    for name in names {
        until(&format!("{name} is gone"), || !is_alive(dir.path(), name));
    }
    drop(Warden::start(|_| {}).unwrap());
    assert!(!temporary.exists());
}
