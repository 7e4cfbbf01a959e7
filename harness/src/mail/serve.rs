//! The mail server of a slot: its socket is bound by the run, and served in whichever process the slot's tests are, on a
//! thread of its own. So the port is taken, and connections wait, also while no worker lives.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::thread::JoinHandle;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;

use super::error::MailError;
use super::mailbox::Mailbox;
use super::server::Server;
use super::settings::Settings;
#[cfg(feature = "mail-tls")]
use super::tls::Identity;

/// A socket, and how the server on it is to be.
#[derive(Debug)]
pub(crate) struct Bound {
    pub(crate) listener: TcpListener,
    pub(crate) wire: Wire,
}

/// How a server is to be, as one process tells another.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Wire {
    address: SocketAddr,
    max_message_size: usize,
    max_recipients: usize,
    credentials: Option<(String, String)>,
    timeout: Duration,
    capacity: usize,
    max_connections: usize,
    idle_timeout: Duration,
    #[cfg(feature = "mail-tls")]
    identity: Option<Identity>,
}

/// A server at work.
#[derive(Debug)]
pub(crate) struct Served {
    mailbox: Mailbox,
    end: oneshot::Sender<()>,
    thread: JoinHandle<()>,
}

impl Bound {
    /// Takes the port. Connections wait from then on.
    pub(crate) fn new(settings: Settings) -> Result<Self, MailError> {
        let Settings { address, terms, timeout, capacity, max_connections, idle_timeout } = settings;
        let listener = TcpListener::bind(address).map_err(|error| MailError::start(address, error))?;
        let wire = Wire {
            address,
            max_message_size: terms.max_message_size,
            max_recipients: terms.max_recipients,
            credentials: terms.credentials,
            timeout,
            capacity,
            max_connections,
            idle_timeout,
            #[cfg(feature = "mail-tls")]
            identity: if terms.tls { Some(Identity::new()?) } else { None },
        };
        Ok(Self { listener, wire })
    }

    /// The certificate of STARTTLS as PEM, if that is offered.
    #[cfg(feature = "mail-tls")]
    pub(crate) fn certificate(&self) -> Option<String> {
        self.wire.identity.as_ref().map(Identity::pem)
    }

    /// Serves the socket in this process.
    pub(crate) fn serve(self) -> io::Result<Served> {
        let Self { listener, wire } = self;
        listener.set_nonblocking(true)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let server = {
            let _inside = runtime.enter();
            Server::on(
                tokio::net::TcpListener::from_std(listener)?,
                wire.settings(),
                #[cfg(feature = "mail-tls")]
                wire.identity.as_ref(),
            )?
        };
        let mailbox = server.mailbox();
        let (end, ended) = oneshot::channel();
        let thread = std::thread::Builder::new().name("callboard mail".to_owned()).spawn(move || {
            runtime.block_on(async {
                // Also when nobody is there any more who could say so.
                let _ = ended.await;
                server.stop().await;
            });
        })?;
        Ok(Served { mailbox, end, thread })
    }
}

impl Wire {
    fn settings(&self) -> Settings {
        let mut settings = Settings { address: self.address, ..Settings::default() }
            .max_message_size(self.max_message_size)
            .max_recipients(self.max_recipients)
            .timeout(self.timeout)
            .capacity(self.capacity)
            .max_connections(self.max_connections)
            .idle_timeout(self.idle_timeout);
        if let Some((username, password)) = &self.credentials {
            settings = settings.credentials(username, password);
        }
        #[cfg(feature = "mail-tls")]
        let settings = settings.tls(self.identity.is_some());
        settings
    }
}

impl std::fmt::Debug for Wire {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Wire").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Served {
    pub(crate) fn mailbox(&self) -> Mailbox {
        self.mailbox.clone()
    }

    /// Closes all connections, and waits until the port is free.
    pub(crate) fn stop(self) {
        drop(self.end);
        let _ = self.thread.join();
    }
}
