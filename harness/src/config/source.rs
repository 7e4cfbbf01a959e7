//! The text of a file: its lines, and which parts of it no message may show.

use std::ops::Range;
use std::path::Path;

use toml::de::{DeTable, DeValue};

use super::diagnostic::{Diagnostic, Excerpt};

/// Parts of a key that say that its value is a secret.
const SECRET_WORDS: [&str; 5] = ["pass", "pwd", "secret", "token", "key"];

/// Keys of a role whose values may be shown; all others may be a misspelt `password`.
const SHOWN_OF_ROLES: [&str; 4] = ["username", "accounts", "accounts_file", "attributes"];

/// A file that was read.
#[derive(Debug)]
pub(super) struct Source {
    /// The file's name in messages.
    pub(super) shown: String,
    pub(super) text: String,
    hidden: Vec<Range<usize>>,
}

impl Source {
    pub(super) fn new(shown: String, text: String) -> Self {
        Self { shown, text, hidden: Vec::new() }
    }

    /// The number of the line with this byte, from 1.
    pub(super) fn line(&self, offset: usize) -> usize {
        1 + self.text.as_bytes().iter().take(offset).filter(|byte| **byte == b'\n').count()
    }

    /// A fault of these bytes.
    pub(super) fn fault(
        &self,
        span: Range<usize>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Diagnostic {
        let line = self.line(span.start);
        let start = self.text.floor_char_boundary(span.start);
        let line_start = self.text[..start].rfind('\n').map_or(0, |newline| newline + 1);
        let column = self.text[line_start..start].chars().count() + 1;
        let diagnostic = Diagnostic::new(message, help).at(format!("{}:{line}:{column}", self.shown));
        match self.excerpt(line, line_start, start..span.end) {
            Some(excerpt) => diagnostic.showing(excerpt),
            None => diagnostic,
        }
    }

    fn excerpt(&self, line: usize, line_start: usize, span: Range<usize>) -> Option<Excerpt> {
        let full = self.text[line_start..].lines().next().unwrap_or_default();
        let visible = full.len().min(self.secret_from(line_start, full));
        let shown = full[..visible].trim_end();
        if shown.is_empty() {
            return None;
        }
        let mark_start = span.start - line_start;
        let mark_end = shown.floor_char_boundary(span.end.saturating_sub(line_start));
        let marks = if mark_start <= shown.len() {
            let before = full[..mark_start].chars().map(|c| if c == '\t' { '\t' } else { ' ' });
            let width = full.get(mark_start..mark_end).map_or(0, |meant| meant.chars().count());
            before.chain(std::iter::repeat_n('^', width.max(1))).collect()
        } else {
            String::new()
        };
        let mut text: String = shown.chars().map(printable).collect();
        if visible < full.len() {
            text.push_str(" …");
        }
        Some(Excerpt { line, text, marks })
    }

    /// Up to where a line may be shown: a hidden part begins there, or the value of a password.
    fn secret_from(&self, line_start: usize, line: &str) -> usize {
        let line_end = line_start + line.len();
        let hidden = self.hidden.iter().filter(|part| part.start < line_end && part.end > line_start);
        let hidden = hidden.map(|part| part.start.saturating_sub(line_start)).min();
        let word = line.to_ascii_lowercase().find("password").map(|word| {
            let rest = &line[word + "password".len()..];
            line.len() - rest.trim_start_matches([' ', '\t', '=']).len()
        });
        hidden.into_iter().chain(word).min().unwrap_or(usize::MAX)
    }

    /// Hides what may be a secret in a file that was understood.
    pub(super) fn hide_secrets(&mut self, root: &DeTable<'_>) {
        for (name, section) in root {
            if name.get_ref() == "roles" {
                hide_roles(section.get_ref(), &mut self.hidden);
            } else {
                hide_by_key(section.get_ref(), &mut self.hidden);
            }
        }
    }

    /// Hides what may be a secret in a file that is not TOML: in the sections of roles, and after the
    /// first word that speaks of a secret, all values up to the next section.
    pub(super) fn hide_suspects(&mut self) {
        let mut secret = false;
        let mut start = 0;
        for line in self.text.split_inclusive('\n') {
            let content = line.trim();
            if content.starts_with('[') {
                secret = false;
            }
            let lower = content.to_ascii_lowercase();
            let role = lower.trim_start_matches(['[', ' ', '"', '\'']).starts_with("roles");
            secret = secret || role || SECRET_WORDS.iter().any(|word| lower.contains(word));
            if secret {
                let value = if content.starts_with('[') {
                    line.find(']').map_or(0, |end| end + 1)
                } else {
                    line.find('=').map_or(0, |equals| equals + 1)
                };
                self.hidden.push(start + value..start + line.len());
            }
            start += line.len();
        }
    }

    /// Whether these bytes must not be repeated in a message.
    pub(super) fn is_hidden(&self, span: &Range<usize>) -> bool {
        self.hidden.iter().any(|part| part.start < span.end && part.end > span.start)
    }
}

fn hide_roles(roles: &DeValue<'_>, hidden: &mut Vec<Range<usize>>) {
    for (_, role) in roles.as_table().into_iter().flatten() {
        let Some(keys) = role.get_ref().as_table() else {
            hidden.push(role.span());
            continue;
        };
        for (key, value) in keys {
            if SHOWN_OF_ROLES.contains(&key.get_ref().as_ref()) {
                hide_by_key(value.get_ref(), hidden);
            } else {
                hidden.push(value.span());
            }
        }
    }
}

fn hide_by_key(value: &DeValue<'_>, hidden: &mut Vec<Range<usize>>) {
    match value {
        DeValue::Table(table) => {
            for (key, value) in table {
                let key = key.get_ref().to_ascii_lowercase();
                if SECRET_WORDS.iter().any(|word| key.contains(word)) {
                    hidden.push(value.span());
                } else {
                    hide_by_key(value.get_ref(), hidden);
                }
            }
        }
        DeValue::Array(array) => {
            for value in array {
                hide_by_key(value.get_ref(), hidden);
            }
        }
        _ => {}
    }
}

fn printable(c: char) -> char {
    if c.is_control() && c != '\t' { char::REPLACEMENT_CHARACTER } else { c }
}

/// A path as messages show it: relative where it is below the current folder.
pub(super) fn shown(path: &Path) -> String {
    let below = std::env::current_dir().ok();
    let below = below.as_deref().and_then(|current| path.strip_prefix(current).ok());
    below.filter(|path| !path.as_os_str().is_empty()).unwrap_or(path).display().to_string()
}
