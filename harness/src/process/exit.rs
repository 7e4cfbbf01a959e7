//! How a process ended, in words.

use std::fmt;
use std::process::ExitStatus;

use super::system;

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// By itself, with this status.
    Code(i32),
    /// By this signal; on Windows, which has none, by this exception, or by us.
    Signal(i32),
    /// The system did not say: somebody else asked first, or children are not waited for at all
    /// because whoever started us ignores `SIGCHLD`.
    Unknown,
}

impl Exit {
    /// Whether it ended the way a command ends that did its work.
    pub(crate) fn success(self) -> bool {
        self == Self::Code(0)
    }
}

impl From<ExitStatus> for Exit {
    fn from(status: ExitStatus) -> Self {
        system::exit(status)
    }
}

/// Reads on from the name of what ended: "service `app` *exited with status 1*".
impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Code(code) => write!(f, "exited with status {code}"),
            Self::Signal(signal) => write!(f, "was ended by {}", system::cause(signal)),
            Self::Unknown => f.write_str("ended, and the system does not say how"),
        }
    }
}
