#![allow(unused_variables, reason = "only the signatures are of interest")]

use callboard::{Session, e2e};

#[e2e(role = instructor, retrys = 1, slot = "3")]
unsafe fn all_at_once(session: Session, account: &mut Session) {}

fn main() {}
