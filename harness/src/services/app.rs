//! The application under test.

use std::path::{Path, PathBuf};

use crate::model::resolve;

/// The application under test, as it runs in the test's slot.
///
/// ```
/// use callboard::{App, e2e};
///
/// #[e2e]
/// fn logs_its_start(app: &App) -> std::io::Result<()> {
///     println!("asking {}", app.url("/health"));
///     let log = app.log().map(std::fs::read_to_string).transpose()?.unwrap_or_default();
///     assert!(log.contains("listening"));
///     Ok(())
/// }
/// ```
#[derive(Debug, Clone)]
pub struct App {
    base_url: String,
    log: Option<PathBuf>,
}

impl App {
    pub(crate) fn new(base_url: &str, log: Option<PathBuf>) -> Self {
        Self { base_url: base_url.trim_end_matches('/').to_owned(), log }
    }

    /// Where the slot's application answers, without a slash at the end: `http://127.0.0.1:3002`.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The absolute address of a path of the application; an address that is absolute already stays.
    pub fn url(&self, path: &str) -> String {
        resolve(&self.base_url, path)
    }

    /// The file that the application's output goes to, where callboard started it.
    pub fn log(&self) -> Option<&Path> {
        self.log.as_deref()
    }
}
