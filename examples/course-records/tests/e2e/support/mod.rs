//! What the tests are written with: steps on a page, questions to the server, names and people.

mod api;
mod names;
mod page;
mod people;
mod teaching;
mod wait;

use std::fmt;

use callboard::PageError;
use callboard::thirtyfour::error::WebDriverError;

pub(crate) use api::{Api, texts};
pub(crate) use names::{address, unique};
pub(crate) use page::Page;
pub(crate) use people::Person;
pub(crate) use teaching::Lecture;

/// What a step comes to. Its error is not `TestError`, which would note a line in here: so the `?` of the test
/// makes that of it, and the line is the test's.
pub(crate) type Step<T = ()> = Result<T, StepError>;

/// Why a step could not be done.
#[derive(Debug)]
pub(crate) struct StepError(String);

impl StepError {
    pub(crate) fn new(message: impl fmt::Display) -> Self {
        Self(message.to_string())
    }
}

impl fmt::Display for StepError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for StepError {}

impl From<PageError> for StepError {
    fn from(error: PageError) -> Self {
        Self::new(error)
    }
}

impl From<WebDriverError> for StepError {
    fn from(error: WebDriverError) -> Self {
        Self::new(error)
    }
}
