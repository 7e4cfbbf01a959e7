#![allow(unused_variables)]

use callboard::{Session, e2e};

#[e2e]
async fn twice(session: &Session, session: &Session) {}

fn main() {}
