//! What people and programs are told of a run.

mod libtest;
mod message;
mod terminal;

pub(crate) use libtest::{Face, Style, list, print};
pub(crate) use message::message;
pub(crate) use terminal::Terminal;
