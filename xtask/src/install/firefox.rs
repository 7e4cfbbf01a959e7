//! Firefox and its driver, where a configuration asks for them.

use callboard::setup::BrowserNotFound;

use super::failure::{Attempt, what_is_missing};
use super::{Failure, Installer, NoBrowser, announce, apt};
use crate::error::Error;
use crate::process;

/// Does nothing if both are there, and sees to it that they are otherwise.
pub(crate) fn ensure(installer: &Installer) -> Result<(), Error> {
    let mut attempts = Vec::new();
    loop {
        let missing = match installer.machine.find_firefox(None, None) {
            Ok(_) => return Ok(()),
            Err(wrong @ BrowserNotFound::Wrong { .. }) => return Err(Error::Setting(wrong)),
            Err(missing) => missing,
        };
        let is_driver = matches!(missing, BrowserNotFound::Geckodriver { .. });
        let way = if is_driver { "cargo install" } else { "apt-get" };
        let install =
            |installer| if is_driver { install_driver(installer) } else { apt::install_firefox(installer) };
        let is_tried = attempts.iter().any(|attempt: &Attempt| attempt.way == way);
        let failure =
            if installer.forbidden_by.is_some() || is_tried { None } else { Some(install(installer)) };
        match failure {
            Some(Ok(())) => {
                // What it gave is seen next, and once only.
                let failure = Failure::Unfit(what_is_missing(&missing));
                attempts.push(Attempt { way, failure });
            }
            failed => {
                attempts.extend(failed.and_then(Result::err).map(|failure| Attempt { way, failure }));
                return Err(Error::NoBrowser(Box::new(NoBrowser {
                    missing: what_is_missing(&missing),
                    forbidden_by: installer.forbidden_by,
                    attempts,
                    by_hand: by_hand(installer),
                })));
            }
        }
    }
}

/// Nobody else has it in a package.
fn install_driver(installer: &Installer) -> Result<(), Failure> {
    let mut cargo = installer.command("cargo").ok_or(Failure::NoTool("cargo"))?;
    announce("installing geckodriver with cargo, which builds it: this takes some minutes");
    process::run_shown(cargo.args(["install", "geckodriver", "--locked"]))?;
    Ok(())
}

fn by_hand(installer: &Installer) -> String {
    let sudo = if installer.superuser { "" } else { "sudo " };
    format!("{sudo}apt-get install -y firefox-esr && cargo install geckodriver --locked")
}
