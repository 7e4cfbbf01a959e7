//! What the macros registered: tests and sign-ins, sorted and unique; and the context from which
//! a test takes its arguments.

mod context;
mod error;
mod registry;

pub use context::{Context, Fixture};
pub(crate) use error::chain;
pub use error::{Failure, TestError, TestResult, TestReturn};
pub use registry::{Argument, LocalFuture, Place, ShouldPanic, SignInEntry, TestEntry, set_up};
