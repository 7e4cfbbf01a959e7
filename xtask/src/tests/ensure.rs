//! When nothing may or can be installed.

use std::ffi::OsString;

use callboard::setup::Machine;

use super::fake::Fake;
use crate::install::Platform;

#[test]
fn nothing_is_installed_where_that_is_forbidden() {
    let fake = Fake::new();
    fake.command("apt-get", ": > \"$root/called\"");
    let mut installer = fake.installer();
    installer.forbidden_by = Some("--no-install");
    let error = installer.ensure(&[]).unwrap_err();
    let expected = "no browser found, and --no-install forbids installing one
to install one by hand:

    apt-get update && apt-get install -y chromium-headless-shell chromium-driver
";
    assert_eq!(error.to_string(), expected);
    assert_eq!(error.exit_code(), 3);
    assert!(!fake.path("called").exists());
}

#[test]
fn a_browser_without_a_driver_is_named() {
    let fake = Fake::new();
    fake.command("google-chrome", "");
    let mut installer = fake.installer();
    installer.forbidden_by = Some("CALLBOARD_NO_INSTALL");
    let error = installer.ensure(&[]).unwrap_err().to_string();
    let chrome = fake.path("usr/bin/google-chrome");
    let expected = format!(
        "no driver found for the browser `{}`, and CALLBOARD_NO_INSTALL forbids installing one\n",
        chrome.display()
    );
    assert!(error.starts_with(&expected), "{error}");
}

#[test]
fn a_wrong_setting_is_not_made_right_by_installing() {
    let fake = Fake::new();
    fake.command("apt-get", ": > \"$root/called\"");
    let mut installer = fake.installer();
    let variables = ["PATH", "CALLBOARD_BROWSER"].map(|name| (name, OsString::from("/nowhere/chrome")));
    installer.machine = Machine::below(fake.path(""), variables);
    let error = installer.ensure(&[]).unwrap_err();
    assert_eq!(error.exit_code(), 2);
    assert!(error.to_string().starts_with("CALLBOARD_BROWSER is `/nowhere/chrome`, which is not"), "{error}");
    assert!(!fake.path("called").exists());
}

#[test]
fn the_package_managers_are_known() {
    let by_hand = |commands: &[&str], superuser| {
        let fake = Fake::new();
        for command in commands {
            fake.command(command, "");
        }
        let mut installer = fake.installer();
        installer.forbidden_by = Some("--no-install");
        installer.superuser = superuser;
        let error = installer.ensure(&[]).unwrap_err().to_string();
        error.lines().rev().find(|line| line.starts_with("    ")).unwrap().trim().to_owned()
    };
    assert_eq!(by_hand(&["dnf"], false), "sudo dnf install -y chromium chromedriver");
    assert_eq!(by_hand(&["pacman"], true), "pacman -S --noconfirm chromium");
    assert_eq!(by_hand(&["apt-get", "snap"], false), "sudo snap install chromium");
    assert_eq!(by_hand(&["brew"], false), "brew install --cask google-chrome chromedriver");
    assert_eq!(by_hand(&[], false), "CALLBOARD_NO_INSTALL=0 cargo xtask e2e");
}

#[test]
fn chrome_for_testing_is_not_for_every_machine() {
    let name = |os, architecture| Platform::of(os, architecture).map(|platform| platform.to_string());
    assert_eq!(name("linux", "x86_64").as_deref(), Some("linux64"));
    assert_eq!(name("macos", "aarch64").as_deref(), Some("mac-arm64"));
    assert_eq!(name("macos", "x86_64").as_deref(), Some("mac-x64"));
    assert_eq!(name("windows", "x86_64").as_deref(), Some("win64"));
    assert_eq!(name("linux", "aarch64"), None);

    let mut installer = Fake::new().installer();
    installer.platform = None;
    let error = installer.ensure(&[]).unwrap_err().to_string();
    assert!(error.contains("\n  Chrome for Testing: there is none for "), "{error}");
}
