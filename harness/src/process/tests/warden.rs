//! The warden with real processes.

use std::sync::{Arc, Mutex, PoisonError};

use super::*;

/// A program that writes down its process and stays. `setsid` takes it out of any group of ours.
const STRAY: &str = "echo $$ > stray.pid; exec sleep 1000";

/// A warden, and all that it said.
fn warden() -> (Arc<Warden>, Arc<Mutex<Vec<String>>>) {
    let said = Arc::new(Mutex::new(Vec::new()));
    let hears = said.clone();
    let hear = move |text: &str| hears.lock().unwrap_or_else(PoisonError::into_inner).push(text.to_owned());
    (Arc::new(Warden::start(hear).unwrap()), said)
}

/// Starts a script in a session of its own, and ends when that has written a file: before, it may still be in the group,
/// which ends with who leads it.
fn starts(script: &str, file: &str) -> String {
    format!("setsid sh {script} & until [ -s {file} ]; do sleep 0.01; done")
}

/// A process that left the group in which it was started, and whose parents have ended.
fn stray(dir: &Path, warden: Option<&Arc<Warden>>) -> Pid {
    fs::write(dir.join("stray"), STRAY).unwrap();
    let group = Group::spawn(&shell(dir, &starts("stray", "stray.pid")), warden).unwrap();
    until("its starter has ended", || group.try_exit_status().is_some());
    let stray = pid_in(&dir.join("stray.pid"));
    assert!(is_alive(stray));
    stray
}

/// The files of all environments that have the warden's mark.
fn carriers(warden: &Warden) -> Vec<String> {
    let mark = warden.mark().as_bytes();
    let processes = fs::read_dir("/proc").unwrap().flatten();
    let environments = processes.map(|process| process.path().join("environ"));
    let carries =
        |file: &Path| fs::read(file).is_ok_and(|text| text.windows(mark.len()).any(|window| window == mark));
    environments.filter(|file| carries(file)).map(|file| file.display().to_string()).collect()
}

/// Kills the warden and waits for the next.
fn replace(warden: &Warden) {
    let before = warden.id().unwrap();
    rustix::process::kill_process(before, rustix::process::Signal::KILL).unwrap();
    until("another warden is there", || warden.id() != Some(before));
}

#[test]
fn the_warden_ends_groups_and_removes_folders() {
    let dir = TempDir::new().unwrap();
    let (temporary, kept, odd) =
        (dir.path().join("temporary"), dir.path().join("kept"), dir.path().join("odd 'name' $HOME *"));
    for folder in [&temporary, &kept, &odd] {
        fs::create_dir(folder).unwrap();
        fs::write(folder.join("file"), "").unwrap();
    }
    let spawn = || Group::spawn(&shell(dir.path(), "sleep 1000; true"), None).unwrap();
    let groups = [spawn(), spawn(), spawn()];
    let [one, spared, two] = &groups;
    let warden = Warden::start(|_| {}).unwrap();
    for group in &groups {
        warden.watch(group.members());
    }
    warden.forget(spared.members());
    for folder in [&temporary, &kept, &odd, Path::new("/"), Path::new(".")] {
        warden.watch_dir(folder);
    }
    warden.forget_dir(&kept);

    drop(warden);

    assert!(!temporary.exists() && !odd.exists());
    until("the groups have ended", || one.try_exit_status().and(two.try_exit_status()).is_some());
    assert_eq!(spared.try_exit_status(), None);
    assert!(kept.join("file").exists());
}

/// What [`a_killed_run_leaves_nothing`] starts: this test executable again, as a run that is killed.
#[test]
fn a_run_that_waits_to_be_killed() {
    let Some(dir) = std::env::var_os("CALLBOARD_TEST_KILLED_RUN") else { return };
    let dir = Path::new(&dir);
    let warden = Arc::new(Warden::start(|_| {}).unwrap());
    warden.watch_dir(&dir.join("temporary"));
    fs::write(dir.join("stray"), STRAY).unwrap();
    let ended = Group::spawn(&shell(dir, "exit 0"), Some(&warden)).unwrap();
    until("the first group has ended", || ended.try_exit_status().is_some());
    let script = "trap '' TERM HUP; sleep 1000 & echo $! > child; echo $$ > leader; setsid sh stray; wait";
    let _group = Group::spawn(&shell(dir, script), Some(&warden)).unwrap();
    fs::write(dir.join("warden"), format!("{}\n", warden.id().unwrap())).unwrap();
    // Until it is killed: this is not a wait for anything.
    std::thread::sleep(LONG);
}

