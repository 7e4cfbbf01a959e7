#![allow(unused_variables, reason = "only the signatures are of interest")]

use callboard::e2e;

#[e2e]
async fn not_imported(session: &Session) {}

fn main() {}
