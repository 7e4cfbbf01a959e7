//! What is written of an attempt: a line of JSON for each thing that happened.

use serde::Serialize;

/// A line of the file.
#[derive(Debug, Serialize)]
pub(super) struct Record<'a> {
    /// Microseconds since the first record.
    pub(super) at_us: u64,
    #[serde(flatten)]
    pub(super) what: &'a What,
}

/// What happened.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub(crate) enum What {
    /// The first record.
    Begun { format: u32, test: String, attempt: u32, started: String },
    /// There is another page.
    Page { page: u32, label: String },
    /// Something is done with a page, expected or read of it.
    Action {
        id: u64,
        page: u32,
        /// `action`, `expect`, `read`, `goto` or `driver`.
        kind: &'static str,
        what: String,
        /// The titles of the steps that it is a part of.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        steps: Vec<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        file: Option<&'static str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        line: Option<u32>,
    },
    /// It came to its end, or did so once more.
    Ended {
        id: u64,
        #[serde(skip_serializing_if = "Option::is_none")]
        error: Option<String>,
        /// How often it was done in a row.
        times: u32,
    },
    /// The document of a page, as what is different from the one before.
    Snapshot {
        page: u32,
        /// Counted from 1 in each page.
        number: u64,
        url: String,
        /// Of the window, in CSS pixels.
        width: f64,
        height: f64,
        cut: Cut,
    },
    /// A picture of a page, as JPEG in Base64.
    Picture { page: u32, data: String },
    /// Something was written to the console, or went wrong there.
    Console {
        /// `debug`, `log`, `info`, `warning`, `error`, `exception` or `crash`.
        level: &'static str,
        text: String,
        #[serde(skip_serializing_if = "String::is_empty")]
        place: String,
    },
    /// A page asked for something. Said once more when more of it is known.
    Exchange(Box<Exchange>),
    /// Lines of the application's log.
    Log { text: String },
    /// A message came in.
    #[cfg_attr(not(feature = "mail"), expect(dead_code, reason = "only the mailbox has some"))]
    Mail { from: String, to: Vec<String>, subject: String, text: String },
    /// The bound is reached: nothing more of this kind is written.
    LeftOut { what: &'static str },
    /// The attempt is over.
    Over {
        #[serde(skip_serializing_if = "Option::is_none")]
        problem: Option<String>,
    },
}

/// A text by what is different from another one: what both begin with, what comes then, what both end with. Lengths are in
/// units of UTF-16, which is what browsers count in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Cut {
    /// The number of the other one; nothing where it is the whole text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) base: Option<u64>,
    pub(crate) before: usize,
    pub(crate) text: String,
    pub(crate) after: usize,
}

/// A request and what was answered.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Exchange {
    pub(crate) id: String,
    pub(crate) method: String,
    pub(crate) url: String,
    pub(crate) resource: String,
    pub(crate) request_headers: Vec<(String, String)>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) request_body: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<u16>,
    pub(crate) response_headers: Vec<(String, String)>,
    pub(crate) mime: String,
    /// Of the response; in Base64 where it is no text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) body: Option<String>,
    pub(crate) is_base64: bool,
    pub(crate) began_us: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ended_us: Option<u64>,
    pub(crate) bytes: u64,
    pub(crate) from_cache: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) failure: Option<String>,
    /// What a route of the test's made of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) routed: Option<String>,
}
