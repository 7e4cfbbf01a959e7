//! The packages of Debian and what descends from it.

use std::process::{Command, Stdio};

use super::{Failure, Installer, announce};
use crate::process::{self, Failed};

/// The browser without a window, which needs a third of what the full one does.
const SHELL: [&str; 2] = ["chromium-headless-shell", "chromium-driver"];
/// For releases that do not have it yet.
const FULL: [&str; 2] = ["chromium", "chromium-driver"];

const FIREFOX: &str = "firefox-esr";

/// Installs packages, without asking. Whether they hold a browser is for the caller to see.
pub(super) fn install(installer: &Installer) -> Result<(), Failure> {
    let apt = Apt::of(installer)?;
    announce(&format!("installing {} with apt-get", SHELL.join(" and ")));
    if apt.install(&SHELL).is_ok() {
        return Ok(());
    }
    // Most often there are no lists of packages yet, as in a fresh container, or they are old.
    eprintln!("updating apt-get's lists of packages");
    let updated = apt.run(&["update"]);
    if apt.install(&SHELL).is_ok() {
        return Ok(());
    }
    eprintln!("installing {} instead", FULL.join(" and "));
    match (apt.install(&FULL), updated) {
        (Ok(()), _) => Ok(()),
        // Without lists, that a package is not in them says nothing.
        (Err(_), Err(update)) => Err(update.into()),
        (Err(install), Ok(())) => Err(install.into()),
    }
}

/// Installs Firefox, likewise.
pub(super) fn install_firefox(installer: &Installer) -> Result<(), Failure> {
    let apt = Apt::of(installer)?;
    announce(&format!("installing {FIREFOX} with apt-get"));
    if apt.install(&[FIREFOX]).is_ok() {
        return Ok(());
    }
    eprintln!("updating apt-get's lists of packages");
    let updated = apt.run(&["update"]);
    apt.install(&[FIREFOX]).map_err(|install| updated.err().unwrap_or(install).into())
}

/// The way to call `apt-get` as root.
struct Apt<'a> {
    installer: &'a Installer,
    through_sudo: bool,
}

impl<'a> Apt<'a> {
    fn of(installer: &'a Installer) -> Result<Self, Failure> {
        installer.command("apt-get").ok_or(Failure::NoApt)?;
        let through_sudo = !installer.superuser;
        if through_sudo && !sudo_works(installer) {
            return Err(Failure::NoRights);
        }
        Ok(Self { installer, through_sudo })
    }

    fn install(&self, packages: &[&str]) -> Result<(), Failed> {
        // Where another installation is under way, as on a machine that has just started, wait for it.
        let options = ["install", "-y", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=120"];
        self.run(&[&options, packages].concat())
    }

    fn run(&self, args: &[&str]) -> Result<(), Failed> {
        const QUIET: &str = "DEBIAN_FRONTEND=noninteractive";
        let program = |name| self.installer.command(name).unwrap_or_else(|| Command::new(name));
        let mut command;
        if self.through_sudo {
            // It does not pass the environment on.
            command = program("sudo");
            command.args(["-n", "env", QUIET, "apt-get"]);
        } else {
            command = program("apt-get");
            command.env("DEBIAN_FRONTEND", "noninteractive");
        }
        process::run_shown(command.arg("-q").args(args))
    }
}

fn sudo_works(installer: &Installer) -> bool {
    let Some(mut sudo) = installer.command("sudo") else { return false };
    sudo.args(["-n", "true"]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    sudo.status().is_ok_and(|status| status.success())
}
