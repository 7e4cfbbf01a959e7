#![allow(unused_variables, reason = "only the signatures are of interest")]

use callboard::e2e;

#[e2e(retries = 1, tags = ["smoke"], retries = 2)]
fn a_key_twice() {}

#[e2e(role = "instructor", roles = ["site_admin"])]
fn role_and_roles() {}

#[e2e(roles = ["instructor", "site_admin", "instructor"])]
fn a_role_twice() {}

#[e2e(tags = ["smoke", "smoke"])]
fn a_tag_twice() {}

fn main() {}
