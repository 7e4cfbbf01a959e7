//! The slot's browser and what tests drive in it.
//!
//! One browser process runs for a slot and stays warm. Each [`Session`] gets an isolated context in it over the browser's
//! own socket; what a sign-in left behind is put into the context before the first page is opened. The driver is started,
//! and attaches to the page, with the first command that a test sends to it.

mod accessibility;
mod arrivals;
mod attachment;
pub(crate) mod awaited;
mod bidi;
mod calls;
mod cdp;
mod command;
mod connection;
pub(crate) mod console;
mod context;
pub(crate) mod dialog;
pub(crate) mod download;
mod driver;
pub(crate) mod emulation;
mod error;
mod evidence;
pub(crate) mod expect;
mod flags;
pub(crate) mod going;
pub(crate) mod locator;
pub(crate) mod network;
mod open;
mod pace;
mod pages;
mod profile;
mod renewal;
mod requests;
pub(crate) mod route;
mod running;
mod script;
mod session;
mod state;
pub(crate) mod tab;
#[cfg(all(test, unix))]
pub(crate) mod tests;
pub(crate) mod trace;
mod version;
mod webdriver;
mod witness;

pub(crate) use connection::{Connection, Source};
pub(crate) use error::BrowserError;
pub(crate) use open::{OpenSession, Start, Waits};
pub(crate) use pace::Pace;
pub(crate) use profile::is_of_browser;
pub(crate) use renewal::renewal;
pub(crate) use requests::{MOST as MOST_REQUESTS, sent_requests};
pub(crate) use running::{Browser, DriverEndpoint, DriverProgram, Endpoint, Options};
pub use session::Session;
pub(crate) use state::State;

/// The size of a page in a browser without a window, in CSS pixels.
const VIEWPORT: (u32, u32) = (1280, 720);
