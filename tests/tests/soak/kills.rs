//! `SIGKILL` to each kind of process of a run, at random moments: nothing is left of it, and nothing is told wrongly.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use callboard_tests::{Events, Ran, Stage, Started, until};
use rustix::process::Signal;

use crate::moments::Moments;
use crate::{server, soak};

/// Whom to kill, and what may come of it.
struct Victim {
    name: &'static str,
    /// Its command line, as far as it is not the run itself.
    command: Option<fn(&str) -> bool>,
    slots: u16,
    /// What the run is started with.
    args: &'static str,
    /// How many tests that is.
    tests: usize,
    /// The exit codes of a run that lost it.
    exits: &'static [i32],
    /// Whether every such run has one.
    is_always_there: bool,
}

/// With servers and a daemon.
const STEADY: Victim = Victim {
    name: "run",
    command: None,
    slots: 2,
    args: "steady:: leavers::daemon --workers 2",
    tests: 21,
    exits: &[],
    is_always_there: true,
};
/// With a browser.
const PAGED: Victim = Victim { slots: 1, args: "paged:: --workers 1", tests: 8, ..STEADY };

#[test]
fn a_run_is_killed() {
    STEADY.kill_again_and_again();
}

#[test]
fn a_run_with_a_browser_is_killed() {
    Victim { name: "run with a browser", ..PAGED }.kill_again_and_again();
}

#[test]
fn a_service_is_killed() {
    let is_service = |command: &str| command.contains("/test-server ");
    // Tests are errored, or there was no slot left at all.
    Victim { name: "service", command: Some(is_service), exits: &[0, 101, 3], ..STEADY }
        .kill_again_and_again();
}

#[test]
fn a_driver_is_killed() {
    let is_driver = |command: &str| command.contains("chromedriver");
    Victim { name: "driver", command: Some(is_driver), exits: &[0, 101], ..PAGED }.kill_again_and_again();
}

#[test]
fn a_browser_is_killed() {
    let is_browser = |command: &str| command.contains("--remote-debugging") && !command.contains("--type=");
    Victim { name: "browser", command: Some(is_browser), exits: &[0, 101], ..PAGED }.kill_again_and_again();
}

#[test]
fn a_worker_is_killed() {
    let is_worker = |command: &str| command.contains("--callboard-worker");
    // Tests may also be executed by the run itself: then no kill finds one, as the last line says.
    let worker = Victim { name: "worker", command: Some(is_worker), exits: &[0, 101], ..STEADY };
    Victim { is_always_there: false, ..worker }.kill_again_and_again();
}

#[test]
fn a_warden_is_killed() {
    let is_warden = |command: &str| command.contains("callboard-warden");
    // Nobody misses it.
    Victim { name: "warden", command: Some(is_warden), exits: &[0], ..STEADY }.kill_again_and_again();
}

impl Victim {
    fn kill_again_and_again(&self) {
        let mut moments = Moments::from_environment();
        let whole = self.unharmed();
        let (kills, seed) = (moments.kills, moments.seed);
        let (mut hits, mut longest) = (0, Duration::ZERO);
        for kill in 1..=kills {
            let after = moments.within(whole);
            let telling = Telling(format!(
                "kill {kill} of {kills}: SIGKILL to the {} {after:?} after the start of the run; \
                 again with `cargo xtask soak --kills {kills} --seed {seed} {}`",
                self.name,
                thread::current().name().unwrap_or_default()
            ));
            if let Some(gone) = self.kill(after, &mut moments) {
                hits += 1;
                longest = longest.max(gone);
            }
            drop(telling);
        }
        // Of another victim it would be how long the rest of the run took.
        let left = match self.command {
            None => format!("; nothing was left {longest:?} later at most"),
            Some(_) => String::new(),
        };
        println!("{}: {kills} kills within {whole:?} (seed {seed}), {hits} found it alive{left}", self.name);
        assert!(hits > 0 || !self.is_always_there, "no kill found the {}: the seed was {seed}", self.name);
    }

    fn stage(&self) -> Stage {
        Stage::with(self.slots, &server())
    }

