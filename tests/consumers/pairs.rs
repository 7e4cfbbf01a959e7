//! Tests that use accounts of several slots at once. Each sees to it that nobody else uses them meanwhile.

use std::collections::BTreeSet;
use std::fs::{File, TryLockError};
use std::time::Duration;

use callboard::{Account, Slot, TestError, TestResult, e2e};

#[path = "outcomes/stage.rs"]
mod stage;

use stage::{file, note};

/// Uses these accounts for a moment, in this slot.
async fn uses(slot: &Slot, accounts: &[&Account]) -> TestResult {
    let slots: BTreeSet<_> = accounts.iter().map(|account| account.slot()).collect();
    let mut used = Vec::new();
    for account in accounts {
        // Another test has it locked, should it have the account as well.
        let lock = File::create(file(&format!("account-{}", account.username())))?;
        lock.try_lock().map_err(|_| TestError::new(format!("{} is in use", account.username())))?;
        used.push(lock);
    }
    for of in &slots {
        is_leased(slot.port() - slot.id().0 + of.0)?;
    }
    tokio::time::sleep(Duration::from_millis(10)).await;
    let names: Vec<_> = accounts.iter().map(|account| account.username()).collect();
    note("used", &format!("{} {}", slot.id(), names.join(" ")))?;
    Ok(())
}

/// The lease of a slot is held as long as a test uses one of its accounts.
fn is_leased(port: u16) -> TestResult {
    let dir = std::env::var("CALLBOARD_LEASE_DIR")?;
    match File::open(format!("{dir}/{port}.lease"))?.try_lock() {
        Err(TryLockError::WouldBlock) => Ok(()),
        other => Err(TestError::new(format!("the lease of port {port} is free: {other:?}"))),
    }
}

macro_rules! pairs {
    ($($name:ident)*) => {
        mod pair {
            $(
                #[callboard::e2e(roles = ["student", "student#2"])]
                async fn $name(
                    student: &callboard::Account,
                    student_2_account: &callboard::Account,
                    slot: &callboard::Slot,
                ) -> callboard::TestResult {
                    assert_eq!(student.slot(), slot.id());
                    assert_ne!(student_2_account.slot(), slot.id());
                    super::uses(slot, &[student, student_2_account]).await
                }
            )*
        }
    };
}

pairs!(a b c d e f g h i j k l);

macro_rules! singles {
    ($($name:ident)*) => {
        mod single {
            $(
                #[callboard::e2e(role = "student")]
                async fn $name(account: &callboard::Account, slot: &callboard::Slot) -> callboard::TestResult {
                    super::uses(slot, &[account]).await
                }
            )*
        }
    };
}

singles!(a b c d e f g h i j k l);

#[e2e(roles = ["student", "student#2", "student#3", "teacher#2"])]
async fn three(
    student: &Account,
    student_2: &Account,
    student_3: &Account,
    teacher_2: &Account,
    slot: &Slot,
) -> TestResult {
    assert_eq!(student_2.slot(), teacher_2.slot(), "what has one number comes from one slot");
    let slots: BTreeSet<_> = [student, student_2, student_3].iter().map(|account| account.slot()).collect();
    assert_eq!(slots.len(), 3);
    uses(slot, &[student, student_2, student_3, teacher_2]).await
}

#[e2e(roles = ["teacher", "student#2"], slot = 0)]
async fn another_places_student(teacher: &Account, student_2: &Account, slot: &Slot) -> TestResult {
    assert_eq!((teacher.slot(), slot.id().0), (slot.id(), 0));
    assert_ne!(student_2.slot(), slot.id());
    uses(slot, &[teacher, student_2]).await
}

#[e2e(roles = ["student", "student#2"], exclusive, group = "kitchen")]
async fn exclusive(student: &Account, student_2: &Account, slot: &Slot) -> TestResult {
    uses(slot, &[student, student_2]).await
}

#[e2e(roles = ["student", "student#2"])]
fn fails(student: &Account, student_2: &Account) -> TestResult {
    Err(TestError::new(format!("{} and {} do not agree", student.username(), student_2.password())))
}

/// In which slots its attempts are, and that it fails the first time.
#[e2e(roles = ["student", "student#2"], retries = 1)]
fn the_second_time(student: &Account, student_2: &Account) -> TestResult {
    let attempt = note("attempts", &format!("{} {}", student.slot(), student_2.slot()))?;
    if attempt == 1 { Err(TestError::new("not yet")) } else { Ok(()) }
}

/// Waits, as long as the test may, until there is a file.
async fn until_there_is(name: &str) {
    while !file(name).exists() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Says that it is there, and stays until it is told to go.
async fn stay(who: &[&Account]) -> TestResult {
    let names: Vec<_> = who.iter().map(|account| account.username()).collect();
    note("staying", &names.join(" "))?;
    until_there_is(&std::env::var("CALLBOARD_TEST_GO").unwrap_or("go".to_owned())).await;
    Ok(())
}

#[e2e(role = "student")]
async fn one_stays(account: &Account) -> TestResult {
    stay(&[account]).await
}

#[e2e(roles = ["student", "student#2"])]
async fn both_stay(student: &Account, student_2: &Account) -> TestResult {
    stay(&[student, student_2]).await
}

callboard::main!();
