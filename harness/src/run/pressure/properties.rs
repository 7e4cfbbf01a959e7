//! Properties of the limit, over whatever may be measured, and on machines that are made up.

use std::time::Duration;

use proptest::prelude::*;

use super::controller::{Controller, Window};
use crate::model::{LimitReason, Pressure};

prop_compose! {
    fn a_pressure()(
        cpu in prop::option::of(0.0..=1.0),
        memory in prop::option::of(prop_oneof![Just(0.0), 0.0..=1.0]),
        delay_us in prop_oneof![0_u64..2_000, 0_u64..200_000],
    ) -> Pressure {
        Pressure { cpu, memory, delay_us }
    }
}

prop_compose! {
    fn a_window()(
        pressure in a_pressure(),
        running in 0_usize..24,
        is_waiting in prop::bool::weighted(0.9),
        wants_more in any::<bool>(),
        booted in prop::bool::weighted(0.2),
    ) -> Window {
        Window { pressure, running, is_waiting, wants_more: wants_more && is_waiting, booted }
    }
}

fn cpu(cpu: f64) -> Pressure {
    Pressure { cpu: Some(cpu), memory: Some(0.0), delay_us: 200 }
}

/// A window in which as many ran as may, and others wait.
fn full(controller: &Controller, pressure: Pressure) -> Window {
    let running = controller.limit();
    Window { pressure, running, is_waiting: true, wants_more: true, booted: false }
}

/// A machine on which tasks wait during four fifths of the time when as many attempts run as it has the capacity for.
fn machine(capacity: usize, running: usize) -> Pressure {
    cpu(1.0 - 0.2_f64.powf(running as f64 / capacity as f64))
}

/// The limits after each of these windows, on a machine that always has as much to do as may be.
fn limits(controller: &mut Controller, windows: usize, of: impl Fn(usize) -> Pressure) -> Vec<usize> {
    let window = |_| {
        controller.decide(full(controller, of(controller.limit())));
        controller.limit()
    };
    (0..windows).map(window).collect()
}

proptest! {
    #[test]
    fn the_limit_is_always_between_one_and_all_workers(
        workers in 1_usize..20,
        cores in 1_usize..20,
        windows in prop::collection::vec(a_window(), 0..200),
    ) {
        let mut controller = Controller::new(workers, cores);
        for window in windows {
            let (limit, why) = (controller.limit(), controller.why());
            let is_told = controller.decide(window).is_some();
            let (now, because) = (controller.limit(), controller.why());
            prop_assert!((1..=workers).contains(&now));
            prop_assert!(is_told || now == limit, "what changes is told");
            prop_assert!(now <= limit || window.wants_more, "what nobody needs does not rise");
            prop_assert!(now == limit || window.is_waiting, "what holds nobody does not change");
            prop_assert!(now >= limit.min(cores) || because != LimitReason::Cpu, "cores are for use");
            prop_assert!(now <= limit || because == LimitReason::Room);
            prop_assert!(now >= limit || because != LimitReason::Room);
            prop_assert!(!is_told || now != limit || because != why, "nothing is told twice");
            prop_assert_eq!(controller.held_by().is_none(), now == workers);
        }
    }

    #[test]
    fn it_comes_to_what_the_machine_carries_and_stays_there(
        cores in 1_usize..9,
        capacity in 1_usize..40,
        workers in 1_usize..40,
    ) {
        let mut controller = Controller::new(workers, cores);
        limits(&mut controller, 400, |running| machine(capacity, running));
        let last = limits(&mut controller, 100, |running| machine(capacity, running));
        let (least, most) = (last.iter().min().unwrap(), last.iter().max().unwrap());
        // Where nine tenths of the time something waits, and where it is seven.
        let (carried, easy) = (capacity as f64 * 1.431, capacity as f64 * 0.748);
        let (floor, workers) = (cores.min(workers) as f64, workers as f64);
        prop_assert!((*most as f64) < floor.max(carried + 1.0) + 1.0, "{most} of {carried}");
        prop_assert!((*least as f64) > workers.min(easy) - 1.0, "{least} of {easy}");
        prop_assert!(last.iter().all(|limit| limit == least), "it does not swing: {last:?}");
    }

    #[test]
    fn a_shortage_of_memory_weighs_more_than_one_of_cores(
        workers in 2_usize..40,
        cores in 1_usize..9,
        windows in 1_usize..40,
    ) {
        let short = Pressure { memory: Some(0.5), ..cpu(1.0) };
        let mut of_cores = Controller::new(workers, cores);
        let mut of_memory = of_cores.clone();
        for limit in [&mut of_cores, &mut of_memory] {
            limits(limit, 40, |_| cpu(0.1));
        }
        let of_cores = limits(&mut of_cores, windows, |_| cpu(1.0));
        let of_memory = limits(&mut of_memory, windows, |_| short);
        prop_assert!(of_cores.iter().zip(&of_memory).all(|(of_cores, of_memory)| of_memory <= of_cores));
        prop_assert!(windows < 14 || of_memory.last() == Some(&1), "{of_memory:?}");
    }
}

#[test]
fn it_rises_quickly_where_there_is_room() {
    let mut controller = Controller::new(16, 2);
    assert_eq!((controller.limit(), controller.why()), (2, LimitReason::Start));
    assert_eq!(limits(&mut controller, 4, |_| cpu(0.1)), [4, 8, 16, 16]);
    assert_eq!(controller.held_by(), None);
}

