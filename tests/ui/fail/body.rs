#![allow(unused_variables, reason = "only the signatures are of interest")]

use callboard::{Session, e2e};

#[e2e]
async fn wrong_type(session: &Session) {
    let number: u8 = session;
}

#[e2e]
fn unknown_name() {
    no_such_helper();
}

#[e2e]
fn awaits() {
    std::future::ready(()).await;
}

fn main() {}
