//! Who is measured.

use std::fmt;

use serde::{Deserialize, Serialize};

/// callboard, and what its users would otherwise use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) enum Contender {
    Callboard,
    Playwright,
    Pytest,
    Nextest,
    /// thirtyfour under the standard harness.
    Thirtyfour,
    /// The same, built with no more of thirtyfour than callboard builds.
    BareThirtyfour,
    /// The standard harness alone.
    Libtest,
}

impl fmt::Display for Contender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Callboard => "callboard",
            Self::Playwright => "Playwright Test",
            Self::Pytest => "pytest-playwright, xdist",
            Self::Nextest => "nextest",
            Self::Thirtyfour => "thirtyfour, #[tokio::test]",
            Self::BareThirtyfour => "thirtyfour without TLS and downloads",
            Self::Libtest => "#[test], one process",
        })
    }
}
