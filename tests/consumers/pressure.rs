//! Tests that ask much of the machine, or need others beside them.

use std::time::{Duration, Instant};

use callboard::{TestResult, e2e};

#[path = "outcomes/stage.rs"]
mod stage;

use stage::{file, note};

/// Waits, as long as the test may, until a file has so many lines.
async fn until_lines(name: &str, count: usize) {
    let lines = || std::fs::read_to_string(file(name)).unwrap_or_default().lines().count();
    while lines() < count {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

macro_rules! together {
    ($($name:ident)*) => {
        mod together {
            $(
                #[callboard::e2e]
                async fn $name() -> callboard::TestResult {
                    super::note("here", stringify!($name))?;
                    super::until_lines("here", 8).await;
                    Ok(())
                }
            )*
        }
    };
}

together!(a b c d e f g h);

/// Leaves no core idle, and others wait for one: for as long as all tests of this kind together take four seconds when
/// there are as many at once as there are cores.
fn burn() {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let end = Instant::now() + Duration::from_secs(4) * u32::try_from(cores).unwrap_or(1) / 24;
    let spin = || while Instant::now() < end {};
    std::thread::scope(|scope| {
        for _ in 0..=cores {
            scope.spawn(spin);
        }
    });
}

macro_rules! burns {
    ($($name:ident)*) => {
        mod burns {
            $(
                #[callboard::e2e]
                fn $name() {
                    super::burn();
                }
            )*
        }
    };
}

burns!(a b c d e f g h i j k l m n o p q r s t u v w x);

/// Has something left to do after it was told to go on.
#[e2e]
async fn goes_on() -> TestResult {
    note("begun", "goes_on")?;
    until_lines("go", 1).await;
    note("gone", "")?;
    until_lines("end", 1).await;
    Ok(())
}

#[e2e]
async fn never_ends() -> TestResult {
    note("begun", "never_ends")?;
    std::future::pending().await
}

callboard::main!();
