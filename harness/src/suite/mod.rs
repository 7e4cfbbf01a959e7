//! What the macros registered: tests, sign-ins and probes, sorted and unique; fixtures; and the context from
//! which a test takes its arguments.

mod cancel;
mod collect;
mod context;
mod error;
mod fixture;
mod graph;
mod guard;
mod home;
mod limits;
mod pages;
mod probe;
mod registry;
mod skip_if;
mod store;

pub(crate) use cancel::{Cancel, Cancelled};
pub(crate) use collect::{Suite, Test, test_id};
pub use context::Context;
pub use error::{Failure, FixtureReturn, TestError, TestResult, TestReturn};
pub use fixture::{Argument, Description, Fixture, FixtureType, Scope, Whose, fixture_type};
pub(crate) use guard::{Ended, call, guarded};
pub(crate) use home::{BrowserSource, Furnishing, Home, Observer};
pub(crate) use limits::{Limit, Limits};
pub(crate) use pages::PageProblems;
pub(crate) use probe::Known;
pub use probe::{IntoFindings, ProbeReturn};
pub use registry::{LocalFuture, Place, ProbeEntry, ShouldPanic, SignInEntry, SkipIf, TestEntry};
pub(crate) use skip_if::SkipIfError;
pub use store::{Borrowed, BorrowedMut, Handle, Taken};
