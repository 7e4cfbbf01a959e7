//! What can be wrong with mail, in the words of a test's failure.

use std::fmt::Write as _;
use std::io;
use std::net::SocketAddr;
use std::panic::Location;

use super::links::Link;
use super::message::Message;

/// As many messages and links are shown in an error.
const SHOWN: usize = 20;

/// Why a [`Mailbox`](super::Mailbox), a [`Message`] or a [`Server`](super::Server) could not do what was asked of it.
///
/// Its text says what was waited for and what came instead.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// use std::time::Duration;
/// use callboard::mail::{Server, Settings, to};
///
/// let server = Server::start(Settings::default()).await.unwrap();
/// let waited = server.mailbox().next_within(to("ida@example.test"), Duration::from_millis(1)).await;
/// let error = waited.unwrap_err();
/// assert!(error.to_string().starts_with("no message to ida@example.test arrived within 1ms"));
/// assert!(error.location().is_some());
/// # });
/// ```
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct MailError {
    message: String,
    location: Option<&'static Location<'static>>,
    #[source]
    source: Option<io::Error>,
}

impl MailError {
    /// The call that it is about, of those that a test makes.
    pub fn location(&self) -> Option<&'static Location<'static>> {
        self.location
    }

    pub(super) fn new(message: String, location: &'static Location<'static>) -> Self {
        Self { message, location: Some(location), source: None }
    }

    pub(super) fn start(address: SocketAddr, source: io::Error) -> Self {
        Self { message: format!("cannot receive mail on {address}"), location: None, source: Some(source) }
    }

    #[cfg(feature = "mail-tls")]
    pub(crate) fn certificate(source: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self {
            message: "cannot make a certificate for STARTTLS".to_owned(),
            location: None,
            source: Some(io::Error::other(source)),
        }
    }

    pub(super) fn no_link(
        wanted: &str,
        message: &Message,
        links: &[Link],
        location: &'static Location<'static>,
    ) -> Self {
        let mut text = format!("no link with {wanted:?} in its text or address is in {message}");
        if links.is_empty() {
            text.push_str("\n  it has no links at all");
        } else {
            text.push_str("\n  its links:");
        }
        list(&mut text, links, ToString::to_string);
        Self::new(text, location)
    }
}

/// Adds a line for each thing, up to a number that can still be read.
pub(super) fn list<T>(text: &mut String, things: &[T], shown: impl Fn(&T) -> String) {
    for thing in things.iter().take(SHOWN) {
        let _ = write!(text, "\n    {}", shown(thing));
    }
    if things.len() > SHOWN {
        let _ = write!(text, "\n    and {} more", things.len() - SHOWN);
    }
}
