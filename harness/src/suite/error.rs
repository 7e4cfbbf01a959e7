//! How a test says no.

use std::any::{Any, type_name};
use std::error::Error as StdError;
use std::fmt;

use crate::browser::locator::PageError;
use crate::model::{Location, Problem, chain};
use crate::trail::steps_of_error;

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

/// Any error, the line of the `?` that raised it, and the steps in which that was.
///
/// Every `std::error::Error` becomes one by `?`. A test may return another error type as well, as long
/// as it is `Debug`; only the line is then the test's first one.
pub struct TestError {
    message: String,
    location: Location,
    /// The titles of the steps in which it was raised.
    steps: Vec<String>,
    /// A fixture could not be set up: that is not the test's own objection.
    set_up: Option<Box<Problem>>,
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
        Self {
            message: message.to_string(),
            location: std::panic::Location::caller().into(),
            steps: steps_of_error(None),
            set_up: None,
        }
    }

    /// Where it was raised.
    pub fn location(&self) -> &Location {
        &self.location
    }

    /// It as a problem of what has raised it.
    pub(super) fn into_problem(self) -> Problem {
        Problem { steps: self.steps, ..Problem::failed(self.message, Some(self.location)) }
    }

    /// The problem with another fixture that this is about, if it is.
    pub(super) fn into_set_up(mut self) -> Result<Failure, Self> {
        self.set_up.take().map(|problem| Failure(*problem)).ok_or(self)
    }
}

impl From<Failure> for TestError {
    #[track_caller]
    fn from(Failure(problem): Failure) -> Self {
        let caller = std::panic::Location::caller();
        Self {
            message: problem.message.clone(),
            location: problem.location.clone().unwrap_or_else(|| caller.into()),
            steps: problem.steps.clone(),
            set_up: Some(Box::new(problem)),
        }
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
        // Not in a closure: that would be called from here.
        let caller = std::panic::Location::caller();
        Self {
            message: chain(&error),
            location: place_of(&error).unwrap_or_else(|| caller.into()),
            steps: steps_of_error(Some(type_name::<E>())),
            set_up: None,
        }
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
        self.map_err(|error| failure_of(&error))
    }
}

/// What a function marked `#[fixture]` returns, where it can fail.
#[diagnostic::on_unimplemented(
    message = "a fixture cannot return `{Self}`",
    label = "not a result of a fixture",
    note = "return the value itself, `callboard::TestResult<Value>`, or any `Result<Value, E>` with `E: Debug`"
)]
pub trait FixtureReturn {
    /// The fixture.
    type Value;

    /// Turns it into what the harness keeps.
    fn conclude(self) -> TestResult<Self::Value>;
}

impl<T, E: fmt::Debug + 'static> FixtureReturn for Result<T, E> {
    type Value = T;

    #[track_caller]
    fn conclude(self) -> TestResult<T> {
        // Of most errors it is not known where they were made: then it is the function itself.
        let here = std::panic::Location::caller();
        self.map_err(|error| {
            let set_up =
                (&error as &dyn Any).downcast_ref::<TestError>().and_then(|error| error.set_up.clone());
            let Problem { message, location, steps, .. } = problem_of(&error);
            TestError { message, location: location.unwrap_or_else(|| here.into()), steps, set_up }
        })
    }
}

/// The failure of a function that has returned this error.
pub(super) fn failure_of<E: fmt::Debug + 'static>(error: &E) -> Failure {
    Failure(problem_of(error))
}

/// What is known of an error of which the compiler knows only `Debug`.
fn problem_of<E: fmt::Debug + 'static>(error: &E) -> Problem {
    if let Some(error) = (error as &dyn Any).downcast_ref::<TestError>() {
        if let Some(problem) = &error.set_up {
            return (**problem).clone();
        }
        let problem = Problem::failed(&error.message, Some(error.location.clone()));
        return Problem { steps: error.steps.clone(), ..problem };
    }
    // Such an error remembers no steps, but one may have returned it just now.
    let steps = steps_of_error(Some(type_name::<E>()));
    Problem { steps, ..Problem::failed(words_of(error), place_of(error)) }
}

/// Where an error was made, if it is of a type that knows.
fn place_of<E: 'static>(error: &E) -> Option<Location> {
    if let Some(error) = (error as &dyn Any).downcast_ref::<PageError>() {
        return Some(error.location().into());
    }
    #[cfg(feature = "mail")]
    if let Some(error) = (error as &dyn Any).downcast_ref::<crate::mail::MailError>() {
        return error.location().map(Location::from);
    }
    None
}

/// The best words for an error: its own message where it is of a type that has one.
fn words_of<E: fmt::Debug + 'static>(error: &E) -> String {
    let any: &dyn Any = error;
    if let Some(error) = any.downcast_ref::<thirtyfour::error::WebDriverError>() {
        return chain(error);
    }
    if let Some(error) = any.downcast_ref::<PageError>() {
        return chain(error);
    }
    #[cfg(feature = "mail")]
    if let Some(error) = any.downcast_ref::<crate::mail::MailError>() {
        return chain(error);
    }
    if let Some(error) = any.downcast_ref::<Box<dyn StdError>>() {
        return chain(error.as_ref());
    }
    if let Some(error) = any.downcast_ref::<Box<dyn StdError + Send + Sync>>() {
        return chain(error.as_ref());
    }
    if let Some(error) = any.downcast_ref::<String>() {
        return error.clone();
    }
    if let Some(error) = any.downcast_ref::<&'static str>() {
        return (*error).to_owned();
    }
    format!("{error:?}")
}
