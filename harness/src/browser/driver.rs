//! A driver session attached to one page of a running browser.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use thirtyfour::extensions::query::ElementPollerWithTimeout;
use thirtyfour::{Capabilities, TimeoutConfiguration, WebDriver, WindowHandle};

use super::calls::Recorded;
use super::connection::Connection;
use super::error::{BrowserError, Hint};
use super::trace::PageTrace;

/// How long attaching may take. It takes 40 ms, unless the machine has far more to do than it can.
const ATTACH: Duration = Duration::from_mins(1);
/// How long a query for an element looks for it, and the pause between two looks: a page in a test
/// changes within milliseconds, and what is not there after seconds does not come.
const ELEMENT: Duration = Duration::from_secs(5);
const LOOK: Duration = Duration::from_millis(20);
/// Shorter than a test's deadline, so that the message is about the page.
const PAGE_LOAD: Duration = Duration::from_secs(30);
const SCRIPT: Duration = Duration::from_secs(30);

/// Ends the session with the driver when dropped, without waiting for it; the browser stays.
#[derive(Debug)]
pub(super) struct Driver {
    web_driver: WebDriver,
    connection: Connection,
}

impl Driver {
    /// A session of its own with the driver of the slot, on no page in particular yet.
    pub(super) async fn attach(connection: &Connection, trace: &PageTrace) -> Result<Self, BrowserError> {
        let endpoint = &connection.endpoint;
        let options = json!({ "debuggerAddress": endpoint.debugger_address });
        let mut capabilities = Capabilities::new();
        for (key, value) in [("browserName", json!("chrome")), ("goog:chromeOptions", options)] {
            capabilities.set(key, value).expect("plain JSON");
        }
        let attaching = async {
            let web_driver = WebDriver::builder(&endpoint.driver_url, capabilities)
                .client(Recorded::new(connection.http.clone(), trace.clone()))
                .poller(Arc::new(ElementPollerWithTimeout::new(ELEMENT, LOOK)))
                .connect()
                .await?;
            let driver = Self { web_driver, connection: connection.clone() };
            let timeouts = TimeoutConfiguration::new(Some(SCRIPT), Some(PAGE_LOAD), Some(Duration::ZERO));
            driver.web_driver.update_timeouts(timeouts).await?;
            Ok(driver)
        };
        match tokio::time::timeout(ATTACH, attaching).await {
            Ok(Ok(driver)) => Ok(driver),
            Ok(Err(source)) => {
                connection.check().await?;
                let error = BrowserError::Attach { source, hint: Hint::default() };
                Err(error.explained(&endpoint.browsers).await)
            }
            Err(_elapsed) => {
                Err(BrowserError::AttachTooSlow { waited: ATTACH, log: endpoint.driver_log.clone() })
            }
        }
    }

    /// Turns to a page. All sessions of a driver see all pages of the browser, so it is said which.
    pub(super) async fn turn_to(&self, target: &str) -> Result<(), BrowserError> {
        let failed = |source| BrowserError::Attach { source, hint: Hint::default() };
        self.web_driver.switch_to_window(WindowHandle::from(target)).await.map_err(failed)
    }

    pub(super) fn web_driver(&self) -> &WebDriver {
        &self.web_driver
    }

    /// Ends the session with the driver.
    ///
    /// Not by `WebDriver::quit`: a quit that fails is tried again when the last handle is dropped, on
    /// a new thread and with this one blocked.
    pub(super) fn detach(&self) -> impl Future<Output = ()> + Send + 'static {
        let already = self.web_driver.clone().leak().is_err();
        let url = format!("{}/session/{}", self.connection.endpoint.driver_url, self.web_driver.session_id());
        let http = self.connection.http.clone();
        async move {
            if !already {
                // A driver that is dead holds no session either.
                let _ = http.delete(url).send().await;
            }
        }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let detach = self.detach();
        // Without a runtime everything ends anyway, the driver included.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(detach);
        }
    }
}
