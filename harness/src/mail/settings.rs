//! How a server is to be.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use super::protocol::Terms;

/// How a [`Server`](super::Server) is to be. The default is a server on any free port of `127.0.0.1` that takes
/// everything from everybody.
///
/// ```
/// use callboard::mail::Settings;
///
/// let settings = Settings::default().port(2525).credentials("mailer", "only-for-tests").max_message_size(1 << 20);
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct Settings {
    pub(super) address: SocketAddr,
    pub(super) terms: Terms,
    pub(super) timeout: Duration,
    pub(super) capacity: usize,
    pub(super) max_connections: usize,
    pub(super) idle_timeout: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            address: (Ipv4Addr::LOCALHOST, 0).into(),
            terms: Terms { max_message_size: 25 << 20, max_recipients: 1000, credentials: None, tls: false },
            timeout: Duration::from_secs(10),
            capacity: 256 << 20,
            max_connections: 100,
            // What RFC 5321 (4.5.3.2.7) asks of a server.
            idle_timeout: Duration::from_mins(5),
        }
    }
}

impl Settings {
    /// The port of `127.0.0.1`; 0, the default, is any that is free.
    pub fn port(mut self, port: u16) -> Self {
        self.address.set_port(port);
        self
    }

    /// The only username and password with which one may send. Without them, nobody has to give any, and all are right.
    pub fn credentials(mut self, username: impl Into<String>, password: impl Into<String>) -> Self {
        self.terms.credentials = Some((username.into(), password.into()));
        self
    }

    /// The longest message, in bytes; longer ones are refused with 552. Default: 25 MiB.
    pub fn max_message_size(mut self, bytes: usize) -> Self {
        self.terms.max_message_size = bytes;
        self
    }

    /// How many recipients a message may have; more are refused with 452. Default: 1,000.
    pub fn max_recipients(mut self, recipients: usize) -> Self {
        self.terms.max_recipients = recipients;
        self
    }

    /// How long [`Mailbox::next`](super::Mailbox::next) waits. Default: 10 seconds.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How much memory messages may take, those under way included, in bytes; more are refused with 452. Default: 256 MiB.
    pub fn capacity(mut self, bytes: usize) -> Self {
        self.capacity = bytes;
        self
    }

    /// How many connections there may be at a time; more are refused with 421. Default: 100.
    pub fn max_connections(mut self, connections: usize) -> Self {
        self.max_connections = connections;
        self
    }

    /// After how long a client that says nothing is shown out, with 421. Default: 5 minutes.
    pub fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.idle_timeout = timeout;
        self
    }

    /// Offers STARTTLS, with a certificate for `localhost` and `127.0.0.1` that is made when the server starts:
    /// [`Server::certificate`](super::Server::certificate). Default: no.
    #[cfg(feature = "mail-tls")]
    pub fn tls(mut self, offered: bool) -> Self {
        self.terms.tls = offered;
        self
    }
}
