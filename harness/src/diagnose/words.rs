//! What is tried and believed, in words: composed of what was measured and decided, and of nothing else.

use super::infer::{
    Arm, Belief, Cause, Class, Culprit, Experiment, Place, Plan, Roster, Side, Tally, TestNo,
};

/// What an experiment is to show: `is `a` failing alone (confirms: always)`.
pub(super) fn purpose(plan: &Plan, roster: &Roster) -> String {
    let what = match plan.test {
        None => match &plan.experiment {
            Experiment::Series { slot, .. } => format!("the whole suite in slot {slot}, one after the other"),
            _ => "the whole suite in random order".to_owned(),
        },
        Some(test) => format!("`{}` {}", name(test, roster), how(&plan.experiment, roster)),
    };
    let why = match (plan.side, plan.believed) {
        (Some(Side::With), Some(cause)) => {
            format!(", which should fail if it is {}", cause_of(cause, roster))
        }
        (Some(Side::Without), Some(cause)) => {
            format!(", which should pass if it is {}", cause_of(cause, roster))
        }
        _ => String::new(),
    };
    format!("{what}{why}")
}

/// What an experiment is to show in which a test and another one begin so far apart, in microseconds.
pub(super) fn distance(test: TestNo, distance_us: i64, roster: &Roster) -> String {
    let milliseconds = std::time::Duration::from_micros(distance_us.unsigned_abs()).as_secs_f64() * 1e3;
    let when = match distance_us {
        0 => "begun at the same moment as".to_owned(),
        1.. => format!("begun {milliseconds:.0} ms after"),
        _ => format!("begun {milliseconds:.0} ms before"),
    };
    format!("`{}` {when} the one beside which it fails, each once", name(test, roster))
}

/// What was counted in a quick look: all tests once in parallel, those that fail three times alone.
pub(super) fn first_look(parallel: Tally, alone: Tally) -> String {
    let Tally { failed, attempts } = alone;
    match (failed, attempts) {
        (_, 0) => "not tried alone".to_owned(),
        (0, _) if parallel.failed == 0 => format!("did not fail again (0 of {attempts} alone)"),
        (0, _) => format!("only in parallel (0 of {attempts} alone)"),
        (failed, attempts) if failed == attempts => format!("fails alone too ({failed} of {attempts} alone)"),
        (failed, attempts) => format!("fails alone too, at times ({failed} of {attempts} alone)"),
    }
}

/// How a test is executed in an experiment.
pub(super) fn how(experiment: &Experiment, roster: &Roster) -> String {
    match experiment {
        Experiment::Suite { workers } => format!("in a run of all tests with {workers} workers"),
        Experiment::Isolated { .. } => "alone".to_owned(),
        Experiment::InSlot { slot } => format!("alone in slot {slot}"),
        Experiment::Loaded { .. } => "alone on a machine that is kept busy".to_owned(),
        Experiment::Beside { tests, .. } => format!("beside {}", names(tests, roster)),
        Experiment::After { tests, .. } => format!("after {} in the same slot", names(tests, roster)),
        Experiment::Series { slot, .. } => format!("all one after the other in slot {slot}"),
        Experiment::AfterElsewhere { test, .. } => format!("after `{}` in another slot", name(*test, roster)),
    }
}

/// `overlap 83 % (beside `x`); 3 of 7 failed`
pub(super) fn belief(belief: &Belief, roster: &Roster) -> String {
    let (class, weight) = belief.class();
    let culprit = match belief.culprit() {
        (Culprit::Test { test }, part) if part > 0.5 => format!(" ({})", name(test, roster)),
        (Culprit::Slot { slot }, part) if part > 0.5 => format!(" (slot {slot})"),
        _ => String::new(),
    };
    let tally = belief.tally();
    format!(
        "`{}`: {} {:.0} %{culprit}, {} of {} failed",
        name(belief.test, roster),
        class_of(class),
        weight * 100.0,
        tally.failed,
        tally.attempts
    )
}

/// The word for a class.
pub(super) fn class_of(class: Class) -> &'static str {
    match class {
        Class::OneOff => "one-off",
        Class::Deterministic => "deterministic",
        Class::Random => "random",
        Class::Slot => "slot",
        Class::Order => "order",
        Class::Brittle => "brittle",
        Class::Overlap => "overlap",
        Class::Load => "load",
        Class::Surroundings => "surroundings",
    }
}

/// The words for a cause, after "it is".
pub(super) fn cause_of(cause: Cause, roster: &Roster) -> String {
    let place = |place: Place| match place {
        Place::Here => "in the same slot",
        Place::Anywhere => "in any slot",
    };
    match cause {
        Cause::OneOff => "noise".to_owned(),
        Cause::Deterministic => "the test itself, always".to_owned(),
        Cause::Random => "chance, anywhere".to_owned(),
        Cause::Surroundings => "what hits whoever runs".to_owned(),
        Cause::Slots => "some of the slots".to_owned(),
        Cause::Slot { slot } => format!("slot {slot}"),
        Cause::Beside { test } => format!("`{}` at the same time", name(test, roster)),
        Cause::After { test, place: at } => format!("`{}` before it {}", name(test, roster), place(at)),
        Cause::Without { test, place: at } => {
            format!("that `{}` did not run before it {}", name(test, roster), place(at))
        }
        Cause::Aged { tests } => format!("that {tests} tests ran before it in the slot"),
        Cause::Crowd { in_flight } => format!("that {in_flight} tests run at once"),
        Cause::Busy { tenths } => format!("that tasks wait for a core {tenths}0 % of the time"),
    }
}

/// The words for an arm.
pub(super) fn arm_of(arm: Arm) -> &'static str {
    match arm {
        Arm::Parallel => "in parallel runs",
        Arm::Isolated => "alone",
        Arm::InSlot => "alone in a suspected slot",
        Arm::Loaded => "alone on a busy machine",
        Arm::Beside => "beside one other",
        Arm::Pool => "beside several others",
        Arm::AfterHere => "after one other in its slot",
        Arm::AfterElsewhere => "after one other elsewhere",
        Arm::Sequence => "after several others in its slot",
    }
}

/// The name of a test.
pub(super) fn name(test: TestNo, roster: &Roster) -> &str {
    roster.name(test).map_or("?", |name| name.as_str())
}

fn names(tests: &[TestNo], roster: &Roster) -> String {
    const SHOWN: usize = 3;
    let mut shown: Vec<String> =
        tests.iter().take(SHOWN).map(|test| format!("`{}`", name(*test, roster))).collect();
    if tests.len() > SHOWN {
        shown.push(format!("{} others", tests.len() - SHOWN));
    }
    shown.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_first_look_says_no_more_than_was_counted() {
        let tally = |failed, attempts| Tally { failed, attempts };
        for (parallel, alone, said) in [
            (tally(1, 1), tally(0, 0), "not tried alone"),
            (tally(1, 1), tally(0, 3), "only in parallel (0 of 3 alone)"),
            (tally(0, 1), tally(0, 3), "did not fail again (0 of 3 alone)"),
            (tally(1, 1), tally(3, 3), "fails alone too (3 of 3 alone)"),
            (tally(0, 1), tally(1, 2), "fails alone too, at times (1 of 2 alone)"),
        ] {
            assert_eq!(first_look(parallel, alone), said);
        }
    }
}
