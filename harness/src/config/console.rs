//! `[console]`: what becomes of errors on the pages of a test.

use serde::{Deserialize, Serialize};

use super::diagnostic::did_you_mean;
use super::reader::{Item, Table};
use crate::model::Pattern;

/// `[console]`
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Console {
    pub(crate) on_error: OnError,
    /// Whether an answer with a status from 400 on is one, too.
    pub(crate) http_errors: bool,
    /// What is no error: matched against its text, `METHOD url` of its request, and the address of its source.
    pub(crate) allow: Vec<Pattern>,
}

/// What an error on a page makes of a test that otherwise passed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum OnError {
    /// Errored: the application did not work as it should, whatever the test looked at.
    #[default]
    Error,
    /// Failed.
    Fail,
    /// Passed. It is among the events all the same.
    Ignore,
}

const WORDS: [(&str, OnError); 3] =
    [("error", OnError::Error), ("fail", OnError::Fail), ("ignore", OnError::Ignore)];

pub(super) fn read(root: &Table<'_>) -> Console {
    let Some(table) = root.section("console") else { return Console::default() };
    table.only(&["allow", "http_errors", "on_error"]);
    let allow = table.get("allow").and_then(|item| item.list("write allow = ['a regular expression']"));
    Console {
        on_error: table.get("on_error").and_then(|item| on_error(&item)).unwrap_or_default(),
        http_errors: table.get("http_errors").and_then(|item| item.boolean()).unwrap_or_default(),
        allow: allow.unwrap_or_default().iter().filter_map(pattern).collect(),
    }
}

fn on_error(item: &Item<'_>) -> Option<OnError> {
    let word = item.text()?;
    let known = WORDS.iter().find(|(known, _)| *known == word);
    if known.is_none() {
        let help = did_you_mean("values", word, WORDS.iter().map(|(word, _)| *word));
        item.refuse(format!("`on_error` is {word:?}"), help);
    }
    known.map(|(_, on_error)| *on_error)
}

fn pattern(item: &Item<'_>) -> Option<Pattern> {
    let text =
        item.some_text("write what is expected, or remove it: an empty text would allow everything")?;
    match Pattern::new(text) {
        Ok(pattern) => Some(pattern),
        Err(error) => {
            item.refuse(
                format!("`allow` has what is no regular expression: {error}"),
                "write a backslash before a character that is meant as itself, \
                 and the whole in single quotes, as in '\\[ready\\]'",
            );
            None
        }
    }
}
