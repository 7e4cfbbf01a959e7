//! What has to hold of any attempts whatsoever.

use proptest::prelude::*;

use super::choose::information;
use super::hypothesis::{Cause, Culprit, Hypotheses};
use super::posterior::{Elsewhere, Evidence, Posterior};
use super::{Arm, Budget, Docket, Ending, Experiment, Machine, Observation, Roster, Setting, TestNo};
use crate::model::{SlotId, TestId};

const TESTS: u16 = 6;
const MACHINE: Machine = Machine { alone: 0.1, full: 0.9, throttled: 0.9, workers: 3 };

fn roster() -> Roster {
    Roster::new((0..TESTS).map(|n| TestId::new(format!("t{n}"))).collect(), 3, 3)
}

fn docket() -> Docket {
    Docket::new(roster(), Budget::of(20, usize::from(TESTS)), MACHINE)
}

prop_compose! {
    fn a_setting()(
        slot in 0_u16..3,
        beside in prop::collection::btree_map(0..TESTS, 0.0_f64..1.0, 0..3),
        before_here in prop::collection::vec(0..TESTS, 0..4),
        elsewhere in prop::collection::vec(0..TESTS, 0..4),
        load in 0.0_f64..1.0,
        in_flight in 1_u16..4,
        seconds in 0.5_f64..30.0,
    ) -> Setting {
        let before_here: Vec<TestNo> = before_here.into_iter().map(TestNo).collect();
        let before = before_here.iter().copied().chain(elsewhere.into_iter().map(TestNo)).collect();
        let beside = beside.into_iter().map(|(test, share)| (TestNo(test), share)).collect();
        Setting { arm: Arm::Parallel, slot: SlotId(slot), beside, before_here, before, load, in_flight, seconds }
    }
}

prop_compose! {
    fn an_attempt()(test in 0..TESTS, setting in a_setting(), ending in 0..4) -> Observation {
        let ending = match ending {
            0 => Ending::Failed("one way".to_owned()),
            1 => Ending::Failed("another way".to_owned()),
            _ => Ending::Passed,
        };
        Observation { test: TestNo(test), setting, ending, side: None }
    }
}

fn posterior(all: &Hypotheses, test: TestNo, seen: &[(Setting, bool)]) -> Posterior {
    let mut evidence = Evidence::new(all);
    for (setting, failed) in seen {
        evidence.add(all, setting, *failed);
    }
    evidence.posterior(all, &all.log_priors(test, &[]), Elsewhere::default())
}

/// The number of a test if names are in the opposite order.
fn turned(test: TestNo) -> TestNo {
    TestNo(TESTS - 1 - test.0)
}

fn turned_setting(setting: &Setting) -> Setting {
    let turn = |tests: &[TestNo]| tests.iter().map(|test| turned(*test)).collect();
    Setting {
        beside: setting.beside.iter().map(|(test, share)| (turned(*test), *share)).collect(),
        before_here: turn(&setting.before_here),
        before: turn(&setting.before),
        ..setting.clone()
    }
}

fn turned_cause(cause: Cause) -> Cause {
    match cause {
        Cause::Beside { test } => Cause::Beside { test: turned(test) },
        Cause::After { test, place } => Cause::After { test: turned(test), place },
        Cause::Without { test, place } => Cause::Without { test: turned(test), place },
        other => other,
    }
}

