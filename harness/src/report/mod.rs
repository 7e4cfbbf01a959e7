//! What people and programs are told of a run.

mod face;
mod json;
mod libtest;
mod message;
mod output;
mod terminal;

pub(crate) use face::{Expect, Face, Style, list};
pub(crate) use message::message;
pub(crate) use output::{printed, streamed};
pub(crate) use terminal::Terminal;
