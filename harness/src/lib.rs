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

/// Where the browser is: for tools that install one.
pub mod setup {
    pub use crate::browser::{BrowserNotFound, Browsers, downloads_folder, find};
}

/// What the macros' output is made of. Not for writing by hand, and free to change.
#[doc(hidden)]
pub mod __private {
    pub use inventory;

    pub use crate::suite::{
        Argument, Context, Failure, Fixture, LocalFuture, Place, ShouldPanic, SignInEntry, TestEntry,
        TestReturn,
    };
}
