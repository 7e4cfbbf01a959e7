#![allow(unused_variables, reason = "only the signatures are of interest")]

use callboard::e2e;

const ROLE: &str = "instructor";

#[e2e(role = instructor)]
fn without_quotes() {}

#[e2e(role = crate::ROLE)]
fn a_path() {}

#[e2e(role = 1)]
fn a_number_for_a_string() {}

#[e2e(role = ["instructor", "site_admin"])]
fn a_list_for_a_string() {}

#[e2e(roles = "instructor")]
fn a_string_for_a_list() {}

#[e2e(tags = ("smoke",))]
fn a_tuple_for_a_list() {}

#[e2e(tags = ["smoke", 2])]
fn a_number_in_a_list() {}

#[e2e(retries = "1")]
fn a_string_for_a_number() {}

#[e2e(retries = -1)]
fn a_number_below_zero() {}

#[e2e(slot = 65536)]
fn a_number_too_large() {}

#[e2e(exclusive = "yes")]
fn a_string_for_a_bool() {}

#[e2e(role)]
fn no_value() {}

#[e2e(group = )]
fn no_value_after_the_equals_sign() {}

#[e2e(retries = 1 slot = 2)]
fn no_comma() {}

#[e2e(allow_console = "^GET")]
fn a_pattern_for_a_list() {}

fn main() {}
