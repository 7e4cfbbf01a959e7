//! The film of an attempt: the pictures of its pages, with their times, as a video or as a page that shows them.
//!
//! The pictures are written while the test runs, as the trace is (`trace/journal.rs`). What is made of them afterwards is a function of
//! that file: a video (`WebM`), where somebody is there who can encode it, and otherwise a page with all pictures in it.

#[cfg(feature = "harness")]
mod encoder;
#[cfg(feature = "harness")]
mod page;
#[cfg(feature = "harness")]
mod reel;

#[cfg(feature = "harness")]
pub(crate) use encoder::Encoder;
#[cfg(feature = "harness")]
pub(crate) use page::make as make_page;
#[cfg(feature = "harness")]
pub(crate) use reel::Reel;

/// What is written while the attempt is made, and what is made of it: names in the folder of the attempt.
pub(crate) const RECORDS: &str = "video.jsonl";
pub(crate) const VIDEO: &str = "video.webm";
pub(crate) const PAGE: &str = "video.html";

/// Whether a file of an attempt is its film. What a test itself attached is elsewhere, whatever its name is.
#[cfg(feature = "harness")]
pub(crate) fn is_film(folder: &str, path: &str) -> bool {
    [VIDEO, PAGE]
        .iter()
        .any(|name| path.strip_prefix(folder).and_then(|rest| rest.strip_prefix('/')) == Some(name))
}
