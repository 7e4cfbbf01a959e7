//! What is kept of a page when its test did not pass. None of it needs the driver.

use std::time::Duration;

use serde_json::json;

use super::accessibility;
use super::error::BrowserError;
use super::session::Session;

/// How long each may take.
const PICTURE: Duration = Duration::from_secs(5);

impl Session {
    /// The page as a PNG picture. It does not need the driver, which may be busy with what the test
    /// was waiting for.
    pub(crate) async fn screenshot_png(&self) -> Result<Vec<u8>, BrowserError> {
        let picture = self.tab().page().call("Page.captureScreenshot", json!({ "format": "png" }));
        let answer = in_time("picture", picture).await?;
        let data = answer["data"].as_str().unwrap_or_default();
        thirtyfour::support::base64_decode(data).map_err(|_| BrowserError::NoPicture { what: "picture" })
    }

    /// The page's document as HTML, as it is now.
    pub(crate) async fn page_source(&self) -> Result<String, BrowserError> {
        let html = in_time("text", self.tab().page().evaluate("document.documentElement.outerHTML")).await?;
        Ok(html.as_str().unwrap_or_default().to_owned())
    }

    /// The page's accessibility tree as text.
    pub(crate) async fn accessibility_tree(&self) -> Result<String, BrowserError> {
        in_time("accessibility tree", accessibility::tree(self.tab().page())).await
    }
}

async fn in_time<T>(
    what: &'static str,
    taking: impl Future<Output = Result<T, BrowserError>>,
) -> Result<T, BrowserError> {
    tokio::time::timeout(PICTURE, taking).await.unwrap_or(Err(BrowserError::NoPicture { what }))
}
