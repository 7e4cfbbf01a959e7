//! Mail of the application under test: a server that keeps what is sent to it, and the mailbox in which tests read it.
//!
//! In a run of end-to-end tests each slot has a server of its own, on one of its ports, when `callboard.toml` says so:
//!
//! ```toml
//! [ports]
//! smtp = 4002
//!
//! [mail]
//! port = "smtp"
//! ```
//!
//! Tests take `&`[`Mailbox`] as an argument. Other tests start a [`Server`] themselves.
//!
//! The server speaks SMTP with PIPELINING, 8BITMIME, SMTPUTF8, SIZE, enhanced status codes, AUTH PLAIN and LOGIN and, with
//! feature `mail-tls`, STARTTLS. It delivers nothing to anybody.

mod content;
mod error;
mod letter;
mod links;
mod mailbox;
mod matching;
mod message;
mod post;
mod protocol;
mod serve;
mod server;
mod settings;
#[cfg(test)]
mod tests;
#[cfg(feature = "mail-tls")]
mod tls;

pub use error::MailError;
pub use links::Link;
pub use mailbox::{Mailbox, Rule};
pub use matching::{Matching, any, body_contains, from, subject_contains, to};
pub use message::{Attachment, Message};
pub(crate) use serve::{Bound, Served, Wire};
pub use server::Server;
pub use settings::Settings;
