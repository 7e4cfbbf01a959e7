//! What Chrome for Testing calls the machines that it is built for.

use std::fmt;

/// A kind of machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Platform(&'static str);

impl Platform {
    /// The one that this program is built for.
    pub(crate) fn this() -> Option<Self> {
        Self::of(std::env::consts::OS, std::env::consts::ARCH)
    }

    /// By the names that Rust has for operating systems and processors.
    pub(crate) fn of(os: &str, architecture: &str) -> Option<Self> {
        match (os, architecture) {
            ("linux", "x86_64") => Some(Self("linux64")),
            ("macos", "aarch64") => Some(Self("mac-arm64")),
            ("macos", "x86_64") => Some(Self("mac-x64")),
            ("windows", "x86_64") => Some(Self("win64")),
            _ => None,
        }
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}
