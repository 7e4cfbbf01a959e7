//! The plain data of what happened.

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

/// One thing that happened on a page.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    /// When, as the browser has it.
    pub(crate) at: Instant,
    /// Where the page was at that moment, also for what happened in a frame or a worker of it.
    pub(crate) url: String,
    pub(crate) kind: Kind,
}

/// What happened.
#[derive(Debug, Clone)]
pub(crate) enum Kind {
    /// Something was written to the console: by a script, or by the browser itself.
    Console { level: Level, text: String, place: Option<Place> },
    /// An exception that nobody caught, or a promise whose rejection nobody handles. One that is handled later is taken
    /// out again.
    Exception { text: String, place: Option<Place>, stack: Vec<String>, of_promise: bool },
    /// A request and what came back. Noted when it begins; shows its latest state.
    Exchange(Arc<Exchange>),
    /// The main frame has another document.
    Navigated { url: String },
    /// A dialog opened.
    Dialog { kind: String, message: String },
    /// The page's process died.
    Crashed,
    /// So many entries are not here any more, because there were too many.
    Dropped { entries: u64 },
}

/// A place in the source of a page, counted from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) url: String,
    pub(crate) line: u32,
    pub(crate) column: u32,
}

/// How bad a line of the console is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    Debug,
    Log,
    Info,
    Warning,
    Error,
}

/// A request and what came back. Each hop of a redirect is one of its own, with the same id.
#[derive(Debug, Clone)]
pub(crate) struct Exchange {
    /// The browser's.
    pub(crate) id: String,
    /// The frame that asked; empty for a worker.
    pub(crate) frame: String,
    pub(crate) method: String,
    pub(crate) url: String,
    /// What it is for: `Document`, `Fetch`, `XHR`, `Script`, `Image`, …
    pub(crate) resource: String,
    pub(crate) request_headers: Vec<(String, String)>,
    /// Up to 64 KiB, where it is text.
    pub(crate) request_body: Option<String>,
    pub(crate) began: Instant,
    /// Nothing as long as nothing came back.
    pub(crate) status: Option<u16>,
    pub(crate) response_headers: Vec<(String, String)>,
    pub(crate) mime: String,
    /// When the last byte was there, or when it failed.
    pub(crate) ended: Option<Instant>,
    /// As they came over the network, headers included.
    pub(crate) bytes: u64,
    pub(crate) from_cache: bool,
    /// The address of the next hop.
    pub(crate) redirected_to: Option<String>,
    pub(crate) failure: Option<FailureText>,
    /// The route of the test's that it was given to, and what that made of it.
    pub(crate) routed: Option<Routed>,
}

/// What became of a request that a route of the test's was asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Routed {
    /// ``the route of `/api/courses` (tests/e2e/main.rs:12:5)``
    pub(crate) by: Arc<str>,
    pub(crate) how: Handled,
}

/// See [`Routed`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Handled {
    /// Its handler has not said yet.
    Held,
    Fulfilled,
    /// It went on to the server, as it was or changed.
    WentOn,
    Aborted,
    /// Its handler failed.
    Failed,
}

impl Routed {
    /// Whether what came back, or did not, is the test's own doing.
    pub(crate) fn is_answer(&self) -> bool {
        matches!(self.how, Handled::Fulfilled | Handled::Aborted | Handled::Failed)
    }
}

impl fmt::Display for Routed {
    /// ``fulfilled by the route of `/api/courses` (tests/e2e/main.rs:12:5)``
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let how = match self.how {
            Handled::Held => "held",
            Handled::Fulfilled => "fulfilled",
            Handled::WentOn => "let go on",
            Handled::Aborted => "aborted",
            Handled::Failed => "failed",
        };
        write!(f, "{how} by {}", self.by)
    }
}

/// Why nothing, or not all of it, came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FailureText {
    /// `net::ERR_CONNECTION_REFUSED`
    pub(crate) text: String,
    /// Whether the page did not want it any more, or went elsewhere.
    pub(crate) cancelled: bool,
    /// What forbade it, where the browser did: `csp`, `mixed-content`, `MissingAllowOriginHeader`.
    pub(crate) blocked: Option<String>,
}

/// How far an exchange is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    Requested,
    Responded,
    Finished,
    Failed,
}

impl Kind {
    /// Whether somebody may have to be told of it. What is not goes first when there is too much.
    pub(super) fn is_trouble(&self) -> bool {
        match self {
            Self::Console { level, .. } => *level == Level::Error,
            Self::Exception { .. } | Self::Crashed => true,
            Self::Exchange(exchange) => exchange.is_trouble(),
            Self::Navigated { .. } | Self::Dialog { .. } | Self::Dropped { .. } => false,
        }
    }

    /// About how much memory it takes.
    pub(super) fn bytes(&self) -> usize {
        let place = |place: &Option<Place>| place.as_ref().map_or(0, |place| place.url.len());
        match self {
            Self::Console { text, place: at, .. } => text.len() + place(at),
            Self::Exception { text, place: at, stack, .. } => {
                text.len() + place(at) + stack.iter().map(String::len).sum::<usize>()
            }
            Self::Exchange(exchange) => exchange.size(),
            Self::Navigated { url } => url.len(),
            Self::Dialog { message, .. } => message.len(),
            Self::Crashed | Self::Dropped { .. } => 0,
        }
    }
}

impl Exchange {
    fn is_trouble(&self) -> bool {
        self.ended.is_none() || self.failure.is_some() || self.status.is_some_and(|status| status >= 400)
    }

    fn size(&self) -> usize {
        let headers = self.request_headers.iter().chain(&self.response_headers);
        let headers: usize = headers.map(|(name, value)| name.len() + value.len()).sum();
        headers + self.url.len() + self.request_body.as_ref().map_or(0, String::len)
    }
}
