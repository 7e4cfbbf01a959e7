//! The trace of an attempt: a file to which is written what happens while the test runs, and the page that is made of it
//! afterwards.
//!
//! What is recorded is decided elsewhere (`browser/trace`). Here it is masked, bounded and written, by a thread of its own,
//! record by record, so that a crash leaves all that happened before it. The page is a function of that file.

mod journal;
mod page;
mod record;
mod secrets;

pub(crate) use journal::{Bounds, Journal};
pub(crate) use page::{make as make_page, whole_lines, write_records};
pub(crate) use record::{Cut, Exchange, What};
pub(crate) use secrets::Secrets;

/// What is written while the attempt is made, and what is made of it: names in the folder of the attempt.
pub(crate) const RECORDS: &str = "trace.jsonl";
pub(crate) const PAGE: &str = "trace.html";
