//! Skipping a test while it runs: its future is unwound, without the noise of a panic.

use std::any::Any;
use std::cell::Cell;
use std::panic::resume_unwind;

use super::is_own;

/// What a test is unwound with.
pub(crate) struct Skip {
    reason: String,
}

thread_local! {
    static IS_UNDER_WAY: Cell<bool> = const { Cell::new(false) };
}

impl Skip {
    /// The reason, if this is what the test was unwound with.
    pub(crate) fn reason(panic: &mut (dyn Any + Send)) -> Option<String> {
        let skip = panic.downcast_mut::<Self>()?;
        IS_UNDER_WAY.set(false);
        Some(std::mem::take(&mut skip.reason))
    }

    /// Whether it is a skip that unwinds this thread.
    pub(super) fn is_under_way() -> bool {
        IS_UNDER_WAY.try_with(Cell::get).unwrap_or(false)
    }
}

impl Drop for Skip {
    fn drop(&mut self) {
        // Also where somebody else has caught it.
        let _ = IS_UNDER_WAY.try_with(|under_way| under_way.set(false));
    }
}

/// What `callboard::skip!` does.
#[track_caller]
pub fn skip(reason: String) -> ! {
    assert!(
        is_own(),
        "`callboard::skip!({reason:?})` was called where no test is executed: call it in the test's own future, in what \
         that calls or in the set-up of a fixture, and not on a thread or in a task that the test has started"
    );
    IS_UNDER_WAY.set(true);
    resume_unwind(Box::new(Skip { reason }))
}
