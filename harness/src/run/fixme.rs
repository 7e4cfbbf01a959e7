//! `fixme`: what an attempt means of a test that is expected to fail.

use super::attempt::Result;
use crate::model::{Outcome, Problem};
use crate::suite::TestEntry;

/// What an attempt means for its test.
pub(super) struct Judged {
    pub(super) outcome: Outcome,
    pub(super) problem: Option<Problem>,
    /// It failed, as its `fixme` says, which is why.
    pub(super) expected: Option<&'static str>,
    /// Trying again would tell nothing new.
    pub(super) is_final: bool,
}

/// A failure of the test's own is what was expected, and passing is not. What the surroundings did, and a skip, stay
/// what they are.
pub(super) fn judge(test: &TestEntry, result: &Result) -> Judged {
    let (outcome, problem) = (result.outcome, result.problem.clone());
    let plain = Judged { outcome, problem, expected: None, is_final: false };
    let Some(why) = test.fixme else { return plain };
    match outcome {
        Outcome::Failed | Outcome::TimedOut => {
            Judged { outcome: Outcome::Passed, expected: Some(why), is_final: true, ..plain }
        }
        Outcome::Passed => {
            let message = format!("`fixme` says that it fails ({why}), but it passed: remove `fixme`");
            let problem = Problem::failed(message, Some(test.place.into()));
            Judged { outcome: Outcome::Failed, problem: Some(problem), expected: None, is_final: true }
        }
        Outcome::Errored | Outcome::Crashed | Outcome::Skipped => plain,
    }
}
