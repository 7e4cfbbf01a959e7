//! `skip_if`: a condition under which a test is not executed.

use super::collect::Test;
use super::guard;

/// A condition has no answer.
#[derive(Debug, thiserror::Error)]
#[error("`skip_if` of the test `{test}` ({place}) panicked: {message}")]
pub(crate) struct SkipIfError {
    test: String,
    place: String,
    message: String,
}

impl Test {
    /// Asks the test's condition, if it has one: the reason when it is to be skipped.
    pub(crate) fn skip_if(&self) -> Result<Option<&'static str>, SkipIfError> {
        let Some(skip_if) = self.entry.skip_if else { return Ok(None) };
        match guard::call(skip_if.condition) {
            Ok(holds) => Ok(holds.then_some(skip_if.reason)),
            Err(problem) => {
                let place =
                    problem.location.map_or_else(|| self.entry.place.to_string(), |place| place.to_string());
                Err(SkipIfError { test: self.id.to_string(), place, message: problem.message })
            }
        }
    }
}
