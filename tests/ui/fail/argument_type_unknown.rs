#![allow(unused_variables)]

use callboard::e2e;

#[e2e]
async fn not_imported(session: &Session) {}

fn main() {}
