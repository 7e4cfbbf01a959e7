//! Whether a browser and a driver belong together: what to say when they do not work.

use std::path::Path;
use std::time::Duration;

use super::error::{BrowserError, Hint};
use crate::setup::Browsers;

impl BrowserError {
    /// Adds what is known to make the programs fail: two that do not belong together.
    pub(super) async fn explained(mut self, browsers: &Browsers) -> Self {
        if let Self::Ended { hint, .. } | Self::NotReady { hint, .. } | Self::Attach { hint, .. } = &mut self
        {
            *hint = Hint(mismatch(browsers).await);
        }
        self
    }
}

/// What to say if browser and driver are of different major versions.
async fn mismatch(browsers: &Browsers) -> Option<String> {
    let (browser, driver) = tokio::join!(version(&browsers.browser), version(&browsers.driver));
    let (browser, driver) = (browser?, driver?);
    let major = |version: &str| version.split('.').next().map(str::to_owned);
    (major(&browser) != major(&driver)).then(|| {
        format!(
            "browser and driver do not belong together: `{}` is version {browser}, `{}` is version {driver}; \
             install the same version of both, or set CALLBOARD_BROWSER and CALLBOARD_DRIVER to two that match",
            browsers.browser.display(),
            browsers.driver.display(),
        )
    })
}

/// The first number with dots that a program prints when asked for its version.
async fn version(program: &Path) -> Option<String> {
    let mut command = tokio::process::Command::new(program);
    command.arg("--version").stdin(std::process::Stdio::null()).kill_on_drop(true);
    let output = tokio::time::timeout(Duration::from_secs(5), command.output()).await.ok()?.ok()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let is_version = |word: &&str| word.contains('.') && word.starts_with(|c: char| c.is_ascii_digit());
    text.split_whitespace().find(is_version).map(str::to_owned)
}
