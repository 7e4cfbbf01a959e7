//! `[trace]`: of which attempts a trace is made, and what is kept out of it.

use super::diagnostic::did_you_mean;
use super::reader::{Item, Table};

/// `[trace]`
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Trace {
    pub(crate) mode: TraceMode,
    /// Names of headers, fields and parameters whose values are kept out, besides those that always are.
    pub(crate) mask: Vec<String>,
}

/// Of which attempts a trace is left.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum TraceMode {
    /// Of all.
    On,
    /// Of none.
    Off,
    /// Of those that did not pass.
    RetainOnFailure,
    /// Of the second attempt of a test that did not pass at first. The default, because it costs nothing where tests pass.
    #[default]
    OnFirstRetry,
}

impl TraceMode {
    const ALL: [(&str, Self); 4] = [
        ("on", Self::On),
        ("off", Self::Off),
        ("retain-on-failure", Self::RetainOnFailure),
        ("on-first-retry", Self::OnFirstRetry),
    ];
    /// How it is written.
    pub(crate) const FORM: &str = "`on`, `off`, `retain-on-failure` or `on-first-retry`";

    /// The mode of this name.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().find(|(name, _)| *name == text).map(|(_, mode)| *mode)
    }

    /// Whether one is begun for this attempt of a test, counted from 1.
    pub(crate) fn begins(self, attempt: u32) -> bool {
        match self {
            Self::Off => false,
            Self::On | Self::RetainOnFailure => true,
            Self::OnFirstRetry => attempt == 2,
        }
    }

    /// Whether one that was begun is left when the attempt is over.
    pub(crate) fn keeps(self, is_bad: bool) -> bool {
        is_bad || self != Self::RetainOnFailure
    }
}

/// `[trace]`
pub(super) fn read(root: &Table<'_>) -> Trace {
    let mut trace = Trace::default();
    if let Some(table) = root.section("trace") {
        table.only(&["mask", "mode"]);
        trace.mode = table.get("mode").and_then(|item| mode_of(&item)).unwrap_or_default();
        let mask = table.get("mask").and_then(|item| item.list("write mask = [\"x-api-key\", \"pin\"]"));
        let name = |item: Item<'_>| {
            let name = item.some_text("write the name of a header, a field or a parameter")?;
            Some(name.to_lowercase())
        };
        trace.mask = mask.into_iter().flatten().filter_map(name).collect();
    }
    let overriding = root.reader.overriding("CALLBOARD_TRACE", TraceMode::FORM, TraceMode::parse);
    trace.mode = overriding.unwrap_or(trace.mode);
    trace
}

fn mode_of(item: &Item<'_>) -> Option<TraceMode> {
    let text = item.text()?;
    let mode = TraceMode::parse(text);
    if mode.is_none() {
        item.refuse(
            format!("a trace cannot be `{}`", text.escape_debug()),
            did_you_mean("modes", text, TraceMode::ALL.map(|(name, _)| name)),
        );
    }
    mode
}
