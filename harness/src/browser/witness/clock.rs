//! The browser's times as ours.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

/// Nobody is so late in hearing of something: clocks that are so far apart do not go alike.
const LATEST: Duration = Duration::from_hours(1);

/// The browser tells some times since 1970, and those of requests since it began to count.
#[derive(Default)]
pub(super) struct Clock {
    /// When it began to count, in seconds since 1970.
    zero: Mutex<Option<f64>>,
}

impl Clock {
    /// Both times of one moment are known.
    pub(super) fn set(&self, since_1970: f64, counted: f64) {
        *self.zero.lock().unwrap_or_else(PoisonError::into_inner) = Some(since_1970 - counted);
    }

    /// A time that is counted from the browser's own zero, in seconds.
    pub(super) fn counted(&self, seconds: Option<f64>) -> Instant {
        let zero = *self.zero.lock().unwrap_or_else(PoisonError::into_inner);
        since_1970(zero.zip(seconds).map(|(zero, seconds)| zero + seconds))
    }
}

/// A time in seconds since 1970; now if it is not known, or cannot be.
pub(super) fn since_1970(seconds: Option<f64>) -> Instant {
    let now = Instant::now();
    let at = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    let age = at.and_then(|at| SystemTime::now().duration_since(SystemTime::UNIX_EPOCH + at).ok());
    age.filter(|age| *age < LATEST).and_then(|age| now.checked_sub(age)).unwrap_or(now)
}
