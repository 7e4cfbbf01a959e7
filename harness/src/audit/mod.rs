//! What the accounts of a role see, compared: which of them are not as the others are.
//!
//! `checks` makes of suite and configuration what is to be executed, a sign-in and the role's probes for each account;
//! `gather` takes the answers from the run's story; `compare`, without I/O, says where they are not the same; `document` is
//! `audit.json`, and `words` what people are told.

mod checks;
mod compare;
mod document;
mod gather;
mod words;

pub(crate) use checks::{Checks, Wanted};
pub(crate) use document::Document;
pub(crate) use gather::gather;
pub(crate) use words::told;
