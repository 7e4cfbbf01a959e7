//! What the macros registered: tests and sign-ins, sorted and unique; and the context from which
//! a test takes its arguments.

mod collect;
mod context;
mod error;
mod guard;
mod home;
mod registry;

pub(crate) use collect::{Suite, Test, test_id};
pub use context::{Context, Fixture};
pub use error::{Failure, TestError, TestResult, TestReturn};
pub(crate) use guard::{Ended, guarded};
pub(crate) use home::{BrowserSource, Furnishing, Home};
pub use registry::{Argument, LocalFuture, Place, ShouldPanic, SignInEntry, TestEntry, set_up};
