//! Tests with faults of each kind that an analysis tells apart, without a browser.

use std::fs::{File, OpenOptions};
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

/// Takes what only one may have at a time, and says so when it has not got it.
fn takes(slot: &Slot) -> TestResult {
    let file = common(slot, "the-one");
    let taken: Result<File, _> = OpenOptions::new().write(true).create_new(true).open(&file);
    if taken.is_err() {
        return Err(TestError::new("somebody else has the number"));
    }
    sleep(WORK * 3);
    Ok(std::fs::remove_file(&file)?)
}

/// Holds it, and fails never: it waits.
#[e2e]
fn holds_the_one(slot: &Slot) -> TestResult {
    for _ in 0..200 {
        if takes(slot).is_ok() {
            return Ok(());
        }
        sleep(Duration::from_millis(5));
    }
    Err(TestError::new("it was never free"))
}

#[e2e]
fn needs_the_one(slot: &Slot) -> TestResult {
    takes(slot)
}

#[e2e]
fn leaves_a_filter(slot: &Slot) -> TestResult {
    work();
    Ok(std::fs::write(slot.dir().join("filter"), "active")?)
}

#[e2e]
fn sees_all(slot: &Slot) -> TestResult {
    work();
    if slot.dir().join("filter").exists() { Err(TestError::new("a row is missing")) } else { Ok(()) }
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

    #[e2e]
    fn three() {
        work();
    }

    #[e2e]
    fn four() {
        work();
    }

    #[e2e]
    fn five() {
        work();
    }
}

callboard::main!();
