//! The rooms that are pure, each doing something of the size that suites have, for `harness/benches`. Not for use, and free to
//! change: feature `bench`.

use std::path::Path;
use std::time::Duration;

use serde_json::Value;

use crate::diagnose::bench::{Arm, Budget, Docket, Ending, Machine, Observation, Roster, Setting, TestNo};
use crate::model::{Record, SlotId, TestId, assign};
use crate::report::files;
use crate::run::write_line;
use crate::slots::{Board, Need, best_order};
use crate::story::Story;

/// A run of nine tests with everything that can happen to one; the reports' own tests read it, too.
const RUN: &str = include_str!("report/files/tests/run.jsonl");

/// Something that is measured: it is prepared once, and then done as often as one likes.
pub struct Room {
    /// What it is called in the baseline.
    pub name: &'static str,
    /// Prepares it.
    pub prepare: fn() -> Box<dyn FnMut() -> usize>,
}

/// All of them.
pub const ROOMS: [Room; 6] = [
    Room { name: "dispatch", prepare: dispatch },
    Room { name: "matching", prepare: matching },
    Room { name: "inference", prepare: inference },
    Room { name: "event_writing", prepare: event_writing },
    Room { name: "event_reading", prepare: event_reading },
    Room { name: "reports", prepare: reports },
];

/// 1,000 tests in 16 slots, from the first placement until all are done: some need two slots, some wait for their group.
fn dispatch() -> Box<dyn FnMut() -> usize> {
    let slots = |from: u16| (from..16).map(SlotId).collect::<Vec<_>>();
    let need = |test: u16| Need {
        slots: slots(test % 4),
        companions: if test.is_multiple_of(10) { vec![slots(1)] } else { Vec::new() },
        group: test.is_multiple_of(25).then_some("mail"),
        exclusive: test.is_multiple_of(250),
        roles: usize::from(test % 3),
        expected: test.is_multiple_of(2).then(|| Duration::from_millis(u64::from(test % 7) * 300)),
        prefers: None,
    };
    let needs: Vec<Need> = (0..1_000).map(need).collect();
    Box::new(move || {
        let mut board = Board::new(needs.clone(), 16, 16, best_order(&needs, 16));
        let (mut running, mut placed) = (Vec::new(), 0);
        while !board.is_done() {
            while let Some(placement) = board.next() {
                running.push(placement.slot);
                placed += 1;
            }
            if running.is_empty() {
                break;
            }
            board.finished(running.remove(placed % running.len()));
        }
        placed
    })
}

/// Two hundred times eight users who each need one of sixteen slots, and of whom the last few have hardly a choice.
fn matching() -> Box<dyn FnMut() -> usize> {
    let choices = |seeker: u16| (0..16 - 2 * seeker).map(SlotId).collect::<Vec<_>>();
    let seekers: Vec<Vec<SlotId>> = (0..8).map(choices).collect();
    Box::new(move || (0..200).map(|_| assign(&seekers).into_iter().flatten().count()).sum())
}

/// The diagnosis of 58 tests after six runs, in which one fails after another one in the same slot and one now and then.
fn inference() -> Box<dyn FnMut() -> usize> {
    let names = (0..58).map(|test| TestId::new(format!("suite::t{test:02}"))).collect();
    let roster = Roster::new(names, 16, 10);
    let runs: Vec<Vec<Observation>> = (0..6).map(run_of_observations).collect();
    let machine = Machine { alone: 0.1, full: 0.9, throttled: 0.9, workers: 10 };
    Box::new(move || {
        let mut docket = Docket::new(roster.clone(), Budget::of(22, roster.len()), machine);
        for run in &runs {
            docket.observe(run);
        }
        docket.next(4).len() + docket.verdicts().len()
    })
}

fn run_of_observations(run: u16) -> Vec<Observation> {
    let place = |test: u16| (test * 7 + run * 11) % 58;
    let observation = |test: u16| {
        let slot = (test + run) % 10;
        let before_here: Vec<TestNo> = (0..58)
            .filter(|&other| (other + run) % 10 == slot && place(other) < place(test))
            .map(TestNo)
            .collect();
        let before = (0..58).filter(|&other| place(other) + 10 < place(test)).map(TestNo).collect();
        let beside = (0..58)
            .filter(|&other| other != test && place(other).abs_diff(place(test)) < 5)
            .map(|other| (TestNo(other), 0.6))
            .collect();
        let fails = (test == 7 && before_here.contains(&TestNo(37))) || (test == 20 && run.is_multiple_of(3));
        let setting = Setting {
            arm: Arm::Parallel,
            slot: SlotId(slot),
            beside,
            before_here,
            before,
            load: 0.8,
            in_flight: 10,
            seconds: 1.5,
        };
        let ending = if fails { Ending::Failed("expected 3 rows".to_owned()) } else { Ending::Passed };
        Observation { test: TestNo(test), setting, ending, side: None }
    };
    (0..58).map(observation).collect()
}

/// The events of a run of 180 tests, as lines.
fn lines() -> Vec<String> {
    let events: Vec<Value> = RUN.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let named = |value: &Value, copy: usize| {
        let mut value = value.clone();
        let name = value["test"].as_str().map(|name| format!("{name}_{copy}"));
        value["test"] = name.into();
        value
    };
    let (of_tests, of_run): (Vec<Value>, Vec<Value>) =
        events.into_iter().partition(|event| event.get("test").is_some());
    let (mut first, mut last) = (Vec::new(), Vec::new());
    for mut event in of_run {
        if let Some(tests) = event["tests"].as_array_mut() {
            *tests = (0..20).flat_map(|copy| tests.iter().map(move |test| named(test, copy))).collect();
        }
        if event["event"] == "run_finished" { last.push(event) } else { first.push(event) }
    }
    let tests = (0..20).flat_map(|copy| of_tests.iter().map(move |event| named(event, copy)));
    first.into_iter().chain(tests).chain(last).map(|event| event.to_string()).collect()
}

fn records() -> Vec<Record> {
    lines().iter().map(|line| serde_json::from_str(line).expect("an event of the format")).collect()
}

fn story() -> Story {
    let mut story = Story::default();
    for record in records() {
        story.tell(record);
    }
    story
}

/// The events of a run of 180 tests, from what happened to lines.
fn event_writing() -> Box<dyn FnMut() -> usize> {
    let records = records();
    Box::new(move || {
        let mut written = Vec::new();
        for record in &records {
            write_line(&mut written, record).expect("memory takes everything");
        }
        written.len()
    })
}

/// The same, from lines to the run as they tell it.
fn event_reading() -> Box<dyn FnMut() -> usize> {
    let lines = lines();
    Box::new(move || {
        let mut story = Story::default();
        for line in &lines {
            story.tell(serde_json::from_str(line).expect("an event of the format"));
        }
        story.attempts().count()
    })
}

/// All reports of it.
fn reports() -> Box<dyn FnMut() -> usize> {
    let story = story();
    Box::new(move || files::rendered(&story, Path::new("no-such-run")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_does_what_it_says() {
        let mut done = ROOMS.iter().map(|room| (room.name, (room.prepare)()()));
        assert_eq!(done.next(), Some(("dispatch", 1_000)));
        assert_eq!(done.next(), Some(("matching", 1_600)));
        let (_, asked) = done.next().unwrap();
        assert!(asked >= 2, "questions of the two tests that failed");
        assert!(done.all(|(_, size)| size > 100));
        assert_eq!(story().tests.len(), 200);
        assert!(story().flaws.is_empty());
    }
}
