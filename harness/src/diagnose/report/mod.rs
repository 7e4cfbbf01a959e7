//! What an analysis says in the end: `document` has all of it as data, `markdown` composes the sentences.

mod document;
mod kind;
mod markdown;

pub(crate) use document::{Document, FORMAT, Replay, replays};
pub(crate) use markdown::markdown;
