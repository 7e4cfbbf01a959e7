//! What a session dereferences to: a driver's session that begins when it is first used.

use std::sync::Arc;
use std::time::Duration;

use thirtyfour::extensions::query::ElementPollerWithTimeout;
use thirtyfour::{Capabilities, WebDriver};

use super::attachment::Attachment;
use super::calls::Recorded;
use super::connection::Connection;
use super::error::{BrowserError, Hint};
use super::trace::PageTrace;

/// How long a query for an element looks for it, and the pause between two looks: a page in a test
/// changes within milliseconds, and what is not there after seconds does not come.
const ELEMENT: Duration = Duration::from_secs(5);
const LOOK: Duration = Duration::from_millis(20);

/// Ends the session with the driver when dropped, without waiting for it; the browser stays.
#[derive(Debug)]
pub(super) struct Driver {
    web_driver: WebDriver,
    attachment: Arc<Attachment>,
}

impl Driver {
    /// A session on a page, with which the driver has nothing to do yet.
    pub(super) async fn new(
        connection: &Connection,
        attachment: Arc<Attachment>,
        trace: PageTrace,
        slow_mo: Duration,
    ) -> Result<Self, BrowserError> {
        let client = Recorded::new(attachment.clone(), trace, slow_mo);
        // All of it is answered by our client. The address is never asked; the driver's own is not known yet.
        let address = format!("http://{}", connection.endpoint.debugger_address);
        let web_driver = WebDriver::builder(address, Capabilities::new())
            .client(client.clone())
            .poller(Arc::new(ElementPollerWithTimeout::new(ELEMENT, LOOK)))
            .connect()
            .await
            .map_err(|error| BrowserError::Attach { message: error.to_string(), hint: Hint::default() })?;
        client.begins();
        Ok(Self { web_driver, attachment })
    }

    pub(super) fn web_driver(&self) -> &WebDriver {
        &self.web_driver
    }

    pub(super) fn attachment(&self) -> &Attachment {
        &self.attachment
    }

    /// Ends the session with the driver.
    ///
    /// Not by `WebDriver::quit`: a quit that fails is tried again when the last handle is dropped, on
    /// a new thread and with this one blocked.
    pub(super) fn detach(&self) -> impl Future<Output = ()> + Send + 'static {
        // The second time it says that it was.
        let _ = self.web_driver.clone().leak();
        let attachment = self.attachment.clone();
        async move { attachment.detach().await }
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
