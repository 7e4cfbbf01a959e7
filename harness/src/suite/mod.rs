//! What the macros registered: tests and sign-ins, sorted and unique; and the context from which
//! a test takes its arguments.

mod collect;
mod context;
mod error;
mod guard;
mod home;
mod limits;
mod registry;
mod skip_if;

pub(crate) use collect::{Suite, Test, test_id};
pub use context::{Context, Fixture};
pub use error::{Failure, TestError, TestResult, TestReturn};
pub(crate) use guard::{Ended, guarded};
pub(crate) use home::{BrowserSource, Furnishing, Home};
pub(crate) use limits::SignInLimits;
pub use registry::{Argument, LocalFuture, Place, ShouldPanic, SignInEntry, SkipIf, TestEntry, set_up};
pub(crate) use skip_if::SkipIfError;
