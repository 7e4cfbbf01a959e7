//! callboard: an end-to-end test harness.

mod browser;
mod config;
mod model;
mod services;
mod slots;
mod suite;

pub use browser::Session;
pub use callboard_macros::{e2e, sign_in};
pub use model::{Account, Location, Outcome, Role, SlotId, TestId};
pub use services::App;
pub use slots::Slot;
pub use suite::{TestError, TestResult};
pub use thirtyfour;

/// What the macros' output is made of. Not for writing by hand, and free to change.
#[doc(hidden)]
pub mod __private {
    pub use inventory;

    pub use crate::suite::{
        Argument, Context, Failure, Fixture, LocalFuture, Place, ShouldPanic, SignInEntry, TestEntry,
        TestReturn, set_up,
    };

    /// Runs one test in this process, under the standard harness: the body of a test's twin.
    ///
    /// # Panics
    ///
    /// When the outcome is not a good one; that is how the standard harness is told.
    pub fn run_alone(manifest_dir: &str, module: &str, name: &str) {
        panic!(
            "{module}::{name} in {manifest_dir}: the standard harness cannot run it, set `harness = false`"
        );
    }
}
