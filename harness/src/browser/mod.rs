//! The slot's browser and what tests drive in it.
//!
//! One browser process and one driver run for a slot and stay warm. Each [`Session`] gets an isolated
//! context in it over the browser's own socket, and the driver attaches to the page in that context;
//! what a sign-in left behind is put into the context before the first page is opened.

mod accessibility;
mod arrivals;
mod calls;
mod cdp;
mod command;
mod connection;
mod driver;
mod error;
pub(crate) mod expect;
mod flags;
pub(crate) mod locator;
mod open;
mod profile;
mod renewal;
mod running;
mod script;
mod session;
mod state;
pub(crate) mod tab;
#[cfg(test)]
mod tests;
pub(crate) mod trace;
mod version;
#[allow(dead_code, reason = "for now, who uses it is being written")]
mod witness;

pub(crate) use connection::Connection;
pub(crate) use error::BrowserError;
pub(crate) use open::{OpenSession, Start, Waits};
pub(crate) use profile::is_of_browser;
pub(crate) use renewal::renewal;
pub(crate) use running::{Browser, Endpoint, Options};
pub use session::Session;
pub(crate) use state::State;

/// The size of a page in a browser without a window, in CSS pixels.
const VIEWPORT: (u32, u32) = (1280, 720);
