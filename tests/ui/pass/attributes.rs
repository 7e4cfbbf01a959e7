//! The other attributes of a test go where they belong.
#![deny(warnings)]

use std::time::Duration;

use callboard::__private::{ShouldPanic, TestEntry, inventory};
use callboard::{TestResult, e2e};

/// Documented,
/** in two ways. */
#[e2e]
#[ignore]
fn ignored() {}

#[e2e]
#[ignore = "until Monday"]
fn ignored_with_a_reason() {}

#[ignore = "above"]
#[e2e]
fn ignored_above() {}

#[e2e]
#[cfg_attr(all(), ignore = "here", allow(unused_variables))]
#[cfg_attr(any(), ignore = "elsewhere")]
fn ignored_on_a_condition() {
    let unused = 1;
}

#[e2e]
#[cfg_attr(any(), ignore, should_panic)]
#[cfg_attr(all(), cfg_attr(any(), ignore = "elsewhere"))]
fn ignored_elsewhere() {}

#[e2e]
#[should_panic]
fn panics() {
    panic!("of course");
}

#[e2e]
#[should_panic(expected = "of course")]
fn panics_with() {
    panic!("of course");
}

#[e2e]
#[should_panic = "of course"]
fn panics_with_shortly() -> TestResult {
    panic!("of course");
}

#[e2e]
#[cfg_attr(all(), should_panic(expected = "of course"))]
async fn panics_on_a_condition() {
    std::future::ready(()).await;
    panic!("of course");
}

#[e2e]
#[cfg(any())]
fn configured_away() {
    this_is_not_even_looked_at();
}

#[e2e]
#[cfg_attr(all(), cfg(any()))]
fn configured_away_on_a_condition(_: this::is::not::looked::at) {}

#[e2e]
#[allow(non_snake_case)]
#[expect(unused_variables, reason = "it is the point of it")]
#[track_caller]
#[cfg(all())]
fn TC_CRUD_IA_001_levels_of_lints() {
    let unused = 1;
}

#[e2e(
    role = "instructor",
    tags = ["smoke", "mail"],
    timeout = "1m30s",
    retries = 2,
    group = "mail",
    slot = 3,
    exclusive,
)]
fn all_keys() {}

#[e2e()]
fn no_keys() {}

#[e2e(exclusive = false, retries = 0, timeout = "250ms", slot = 65535)]
fn further_values() {}

#[e2e(exclusive = true)]
fn exclusive() {}

fn find(name: &str) -> &'static TestEntry {
    inventory::iter::<TestEntry>().find(|entry| entry.name == name).unwrap()
}

fn main() {
    assert_eq!(inventory::iter::<TestEntry>().count(), 14);

    assert_eq!(find("ignored").ignore, Some(""));
    assert_eq!(find("ignored_with_a_reason").ignore, Some("until Monday"));
    assert_eq!(find("ignored_above").ignore, Some("above"));
    assert_eq!(find("ignored_on_a_condition").ignore, Some("here"));
    assert_eq!(find("ignored_elsewhere").ignore, None);
    assert_eq!(find("ignored_elsewhere").should_panic, ShouldPanic::No);

    assert_eq!(find("panics").should_panic, ShouldPanic::Yes);
    assert_eq!(find("panics_with").should_panic, ShouldPanic::With("of course"));
    assert_eq!(find("panics_with_shortly").should_panic, ShouldPanic::With("of course"));
    assert_eq!(find("panics_on_a_condition").should_panic, ShouldPanic::With("of course"));
    assert_eq!(find("panics").ignore, None);

    let all = find("all_keys");
    assert_eq!((all.roles, all.tags), (["instructor"].as_slice(), ["smoke", "mail"].as_slice()));
    assert_eq!((all.timeout, all.retries), (Some(Duration::from_secs(90)), Some(2)));
    assert_eq!((all.group, all.slot, all.exclusive), (Some("mail"), Some(3), true));

    let none = find("no_keys");
    assert_eq!((none.roles.len(), none.tags.len()), (0, 0));
    assert_eq!((none.timeout, none.retries), (None, None));
    assert_eq!((none.group, none.slot, none.exclusive), (None, None, false));

    let further = find("further_values");
    assert_eq!((further.timeout, further.retries), (Some(Duration::from_millis(250)), Some(0)));
    assert_eq!((further.slot, further.exclusive), (Some(65535), false));
    assert!(find("exclusive").exclusive);
}
