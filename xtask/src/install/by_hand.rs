//! The one command that installs a browser and its driver by hand.

use super::Installer;

/// Package managers by their command, with what follows it. All put the browser where it is looked for.
const MANAGERS: [(&str, &str); 6] = [
    ("dnf", "install -y chromium chromedriver"),
    ("pacman", "-S --noconfirm chromium"),
    ("zypper", "install -y chromium chromedriver"),
    ("apk", "add chromium chromium-chromedriver"),
    ("snap", "install chromium"),
    ("apt-get", "install -y chromium-headless-shell chromium-driver"),
];

/// The command for this machine's package manager, or what comes nearest to it.
pub(super) fn command(installer: &Installer) -> String {
    if installer.machine.on_path("brew").is_some() {
        return "brew install --cask google-chrome chromedriver".to_owned();
    }
    let manager = MANAGERS.iter().find(|(name, _)| installer.machine.on_path(name).is_some());
    let sudo = if installer.superuser { "" } else { "sudo " };
    match manager {
        Some(("apt-get", rest)) => format!("{sudo}apt-get update && {sudo}apt-get {rest}"),
        Some((name, rest)) => format!("{sudo}{name} {rest}"),
        None if installer.forbidden_by.is_some() => "CALLBOARD_NO_INSTALL=0 cargo xtask e2e".to_owned(),
        None => "export CALLBOARD_BROWSER=/path/to/chrome CALLBOARD_DRIVER=/path/to/chromedriver".to_owned(),
    }
}