#[test]
fn tests_that_are_over_in_a_moment_raise_it_until_there_was_pressure() {
    let [moment, while_] = [1, 100].map(Duration::from_millis);
    let mut controller = Controller::new(6, 2);
    assert!(!controller.finished(while_));
    let raised: Vec<_> = (0..5).map(|_| (controller.finished(moment), controller.limit())).collect();
    assert_eq!(raised, [(true, 3), (true, 4), (true, 5), (true, 6), (false, 6)]);
    limits(&mut controller, 4, |_| cpu(1.0));
    assert!(!controller.finished(moment));
    assert_eq!(controller.limit(), 4);
}

#[test]
fn it_begins_with_a_worker_for_each_core_and_no_more_than_there_are() {
    assert_eq!(Controller::new(3, 8).limit(), 3);
    assert_eq!(Controller::new(1, 1).held_by(), None);
}

#[test]
fn a_burst_changes_nothing_and_a_lasting_pressure_does() {
    let mut controller = Controller::new(16, 2);
    limits(&mut controller, 10, |_| cpu(0.1));
    assert_eq!(limits(&mut controller, 2, |_| cpu(1.0)), [16, 16]);
    assert_eq!(limits(&mut controller, 1, |_| cpu(0.1)), [16]);
    assert_eq!(limits(&mut controller, 4, |_| cpu(1.0)), [16, 16, 16, 12]);
    assert_eq!(controller.held_by(), Some(LimitReason::Cpu));
}

#[test]
fn it_rises_by_one_after_it_fell() {
    let mut controller = Controller::new(16, 2);
    limits(&mut controller, 10, |_| cpu(0.1));
    limits(&mut controller, 4, |_| cpu(1.0));
    assert_eq!(limits(&mut controller, 8, |_| cpu(0.1)), [12, 12, 12, 13, 13, 13, 13, 14]);
}

#[test]
fn it_falls_once_until_that_has_taken_effect() {
    let mut controller = Controller::new(16, 2);
    limits(&mut controller, 10, |_| cpu(0.1));
    limits(&mut controller, 4, |_| cpu(1.0));
    let above = Window { running: 16, ..full(&controller, cpu(1.0)) };
    for _ in 0..20 {
        assert_eq!(controller.decide(above), None);
    }
    assert_eq!(limits(&mut controller, 4, |_| cpu(1.0)), [12, 12, 12, 9]);
}

#[test]
fn boots_are_no_pressure_but_memory_is_then_too() {
    let mut controller = Controller::new(16, 2);
    limits(&mut controller, 10, |_| cpu(0.1));
    let boot = |controller: &Controller, pressure| Window { booted: true, ..full(controller, pressure) };
    for _ in 0..20 {
        assert_eq!(controller.decide(boot(&controller, cpu(1.0))), None);
    }
    let short = Pressure { memory: Some(0.5), ..cpu(1.0) };
    controller.decide(boot(&controller, short));
    controller.decide(boot(&controller, short));
    assert_eq!((controller.limit(), controller.why()), (8, LimitReason::Memory));
    // Boots of programs that only wait for something hold nobody up.
    let mut controller = Controller::new(16, 2);
    assert_eq!(controller.decide(boot(&controller, cpu(0.1))), Some(cpu(0.1)));
    assert_eq!(controller.limit(), 4);
}

#[test]
fn a_limit_that_stays_says_why() {
    let mut controller = Controller::new(16, 2);
    limits(&mut controller, 4, |_| cpu(0.84));
    assert_eq!((controller.limit(), controller.held_by()), (2, Some(LimitReason::Cpu)));
}

#[test]
fn where_the_harness_is_not_run_less_is_run_than_there_are_cores() {
    let mut controller = Controller::new(4, 4);
    let late = Pressure { delay_us: 40_000, ..cpu(0.9) };
    assert_eq!(limits(&mut controller, 8, |_| late), [4, 4, 4, 2, 2, 2, 2, 1]);
    assert_eq!(controller.held_by(), Some(LimitReason::Delay));
    // When it is run again, it comes back to as many as there are cores, whoever else asks for them.
    assert_eq!(limits(&mut controller, 8, |_| cpu(1.0)), [1, 1, 1, 2, 2, 2, 2, 3]);
    assert_eq!(limits(&mut controller, 20, |_| cpu(1.0)).last(), Some(&4));
}

#[test]
fn a_moment_in_which_the_harness_is_not_run_is_no_reason() {
    let mut controller = Controller::new(4, 2);
    for _ in 0..10 {
        for delay_us in [250_000, 30_000, 40_000, 3_000] {
            controller.decide(full(&controller, Pressure { delay_us, ..cpu(0.8) }));
        }
    }
    assert_eq!((controller.limit(), controller.why()), (2, LimitReason::Cpu));
}

#[test]
fn what_was_decided_by_is_told() {
    let mut controller = Controller::new(4, 2);
    let window = |part| Window { pressure: cpu(part), ..full(&Controller::new(4, 2), cpu(0.0)) };
    let told = [0.9, 1.0, 0.9, 1.0].map(|part| controller.decide(window(part)));
    assert_eq!(told, [None, None, None, Some(cpu(0.95))]);
}

#[test]
fn less_than_a_limit_that_is_not_used_is_less_than_what_runs() {
    let mut controller = Controller::new(16, 2);
    limits(&mut controller, 10, |_| cpu(0.1));
    let window = Window { running: 4, wants_more: false, ..full(&controller, cpu(1.0)) };
    for _ in 0..4 {
        controller.decide(window);
    }
    assert_eq!(controller.limit(), 3);
}
