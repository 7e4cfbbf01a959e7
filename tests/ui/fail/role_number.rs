#![allow(unused_variables, reason = "only the attributes are of interest")]

use callboard::{Account, Session, TestResult, e2e, sign_in};

#[e2e(role = "instructor#2")]
async fn alone(session: &Session) {}

#[e2e(roles = ["instructor", "instructor#1"])]
async fn the_first_has_no_number(instructor: &Session) {}

#[e2e(roles = ["instructor", "instructor#0", "instructor#x", "instructor#", "instructor#02", "instructor #2"])]
async fn no_number(instructor: &Session) {}

#[e2e(roles = ["instructor", "instructor#99999"])]
async fn more_than_slots_can_be(instructor: &Session) {}

#[e2e(roles = ["instructor", "instructor#3"])]
async fn a_gap(instructor: &Session, instructor_3: &Session) {}

#[e2e(roles = ["#2"])]
async fn no_role() {}

#[e2e(roles = ["instructor_2", "instructor#2"])]
async fn one_name_for_two(instructor_2: &Session) {}

#[e2e(roles = ["instructor", "instructor#2"])]
async fn a_slip_in_an_argument(instructor: &Session, instructor2: &Session, other_account: &Account) {}

#[sign_in(role = "instructor#2")]
async fn signs_in(session: &Session, account: &Account) -> TestResult {
    Ok(())
}

fn main() {}
