//! What people and programs are told of a run.

mod face;
mod json;
mod libtest;
mod message;
mod terminal;

pub(crate) use face::{Face, Style, list};
pub(crate) use message::message;
pub(crate) use terminal::Terminal;