    /// How long the run takes that nobody hurts.
    fn unharmed(&self) -> Duration {
        let stage = self.stage();
        let began = Instant::now();
        let ran = soak(&stage).args(self.args).run();
        self.is_complete(ran.exits(0));
        began.elapsed()
    }

    /// One run, one kill. How long it took until nothing was left; nothing where there was nobody to kill any more.
    fn kill(&self, after: Duration, moments: &mut Moments) -> Option<Duration> {
        let stage = self.stage();
        let mut started = soak(&stage).args(self.args).start();
        // The moment itself, which is to be any; nothing is waited for.
        thread::sleep(after);
        let hit = match self.command {
            None => is_hit(&mut started),
            Some(command) => until("there is a victim, or the run is over", || {
                let alive = stage.alive();
                let found: Vec<u32> =
                    alive.iter().filter(|(_, line)| command(line)).map(|(id, _)| *id).collect();
                if let Some(id) = moments.one_of(&found) {
                    stage.kill(id);
                    return Some(true);
                }
                started.has_ended().then_some(false)
            }),
        };
        let killed = Instant::now();
        let ran = started.wait_for_any_end();
        if self.command.is_none() && hit {
            // What it left, its warden has to look after.
            stage.until_empty();
        }
        let gone = killed.elapsed();
        let alive = stage.alive();
        assert!(alive.is_empty(), "alive after the run: {alive:?}\n{ran}");
        self.check(&ran, hit);
        is_clean(&stage);
        hit.then_some(gone)
    }

    fn check(&self, ran: &Ran, hit: bool) {
        if !hit {
            return self.is_complete(ran.exits(0));
        }
        if self.command.is_none() {
            // It may have been over just before.
            assert!(matches!(ran.status.code(), None | Some(0)), "{ran}");
            return is_consistent(&ran.events);
        }
        assert!(ran.status.code().is_some_and(|code| self.exits.contains(&code)), "{ran}");
        self.is_complete(ran);
    }

    /// Every test was finished once, and every attempt that was begun.
    fn is_complete(&self, ran: &Ran) {
        ran.events.check();
        is_consistent(&ran.events);
        assert_eq!(ran.events.count("test_finished"), self.tests, "{ran}");
    }
}

/// Kills the run itself, unless it is over.
fn is_hit(started: &mut Started) -> bool {
    if started.has_ended() {
        return false;
    }
    started.signal(Signal::KILL);
    true
}

/// No test and no attempt is counted twice, and none ends that did not begin. Also of a run that was killed: that each whole
/// line is an event was seen when they were read.
fn is_consistent(events: &Events) {
    let mut finished = BTreeSet::new();
    for event in events.of("test_finished") {
        assert!(finished.insert(event["test"].to_string()), "finished twice: {event}");
    }
    let mut open = BTreeSet::new();
    let key = |event: &serde_json::Value| format!("{} {}", event["test"], event["attempt"]);
    for event in &events.0 {
        match event["event"].as_str() {
            Some("attempt_started") => assert!(open.insert(key(event)), "begun twice: {event}"),
            // Where there was no slot, none was begun.
            Some("attempt_finished") if !event["slot"].is_null() => {
                assert!(open.remove(&key(event)), "not begun, or over before: {event}");
            }
            _ => {}
        }
    }
}

/// No lease is held, and no browser's folder is left.
fn is_clean(stage: &Stage) {
    for lease in files(&stage.dir().join("leases")) {
        let file = fs::File::open(&lease).expect("a lease");
        assert!(file.try_lock().is_ok(), "{} is held", lease.display());
    }
    let outputs = files(stage.dir()).into_iter().map(|output| output.join("callboard/runs"));
    let runs = outputs.flat_map(|runs| files(&runs));
    let slots = runs.flat_map(|run| files(&run.join("slots")));
    let profiles: Vec<PathBuf> = slots
        .flat_map(|slot| files(&slot))
        .filter(|file| file.file_name().is_some_and(|name| name.to_string_lossy().starts_with("profile")))
        .collect();
    assert!(profiles.is_empty(), "{profiles:?}");
}

/// What is in a folder; nothing where there is none.
fn files(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).collect()
}

/// Says what was done when it is dropped by a panic.
struct Telling(String);

impl Drop for Telling {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("{}", self.0);
        }
    }
}
