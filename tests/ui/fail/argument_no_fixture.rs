#![allow(unused_variables, reason = "only the signatures are of interest")]

use callboard::{Session, TestResult, e2e, sign_in};

struct Database;

#[e2e(role = "instructor")]
async fn of_a_type_of_its_own(session: &Session, database: &Database) -> TestResult {
    Ok(())
}

#[e2e]
fn of_a_type_of_the_standard_library(numbers: &Vec<u8>) {}

#[e2e]
fn of_no_size(text: &str) {}

#[sign_in]
async fn to_sign_in(session: &Session, database: &Database) -> TestResult {
    Ok(())
}

fn main() {}
