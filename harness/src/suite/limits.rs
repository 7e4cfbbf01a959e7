//! How long sign-ins and fixtures may take, and who says so: the command line goes before the attribute, and that before
//! the configuration.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::fixture::{Argument, Description};
use super::registry::SignInEntry;
use crate::browser::Waits;

/// The time limits of what happens before a test.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Limits {
    pub(crate) sign_in: Limit,
    pub(crate) fixture: Limit,
    pub(crate) waits: Waits,
}

/// One of them, as far as it is not for a single function.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Limit {
    /// What the command line says.
    pub(crate) asked: Option<Duration>,
    pub(crate) configured: Duration,
}

impl Limits {
    /// The limit of a sign-in, and the name of the setting that it is from.
    pub(super) fn of_sign_in(self, entry: &SignInEntry) -> (Duration, &'static str) {
        self.sign_in.or(entry.timeout, "--sign-in-timeout", "tests.sign_in_timeout")
    }

    /// The limit of a fixture's set-up, and the name of the setting that it is from.
    pub(super) fn of_fixture(self, fixture: &Description) -> (Duration, &'static str) {
        self.fixture.or(fixture.timeout, "--fixture-timeout", "tests.fixture_timeout")
    }

    /// How long a set-up may take at the longest, of all that a test with these arguments needs.
    pub(crate) fn longest_set_up(self, arguments: &[Argument]) -> Duration {
        let own = self.fixture.asked.is_none().then(|| longest_own(arguments)).flatten();
        let limits = [self.sign_in, self.fixture].map(|limit| limit.asked.unwrap_or(limit.configured));
        limits.into_iter().chain(own).max().unwrap_or_default()
    }
}

/// The longest of the fixtures' own time limits. What is in a circle was refused before the run.
fn longest_own(arguments: &[Argument]) -> Option<Duration> {
    let of = |argument: &Argument| {
        let fixture = (argument.fixture.describe)();
        fixture.timeout.max(longest_own(fixture.arguments))
    };
    arguments.iter().filter_map(of).max()
}

impl Limit {
    fn or(self, own: Option<Duration>, option: &'static str, key: &'static str) -> (Duration, &'static str) {
        match (self.asked, own) {
            (Some(limit), _) => (limit, option),
            (None, Some(limit)) => (limit, "its own timeout"),
            (None, None) => (self.configured, key),
        }
    }
}