proptest! {
    #[test]
    fn a_posterior_is_one_in_all(seen in prop::collection::vec((a_setting(), any::<bool>()), 0..60)) {
        let all = Hypotheses::new(&roster());
        let found = posterior(&all, TestNo(0), &seen);
        // What is left of the last digits of floats may be added to one.
        let most = 1.0 + 1e-9;
        prop_assert!(found.weight.iter().all(|weight| (0.0..=most).contains(weight)));
        prop_assert!((found.weight.iter().sum::<f64>() - 1.0).abs() < 1e-9);
        prop_assert!(found.rate.iter().chain(&found.in_set).all(|rate| (0.0..=most).contains(rate)));
    }

    #[test]
    fn an_experiment_tells_no_less_than_nothing_and_no_more_than_a_bit(
        seen in prop::collection::vec((a_setting(), any::<bool>()), 0..30),
        next in a_setting(),
    ) {
        let all = Hypotheses::new(&roster());
        let bits = information(&all, &posterior(&all, TestNo(0), &seen), &next);
        prop_assert!((0.0..=1.0 + 1e-9).contains(&bits), "{}", bits);
    }

    #[test]
    fn other_names_are_other_names_and_nothing_else(
        seen in prop::collection::vec((a_setting(), any::<bool>()), 0..30),
    ) {
        let all = Hypotheses::new(&roster());
        let other: Vec<(Setting, bool)> =
            seen.iter().map(|(setting, failed)| (turned_setting(setting), *failed)).collect();
        let (one, other) = (posterior(&all, TestNo(1), &seen), posterior(&all, turned(TestNo(1)), &other));
        for (place, cause) in all.causes.iter().enumerate() {
            let there = all.causes.iter().position(|other| *other == turned_cause(*cause)).unwrap();
            prop_assert!((one.weight[place] - other.weight[there]).abs() < 1e-9, "{:?}", cause);
        }
    }

    #[test]
    fn the_order_within_a_batch_does_not_matter(
        batch in prop::collection::vec(an_attempt(), 1..40),
        turn in 0_usize..40,
    ) {
        let mut mixed = batch.clone();
        mixed.reverse();
        mixed.rotate_left(turn % batch.len());
        let (mut one, mut other) = (docket(), docket());
        one.observe(&batch);
        other.observe(&mixed);
        let (one, other) = (one.beliefs(), other.beliefs());
        prop_assert_eq!(one.len(), other.len());
        for (one, other) in one.iter().zip(&other) {
            prop_assert_eq!((one.test, &one.signature), (other.test, &other.signature));
            for (class, weight) in &one.classes {
                let there = other.classes.iter().find(|(other, _)| other == class).unwrap().1;
                prop_assert!((weight - there).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn what_says_nothing_changes_nothing(
        seen in prop::collection::vec(an_attempt(), 1..30),
        setting in a_setting(),
    ) {
        let mut docket = docket();
        docket.observe(&seen);
        let before = docket.beliefs();
        // Of a question that fails in one way nothing is said by a failure in a way that nobody else has.
        let ending = Ending::Failed("quite another way".to_owned());
        docket.observe(&[Observation { test: TestNo(0), setting: setting.clone(), ending, side: None }]);
        // Nor by an attempt of a test that the suite does not have.
        docket.observe(&[Observation { test: TestNo(999), setting, ending: Ending::Passed, side: None }]);
        let after = docket.beliefs();
        for belief in before {
            // The time that others ran is evidence about the surroundings.
            let same = after.iter().find(|other| (other.test, &other.signature) == (belief.test, &belief.signature));
            let same = same.unwrap();
            prop_assert_eq!(&belief.arms, &same.arms);
            for (class, weight) in &belief.classes {
                let there = same.classes.iter().find(|(other, _)| other == class).unwrap().1;
                prop_assert!((weight - there).abs() < 0.02, "{:?} {} {}", class, weight, there);
            }
        }
    }

    #[test]
    fn a_slot_is_blamed_only_if_the_test_can_run_there(batch in prop::collection::vec(an_attempt(), 1..30)) {
        let mut docket = docket();
        let places = [SlotId(0), SlotId(2)];
        let (cause, culprit) = (Cause::Slot { slot: SlotId(1) }, Culprit::Slot { slot: SlotId(1) });
        for test in (0..TESTS).map(TestNo) {
            docket.set_places(test, places.to_vec());
        }
        let possible = batch.into_iter().filter(|one| places.contains(&one.setting.slot));
        docket.observe(&possible.collect::<Vec<_>>());
        for belief in docket.beliefs() {
            prop_assert!(belief.causes.iter().all(|(one, _)| *one != cause));
            prop_assert!(belief.culprits.iter().all(|(one, _)| *one != culprit));
        }
        for plan in docket.next(9).into_iter().chain(docket.next(9)) {
            prop_assert_ne!(plan.experiment, Experiment::InSlot { slot: SlotId(1) });
        }
    }

    #[test]
    fn the_same_attempts_give_the_same_plans(batches in prop::collection::vec(prop::collection::vec(an_attempt(), 1..12), 1..8)) {
        let (mut one, mut other) = (docket(), docket());
        for batch in &batches {
            let plans = one.next(2);
            prop_assert_eq!(&plans, &other.next(2));
            let line = serde_json::to_string(&plans).unwrap();
            prop_assert_eq!(plans.len(), serde_json::from_str::<Vec<super::Plan>>(&line).unwrap().len());
            one.observe(batch);
            other.observe(batch);
        }
        prop_assert_eq!(one.verdicts(), other.verdicts());
        prop_assert!(one.spent() <= 20 * usize::from(TESTS));
    }
}
