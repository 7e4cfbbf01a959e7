//! A worker's way to the browser of its slot: the browser's socket and the driver's address.

use std::sync::Arc;
use std::time::Duration;

use super::arrivals::Arrivals;
use super::cdp::Cdp;
use super::error::BrowserError;
use super::running::Endpoint;

/// The longest that any command of the driver may take: more than any time-out that a test sets.
const COMMAND: Duration = Duration::from_mins(2);
/// How long a browser or a driver that lives may take to say so.
const PING: Duration = Duration::from_secs(2);

/// A connection to a running browser and its driver. Cheap to clone.
///
/// It belongs to the runtime in which it was made, and so do its sessions. When it is closed, by the
/// end of the runtime at the latest, the browser disposes of all contexts that were made through it.
#[derive(Debug, Clone)]
pub(crate) struct Connection {
    pub(super) cdp: Cdp,
    pub(super) arrivals: Arrivals,
    pub(super) http: reqwest::Client,
    pub(super) endpoint: Arc<Endpoint>,
}

impl Connection {
    /// Connects to a browser that was launched by this process or another one.
    pub(crate) async fn connect(endpoint: &Endpoint) -> Result<Self, BrowserError> {
        let cdp = Cdp::connect(&endpoint.web_socket_url, endpoint.browser_log.clone()).await?;
        let arrivals = Arrivals::watch(&cdp).await?;
        // The driver is on this machine, whatever the environment says about proxies.
        let http = reqwest::Client::builder().no_proxy().timeout(COMMAND).build().unwrap_or_default();
        Ok(Self { cdp, arrivals, http, endpoint: Arc::new(endpoint.clone()) })
    }

    /// An error if the browser or the driver is not there any more.
    ///
    /// Asked rather than remembered: after a crash the driver may tell the test before the socket tells us.
    pub(crate) async fn check(&self) -> Result<(), BrowserError> {
        let browser = self.cdp.call("Browser.getVersion", serde_json::json!({}));
        let driver = self.http.get(format!("{}/status", self.endpoint.driver_url)).send();
        let both = async { tokio::join!(browser, driver) };
        match tokio::time::timeout(PING, both).await {
            Ok((Err(gone @ BrowserError::Gone { .. }), _)) => Err(gone),
            // While it dies it may still accept a connection and reset it.
            Ok((_, Err(error))) if !error.is_timeout() => {
                Err(BrowserError::DriverGone { log: self.endpoint.driver_log.clone() })
            }
            // Slow is not gone.
            Ok(_) | Err(_) => Ok(()),
        }
    }
}
