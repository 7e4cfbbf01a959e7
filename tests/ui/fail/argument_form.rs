#![allow(unused_variables, reason = "only the signatures are of interest")]

use callboard::{Session, Slot, e2e};

#[e2e]
async fn by_value(session: Session) {}

#[e2e]
async fn by_value_of_a_longer_type(sessions: std::vec::Vec<callboard::Session>) {}

#[e2e]
async fn for_a_lifetime(session: &'static Session) {}

#[e2e]
async fn without_a_name(_: &Slot) {}

#[e2e]
async fn a_pattern((one, other): &(Session, Session)) {}

#[e2e]
async fn a_struct_pattern(callboard::SlotId(id): &callboard::SlotId) {}

#[e2e]
async fn a_pattern_by_value([one, other]: [Session; 2]) {}

#[e2e]
async fn by_reference_in_the_pattern(ref session: Session) {}

#[e2e]
async fn of_any_type(session: impl AsRef<Session>) {}

#[e2e]
async fn of_any_type_by_reference(session: &impl AsRef<Session>) {}

#[e2e]
fn on_a_condition(#[cfg(unix)] slot: &Slot) {}

fn main() {}
