#![allow(unused_variables, reason = "only the signatures are of interest")]

use callboard::{Session, TestResult, probe};

#[probe]
async fn of_nobody(session: &Session) -> TestResult<usize> {
    Ok(1)
}

#[probe(roles = ["teacher", "teacher#2"])]
async fn of_two_slots(session: &Session) -> TestResult<usize> {
    Ok(1)
}

#[probe(role = "teacher", retries = 1)]
async fn again(session: &Session) -> TestResult<usize> {
    Ok(1)
}

#[probe(role = "teacher")]
#[test]
fn a_test_too() -> usize {
    1
}

#[probe(role = "teacher")]
#[case(1)]
fn with_cases(#[case] number: usize) -> usize {
    number
}

#[probe(role = "teacher")]
struct NoFunction;

fn main() {}
