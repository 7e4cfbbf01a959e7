//! `[audit]`: whether accounts are compared before the tests run.

use super::diagnostic::did_you_mean;
use super::reader::{Item, Table};

/// `audit.before_run`
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum BeforeRun {
    /// Not at all.
    #[default]
    No,
    /// A difference is told, and the tests run.
    Warn,
    /// A difference is told, and no test runs.
    Stop,
}

impl BeforeRun {
    const ALL: [(&str, Self); 3] = [("true", Self::Stop), ("false", Self::No), ("warn", Self::Warn)];
    /// How it is written.
    const FORM: &str = "`true`, `false` or `warn`";

    fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().find(|(name, _)| *name == text).map(|(_, before)| *before)
    }
}

/// `[audit]`
pub(super) fn before_run(root: &Table<'_>) -> BeforeRun {
    let in_file = root.section("audit").and_then(|table| {
        table.only(&["before_run"]);
        of_item(&table.get("before_run")?)
    });
    let overriding = root.reader.overriding("CALLBOARD_AUDIT_BEFORE_RUN", BeforeRun::FORM, BeforeRun::parse);
    overriding.or(in_file).unwrap_or_default()
}

fn of_item(item: &Item<'_>) -> Option<BeforeRun> {
    let Some(text) = item.as_text() else {
        return item.boolean().map(|stop| if stop { BeforeRun::Stop } else { BeforeRun::No });
    };
    let warn = (text == "warn").then_some(BeforeRun::Warn);
    if warn.is_none() {
        let wrong = format!("`before_run` cannot be \"{}\"", text.escape_debug());
        let help = match BeforeRun::parse(text) {
            Some(_) => format!("write before_run = {text}, without quotes"),
            None => format!(
                "{}; true and false are written without quotes",
                did_you_mean("values", text, BeforeRun::ALL.map(|(name, _)| name))
            ),
        };
        item.refuse(wrong, help);
    }
    warn
}
