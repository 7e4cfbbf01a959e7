//! Tests of roles.

use callboard::{Account, Slot, TestResult, e2e};

use crate::stage::note;

#[e2e(role = "instructor")]
fn as_instructor(account: &Account, slot: &Slot) -> TestResult {
    assert_eq!(account.slot(), slot.id());
    note("instructors", account.username())?;
    Ok(())
}

#[e2e(roles = ["instructor", "admin"])]
fn as_both(instructor: &Account, admin: &Account) {
    assert_eq!((instructor.role().as_str(), admin.role().as_str()), ("instructor", "admin"));
}
