//! A browser for one test: a WebDriver session of its own, as thirtyfour's documentation has it.

use thirtyfour::prelude::*;
use thirtyfour::testing::run_browser_test;

/// What a test returns that the runner can show.
pub type Tested = Result<(), Box<dyn std::error::Error + Send + Sync>>;

/// Runs the test in the browser of `PEERS_BROWSER`, by the driver at `PEERS_DRIVER`.
pub async fn in_browser<F, T>(test: F) -> Tested
where
    F: FnOnce(WebDriver) -> T,
    T: Future<Output = Tested>,
{
    let mut wanted = DesiredCapabilities::chrome();
    wanted.set_binary(&variable("PEERS_BROWSER"))?;
    wanted.set_headless()?;
    wanted.set_no_sandbox()?;
    run_browser_test(WebDriver::new(variable("PEERS_DRIVER"), wanted), test).await?;
    Ok(())
}

/// The application, without a slash at the end.
pub fn site() -> String {
    variable("PEERS_SITE")
}

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("`cargo xtask bench peers` sets {name}"))
}
