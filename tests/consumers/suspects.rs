//! Tests with faults of each kind that an analysis tells apart, without a browser.

use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

use callboard::{Slot, TestError, TestResult, e2e};

/// As long as these tests pretend to do something.
const WORK: Duration = Duration::from_millis(30);

/// What all slots of a run have in common.
fn common(slot: &Slot, name: &str) -> PathBuf {
    slot.dir().parent().unwrap_or(Path::new(".")).join(name)
}

fn work() {
    sleep(WORK);
}

#[e2e]
fn always_fails() -> TestResult {
    work();
    Err(TestError::new("the total is 3, and not 4"))
}

#[e2e]
fn bad_in_slot_2(slot: &Slot) -> TestResult {
    work();
    if slot.id().0 == 2 { Err(TestError::new("the account has no program")) } else { Ok(()) }
}

/// Has what only one may have at a time, for most of a run.
#[e2e]
fn holds_the_one(slot: &Slot) -> TestResult {
    let file = common(slot, "the-one");
    std::fs::write(&file, "")?;
    sleep(WORK * 8);
    Ok(std::fs::remove_file(&file)?)
}

fn needs_the_one(slot: &Slot) -> TestResult {
    work();
    if common(slot, "the-one").exists() {
        Err(TestError::new("somebody else has the number"))
    } else {
        Ok(())
    }
}

/// Of several, one at least is met in some of a few runs.
mod needs {
    use super::{Slot, TestResult, e2e, needs_the_one};

    #[e2e]
    fn first(slot: &Slot) -> TestResult {
        needs_the_one(slot)
    }

    #[e2e]
    fn second(slot: &Slot) -> TestResult {
        needs_the_one(slot)
    }

    #[e2e]
    fn third(slot: &Slot) -> TestResult {
        needs_the_one(slot)
    }
}

/// In the slot of those who see it.
#[e2e(slot = 1)]
fn leaves_a_filter(slot: &Slot) -> TestResult {
    work();
    Ok(std::fs::write(slot.dir().join("filter"), "active")?)
}

fn sees_all(slot: &Slot) -> TestResult {
    work();
    if slot.dir().join("filter").exists() { Err(TestError::new("a row is missing")) } else { Ok(()) }
}

mod sees {
    use super::{Slot, TestResult, e2e, sees_all};

    #[e2e(slot = 1)]
    fn first(slot: &Slot) -> TestResult {
        sees_all(slot)
    }

    #[e2e(slot = 1)]
    fn second(slot: &Slot) -> TestResult {
        sees_all(slot)
    }

    #[e2e(slot = 1)]
    fn third(slot: &Slot) -> TestResult {
        sees_all(slot)
    }
}

mod healthy {
    use super::{e2e, work};

    #[e2e]
    fn one() {
        work();
    }

    #[e2e]
    fn two() {
        work();
    }
}

callboard::main!();
