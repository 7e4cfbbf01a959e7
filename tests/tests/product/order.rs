//! In which order tests start, and where: by seed, or by experience.

use std::fs;

use callboard_tests::{Ran, Stage};
use serde_json::Value;

use super::{many, outcomes};

/// The tests in the order in which they started, each with its slot.
fn places(ran: &Ran) -> Vec<(String, u64)> {
    let started = ran.events.of("attempt_started");
    let place = |event: &Value| Some((event["test"].as_str()?.to_owned(), event["slot"].as_u64()?));
    started.filter_map(place).collect()
}

#[test]
fn one_worker_repeats_order_and_slots_of_a_seed() {
    let stage = Stage::with(3, "");
    // Pinned tests, groups, exclusive tests and retries are among them.
    let tests =
        "place::occupies place::company place::pinned again::third_time_lucky pass:: --workers 1 --retries 2";
    let ran = |line: &str| places(outcomes(&stage).args(tests).args(line).run().exits(0));
    let first = ran("--shuffle-seed 4");
    assert_eq!(first.len(), 23);
    // The note of the test that is lucky at the third time.
    fs::remove_file(stage.dir().join("third_time_lucky")).expect("its notes");
    assert_eq!(ran("--shuffle-seed 4"), first);
    fs::remove_file(stage.dir().join("third_time_lucky")).expect("its notes");
    assert_ne!(ran("--shuffle-seed 5"), first);
}

#[test]
fn several_workers_take_the_tests_in_the_order_of_a_seed() {
    const WORKERS: usize = 4;
    let stage = Stage::with(8, "");
    let shuffled = |seed: u32| {
        let ran = many(&stage).args(&format!("h1:: --workers {WORKERS} --shuffle-seed {seed}")).run();
        ran.exits(0);
        // The slots come up side by side: a test can be overtaken by as many as start while it does.
        let (planned, started) = (ran.events.planned(), ran.events.started());
        assert_eq!(planned.len(), 100);
        for (position, test) in started.iter().enumerate() {
            let place = planned.iter().position(|planned| planned == test).expect("it is in the plan");
            assert!(
                place < position + WORKERS,
                "{test} is {place} in {planned:?}, but {position} in {started:?}"
            );
        }
        // Until the first four places are up, each test gets the one that it prefers, if it is the first to do so.
        let plan = ran.events.0[1]["tests"].clone();
        let first = (&plan[0]["test"], &plan[0]["prefers"]);
        let slots = ran.events.slots_of(first.0.as_str().expect("a name"));
        assert_eq!(first.1.as_u64(), Some(slots[0]));
        plan
    };
    let first = shuffled(4);
    assert_eq!(shuffled(4), first);
    assert_ne!(shuffled(5), first);
    let tests = first.as_array().expect("tests");
    let preferred: std::collections::BTreeSet<u64> =
        tests.iter().filter_map(|test| test["prefers"].as_u64()).collect();
    assert_eq!(preferred.into_iter().collect::<Vec<_>>(), [0, 1, 2, 3], "no more slots than workers");
}

/// Writes other durations into the events of a run, in milliseconds.
fn change_durations(ran: &Ran, duration: impl Fn(&str) -> u64) {
    let file = ran.run.as_ref().expect("a run").join("events.jsonl");
    let changed = |line: &str| {
        let event: Value = serde_json::from_str(line).expect(line);
        let test = event["test"].as_str().filter(|_| event["event"] == "attempt_finished");
        let (Some(test), Some((before, _))) = (test, line.rsplit_once(':')) else {
            return format!("{line}\n");
        };
        format!("{before}:{}}}\n", duration(test) * 1000)
    };
    let text = fs::read_to_string(&file).expect("events");
    fs::write(&file, text.lines().map(changed).collect::<String>()).expect("the events are written");
}

#[test]
fn what_took_longest_starts_first() {
    let stage = Stage::with(2, "");
    let run = |line: &str| many(&stage).args("h2::t1 --workers 1").args(line);
    let earlier = run("").run();
    assert!(earlier.exits(0).events.planned().is_sorted(), "nothing is known yet");
    change_durations(&earlier, |test| match test {
        "h2::t17" => 9000,
        "h2::t13" => 500,
        _ => 20,
    });
    let ran = run("").after(&earlier).run();
    let started = ran.exits(0).events.started();
    assert_eq!(started[..4], ["h2::t17", "h2::t13", "h2::t10", "h2::t11"]);
    // A new test counts as long, and a shuffled run does not look back.
    let with_new = many(&stage).args("h2::t1 h3::t00 --workers 1").after(&earlier).run();
    assert_eq!(with_new.exits(0).events.started()[..3], ["h2::t17", "h3::t00", "h2::t13"]);
    let shuffled = run("--shuffle-seed 7").run();
    assert_eq!(
        run("--shuffle-seed 7").after(&earlier).run().events.started(),
        shuffled.exits(0).events.started()
    );
}

#[test]
fn the_summary_says_how_close_the_run_came_to_the_bound() {
    let stage = Stage::with(2, "[tests]\ntimeout = \"1s\"\n");
    let ran = outcomes(&stage).args("time::as_configured pass::plain --workers 1").run();
    ran.exits(101).says([" (1 worker, 1 slot), within ", "% of the bound of "]);
    // Each has a worker to itself: there is no order.
    let ran = outcomes(&stage).args("time::as_configured pass::plain --workers 2").run();
    assert!(!ran.exits(101).stdout.contains("bound"), "{ran}");
}
