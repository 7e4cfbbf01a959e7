//! A browser and its driver for a machine that has none.

mod apt;
mod by_hand;
mod chrome_for_testing;
mod download;
mod failure;
pub(crate) mod firefox;
mod platform;

use std::process::Command;

use callboard::setup::{BrowserNotFound, Machine, Needs, find_for, needs};

#[cfg(test)]
pub(crate) use chrome_for_testing::Release;
pub(crate) use failure::NoBrowser;
use failure::{Attempt, Failure};
pub(crate) use platform::Platform;

use crate::cargo;
use crate::error::Error;
use crate::suite::Suite;

/// Installs where there is something to install, in the ways that a machine allows.
#[derive(Debug)]
pub(crate) struct Installer {
    pub(crate) machine: Machine,
    /// Who forbids it, if somebody does.
    pub(crate) forbidden_by: Option<&'static str>,
    /// Whether this is root.
    pub(crate) superuser: bool,
    /// What Chrome for Testing calls the machine; `None` if it has nothing for it.
    pub(crate) platform: Option<Platform>,
    /// Where to get Chrome for Testing instead of from Google.
    pub(crate) mirror: Option<String>,
}

impl Installer {
    /// For the machine that this program runs on.
    pub(crate) fn new(no_install: bool) -> Self {
        let variable = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
        let by_variable = variable("CALLBOARD_NO_INSTALL").is_some_and(|value| value != "0");
        Self {
            machine: Machine::this(),
            forbidden_by: match (no_install, by_variable) {
                (true, _) => Some("--no-install"),
                (false, true) => Some("CALLBOARD_NO_INSTALL"),
                (false, false) => None,
            },
            superuser: is_superuser(),
            platform: Platform::this(),
            mirror: variable("CALLBOARD_CHROME_FOR_TESTING"),
        }
    }

    /// Does nothing if there is a browser with a driver, and sees to it that there is one otherwise.
    ///
    /// What `suites` name in their configuration counts, if each of them names what is there.
    pub(crate) fn ensure(&self, suites: &[Suite]) -> Result<(), Error> {
        let packages = cargo::folders(suites);
        let needed: Vec<Needs> = packages.iter().map(|package| needs(package)).collect();
        if needed.contains(&Needs::Firefox) {
            firefox::ensure(self)?;
        }
        if !needed.is_empty() && !needed.contains(&Needs::Chromium) {
            return Ok(());
        }
        let missing = match self.machine.find(None, None) {
            Ok(_) => return Ok(()),
            // Nothing that could be installed would make a wrong setting right.
            Err(wrong @ BrowserNotFound::Wrong { .. }) => return Err(Error::Setting(wrong)),
            Err(missing) => missing,
        };
        let mut chromium = packages.iter().zip(&needed).filter(|(_, needs)| **needs == Needs::Chromium);
        if !needed.is_empty() && chromium.all(|(package, _)| find_for(package).is_ok()) {
            return Ok(());
        }
        let mut attempts = Vec::new();
        if self.forbidden_by.is_none() {
            for (way, install) in WAYS {
                match install(self).and_then(|()| self.installed()) {
                    Ok(()) => return Ok(()),
                    Err(failure) => attempts.push(Attempt { way, failure }),
                }
            }
        }
        Err(Error::NoBrowser(Box::new(NoBrowser {
            missing: failure::what_is_missing(&missing),
            forbidden_by: self.forbidden_by,
            attempts,
            by_hand: by_hand::command(self),
        })))
    }

    /// Whether an installation gave us what we need. Some packages install only a pointer to another way
    /// of installing.
    fn installed(&self) -> Result<(), Failure> {
        let found = self.machine.find(None, None);
        found.map(drop).map_err(|missing| Failure::Unfit(failure::what_is_missing(&missing)))
    }

    /// A command of the machine.
    fn command(&self, name: &str) -> Option<Command> {
        self.machine.on_path(name).map(Command::new)
    }
}

type Way = fn(&Installer) -> Result<(), Failure>;

/// The ways, the best first: packages of the system are updated with it and come with the libraries that
/// a browser needs.
const WAYS: [(&str, Way); 2] =
    [("apt-get", apt::install), ("Chrome for Testing", chrome_for_testing::install)];

/// Says what is about to be done to the user's machine.
fn announce(what: &str) {
    eprintln!("{what} (callboard: --no-install forbids this)");
}

fn is_superuser() -> bool {
    #[cfg(unix)]
    return rustix::process::geteuid().is_root();
    #[cfg(not(unix))]
    false
}
