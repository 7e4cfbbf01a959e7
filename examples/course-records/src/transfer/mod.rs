//! CSV: what leaves the application as a table, and how courses come in as one.

pub(crate) mod export;
pub(crate) mod import;
