//! Finding the browser and its driver: how an `xtask` knows whether it has to install them.
//!
//! ```no_run
//! let found = callboard::setup::find(None, None)?;
//! println!("{} with {}", found.browser.display(), found.driver.display());
//! # Ok::<(), callboard::setup::BrowserNotFound>(())
//! ```

mod find;
#[cfg(all(test, unix))]
mod tests;

use std::path::Path;

use crate::config::{Browser, Config, Engine};
pub use find::{BrowserNotFound, Browsers, Looked, Machine, find, find_firefox, find_with_window};

/// As [`find`], with the executables that the `callboard.toml` of a package names.
///
/// `package` is the package's folder. A configuration that is wrong names none here: the run says what
/// is wrong with it.
pub fn find_for(package: &Path) -> Result<Browsers, BrowserNotFound> {
    let browser = configured(package);
    let browser = browser.as_ref();
    let is_firefox = browser.is_some_and(|browser| browser.engine == Engine::Firefox);
    let find = if is_firefox { find_firefox } else { find };
    find(
        browser.and_then(|browser| browser.executable.as_deref()),
        browser.and_then(|browser| browser.driver.as_deref()),
    )
}

/// What the tests of a package need on this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Needs {
    /// Chromium or Chrome, and `chromedriver`.
    Chromium,
    /// Firefox, and `geckodriver`.
    Firefox,
    /// Nothing: their browser is started by a driver elsewhere.
    Nothing,
}

/// What the `callboard.toml` of a package wants; Chromium where it is wrong, or there is none.
pub fn needs(package: &Path) -> Needs {
    match configured(package) {
        Some(Browser { url: Some(_), .. }) => Needs::Nothing,
        Some(Browser { engine: Engine::Firefox, .. }) => Needs::Firefox,
        _ => Needs::Chromium,
    }
}

fn configured(package: &Path) -> Option<Browser> {
    Config::load(package, &|name| std::env::var(name).ok()).ok().map(|config| config.browser)
}
