#![allow(unused_variables, reason = "only the signatures are of interest")]

use callboard::e2e;

#[e2e(role = "")]
fn an_empty_role() {}

#[e2e(group = " ")]
fn a_blank_group() {}

#[e2e(roles = [])]
fn no_roles() {}

#[e2e(tags = [])]
fn no_tags() {}

#[e2e(tags = ["smoke", ""])]
fn an_empty_tag() {}

#[e2e(timeout = "")]
fn an_empty_timeout() {}

#[e2e(allow_console = [""])]
fn an_empty_pattern() {}

fn main() {}
