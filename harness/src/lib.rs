//! skeleton
mod browser;
mod cli;
mod config;
mod model;
mod process;
mod report;
mod run;
mod services;
pub mod setup;
mod slots;
mod suite;
mod worker;

pub use browser::Session;
pub use callboard_macros::{e2e, sign_in};
pub use model::{Account, Location, Outcome, Role, SlotId, TestId};
pub use services::App;
pub use slots::Slot;
pub use suite::{TestError, TestResult};
pub use thirtyfour;

/// Makes the `main` of a test target: the whole of `tests/e2e/main.rs` below its tests.
#[macro_export]
macro_rules! main {
    () => {
        fn main() -> ::std::process::ExitCode {
            $crate::__private::main($crate::__private::Consumer {
                manifest_dir: ::core::env!("CARGO_MANIFEST_DIR"),
            })
        }
    };
}

/// What the macros' output is made of. Not for writing by hand, and free to change.
#[doc(hidden)]
pub mod __private {
    pub use inventory;

    pub use crate::cli::{Consumer, main, run_alone};
    pub use crate::suite::{
        Argument, Context, Failure, Fixture, LocalFuture, Place, ShouldPanic, SignInEntry, TestEntry,
        TestReturn,
    };
}
