//! What can be tested without this machine's cargo and browsers.

mod apt;
mod args;
mod ensure;
mod fake;
mod firefox;
mod message;
mod mirror;
mod process;
