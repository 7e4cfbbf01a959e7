//! How a test says no.

use std::any::Any;
use std::error::Error as StdError;
use std::fmt;

use crate::model::{Location, Problem, chain};

/// What a test returns: `Ok(())`, or why not.
///
/// ```
/// use callboard::TestResult;
///
/// fn port_of(text: &str) -> TestResult<u16> {
///     Ok(text.parse()?)
/// }
/// assert_eq!(port_of("3002").unwrap(), 3002);
/// ```
pub type TestResult<T = ()> = Result<T, TestError>;

/// Any error, and the line of the `?` that raised it.
///
/// Every `std::error::Error` becomes one by `?`. A test may return another error type as well, as long
/// as it is `Debug`; only the line is then the test's first one.
pub struct TestError {
    message: String,
    location: Location,
}

impl TestError {
    /// An error of these words, raised here.
    ///
    /// ```
    /// let error = callboard::TestError::new("the list is empty");
    /// assert_eq!(format!("{error:?}"), "the list is empty");
    /// ```
    #[track_caller]
    pub fn new(message: impl fmt::Display) -> Self {
        Self { message: message.to_string(), location: std::panic::Location::caller().into() }
    }

    /// Where it was raised.
    pub fn location(&self) -> &Location {
        &self.location
    }
}

impl fmt::Debug for TestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl fmt::Display for TestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl<E: StdError + 'static> From<E> for TestError {
    #[track_caller]
    fn from(error: E) -> Self {
        Self { message: chain(&error), location: std::panic::Location::caller().into() }
    }
}

/// Why the function behind a macro did not end well: what a fixture could not do, or what the
/// function returned.
#[derive(Debug)]
pub struct Failure(pub(crate) Problem);

/// What a function marked `#[e2e]` or `#[sign_in]` may return: `()`, or a `Result<(), E>` whose error
/// can be printed with `{:?}`.
#[diagnostic::on_unimplemented(
    message = "a test cannot return `{Self}`",
    label = "not a result of a test",
    note = "return nothing, `callboard::TestResult`, or any `Result<(), E>` with `E: Debug`"
)]
pub trait TestReturn {
    /// Turns it into what the harness counts.
    fn conclude(self) -> Result<(), Failure>;
}

impl TestReturn for () {
    fn conclude(self) -> Result<(), Failure> {
        Ok(())
    }
}

impl<E: fmt::Debug + 'static> TestReturn for Result<(), E> {
    fn conclude(self) -> Result<(), Failure> {
        self.map_err(|error| Failure(problem_of(&error)))
    }
}

/// The best words for an error of which only `Debug` is known: its own message where it is a type
/// that has one.
fn problem_of<E: fmt::Debug + 'static>(error: &E) -> Problem {
    let any: &dyn Any = error;
    if let Some(error) = any.downcast_ref::<TestError>() {
        return Problem::failed(&error.message, Some(error.location.clone()));
    }
    if let Some(error) = any.downcast_ref::<thirtyfour::error::WebDriverError>() {
        return Problem::failed(chain(error), None);
    }
    #[cfg(feature = "mail")]
    if let Some(error) = any.downcast_ref::<crate::mail::MailError>() {
        return Problem::failed(chain(error), error.location().map(Location::from));
    }
    if let Some(error) = any.downcast_ref::<Box<dyn StdError>>() {
        return Problem::failed(chain(error.as_ref()), None);
    }
    if let Some(error) = any.downcast_ref::<Box<dyn StdError + Send + Sync>>() {
        return Problem::failed(chain(error.as_ref()), None);
    }
    if let Some(error) = any.downcast_ref::<String>() {
        return Problem::failed(error, None);
    }
    if let Some(error) = any.downcast_ref::<&'static str>() {
        return Problem::failed(error, None);
    }
    Problem::failed(format_args!("{error:?}"), None)
}
