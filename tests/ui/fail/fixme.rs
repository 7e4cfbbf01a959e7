use callboard::{e2e, skip};

#[e2e(fixme)]
fn no_reason() {}

#[e2e(fixme = "")]
fn empty_reason() {}

#[e2e(fixme = "it is wrong")]
#[should_panic]
fn and_should_panic() {}

#[e2e(skip_if)]
fn no_condition() {}

#[e2e(skip_if = (true, 1))]
fn a_number_for_a_reason() {}

#[e2e(skip_if = (true, ""))]
fn an_empty_reason() {}

#[e2e(skip_if = (true, "why", "why"))]
fn two_reasons() {}

#[e2e(skip_if = ())]
fn no_condition_in_parentheses() {}

fn skips() {
    skip!();
}

fn main() {}
