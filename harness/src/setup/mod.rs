//! Finding the browser and its driver: how an `xtask` knows whether it has to install them.
//!
//! ```no_run
//! let found = callboard::setup::find(None, None)?;
//! println!("{} with {}", found.browser.display(), found.driver.display());
//! # Ok::<(), callboard::setup::BrowserNotFound>(())
//! ```

mod find;
#[cfg(test)]
mod tests;

use std::path::Path;

use crate::config::Config;
pub use find::{BrowserNotFound, Browsers, Looked, Machine, find, find_firefox, find_with_window};

/// As [`find`], with the executables that the `callboard.toml` of a package names.
///
/// `package` is the package's folder. A configuration that is wrong names none here: the run says what
/// is wrong with it.
pub fn find_for(package: &Path) -> Result<Browsers, BrowserNotFound> {
    let browser = Config::load(package, &|name| std::env::var(name).ok()).ok().map(|config| config.browser);
    let browser = browser.as_ref();
    find(
        browser.and_then(|browser| browser.executable.as_deref()),
        browser.and_then(|browser| browser.driver.as_deref()),
    )
}
