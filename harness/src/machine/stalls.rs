//! The time in which the machine did not run this process: nobody's time limit counts it.
//!
//! A thread that does nothing but sleep is the witness. What a test does on its own thread, and what the harness does
//! on its runtimes, can make others there late; this thread only the system can: a stopped process, a paused or robbed
//! virtual machine, a quota, a disk that memory is fetched from.

use std::fmt;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use super::lateness::{Lateness, Seen};
use crate::model::seconds;

/// How long the witness sleeps.
const NAP: Duration = Duration::from_millis(20);

/// An extension that is shorter explains nothing.
const WORTH_A_WORD: Duration = Duration::from_secs(1);

/// A time limit that is extended by the time in which the machine did not run us, at most to its double: what is worse
/// is for people to see.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    began: Instant,
    stalled: Duration,
}

impl Patience {
    /// Time counts from now on.
    pub(crate) fn begin() -> Self {
        Self { began: Instant::now(), stalled: seen().stalled }
    }

    /// How long has passed.
    pub(crate) fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }

    /// By how much a limit is extended by now.
    pub(crate) fn extension(&self, limit: Duration) -> Duration {
        extension(limit, seen().stalled.saturating_sub(self.stalled))
    }

    /// The same in words, for a message.
    pub(crate) fn extended(&self, limit: Duration) -> Extension {
        Extension(self.extension(limit))
    }
}

fn extension(limit: Duration, stalled: Duration) -> Duration {
    stalled.min(limit)
}

/// By how much a limit was extended. In a message it follows the limit; where it is not worth a word it says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Extension(Duration);

impl fmt::Display for Extension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 < WORTH_A_WORD {
            return Ok(());
        }
        write!(f, ", and the {} more in which the machine did not run it", seconds(self.0))
    }
}

/// Waits until the limit, extended, is over. Says by how much it was extended.
pub(crate) async fn run_out(limit: Duration) -> Extension {
    let patience = Patience::begin();
    loop {
        let extension = patience.extension(limit);
        let left = limit.saturating_add(extension).saturating_sub(patience.elapsed());
        if left.is_zero() {
            return Extension(extension);
        }
        tokio::time::sleep(left).await;
    }
}

/// What the witness has seen up to now.
pub(super) fn seen() -> Seen {
    static WITNESS: OnceLock<Option<&'static Mutex<Lateness>>> = OnceLock::new();
    // Where the system has no thread left, nothing is seen, and limits are as they were written.
    let Some(witness) = WITNESS.get_or_init(call_witness) else { return Seen::default() };
    let lateness = witness.lock().unwrap_or_else(PoisonError::into_inner);
    lateness.seen(Instant::now())
}

/// Starts the thread, which lives as long as the process.
fn call_witness() -> Option<&'static Mutex<Lateness>> {
    let lateness: &'static _ = Box::leak(Box::new(Mutex::new(Lateness::new(Instant::now() + NAP))));
    let watch = move || {
        loop {
            // To sleep is what it is for: how late it wakes is the measurement.
            std::thread::sleep(NAP);
            let now = Instant::now();
            lateness.lock().unwrap_or_else(PoisonError::into_inner).woken(now, now + NAP);
        }
    };
    std::thread::Builder::new().name("callboard witness".to_owned()).spawn(watch).ok().map(|_| lateness)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_at_most_doubled() {
        let seconds = Duration::from_secs;
        assert_eq!(extension(seconds(60), seconds(0)), seconds(0));
        assert_eq!(extension(seconds(60), seconds(7)), seconds(7));
        assert_eq!(extension(seconds(60), seconds(61)), seconds(60));
    }

    #[tokio::test]
    async fn a_limit_is_never_over_before_its_time() {
        let (began, limit) = (Instant::now(), Duration::from_millis(30));
        run_out(limit).await;
        assert!(began.elapsed() >= limit);
    }

    #[test]
    fn an_extension_of_a_second_is_told() {
        assert_eq!(Extension(Duration::from_millis(999)).to_string(), "");
        let told = Extension(Duration::from_millis(1200)).to_string();
        assert_eq!(told, ", and the 1.2 s more in which the machine did not run it");
    }
}
