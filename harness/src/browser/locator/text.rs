//! How a text is compared: with locators and expectations.

use std::fmt;

use serde::Serialize;

use crate::browser::session::Session;

/// A text to look for. A plain `&str` or `String` means what is usual in its place: a locator finds texts that contain it,
/// in upper or lower case; `to_have_text` wants the whole text as it is written.
///
/// White space counts as one space wherever texts are compared, and none at the ends.
///
/// ```
/// use callboard::{Session, exact, matching};
///
/// # async fn finds(session: &Session) {
/// session.by_text("welcome");             // "Welcome back!"
/// session.by_text(exact("Welcome"));      // "Welcome"
/// session.by_text(matching(r"^\d+ new")); // "12 new messages"
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    words: String,
    how: How,
    any_case: Option<bool>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum How {
    Plain,
    Exact,
    Regex,
}

/// The whole text, as it is written.
pub fn exact(text: impl Into<String>) -> Text {
    Text { words: text.into(), how: How::Exact, any_case: None }
}

/// A text in which this regular expression finds something. It is one of JavaScript (with the flag `u`), for the page
/// looks itself; an expression that is none is an error of the action or the expectation.
pub fn matching(regex: impl Into<String>) -> Text {
    Text { words: regex.into(), how: How::Regex, any_case: None }
}

impl Text {
    /// Upper and lower case are the same.
    #[must_use]
    pub fn any_case(self) -> Self {
        Self { any_case: Some(true), ..self }
    }

    /// Upper and lower case are different.
    #[must_use]
    pub fn same_case(self) -> Self {
        Self { any_case: Some(false), ..self }
    }

    /// Exactly, unless it says how.
    pub(super) fn exactly(self) -> Self {
        if self.how == How::Plain { exact(self.words) } else { self }
    }

    /// As a locator looks for it.
    pub(in crate::browser) fn to_find(&self) -> Pattern {
        let how = if self.how == How::Plain { "contains" } else { self.how() };
        self.pattern(how, self.how == How::Plain)
    }

    /// As an expectation of a whole text has it.
    pub(in crate::browser) fn whole(&self) -> Pattern {
        let how = if self.how == How::Plain { "exact" } else { self.how() };
        self.pattern(how, false)
    }

    /// As an expectation of a part of a text has it.
    pub(in crate::browser) fn part(&self) -> Pattern {
        let how = if self.how == How::Regex { "regex" } else { "contains" };
        self.pattern(how, false)
    }

    /// As the address of a page: a path is one of the application.
    pub(in crate::browser) fn resolved(&self, session: &Session) -> Pattern {
        let whole = self.whole();
        if self.how == How::Regex {
            return whole;
        }
        Pattern { text: session.url_of(&self.words), ..whole }
    }

    fn how(&self) -> &'static str {
        if self.how == How::Regex { "regex" } else { "exact" }
    }

    fn pattern(&self, how: &'static str, any_case: bool) -> Pattern {
        Pattern { text: self.words.clone(), how, any_case: self.any_case.unwrap_or(any_case) }
    }
}

impl<T: Into<String>> From<T> for Text {
    fn from(text: T) -> Self {
        Self { words: text.into(), how: How::Plain, any_case: None }
    }
}

/// A text as the page compares it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(in crate::browser) struct Pattern {
    text: String,
    how: &'static str,
    any_case: bool,
}

impl Pattern {
    /// As an expectation says it: `"Save"`, `/^Save/i`.
    pub(in crate::browser) fn quoted(&self) -> String {
        if self.how == "regex" { self.to_string() } else { format!("{:?}", self.text) }
    }
}

impl fmt::Display for Pattern {
    /// As a selector has it: `Save`, `"Save"`, `/^Save/i`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.how {
            "regex" => write!(f, "/{}/{}", self.text, if self.any_case { "i" } else { "" }),
            "exact" => {
                write!(f, "\"{}\"", self.text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
            }
            _ => f.write_str(&self.text),
        }
    }
}
