//! `[trace]` and `[video]`: what is recorded of which attempts, and what is kept out of it.

use super::diagnostic::did_you_mean;
use super::reader::{Item, Table};

/// `[trace]`
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Trace {
    pub(crate) mode: RecordMode,
    /// Names of headers, fields and parameters whose values are kept out, besides those that always are.
    pub(crate) mask: Vec<String>,
}

/// Of which attempts a recording is left.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum RecordMode {
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

impl RecordMode {
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
pub(super) fn trace(root: &Table<'_>) -> Trace {
    let mut trace = Trace::default();
    if let Some(table) = root.section("trace") {
        table.only(&["mask", "mode"]);
        trace.mode = mode_of(&table, "a trace").unwrap_or_default();
        let mask = table.get("mask").and_then(|item| item.list("write mask = [\"x-api-key\", \"pin\"]"));
        let name = |item: Item<'_>| {
            let name = item.some_text("write the name of a header, a field or a parameter")?;
            Some(name.to_lowercase())
        };
        trace.mask = mask.into_iter().flatten().filter_map(name).collect();
    }
    let overriding = root.reader.overriding("CALLBOARD_TRACE", RecordMode::FORM, RecordMode::parse);
    trace.mode = overriding.unwrap_or(trace.mode);
    trace
}

/// `[video]`: of which attempts there is a film.
pub(super) fn video(root: &Table<'_>) -> RecordMode {
    let in_file = root.section("video").and_then(|table| {
        table.only(&["mode"]);
        mode_of(&table, "a film")
    });
    let overriding = root.reader.overriding("CALLBOARD_VIDEO", RecordMode::FORM, RecordMode::parse);
    // A film is for people who watch, and the trace has one besides.
    overriding.or(in_file).unwrap_or(RecordMode::Off)
}

/// The `mode` of a section that is about this.
fn mode_of(table: &Table<'_>, of: &str) -> Option<RecordMode> {
    let item = table.get("mode")?;
    let text = item.text()?;
    let mode = RecordMode::parse(text);
    if mode.is_none() {
        item.refuse(
            format!("{of} cannot be `{}`", text.escape_debug()),
            did_you_mean("modes", text, RecordMode::ALL.map(|(name, _)| name)),
        );
    }
    mode
}
