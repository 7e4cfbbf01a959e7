//! Tests with further attributes, and tests that print.

use callboard::e2e;

#[e2e]
#[allow(clippy::ignore_without_reason, reason = "that there is none is what is tested")]
#[ignore]
fn ignored() {}

#[e2e]
#[ignore = "needs a printer"]
fn ignored_for_a_reason() {}

#[e2e]
#[ignore = "it is known to fail"]
fn ignored_and_failing() {
    panic!("as was known");
}

#[e2e]
#[should_panic]
fn panics() {
    panic!("of any kind");
}

#[e2e]
#[should_panic(expected = "soup")]
async fn panics_about_soup() {
    tokio::task::yield_now().await;
    panic!("a fly in my soup");
}

#[e2e]
#[should_panic(expected = "soup")]
fn panics_about_salad() {
    panic!("no salad");
}

#[e2e]
#[should_panic]
fn does_not_panic() {}

#[e2e]
fn prints() {
    println!("printed by a test");
}
