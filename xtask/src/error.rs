//! Why a command could not do its work.

use std::ffi::OsString;
use std::io;

use callboard::reports;
use callboard::setup::BrowserNotFound;

use crate::install::NoBrowser;

/// What is wrong, in the user's words.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("{}; the commands are `e2e` and `test`, and `cargo xtask --help` explains them", asked(.0.as_ref()))]
    Command(Option<OsString>),
    #[error("`-p` wants the name of a package after it")]
    PackageWithoutName,
    #[error("this project names no browser tests: say whose to run with `-p PACKAGE`")]
    NoSuite,
    #[error("`cargo xtask e2e {command}` takes no `{argument}`; --help says what it takes")]
    Argument { command: &'static str, argument: String },
    #[error("`--output` wants a folder after it")]
    OutputWithoutFolder,
    #[error("nobody knows where runs are kept: set CALLBOARD_OUTPUT to that folder")]
    NoOutput,
    #[error(transparent)]
    Report(reports::Error),
    /// A setting that names a browser names none.
    #[error(transparent)]
    Setting(BrowserNotFound),
    #[error("{0}")]
    NoBrowser(Box<NoBrowser>),
    /// Cargo has said why.
    #[error("cargo could not build the tests")]
    Build { code: u8 },
    #[error("`cargo test {0} --no-run` built no such test: is it in Cargo.toml?")]
    NotBuilt(String),
    #[error("could not start `{program}`: {source}")]
    Start { program: String, source: io::Error },
    #[error("could not read what `{program}` wrote: {source}")]
    Read { program: String, source: io::Error },
}

impl Error {
    /// The code to exit with: 2 if the command line or a setting is wrong, 3 if the surroundings are.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::Report(reports::Error::Write(_) | reports::Error::Folder { .. })
            | Self::NoBrowser(_)
            | Self::Start { .. }
            | Self::Read { .. } => 3,
            Self::Command(_)
            | Self::PackageWithoutName
            | Self::NoSuite
            | Self::Argument { .. }
            | Self::OutputWithoutFolder
            | Self::NoOutput
            | Self::Report(_)
            | Self::Setting(_)
            | Self::NotBuilt(_) => 2,
            Self::Build { code } => *code,
        }
    }

    /// Whether the user has read about it already.
    pub(crate) fn is_said(&self) -> bool {
        matches!(self, Self::Build { .. })
    }
}

fn asked(command: Option<&OsString>) -> String {
    match command {
        Some(command) => format!("there is no command `{}`", command.display()),
        None => "there is no command given".to_owned(),
    }
}
