//! Linux and macOS: a pair of sockets, and the mail server's own.

use std::io;
use std::net::TcpListener;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;

use rustix::io::fcntl_dupfd_cloexec;
#[cfg(feature = "mail")]
use serde::{Deserialize, Serialize};
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};

use crate::process::Wires;

/// What the run hears.
pub(crate) type Incoming = OwnedReadHalf;
/// What the run says.
pub(crate) type Outgoing = OwnedWriteHalf;
/// What the worker hears.
pub(crate) type Orders = UnixStream;
/// What the worker says.
pub(crate) type Words = UnixStream;

/// The run's ends, and what the process is started with. Must be called on a runtime.
pub(crate) fn pair(listener: Option<&TcpListener>) -> io::Result<(Incoming, Outgoing, Wires)> {
    let (here, there) = UnixStream::pair()?;
    here.set_nonblocking(true)?;
    let (incoming, outgoing) = tokio::net::UnixStream::from_std(here)?.into_split();
    let stdout = listener.map(|listener| listener.try_clone().map(OwnedFd::from)).transpose()?;
    Ok((incoming, outgoing, Wires { stdin: Some(OwnedFd::from(there)), stdout }))
}

/// The worker's ends.
pub(crate) struct Taken {
    pub(crate) orders: Orders,
    pub(crate) words: Words,
    #[cfg(feature = "mail")]
    pub(crate) mail: MailSocket,
}

/// The socket of the mail server, until it is asked for.
#[cfg(feature = "mail")]
pub(crate) struct MailSocket(Option<TcpListener>);

/// Which socket is the mail server's. It is known by its place.
#[cfg(feature = "mail")]
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Handed;

/// Hands the socket over to the process that was started with it.
#[cfg(feature = "mail")]
#[expect(clippy::unnecessary_wraps, reason = "Windows can refuse")]
pub(crate) fn hand(_listener: &TcpListener, _process: u32) -> io::Result<Handed> {
    Ok(Handed)
}

impl Taken {
    /// Takes them, so that tests find an empty input, and an output that is one.
    pub(crate) fn from_standard() -> io::Result<Self> {
        let socket = fcntl_dupfd_cloexec(rustix::stdio::stdin(), 3)?;
        // Whatever is no socket says so with the first question.
        rustix::net::sockopt::socket_type(&socket)?;
        let orders = UnixStream::from(socket);
        let words = orders.try_clone()?;
        rustix::stdio::dup2_stdin(std::fs::File::open("/dev/null")?)?;
        #[cfg(feature = "mail")]
        let mail = {
            let handed = fcntl_dupfd_cloexec(rustix::stdio::stdout(), 3)?;
            let is_socket = rustix::net::sockopt::socket_type(&handed).is_ok();
            MailSocket(is_socket.then(|| TcpListener::from(handed)))
        };
        rustix::stdio::dup2_stdout(rustix::stdio::stderr())?;
        Ok(Self {
            orders,
            words,
            #[cfg(feature = "mail")]
            mail,
        })
    }
}

#[cfg(feature = "mail")]
impl MailSocket {
    /// The socket of the mail server.
    pub(crate) fn take(&mut self, _: &Handed) -> io::Result<TcpListener> {
        self.0.take().ok_or_else(|| io::Error::other("there is no socket for the mail"))
    }
}
