//! Why something could not be done with a page, or is not as expected: in words for who reads the report.

use std::fmt::{self, Write as _};
use std::panic::Location;
use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;
use thirtyfour::error::WebDriverError;

use super::parse::SelectorFault;
use crate::browser::error::BrowserError;
use crate::model::{chain, seconds};

/// Something could not be done with a page, or it is not as was expected.
///
/// Its message says what was tried, what was last seen, for how long and how often it was looked, and shows the element.
#[derive(Debug)]
pub struct PageError(Box<Told>);

#[derive(Debug)]
struct Told {
    /// ``click on `#save` ``
    what: String,
    why: Why,
    location: &'static Location<'static>,
}

/// See [`PageError`].
#[derive(Debug)]
pub(in crate::browser) enum Why {
    Selector(SelectorFault),
    /// More elements than one.
    Strict {
        count: u64,
        matches: Vec<String>,
    },
    /// Not in its time.
    TooLate {
        limit: Duration,
        /// And so much more, as the machine did not run us.
        extension: String,
        seen: Seen,
    },
    /// The element is not of a kind with which this can be done.
    Element {
        why: String,
        markup: Option<String>,
    },
    Dialog {
        kind: String,
        message: String,
    },
    Unresponsive(Duration),
    Closed,
    Crashed,
    NoFrame(String),
    /// A function of the test's threw.
    Threw(String),
    Browser(BrowserError),
    Other(String),
}

/// What was seen while something was waited for.
#[derive(Debug, Default)]
pub(in crate::browser) struct Seen {
    /// In words: `is covered by <div>`.
    pub(in crate::browser) last: Option<String>,
    pub(in crate::browser) markup: Option<String>,
    pub(in crate::browser) looks: u64,
    /// How often the page went elsewhere meanwhile.
    pub(in crate::browser) navigations: u32,
}

/// What the script says is the test's own fault.
#[derive(Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(super) enum Misuse {
    Selector { text: String, at: usize, why: String },
    Strict { count: u64, matches: Vec<String> },
    Element { why: String, markup: Option<String> },
    Pattern { why: String },
}

impl From<Misuse> for Why {
    fn from(misuse: Misuse) -> Self {
        match misuse {
            Misuse::Selector { text, at, why } => {
                // The browser counts in units of UTF-16.
                let units = text.char_indices().scan(0, |units, (index, character)| {
                    let here = *units;
                    *units += character.len_utf16();
                    Some((here, index))
                });
                let at = units.skip_while(|(unit, _)| *unit < at).map(|(_, index)| index).next();
                let at = at.unwrap_or(text.len());
                Self::Selector(SelectorFault { selector: text, at, why })
            }
            Misuse::Strict { count, matches } => Self::Strict { count, matches },
            Misuse::Element { why, markup } => Self::Element { why, markup },
            Misuse::Pattern { why } => Self::Other(why),
        }
    }
}

impl PageError {
    pub(in crate::browser) fn new(
        what: impl Into<String>,
        why: Why,
        location: &'static Location<'static>,
    ) -> Self {
        Self(Box::new(Told { what: what.into(), why, location }))
    }

    /// The same, after something was done in vain.
    pub(super) fn after(mut self, what: &str) -> Self {
        if let Why::TooLate { seen: Seen { last: Some(last), .. }, .. } = &mut self.0.why {
            *last = format!("{last}, {what}");
        }
        self
    }

    /// Where in the test it was asked for.
    pub fn location(&self) -> &'static Location<'static> {
        self.0.location
    }

    /// Whether it is about time: what was waited for did not come.
    pub fn is_timeout(&self) -> bool {
        matches!(self.0.why, Why::TooLate { .. } | Why::Unresponsive(_))
    }
}

impl fmt::Display for PageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.0.what, self.0.why)
    }
}

impl std::error::Error for PageError {}

/// For helpers that return thirtyfour's error: `?` works in them, too.
impl From<PageError> for WebDriverError {
    fn from(error: PageError) -> Self {
        Self::FatalError(error.to_string())
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Selector(fault) => write!(f, "{fault}"),
            Self::Strict { count, matches } => {
                write!(f, "{count} elements match, where one is meant")?;
                matches
                    .iter()
                    .enumerate()
                    .try_for_each(|(index, element)| write!(f, "\n  {index}. {element}"))?;
                let more = count.saturating_sub(matches.len() as u64);
                if more > 0 {
                    write!(f, "\n  and {more} more")?;
                }
                f.write_str("\n  say which: a narrower selector, `filter_text(…)`, `first()` or `nth(…)`")
            }
            Self::TooLate { limit, extension, seen } => {
                let last = seen.last.as_deref().unwrap_or("the page was between two documents");
                write!(f, "after {}{extension}, {last}{seen}", seconds(*limit))
            }
            Self::Element { why, markup } => {
                write!(f, "the element {why}")?;
                write_element(f, markup.as_deref())
            }
            Self::Dialog { kind, message } => {
                write!(f, "a dialog is open, until which the page does nothing: the {kind} {message:?}")?;
                f.write_str("\n  answer it: have `session.accept_dialogs()`, `dismiss_dialogs()` or `on_dialog(…)` before what opens it, \
                     or `session.wait_for_dialog().await?.accept().await?` behind that")
            }
            Self::Unresponsive(waited) => {
                write!(f, "the page has not answered for {}: a script in it does not end", seconds(*waited))?;
                f.write_str(
                    "\n  until it does, nothing can be done with the page; other sessions are not affected",
                )
            }
            Self::Closed => f.write_str("the page was closed"),
            Self::Crashed => f.write_str("the page has crashed: the browser ended its process"),
            Self::NoFrame(markup) => {
                write!(
                    f,
                    "there is no frame in {markup}\n  `frame(…)` wants an <iframe>, a <frame> or an <object> with a document"
                )
            }
            Self::Threw(exception) => {
                write!(f, "the function threw")?;
                exception.lines().try_for_each(|line| write!(f, "\n  {line}"))
            }
            Self::Browser(error) => f.write_str(&chain(error)),
            Self::Other(why) => f.write_str(why),
        }
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_element(f, self.markup.as_deref())?;
        if self.looks > 0 {
            write!(f, "\n  looked {}", times(self.looks))?;
        }
        match self.navigations {
            0 => Ok(()),
            1 => f.write_str("\n  the page went elsewhere meanwhile"),
            often => write!(f, "\n  the page went elsewhere {often} times meanwhile"),
        }
    }
}

fn times(count: u64) -> String {
    if count == 1 { "once".to_owned() } else { format!("{count} times") }
}

fn write_element(f: &mut fmt::Formatter<'_>, markup: Option<&str>) -> fmt::Result {
    markup.unwrap_or_default().lines().try_for_each(|line| write!(f, "\n  element: {line}"))
}

/// A value that the page had, as it is shown.
pub(in crate::browser) fn shown(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::String(text) => format!("{:?}", shortened(text)),
        Value::Array(values) => {
            let mut text = "[".to_owned();
            for (index, value) in values.iter().take(20).enumerate() {
                let _ = write!(text, "{}{}", if index == 0 { "" } else { ", " }, shown(value));
            }
            if values.len() > 20 {
                let _ = write!(text, ", and {} more", values.len() - 20);
            }
            text + "]"
        }
        value => value.to_string(),
    }
}

/// As much of a text as a message bears.
fn shortened(text: &str) -> String {
    const LONGEST: usize = 500;
    match text.char_indices().nth(LONGEST) {
        Some((cut, _)) => format!("{}…", &text[..cut]),
        None => text.to_owned(),
    }
}
