//! Windows: two pipes, and the mail server's socket by the system's description of it.

use std::io;
use std::net::TcpListener;
use std::os::windows::io::{AsHandle, OwnedHandle};

use tokio::process::{ChildStdin, ChildStdout};

use super::super::native;
use crate::process::Wires;

/// What the run hears. Read by a thread of the runtime's own: pipes that have no name cannot be waited for otherwise.
pub(crate) type Incoming = ChildStdout;
/// What the run says.
pub(crate) type Outgoing = ChildStdin;
/// What the worker hears.
pub(crate) type Orders = std::fs::File;
/// What the worker says.
pub(crate) type Words = std::fs::File;

/// The run's ends, and what the process is started with. Must be called on a runtime.
pub(crate) fn pair(_listener: Option<&TcpListener>) -> io::Result<(Incoming, Outgoing, Wires)> {
    let (orders, outgoing) = io::pipe()?;
    let (incoming, words) = io::pipe()?;
    let incoming = ChildStdout::from_std(OwnedHandle::from(incoming).into())?;
    let outgoing = ChildStdin::from_std(OwnedHandle::from(outgoing).into())?;
    Ok((incoming, outgoing, Wires { stdin: Some(orders.into()), stdout: Some(words.into()) }))
}

/// The worker's ends.
pub(crate) struct Taken {
    pub(crate) orders: Orders,
    pub(crate) words: Words,
    #[cfg(feature = "mail")]
    pub(crate) mail: MailSocket,
}

impl Taken {
    /// Takes them, so that tests find an empty input, and an output that is one.
    pub(crate) fn from_standard() -> io::Result<Self> {
        let (stdin, stdout) = (io::stdin(), io::stdout());
        if !native::is_pipe(stdin.as_handle()) || !native::is_pipe(stdout.as_handle()) {
            return Err(io::Error::other("its input and output are no pipes"));
        }
        // Copies, which no child inherits.
        let orders = stdin.as_handle().try_clone_to_owned()?.into();
        let words = stdout.as_handle().try_clone_to_owned()?.into();
        native::point_away()?;
        Ok(Self {
            orders,
            words,
            #[cfg(feature = "mail")]
            mail: MailSocket,
        })
    }
}

/// The socket of the mail server: there is nothing of it here before it is described.
#[cfg(feature = "mail")]
pub(crate) struct MailSocket;

/// What the system says of the socket, for one process.
#[cfg(feature = "mail")]
pub(crate) type Handed = Vec<u8>;

/// Hands the socket over to a process.
#[cfg(feature = "mail")]
pub(crate) fn hand(listener: &TcpListener, process: u32) -> io::Result<Handed> {
    native::describe(listener, process)
}

#[cfg(feature = "mail")]
impl MailSocket {
    /// The socket of the mail server.
    #[expect(clippy::needless_pass_by_ref_mut, clippy::unused_self, reason = "elsewhere it is there already")]
    pub(crate) fn take(&mut self, handed: &Handed) -> io::Result<TcpListener> {
        native::described(handed)
    }
}
