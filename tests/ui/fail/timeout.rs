#![allow(unused_variables, reason = "only the signatures are of interest")]

use callboard::e2e;

#[e2e(timeout = 90)]
fn a_number() {}

#[e2e(timeout = 90s)]
fn without_quotes() {}

#[e2e(timeout = "90")]
fn no_unit() {}

#[e2e(timeout = "90sec")]
fn an_unknown_unit() {}

#[e2e(timeout = "1.5m")]
fn a_fraction() {}

#[e2e(timeout = "soon")]
fn no_duration() {}

#[e2e(timeout = "0s")]
fn zero() {}

#[e2e(timeout = "99999999999999999999h")]
fn too_long() {}

fn main() {}
