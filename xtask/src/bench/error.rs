//! Why something could not be measured.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

/// What is wrong, in the user's words.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    #[error("there is nothing to measure of the name `{}`; `cargo xtask bench --help` lists what there is", .0.display())]
    Argument(OsString),
    #[error("`{name}` wants {wants}; `cargo xtask bench diagnosis --help` says more")]
    Option { name: String, wants: &'static str },
    #[error(
        "there is no planted fault, nor a set of them, named `{0}`; `cargo run -p course-records -- faults` lists them"
    )]
    Fault(String),
    #[error("`--rounds {}`: write how often to measure, a number from 1 on", .0.display())]
    Rounds(OsString),
    /// Cargo has said why.
    #[error("cargo could not build `{what}`")]
    Build { what: String, code: u8 },
    #[error("could not run `{program}`: {source}")]
    Run { program: String, source: io::Error },
    #[error("`{program}` {how}\n{output}")]
    Ended { program: String, how: String, output: String },
    #[error("{}: {source}", path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("{}: {what}", path.display())]
    Content { path: PathBuf, what: String },
}

impl Error {
    pub(super) fn file(path: &Path, source: io::Error) -> Self {
        Self::File { path: path.to_owned(), source }
    }

    pub(super) fn content(path: &Path, what: impl Into<String>) -> Self {
        Self::Content { path: path.to_owned(), what: what.into() }
    }

    pub(super) fn run(program: impl AsRef<Path>, source: io::Error) -> Self {
        Self::Run { program: program.as_ref().display().to_string(), source }
    }

    pub(super) fn exit_code(&self) -> u8 {
        match self {
            Self::Argument(_) | Self::Option { .. } | Self::Fault(_) | Self::Rounds(_) => 2,
            Self::Build { code, .. } => *code,
            _ => 1,
        }
    }
}
