//! `[report]`: which reports a run leaves.

use super::reader::Table;

/// `[report]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reports(Vec<&'static str>);

/// Those that there are, and whether one is made where nothing is said.
const KEYS: [(&str, bool); 4] = [("html", true), ("junit", true), ("markdown", true), ("timeline", false)];

impl Default for Reports {
    fn default() -> Self {
        Self(KEYS.iter().filter(|(_, by_default)| *by_default).map(|(key, _)| *key).collect())
    }
}

impl Reports {
    /// Whether the report of this key is to be made.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.0.contains(&key)
    }

    /// None of them.
    #[cfg(feature = "harness")]
    pub(crate) fn none() -> Self {
        Self(Vec::new())
    }

    /// All that there are.
    pub(crate) fn all() -> Self {
        Self(KEYS.map(|(key, _)| key).to_vec())
    }
}

/// `[report]`
pub(super) fn read(root: &Table<'_>) -> Reports {
    let Some(table) = root.section("report") else { return Reports::default() };
    table.only(&KEYS.map(|(key, _)| key));
    let asked = |(key, by_default): &(&'static str, bool)| {
        let asked = table.get(key).and_then(|item| item.boolean());
        asked.unwrap_or(*by_default).then_some(*key)
    };
    Reports(KEYS.iter().filter_map(asked).collect())
}
