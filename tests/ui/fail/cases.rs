#![allow(unused_variables, reason = "only the rows are of interest")]

use callboard::{Account, Session, e2e, sign_in};

#[e2e]
#[case(1)]
fn too_few(#[case] one: u8, #[case] other: u8) {}

#[e2e]
#[case::two(1, 2)]
fn too_many(#[case] one: u8) {}

#[e2e]
fn no_rows(#[case] one: u8) {}

#[e2e]
#[case(1)]
fn no_arguments(one: &Session) {}

#[e2e]
#[case::nothing()]
fn no_difference() {}

#[e2e]
#[case]
fn no_parentheses(#[case] one: u8) {}

#[e2e]
#[case::a::b(1)]
fn two_names(#[case] one: u8) {}

#[e2e]
#[case::same(1)]
#[case::same(2)]
fn same_name(#[case] one: u8) {}

#[e2e]
#[case::case_2(1)]
#[case(2)]
fn same_as_without_a_name(#[case] one: u8) {}

#[e2e]
#[case(rol = "instructor", 1)]
#[case(timeout = "1s", 1)]
fn unknown_key(#[case] one: u8) {}

#[e2e]
#[case(role = instructor, 1)]
#[case(role = "instructor", role = "admin", 1)]
fn wrong_role(#[case] one: u8) {}

#[e2e(roles = ["instructor", "admin"])]
#[case(role = "instructor", 1)]
fn role_and_roles(#[case] one: u8, instructor: &Account) {}

#[e2e]
#[case::somebody(role = "instructor", 1)]
#[case::nobody(2)]
fn nobodys_account(#[case] one: u8, account: &Account) {}

#[e2e]
#[case(1)]
fn values_on_the_argument(#[case(1)] one: u8) {}

#[sign_in]
#[case(1)]
async fn of_a_sign_in(#[case] one: u8) {}

fn main() {}
