//! Why there is still no browser.

use std::fmt;
use std::io;
use std::path::PathBuf;

use callboard::setup::BrowserNotFound;

use crate::process::Failed;

/// Why one way of installing did not give us a browser.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("there is no `apt-get` on this machine")]
    NoApt,
    #[error("it needs root, and there is no `sudo` that works without a password")]
    NoRights,
    #[error("there is none for {os} on {architecture}")]
    NoPlatform { os: &'static str, architecture: &'static str },
    #[error("there is no folder for it: neither XDG_CACHE_HOME nor HOME is set")]
    NoCache,
    #[error("there is no {0} on this machine")]
    NoTool(&'static str),
    #[error(transparent)]
    Failed(#[from] Failed),
    #[error("the list of downloads at {url} cannot be understood: {why}")]
    List { url: String, why: String },
    #[error("the archive at {url} has no `{program}`")]
    Archive { url: String, program: &'static str },
    #[error("{what} `{}`: {source}", path.display())]
    File { what: &'static str, path: PathBuf, source: io::Error },
    #[error("it was installed, but {0}")]
    Unfit(String),
}

/// One way, and why it failed.
#[derive(Debug)]
pub(crate) struct Attempt {
    pub(crate) way: &'static str,
    pub(crate) failure: Failure,
}

/// There is no browser with a driver, and none could be installed.
#[derive(Debug)]
pub(crate) struct NoBrowser {
    pub(crate) missing: String,
    pub(crate) forbidden_by: Option<&'static str>,
    pub(crate) attempts: Vec<Attempt>,
    pub(crate) by_hand: String,
}

impl fmt::Display for NoBrowser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.missing)?;
        match self.forbidden_by {
            Some(who) => write!(f, ", and {who} forbids installing one")?,
            None => f.write_str(", and none could be installed")?,
        }
        for Attempt { way, failure } in &self.attempts {
            write!(f, "\n  {way}: {failure}")?;
        }
        write!(f, "\nto install one by hand:\n\n    {}\n", self.by_hand)
    }
}

/// What was not found, without the places in which it was looked for.
pub(crate) fn what_is_missing(missing: &BrowserNotFound) -> String {
    match missing {
        BrowserNotFound::Browser { .. } => "no browser found".to_owned(),
        BrowserNotFound::Driver { browser, .. } => {
            format!("no driver found for the browser `{}`", browser.display())
        }
        BrowserNotFound::Firefox { .. } => "no Firefox found".to_owned(),
        BrowserNotFound::Geckodriver { browser, .. } => {
            format!("no geckodriver found for `{}`", browser.display())
        }
        BrowserNotFound::Window { .. } => "no browser with a window found".to_owned(),
        BrowserNotFound::Wrong { .. } | BrowserNotFound::Shell { .. } => missing.to_string(),
    }
}
