#![allow(unused_variables, reason = "only the signatures are of interest")]

use callboard::{Session, e2e};

#[e2e(rols = ["instructor"])]
fn nearly_known(_instructor: &Session) {}

#[e2e(browser = "firefox", tag = ["smoke"])]
fn not_known() {}

#[e2e("instructor")]
fn no_key() {}

#[e2e(role: "instructor")]
fn no_equals_sign() {}

#[e2e(tags("smoke"))]
fn a_list_in_parentheses() {}

fn main() {}
