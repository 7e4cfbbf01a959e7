//! What a page complained of.

use serde::{Deserialize, Serialize};

/// Something that went wrong on a page of a test.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageProblem {
    /// What it is.
    pub kind: PageProblemKind,
    /// What the page, or the browser, says of it.
    pub text: String,
    /// The address of the page at that moment, also for what happened in a frame or a worker of it.
    pub page: String,
    /// Where in the page's sources it comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<PageSource>,
    /// The functions that it happened in, the innermost first: `save (http://127.0.0.1:3002/app.js:12:5)`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stack: Vec<String>,
    /// The request that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<PageRequest>,
    /// When it happened first: from the beginning of the attempt, or of the sign-in.
    pub at_us: u64,
    /// How often the same happened.
    pub times: u32,
    /// The titles of the steps in which it happened first, the outermost first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<String>,
}

/// Which kind of problem a page has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PageProblemKind {
    /// An exception that nobody caught.
    Exception,
    /// A promise whose rejection nobody handles.
    Rejection,
    /// `console.error`, or an error that the browser itself wrote to the console.
    Console,
    /// A request that got no answer.
    RequestFailed,
    /// An answer with a status from 400 on.
    HttpError,
    /// The page's process died.
    Crash,
}

/// A place in the source of a page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageSource {
    /// The address of the script or the document.
    pub url: String,
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1.
    pub column: u32,
}

/// A request of a page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageRequest {
    /// `GET`
    pub method: String,
    /// Where it went.
    pub url: String,
    /// What for: `Document`, `Fetch`, `XHR`, `Script`, `Image`, …
    pub resource: String,
    /// What it was answered with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
}

impl PageProblemKind {
    /// The words for it in messages.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Exception => "exception",
            Self::Rejection => "unhandled rejection",
            Self::Console => "console.error",
            Self::RequestFailed => "failed request",
            Self::HttpError => "HTTP error",
            Self::Crash => "crash",
        }
    }
}

impl PageProblem {
    /// Whether both are the same, at another time.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        self.kind == other.kind
            && self.text == other.text
            && self.source == other.source
            && self.request == other.request
    }
}
