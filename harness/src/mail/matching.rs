//! Which messages are meant.

use std::fmt;

use super::content;
use super::letter::Letter;

/// Says which messages are meant: all those that meet every condition in it.
///
/// Upper and lower case are the same everywhere.
///
/// ```
/// use callboard::mail::{any, from, subject_contains, to};
///
/// let verification = to("ida@example.test").subject_contains("verify");
/// assert_eq!(verification.to_string(), r#"to ida@example.test, with "verify" in its subject"#);
///
/// let reminder = from("office@example.test").and(subject_contains("reminder")).body_contains("Biology 101");
/// assert_eq!(any().to_string(), "of any kind");
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Matching {
    conditions: Vec<Condition>,
}

/// Plain data and no function: it is for whoever has the messages, which need not be this process.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Condition {
    To(String),
    From(String),
    Subject(String),
    Body(String),
}

/// Messages of any kind.
pub fn any() -> Matching {
    Matching::default()
}

/// Messages to this address. See [`Matching::to`].
pub fn to(address: impl Into<String>) -> Matching {
    any().to(address)
}

/// Messages from this address. See [`Matching::from`].
pub fn from(address: impl Into<String>) -> Matching {
    any().from(address)
}

/// Messages with this text in their subject. See [`Matching::subject_contains`].
pub fn subject_contains(text: impl Into<String>) -> Matching {
    any().subject_contains(text)
}

/// Messages with this text in their body. See [`Matching::body_contains`].
pub fn body_contains(text: impl Into<String>) -> Matching {
    any().body_contains(text)
}

impl Matching {
    /// … of which this whole address is a recipient: of the envelope, so also a hidden one (`Bcc`).
    #[must_use]
    pub fn to(self, address: impl Into<String>) -> Self {
        self.with(Condition::To(address.into()))
    }

    /// … whose sender is this whole address, in the envelope or in the header `From`.
    #[must_use]
    pub fn from(self, address: impl Into<String>) -> Self {
        self.with(Condition::From(address.into()))
    }

    /// … with this text in their subject.
    #[must_use]
    pub fn subject_contains(self, text: impl Into<String>) -> Self {
        self.with(Condition::Subject(text.into()))
    }

    /// … with this text in their body: in its plain text, or in what is read of its HTML.
    #[must_use]
    pub fn body_contains(self, text: impl Into<String>) -> Self {
        self.with(Condition::Body(text.into()))
    }

    /// … that meet the conditions of another one too.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.conditions.extend(other.conditions);
        self
    }

    fn with(mut self, condition: Condition) -> Self {
        self.conditions.push(condition);
        self
    }

    /// Whether a message is meant.
    pub(super) fn admits(&self, letter: &Letter) -> bool {
        self.conditions.iter().all(|condition| condition.objection(letter).is_none())
    }

    /// Why a message is not meant; empty if it is.
    pub(super) fn objections(&self, letter: &Letter) -> Vec<String> {
        self.conditions.iter().filter_map(|condition| condition.objection(letter)).collect()
    }

    /// Whether the recipient decides alone, so that a server can say no before it has the message. The header
    /// `From` is not known then.
    pub(super) fn admits_recipient(&self, recipient: &str) -> bool {
        let to = |condition: &Condition| matches!(condition, Condition::To(to) if same(to, recipient));
        !self.conditions.is_empty() && self.conditions.iter().all(to)
    }
}

impl Condition {
    fn objection(&self, letter: &Letter) -> Option<String> {
        let (met, objection) = match self {
            Self::To(to) => {
                (letter.envelope.to.iter().any(|one| same(one, to)), format!("it is not to {}", to.trim()))
            }
            Self::From(from) => (
                same(&letter.envelope.from, from)
                    || content::senders(&letter.raw).iter().any(|one| same(one, from)),
                format!("it is not from {}", from.trim()),
            ),
            Self::Subject(text) => {
                (contains(&content::subject(&letter.raw), text), format!("{text:?} is not in its subject"))
            }
            Self::Body(text) => (
                content::bodies(&letter.raw).iter().any(|body| contains(body, text)),
                format!("{text:?} is not in its body"),
            ),
        };
        (!met).then_some(objection)
    }
}

/// Whether two addresses are the same, with or without the angle brackets.
fn same(one: &str, other: &str) -> bool {
    let bare = |address: &str| address.trim().trim_start_matches('<').trim_end_matches('>').to_lowercase();
    bare(one) == bare(other)
}

pub(super) fn contains(text: &str, part: &str) -> bool {
    text.to_lowercase().contains(&part.to_lowercase())
}

impl fmt::Display for Matching {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.conditions.is_empty() {
            return f.write_str("of any kind");
        }
        for (index, condition) in self.conditions.iter().enumerate() {
            if index > 0 {
                f.write_str(", ")?;
            }
            match condition {
                Condition::To(to) => write!(f, "to {}", to.trim())?,
                Condition::From(from) => write!(f, "from {}", from.trim())?,
                Condition::Subject(text) => write!(f, "with {text:?} in its subject")?,
                Condition::Body(text) => write!(f, "with {text:?} in its body")?,
            }
        }
        Ok(())
    }
}
