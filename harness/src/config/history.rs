//! `[history]`: how many runs are kept.

use super::reader::Table;

/// So many, where nothing is said.
pub(super) const KEEP: usize = 50;
/// More than this are a slip of the finger.
const MOST: usize = 10_000;

/// `[history]`
pub(super) fn keep(root: &Table<'_>) -> usize {
    let Some(table) = root.section("history") else { return KEEP };
    table.only(&["keep"]);
    table.get("keep").and_then(|item| item.number(1..=MOST)).unwrap_or(KEEP)
}
