//! What an analysis says in the end: `document` has all of it as data, with what is known of each `failure`; `markdown` composes the
//! sentences, and `html` is the same to look at.

mod curve;
mod document;
mod failure;
mod html;
mod kind;
mod markdown;
mod outlook;
#[cfg(test)]
mod tests;

pub(crate) use document::{Document, FORMAT, Replay, replays};
pub(crate) use html::html;
pub(crate) use markdown::markdown;
