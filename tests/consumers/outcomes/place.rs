//! Tests that look at where they run, and what runs beside them.

use std::net::TcpListener;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use callboard::{Slot, TestResult, e2e};

use crate::stage::{file, note};

/// Takes the slot's ports for a moment: whoever else has the slot cannot.
async fn occupy(slot: &Slot) -> TestResult {
    let ports = [Some(slot.port()), slot.named_port("smtp")];
    for port in ports.into_iter().flatten() {
        // In vain until the end of the test, should somebody else have it.
        let listener = TcpListener::bind(("127.0.0.1", port))?;
        tokio::time::sleep(Duration::from_millis(20)).await;
        drop(listener);
    }
    note("occupied", &format!("{} {}", slot.id(), slot.port()))?;
    Ok(())
}

macro_rules! occupants {
    ($($name:ident)*) => {
        mod occupies {
            $(
                #[callboard::e2e]
                async fn $name(slot: &callboard::Slot) -> callboard::TestResult {
                    super::occupy(slot).await
                }
            )*
        }
    };
}

occupants!(a b c d e f g h);

#[e2e(slot = 2)]
fn pinned(slot: &Slot) {
    assert_eq!(slot.id().0, 2);
}

#[e2e(slot = 0)]
fn pinned_to_the_first(slot: &Slot) {
    assert_eq!(slot.id().0, 0);
}

/// How many of these tests run now, and how many of them in the group.
static ALL: AtomicUsize = AtomicUsize::new(0);
static GROUP: AtomicUsize = AtomicUsize::new(0);

/// The most that run in a counter's time.
async fn most(counter: &AtomicUsize) -> usize {
    let mut most = counter.fetch_add(1, Ordering::SeqCst) + 1;
    for _ in 0..10 {
        tokio::time::sleep(Duration::from_millis(2)).await;
        most = most.max(counter.load(Ordering::SeqCst));
    }
    counter.fetch_sub(1, Ordering::SeqCst);
    most
}

macro_rules! company {
    ($($name:ident)*) => {
        mod company {
            $(
                #[callboard::e2e(group = "kitchen")]
                async fn $name() {
                    let (all, group) = tokio::join!(super::most(&super::ALL), super::most(&super::GROUP));
                    assert_eq!(group, 1, "of {all}");
                }
            )*
            #[callboard::e2e]
            async fn beside() {
                super::most(&super::ALL).await;
            }
            #[callboard::e2e(exclusive)]
            async fn exclusive() {
                assert_eq!(super::most(&super::ALL).await, 1);
            }
            #[callboard::e2e(exclusive)]
            async fn exclusive_too() {
                assert_eq!(super::most(&super::ALL).await, 1);
            }
        }
    };
}

company!(one two three);

/// Waits, as long as the test may, until there is a file.
async fn until_there_is(name: &str) {
    while !file(name).exists() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Says where it is, and stays there until it is told to go.
#[e2e]
async fn stays(slot: &Slot) -> TestResult {
    note("staying", &slot.id().to_string())?;
    until_there_is("go").await;
    Ok(())
}

#[e2e]
async fn stays_too(slot: &Slot) -> TestResult {
    note("staying", &slot.id().to_string())?;
    until_there_is("go").await;
    Ok(())
}
