#![allow(unused_variables, reason = "only the signatures are of interest")]

use callboard::{e2e, sign_in};

#[e2e]
#[test]
fn also_a_test() {}

#[e2e]
#[tokio::test]
async fn also_a_test_of_tokio() {}

#[e2e]
#[callboard::e2e]
fn twice() {}

#[e2e]
#[ignore("later")]
fn ignored_in_parentheses() {}

#[e2e]
#[ignore = 1]
fn ignored_for_a_number() {}

#[e2e]
#[should_panic(message = "of course")]
fn panics_with_another_word() {}

#[sign_in]
#[ignore]
fn a_sign_in_that_is_ignored() {}

fn main() {}
