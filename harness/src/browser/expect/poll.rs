//! What is expected of anything that can be asked for: a row in a database, a file, an answer of an API.

use std::fmt;
use std::panic::Location;
use std::time::{Duration, Instant};

use super::PageError;
use crate::browser::Waits;
use crate::browser::locator::{Seen, Why};
use crate::machine::Patience;
use crate::trail::waiting;

/// How long it is waited before it is asked again: at first nothing may have happened yet, later little depends on it.
const PAUSES: [Duration; 5] = [
    Duration::from_millis(10),
    Duration::from_millis(20),
    Duration::from_millis(50),
    Duration::from_millis(100),
    Duration::from_millis(250),
];

/// What has to become true of a value that is asked for again and again, within 5 s.
///
/// What the closure returns is shown when it does not come true. One call of it that takes longer than what is left of the time
/// is not waited for.
///
/// ```no_run
/// use callboard::{TestResult, expect_poll};
///
/// async fn exports(file: &std::path::Path) -> TestResult {
///     expect_poll(async || file.exists()).to_equal(true).await?;
///     let size = expect_poll(async || std::fs::metadata(file).map_or(0, |file| file.len()))
///         .to_satisfy("be more than a header", |size| *size > 100)
///         .await?;
///     assert_eq!(size % 2, 0);
///     Ok(())
/// }
/// ```
pub fn expect_poll<T: fmt::Debug, F: AsyncFnMut() -> T>(ask: F) -> Polling<F> {
    Polling { ask, limit: Waits::default().expect }
}

/// A value that is asked for again and again. See [`expect_poll`].
#[must_use = "say what is expected"]
pub struct Polling<F> {
    ask: F,
    limit: Duration,
}

impl<F> fmt::Debug for Polling<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Polling").field("limit", &self.limit).finish_non_exhaustive()
    }
}

impl<T: fmt::Debug, F: AsyncFnMut() -> T> Polling<F> {
    /// It has this long to become true. Default: 5 s.
    pub fn within(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// It becomes equal to this. Returns it.
    #[track_caller]
    pub fn to_equal<V: fmt::Debug>(self, wanted: V) -> impl Future<Output = Result<T, PageError>>
    where
        T: PartialEq<V>,
    {
        let words = format!("equal {wanted:?}");
        self.poll(words, move |value| *value == wanted, Location::caller())
    }

    /// It becomes what `holds` says; `words` are for the message: "be more than 3". Returns it.
    #[track_caller]
    pub fn to_satisfy(
        self,
        words: &str,
        holds: impl FnMut(&T) -> bool,
    ) -> impl Future<Output = Result<T, PageError>> {
        self.poll(words.to_owned(), holds, Location::caller())
    }

    async fn poll(
        mut self,
        words: String,
        mut holds: impl FnMut(&T) -> bool,
        location: &'static Location<'static>,
    ) -> Result<T, PageError> {
        let what = format!("expected the value to {words}");
        let _waiting = waiting::on_call(what.as_str().into(), Instant::now(), 1);
        let patience = Patience::begin();
        let left = || {
            let limit = self.limit.saturating_add(patience.extension(self.limit));
            limit.saturating_sub(patience.elapsed())
        };
        let mut pauses = PAUSES.into_iter();
        let mut pause = PAUSES[0];
        let mut seen = Seen { last: Some("it had not been told once".to_owned()), ..Seen::default() };
        loop {
            // The last look is never cut short before it has begun.
            let asked = tokio::time::timeout(left().max(PAUSES[0]), (self.ask)()).await;
            if let Ok(value) = asked {
                seen.looks += 1;
                if holds(&value) {
                    return Ok(value);
                }
                seen.last = Some(format!("it was {value:?}"));
            }
            if left().is_zero() {
                let extension = patience.extended(self.limit).to_string();
                let why = Why::TooLate { limit: self.limit, extension, seen };
                return Err(PageError::new(what, why, location));
            }
            pause = pauses.next().unwrap_or(pause);
            tokio::time::sleep(pause.min(left())).await;
        }
    }
}
