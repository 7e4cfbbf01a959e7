//! A worker's way to the browser of its slot: the browser's socket, and how to get a driver.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;

use super::arrivals::Arrivals;
use super::cdp::Cdp;
use super::download::Downloads;
use super::error::BrowserError;
use super::running::{DriverEndpoint, Endpoint, Protocol};
use crate::model::Problem;

/// The longest that any command of the driver may take: more than any time-out that a test sets.
const COMMAND: Duration = Duration::from_mins(2);
/// How long a browser or a driver that lives may take to say so.
pub(super) const PING: Duration = Duration::from_secs(2);

/// Gives the address of a program of the slot, and starts it first where there is none, or only the one at the address that is
/// known to be gone.
pub(crate) type Source<T> =
    Arc<dyn Fn(Option<String>) -> BoxFuture<'static, Result<T, Problem>> + Send + Sync>;

/// A connection to a running browser. Cheap to clone.
///
/// It belongs to the runtime in which it was made, and so do its sessions. When it is closed, by the
/// end of the runtime at the latest, the browser disposes of all contexts that were made through it.
#[derive(Clone)]
pub(crate) struct Connection {
    pub(super) cdp: Cdp,
    pub(super) arrivals: Arrivals,
    pub(super) downloads: Downloads,
    /// To drivers.
    pub(super) http: reqwest::Client,
    pub(super) driver: Source<DriverEndpoint>,
    /// The window that the driver is at, where all share its session; held by who is using it.
    pub(super) window: Arc<tokio::sync::Mutex<String>>,
    /// Held by the session that has the browser's own context, where there is no other.
    pub(super) only: Arc<tokio::sync::Mutex<()>>,
    pub(super) endpoint: Arc<Endpoint>,
}

impl Connection {
    /// Connects to a browser that was launched by this process or another one.
    pub(crate) async fn connect(
        endpoint: &Endpoint,
        driver: Source<DriverEndpoint>,
    ) -> Result<Self, BrowserError> {
        let (url, log) = (&endpoint.web_socket_url, endpoint.log.clone());
        let cdp = match endpoint.protocol {
            Protocol::Cdp => Cdp::connect(url, log).await?,
            Protocol::Bidi => Cdp::connect_bidi(url, log).await?,
        };
        let downloads = Downloads::watch(&cdp);
        let arrivals = Arrivals::watch(&cdp).await?;
        let mut http = reqwest::Client::builder().timeout(COMMAND);
        if endpoint.browsers.is_some() {
            // The driver is on this machine, whatever the environment says about proxies.
            http = http.no_proxy();
        }
        let http = http.build().unwrap_or_default();
        let (window, only, endpoint) = (Arc::default(), Arc::default(), Arc::new(endpoint.clone()));
        Ok(Self { cdp, arrivals, downloads, http, driver, window, only, endpoint })
    }

    /// An error if the browser is not there any more.
    ///
    /// Asked rather than remembered: after a crash the driver may tell the test before the socket tells us.
    pub(crate) async fn check(&self) -> Result<(), BrowserError> {
        let version = self.cdp.call("Browser.getVersion", serde_json::json!({}));
        match tokio::time::timeout(PING, version).await {
            Ok(Err(gone @ BrowserError::Gone { .. })) => Err(gone),
            // Slow is not gone.
            Ok(_) | Err(_) => Ok(()),
        }
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection").field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}
