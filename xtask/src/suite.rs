//! Which tests are a package's browser tests.

use std::fmt;

/// The browser tests of one package: a test target of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suite {
    pub(crate) package: String,
    pub(crate) target: String,
}

impl Suite {
    /// The test target `e2e` of the package of this name.
    pub fn new(package: impl Into<String>) -> Self {
        Self { package: package.into(), target: "e2e".to_owned() }
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
