//! `[reset]`, and how each service is brought back to the state in which its first test found it.

use std::time::Duration;

use super::Template;
use super::diagnostic::did_you_mean;
use super::reader::{Item, Table};
use super::services::command;
use super::template::Vocabulary;

const MINUTE: Duration = Duration::from_mins(1);
const WAYS: &str = "write reset = { command = [\"program\", \"argument\"] }, or reset = \"none\" for a service that keeps \
                    nothing; without `reset` it is started again on the files that it began with";

/// `[reset]`: when a slot is brought back to the state in which its first test found it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum When {
    /// Never: what a test leaves behind, the next one finds.
    Never,
    /// When a test did not pass: nobody knows how far it came.
    #[default]
    AfterFailure,
    /// After each test.
    AfterEach,
}

/// How a service of a slot is brought back.
#[derive(Debug, Clone)]
pub(crate) enum Reset {
    /// It is ended, and started again on the files that it began with.
    Restart,
    /// By this command, while it runs.
    Command {
        /// The program and its arguments; never empty.
        command: Vec<Template>,
        /// How long it may take.
        timeout: Duration,
    },
    /// Not at all: it keeps nothing that a test could change.
    Unneeded,
}

impl When {
    const ALL: [(&str, Self); 3] =
        [("never", Self::Never), ("after-failure", Self::AfterFailure), ("after-each", Self::AfterEach)];
    /// How it is written.
    pub(crate) const FORM: &str = "`never`, `after-failure` or `after-each`";

    /// The time of this name.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().find(|(name, _)| *name == text).map(|(_, when)| *when)
    }
}

/// `[reset]`
pub(super) fn when(root: &Table<'_>) -> When {
    let in_file = root.section("reset").and_then(|table| {
        table.only(&["when"]);
        when_of(&table.get("when")?)
    });
    let overriding = root.reader.overriding("CALLBOARD_RESET", When::FORM, When::parse);
    overriding.or(in_file).unwrap_or_default()
}

fn when_of(item: &Item<'_>) -> Option<When> {
    let text = item.text()?;
    let when = When::parse(text);
    if when.is_none() {
        item.refuse(
            format!("a slot cannot be reset `{}`", text.escape_debug()),
            did_you_mean("times", text, When::ALL.map(|(name, _)| name)),
        );
    }
    when
}

/// `reset` of a service of a slot.
pub(super) fn of_service(table: &Table<'_>, vocabulary: &Vocabulary<'_>) -> Reset {
    let Some(item) = table.get("reset") else { return Reset::Restart };
    if item.as_text() == Some("none") {
        return Reset::Unneeded;
    }
    if !item.is_table() {
        item.refuse("`reset` is none of the ways to reset a service", WAYS);
        return Reset::Restart;
    }
    by_command(&item, vocabulary).unwrap_or(Reset::Restart)
}

fn by_command(item: &Item<'_>, vocabulary: &Vocabulary<'_>) -> Option<Reset> {
    let table = item.table("`reset`")?;
    table.only(&["command", "timeout"]);
    let timeout = table.deadline("timeout", MINUTE);
    let command = command(&table.require("command", WAYS)?, vocabulary)?;
    Some(Reset::Command { command, timeout })
}

/// A service that all slots share is left alone when one of them is reset.
pub(super) fn refuse_of_run(table: &Table<'_>) {
    let Some(item) = table.get("reset") else { return };
    table.reader.refuse(
        item.key_span,
        "a service that all slots share is not reset: tests of other slots use it meanwhile",
        "leave `reset` out, or have each slot start one of its own, with `command` and scope = \"slot\"",
    );
}
