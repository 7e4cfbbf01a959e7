//! The inference in simulated worlds: 58 tests with the durations of real ones, 16 slots, 10 workers, and faults of every class planted in
//! them, also of such kinds as no hypothesis says.
//!
//! The short form is a test. The long one prints a table: `cargo xtask bench infer`. Worlds of even seeds are those on which constants
//! were chosen, so figures are of odd ones only.

mod study;
mod world;

use std::time::Instant;

use study::{Score, baseline, diagnosed, over, part, studied};
use world::{Kind, TESTS, WORKERS, World, machine, with_surroundings};

use super::{Budget, Docket};

/// Seeds that nothing was chosen by.
fn seeds(count: u64) -> impl Iterator<Item = u64> {
    (0..count).map(|n| 2 * n + 1)
}

/// What all questions together may cost, in suite-equivalents.
const SUITES: usize = 22;

#[test]
fn claims_are_right_and_most_faults_are_claimed() {
    let score = over(Kind::Modelled, seeds(4), SUITES);
    let mut simple = Score::default();
    for seed in seeds(4) {
        simple.add(baseline(&mut World::new(Kind::Modelled, seed), 10));
    }
    let rightly = |score: &Score| part(score.right_of_asked, score.asked);
    assert!(rightly(&score) > 1.2 * rightly(&simple), "{} and {}", rightly(&score), rightly(&simple));
    assert!(part(score.right, score.claims) >= 0.9, "{}", score.lines());
    assert!(part(score.claimed, score.asked) >= 0.85, "{}", score.lines());
    assert_eq!(score.confirmed_wrong, 0, "{}", score.lines());
    assert!(score.confirmed > 0, "{}", score.lines());
    assert!(score.suites() <= SUITES as f64, "{}", score.lines());
}

#[test]
fn what_no_hypothesis_says_is_not_confirmed_wrongly() {
    let score = over(Kind::Strange, seeds(3), SUITES);
    assert!(part(score.right, score.claims) >= 0.85, "{}", score.lines());
    assert_eq!(score.confirmed_wrong, 0, "{}", score.lines());
}

#[test]
fn nothing_is_claimed_of_a_healthy_suite() {
    for seed in seeds(3) {
        assert_eq!(claims_of_healthy_runs(seed, 30), 0, "seed {seed}");
    }
}

/// How many claims are made of a suite without faults that ran so often.
fn claims_of_healthy_runs(seed: u64, runs: usize) -> usize {
    let mut world = World::new(Kind::Healthy, seed);
    let budget = Budget { executions: 40 * TESTS, runs_at_least: runs, runs_at_most: runs };
    let mut docket = Docket::new(world.roster.clone(), budget, machine());
    loop {
        let plans = docket.next(4);
        if plans.is_empty() {
            break;
        }
        let made: Vec<_> = plans.iter().flat_map(|plan| world.make(plan)).collect();
        docket.observe(&made);
    }
    docket.verdicts().iter().filter(|verdict| verdict.claim().is_some()).count()
}

/// The table. `CALLBOARD_INFER_WORLDS` says from how many worlds of each kind.
#[test]
#[ignore = "takes minutes: `cargo xtask bench infer`"]
fn figures() {
    let worlds = std::env::var("CALLBOARD_INFER_WORLDS").ok().and_then(|n| n.parse().ok()).unwrap_or(60);
    for kind in [Kind::Modelled, Kind::Unsteady, Kind::Strange] {
        let ours = over(kind, seeds(worlds), SUITES);
        println!("{kind:?}, {worlds} worlds\n{}", ours.lines());
        for (class, (asked, claimed, right)) in &ours.by_class {
            println!("    {class}: {asked} asked, {claimed} claimed, {right} right");
        }
        for k in [3, 5, 10] {
            let mut simple = Score::default();
            for seed in seeds(worlds) {
                simple.add(baseline(&mut World::new(kind, seed), k));
            }
            let (right, planted) = (simple.right_of_asked, 16 * simple.worlds);
            println!(
                "  everything {k} times in parallel and alone: {:.1} % right of {} that failed twice, {:.1} % of all planted, {:.1} SE",
                100.0 * part(right, simple.asked),
                simple.asked,
                100.0 * part(right, planted),
                simple.suites(),
            );
        }
        if std::env::var_os("CALLBOARD_INFER_MISSES").is_some() {
            for miss in &ours.misses {
                println!("    {miss}");
            }
        }
    }
    let mut surroundings = Score::default();
    for (n, seed) in seeds(worlds).enumerate() {
        let rate = [0.002, 0.0005][n % 2];
        surroundings.add(studied(&mut with_surroundings(seed, rate), SUITES));
    }
    println!("Surroundings, {worlds} worlds\n{}", surroundings.lines());
    let healthy: usize = seeds(worlds).map(|seed| claims_of_healthy_runs(seed, 30)).sum();
    println!("Healthy, {worlds} suites of 30 runs each: {healthy} claims");
    step();
}

/// The processor time of this thread so far, in milliseconds, where the system tells; else the time. So a machine on which others work as
/// well does not matter much.
fn spent_ms(began: Instant) -> f64 {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanos = told.and_then(|told| told.split_whitespace().next()?.parse::<f64>().ok());
    nanos.map_or_else(|| began.elapsed().as_secs_f64() * 1e3, |nanos| nanos / 1e6)
}

/// How long the inference takes, of 58 tests and 40 runs. Nothing is asserted: how busy a machine is decides too much of it.
fn step() {
    let mut world = World::new(Kind::Modelled, 1);
    let runs: Vec<_> = (0..40).map(|_| world.run_suite(WORKERS)).collect();
    let next = world.run_suite(WORKERS);
    let budget = Budget { executions: 200 * TESTS, runs_at_least: 0, runs_at_most: 0 };
    let mut docket = Docket::new(world.roster.clone(), budget, machine());
    let start = Instant::now();
    let mut timed = |key: &str, work: &mut dyn FnMut(&mut Docket)| {
        let began = spent_ms(start);
        work(&mut docket);
        println!("{key}={:.2}", spent_ms(start) - began);
    };
    timed("take_all_ms", &mut |docket| runs.iter().for_each(|run| docket.observe(run)));
    timed("first_ms", &mut |docket| drop(docket.next(4)));
    for attempt in &next[..10] {
        timed("run_step_ms", &mut |docket| {
            docket.observe(&next);
            docket.next(4);
        });
        timed("step_ms", &mut |docket| {
            docket.observe(std::slice::from_ref(attempt));
            docket.next(4);
        });
    }
    println!("questions={}", docket.beliefs().len());
    let (docket, made) = diagnosed(&mut World::new(Kind::Modelled, 1), SUITES);
    println!("experiments={} spent={}", made.len(), docket.spent());
}
