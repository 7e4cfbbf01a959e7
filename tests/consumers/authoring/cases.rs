//! Rows that become tests. The lines are those of the messages.

use std::collections::HashMap;

use callboard::{Account, Slot, TestError, TestResult, e2e};

use crate::stage::note;

/// What values of rows may be made of: nothing of it is in the twins' module.
const ARCHIVED: &str = "archived";

fn count_of(state: &str) -> usize {
    HashMap::<&str, usize>::from([("draft", 3)]).get(state).copied().unwrap_or(0)
}

#[e2e(role = "instructor")]
#[case::draft("draft", count_of("draft"))]
#[case::archived(ARCHIVED, 0)]
#[case(role = "admin", "all", [1, 2, 4].iter().sum::<usize>())]
async fn lists_courses(account: &Account, #[case] state: &str, #[case] count: usize) -> TestResult {
    note("listed", &format!("{} {state} {count}", account.username()))?;
    tokio::task::yield_now().await;
    Ok(())
}

#[e2e]
#[case::good(1)]
#[case::bad("x".len() - 1)]
#[case::worse(0)]
fn is_not_zero(#[case] number: usize) -> Result<(), String> {
    if number == 0 { Err("it is zero".to_owned()) } else { Ok(()) }
}

#[e2e(retries = 2)]
#[case::lucky("lucky", 0)]
#[case::unlucky(String::from("unlucky"), tried("values"))]
fn is_tried_again(#[case] name: impl Into<String>, slot: &Slot, #[case] values: usize) -> TestResult {
    let name = name.into();
    let time = note(&format!("tried {name}"), &slot.id().to_string())?;
    match name.as_str() {
        // The values are made anew each time.
        "unlucky" if time < 3 || values != time => {
            Err(TestError::new(format!("no luck at time {time} of {values}")))
        }
        _ => Ok(()),
    }
}

fn tried(name: &str) -> usize {
    note(name, "evaluated").unwrap_or_default()
}

#[e2e]
#[case::here(1)]
#[cfg_attr(any(), case::elsewhere(2))]
#[cfg_attr(all(), case::here_too(3))]
fn depends(#[case] _number: u8) {}

#[e2e]
#[case::first(role = "instructor")]
#[case::second(role = "admin")]
fn as_each(account: &Account) -> TestResult {
    note("each", account.role().as_str())?;
    Ok(())
}

#[e2e]
#[ignore = "all of it"]
#[case::one(1)]
#[case::two(2)]
fn ignored(#[case] _number: u8) {}

#[e2e]
#[should_panic(expected = "divided")]
#[case::by_value(0)]
#[case::in_value(std::hint::black_box(1_u8) / std::hint::black_box(0_u8))]
fn panics(#[case] number: u8) {
    assert!(number > 0, "divided by {number}");
}
