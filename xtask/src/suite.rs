//! Which tests are a package's browser tests.

use std::collections::BTreeMap;
use std::fmt;

/// The browser tests of one package: a test target of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suite {
    pub(crate) package: String,
    pub(crate) target: String,
    pub(crate) environment: BTreeMap<String, String>,
}

impl Suite {
    /// The test target `e2e` of the package of this name.
    pub fn new(package: impl Into<String>) -> Self {
        Self { package: package.into(), target: "e2e".to_owned(), environment: BTreeMap::new() }
    }

    /// The same with another test target.
    ///
    /// ```
    /// let suite = callboard_xtask::Suite::new("my-application").target("browser");
    /// assert_eq!(suite.to_string(), "-p my-application --test browser");
    /// ```
    #[must_use]
    pub fn target(mut self, target: impl Into<String>) -> Self {
        self.target = target.into();
        self
    }

    /// The same with a variable in the environment of the tests, which their set-up commands and services have
    /// as well. Only `cargo xtask e2e` sets it.
    ///
    /// ```
    /// let suite = callboard_xtask::Suite::new("my-application").env("RUST_LOG", "debug");
    /// ```
    #[must_use]
    pub fn env(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.environment.insert(name.into(), value.into());
        self
    }
}

impl<T: Into<String>> From<T> for Suite {
    fn from(package: T) -> Self {
        Self::new(package)
    }
}

/// As on cargo's command line.
impl fmt::Display for Suite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "-p {} --test {}", self.package, self.target)
    }
}
