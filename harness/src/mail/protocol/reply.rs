//! What the server answers.

use std::borrow::Cow;

/// A reply of one line: `550 5.1.1 no such user`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::mail) struct Reply {
    code: u16,
    /// Of the enhanced status code (RFC 3463) all but its first number, which is that of the code.
    detail: &'static str,
    text: Cow<'static, str>,
}

impl Reply {
    pub(in crate::mail) const fn new(code: u16, detail: &'static str, text: &'static str) -> Self {
        Self { code, detail, text: Cow::Borrowed(text) }
    }

    /// One with words that somebody else chose.
    pub(in crate::mail) fn said(code: u16, detail: &'static str, text: &str) -> Self {
        // A reply is one line of printable text, whatever was asked for.
        let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(400).collect();
        Self { code, detail, text: Cow::Owned(text) }
    }

    /// Whether it says no.
    pub(in crate::mail) fn is_objection(&self) -> bool {
        self.code >= 400
    }

    pub(in crate::mail) fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.to_string().as_bytes());
        out.extend_from_slice(b"\r\n");
    }
}

impl std::fmt::Display for Reply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { code, detail, text } = self;
        // Greetings, and replies that ask for more, have no enhanced code.
        if detail.is_empty() {
            return write!(f, "{code} {text}");
        }
        write!(f, "{code} {}.{detail} {text}", code / 100)
    }
}
