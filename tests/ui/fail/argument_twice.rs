#![allow(unused_variables, reason = "only the signatures are of interest")]

use callboard::{Session, e2e};

#[e2e]
async fn twice(session: &Session, session: &Session) {}

fn main() {}
