//! How long a sign-in may take, and who says so.

use std::time::Duration;

use super::registry::SignInEntry;

/// The time limits of sign-ins: the command line goes before the attribute, and that before the configuration.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SignInLimits {
    /// `--sign-in-timeout`
    pub(crate) asked: Option<Duration>,
    pub(crate) configured: Duration,
}

impl SignInLimits {
    /// The limit of a sign-in, and the name of the setting that it is from.
    pub(super) fn of(self, entry: &SignInEntry) -> (Duration, &'static str) {
        match (self.asked, entry.timeout) {
            (Some(limit), _) => (limit, "--sign-in-timeout"),
            (None, Some(limit)) => (limit, "its own timeout"),
            (None, None) => (self.configured, "tests.sign_in_timeout"),
        }
    }
}
