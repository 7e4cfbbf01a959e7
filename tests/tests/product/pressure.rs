//! As much at once as the machine carries: what limits a run and what does not, what is said of it, and how time limits
//! are extended.

use std::collections::BTreeSet;
use std::thread::available_parallelism;
use std::time::Duration;

use callboard_tests::{Consumer, Ran, Stage};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use super::browser;
use super::failures::failure;

/// The suite of tests that ask much of the machine, on a stage.
fn pressure(stage: &Stage) -> Consumer<'_> {
    stage.consumer(env!("CARGO_BIN_EXE_consumer-pressure"))
}

fn cores() -> usize {
    available_parallelism().map_or(1, usize::from)
}

fn number(event: &Value, key: &str) -> u64 {
    event[key].as_u64().unwrap_or_else(|| panic!("no {key} in {event}"))
}

/// Nothing was measured, and nothing is said of it.
fn is_not_limited(ran: &Ran) {
    assert_eq!((ran.events.count("workers_limited"), ran.events.count("workers_used")), (0, 0), "{ran}");
    assert!(!ran.stdout.contains("workers on average"), "{ran}");
}

#[test]
fn an_exact_number_of_workers_is_at_work_at_once() {
    // Each test waits for all the others.
    let stage = Stage::with(8, "");
    let ran = pressure(&stage).args("together:: --workers 8!").run();
    is_not_limited(
        ran.exits(0).says(["Running 8 tests using 8 workers\n", ": 8 passed (8 workers, 8 slots)\n"]),
    );
    assert_eq!(ran.events.0[0]["exact"], true);
}

#[test]
fn it_can_be_exact_in_the_file_and_the_environment() {
    let stage = Stage::with(8, "workers = \"8!\"\n");
    is_not_limited(pressure(&stage).args("together::").run().exits(0));
    let stage = Stage::with(8, "workers = 1\n");
    is_not_limited(pressure(&stage).args("together::").env("CALLBOARD_WORKERS", "8!").run().exits(0));
}

#[test]
fn nothing_is_measured_for_one_worker() {
    let stage = Stage::with(2, "");
    is_not_limited(pressure(&stage).args("burns::a burns::b burns::c --workers 1").run().exits(0));
}

#[test]
fn threads_are_at_most_so_many() {
    let stage = Stage::with(8, "");
    let by_argument = pressure(&stage).args("burns:: --test-threads 8");
    let by_variable = pressure(&stage).args("burns::").env("RUST_TEST_THREADS", "8");
    for run in [by_argument, by_variable] {
        let ran = run.run();
        let started = &ran.exits(0).events.0[0];
        assert_eq!((&started["workers"], &started["exact"]), (&8.into(), &false.into()));
        let first = ran.events.of("workers_limited").next();
        let first = first.map(|event| (number(event, "limit"), event["why"].clone()));
        assert_eq!(first, (cores() < 8).then(|| (cores() as u64, "start".into())), "{ran}");
    }
}

/// At no moment did more attempts run than had ever been allowed until then.
fn keeps_to_its_limits(ran: &Ran, workers: u64) {
    let (mut most, mut last) = (0, 0);
    let mut under_way = BTreeSet::new();
    for event in &ran.events.0 {
        match event["event"].as_str() {
            Some("workers_limited") => {
                let limit = number(event, "limit");
                assert!((1..=workers).contains(&limit), "{event}");
                assert!(number(event, "running") <= most, "{event}");
                assert_eq!(event["why"] == "room", limit > last && last > 0, "{event}");
                last = limit;
                most = most.max(limit);
            }
            Some("attempt_started") => {
                under_way.insert(event["test"].to_string());
                assert!(under_way.len() as u64 <= most, "{} at {event}", under_way.len());
            }
            Some("attempt_finished") => drop(under_way.take(&event["test"].to_string())),
            _ => {}
        }
    }
}

#[test]
fn what_was_decided_and_why_is_in_events_and_summary() {
    // A number that a machine of so many cores does not carry, of tests each of which wants more than all of them.
    let workers = cores() + 6;
    if workers > 24 {
        // There are not so many tests of this kind.
        return;
    }
    let stage = Stage::with(u16::try_from(workers).unwrap_or(u16::MAX), "");
    let ran = pressure(&stage).args(&format!("burns:: --workers {workers}")).run();
    ran.exits(0).says([": 24 passed ("]);
    keeps_to_its_limits(&ran, workers as u64);
    let limited: Vec<_> = ran.events.of("workers_limited").collect();
    assert_eq!((number(limited[0], "limit"), &limited[0]["why"]), (cores() as u64, &"start".into()));
    assert_eq!(limited[0].get("pressure"), None);

    if std::fs::read_to_string("/proc/pressure/cpu").is_err() {
        // A kernel that does not tell: then there may have been room, as far as anybody knows.
        return;
    }
    let held = limited.iter().find(|event| event["why"] == "cpu").unwrap_or_else(|| panic!("{ran}"));
    assert!(held["pressure"]["cpu"].as_f64().is_some_and(|part| part >= 0.5), "{held}");
    let used: Vec<_> = ran.events.of("workers_used").collect();
    let [used] = used[..] else { panic!("{used:?}") };
    let average = used["average"].as_f64().expect("a number");
    assert!(average > 0.5 && average < workers as f64, "{used}");
    assert_eq!(used["why"], "cpu");
    ran.says([&format!("\nran {average:.1} of {workers} workers on average: CPU\n")]);
}

#[test]
fn no_more_browsers_boot_at_once_than_there_are_cores() {
    let stage = browser::stage(5);
    let ran = browser(&stage).args("five:: --workers 5!").run();
    let ready = ran.exits(0).events.of("browser_ready");
    let boots: Vec<_> = ready
        .map(|event| (number(event, "at_us") - number(event, "took_us"), number(event, "at_us")))
        .collect();
    assert_eq!(boots.len(), 5, "{ran}");
    for (begin, _) in &boots {
        let at_once = boots.iter().filter(|(other, end)| other <= begin && begin < end).count();
        assert!(at_once <= cores(), "{boots:?}");
    }
}

/// Everything on the stage stands still, and goes on later.
fn signal_all(stage: &Stage, signal: Signal) {
    for (id, _) in stage.alive() {
        let id = i32::try_from(id).ok().and_then(Pid::from_raw).expect("a process");
        // It may have ended meanwhile.
        let _ = kill_process(id, signal);
    }
}

#[test]
fn a_time_limit_is_extended_by_the_time_in_which_the_machine_did_not_run_the_test() {
    let stage = Stage::with(2, "");
    let run = pressure(&stage).args("goes_on never_ends --workers 2! --timeout 3s").start();
    stage.until_lines("begun", 2);
    signal_all(&stage, Signal::STOP);
    // Longer than the limit. Nobody is waited for: to stand still for so long is what the test is about.
    std::thread::sleep(Duration::from_millis(3500));
    signal_all(&stage, Signal::CONT);
    // Its time was over by all clocks, and yet it has time for all this.
    stage.write("go", "now\n");
    stage.until_lines("gone", 1);
    stage.write("end", "now\n");
    let ran = run.wait();
    assert_eq!(ran.exits(101).events.outcome("goes_on"), "passed", "{ran}");
    let message = failure(&ran, "never_ends");
    assert!(
        message.contains(
            "the test took longer than its 3s, and the 3.0 s more in which the machine did not run it"
        ),
        "{message}"
    );
}