#[test]
fn a_killed_run_leaves_nothing() {
    let dir = TempDir::new().unwrap();
    fs::create_dir(dir.path().join("temporary")).unwrap();
    let mut run = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["process::tests::warden::a_run_that_waits_to_be_killed", "--exact", "--nocapture"])
        .env("CALLBOARD_TEST_KILLED_RUN", dir.path())
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let [leader, child, stray, warden] =
        ["leader", "child", "stray.pid", "warden"].map(|name| pid_in(&dir.path().join(name)));
    assert!([leader, child, stray].into_iter().all(is_alive));

    // What a terminal sends does not reach the warden, and would not end it.
    rustix::process::kill_process(warden, rustix::process::Signal::HUP).unwrap();
    rustix::process::kill_process(warden, rustix::process::Signal::INT).unwrap();
    run.kill().unwrap();
    run.wait().unwrap();

    for pid in [leader, child, stray, warden] {
        until("a process is gone", || !is_alive(pid));
    }
    until("the folder is removed", || !dir.path().join("temporary").exists());
}

#[test]
fn the_warden_finds_what_left_its_group() {
    let dir = TempDir::new().unwrap();
    let (warden, _) = warden();
    let stray = stray(dir.path(), Some(&warden));

    warden.end();

    assert!(!is_alive(stray));
}

#[test]
fn the_warden_finds_what_forks_while_it_looks() {
    let dir = TempDir::new().unwrap();
    let (warden, _) = warden();
    // Each starts the next, in another session, for as long as the folder is there, and stays a while.
    fs::write(dir.path().join("chain"), "echo $$ > link; sleep 0.01; setsid sh chain & exec sleep 5")
        .unwrap();
    let group = Group::spawn(&shell(dir.path(), &starts("chain", "link")), Some(&warden)).unwrap();
    until("its starter has ended", || group.try_exit_status().is_some());

    warden.end();

    assert_eq!(carriers(&warden), [""; 0]);
}

#[test]
fn strangers_and_other_runs_live_on() {
    let [one, two, three] = [(); 3].map(|()| TempDir::new().unwrap());
    let ((first, _), (second, _)) = (warden(), warden());
    let ours = stray(one.path(), Some(&first));
    let of_another_run = stray(two.path(), Some(&second));
    let strangers = stray(three.path(), None);

    first.end();

    assert!(!is_alive(ours) && is_alive(of_another_run) && is_alive(strangers));
    second.end();
    assert!(!is_alive(of_another_run) && is_alive(strangers));
    rustix::process::kill_process(strangers, rustix::process::Signal::KILL).unwrap();
}

#[test]
fn a_killed_warden_is_replaced_by_one_that_knows_as_much() {
    let dir = TempDir::new().unwrap();
    let (temporary, kept) = (dir.path().join("temporary"), dir.path().join("kept"));
    for folder in [&temporary, &kept] {
        fs::create_dir(folder).unwrap();
    }
    let (warden, said) = warden();
    let group = Group::spawn(&shell(dir.path(), "exec sleep 1000"), Some(&warden)).unwrap();
    let stray = stray(dir.path(), Some(&warden));
    for folder in [&temporary, &kept] {
        warden.watch_dir(folder);
    }
    warden.forget_dir(&kept);

    replace(&warden);
    replace(&warden);
    warden.end();

    until("the group has ended", || group.try_exit_status().is_some());
    assert!(!is_alive(stray) && !temporary.exists() && kept.exists());
    let said = said.lock().unwrap();
    assert_eq!(*said, ["the warden of this run was ended by SIGKILL; another took its place"]);
}

#[test]
fn a_warden_that_nobody_wants_is_given_up_and_said_so() {
    let dir = TempDir::new().unwrap();
    let (warden, said) = warden();
    let group = Group::spawn(&shell(dir.path(), "exec sleep 1000"), Some(&warden)).unwrap();
    for _ in 1..8 {
        replace(&warden);
    }
    rustix::process::kill_process(warden.id().unwrap(), rustix::process::Signal::KILL).unwrap();
    until("it is given up", || said.lock().unwrap().len() == 2);
    assert!(said.lock().unwrap()[1].starts_with("nothing cleans up after this run if it is killed: "));

    warden.end();

    // The run does what it can.
    until("the group has ended", || group.try_exit_status().is_some());
}

#[test]
fn a_full_browsers_socket_goes_with_its_profile() {
    let dir = TempDir::new().unwrap();
    let [profile, socket, other] =
        ["profile-0", "org.chromium.Chromium.x", "somebodys"].map(|name| dir.path().join(name));
    for folder in [&profile, &socket, &other] {
        fs::create_dir(folder).unwrap();
    }
    let link = profile.join("SingletonSocket");
    let (warden, _) = warden();
    warden.watch_dir(&profile);
    std::os::unix::fs::symlink(socket.join("SingletonSocket"), &link).unwrap();
    warden.end();
    assert!(!profile.exists() && !socket.exists());

    // Not whatever a link may point to.
    fs::create_dir(&profile).unwrap();
    std::os::unix::fs::symlink(other.join("SingletonSocket"), &link).unwrap();
    let (warden, _) = self::warden();
    warden.watch_dir(&profile);
    warden.end();
    assert!(!profile.exists() && other.exists());
}
