//! Names and addresses that nothing else has.

use std::process;
use std::sync::atomic::{AtomicU32, Ordering};

/// `Philosophy 4711-3`: unlike every other name in the slot's database, whichever test, attempt or process
/// made it. Short enough for a course's code.
pub(crate) fn unique(what: &str) -> String {
    static COUNT: AtomicU32 = AtomicU32::new(1);
    format!("{what} {}-{}", process::id(), COUNT.fetch_add(1, Ordering::Relaxed))
}

/// The address of somebody with such a name: `Grace Hopper 4711-3` has `grace.hopper.4711-3@example.test`.
pub(crate) fn address(name: &str) -> String {
    format!("{}@example.test", name.to_lowercase().replace(' ', "."))
}
