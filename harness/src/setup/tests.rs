//! Where browser and driver are looked for, and what comes first.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::find::{BrowserNotFound, Browsers, Machine, find_on, firefox_on};

/// A machine of which everything is below one folder.
struct Fake {
    dir: TempDir,
    machine: Machine,
}

impl Fake {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        let variables = [("PATH", root.join("usr/bin").into()), ("HOME", root.join("home").into())].into();
        Self { dir, machine: Machine { variables, root } }
    }

    fn file(&self, path: &str, text: &str) -> PathBuf {
        let file = self.dir.path().canonicalize().unwrap().join(path);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, text).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).unwrap();
        file
    }

    fn program(&self, path: &str) -> PathBuf {
        self.file(path, "\x7fELF")
    }

    /// A pair as callboard downloads it.
    fn download(&self, version: &str) -> Browsers {
        let folder = self.machine.cache().unwrap();
        let folder = folder.strip_prefix(&self.machine.root).unwrap().join(version);
        let file = |path: &str| self.program(folder.join(path).to_str().unwrap());
        Browsers {
            browser: file("chrome-headless-shell-linux64/chrome-headless-shell"),
            driver: file("chromedriver-linux64/chromedriver"),
        }
    }

    fn find(&self) -> Result<Browsers, BrowserNotFound> {
        find_on(&self.machine, None, None)
    }

    fn found(&self) -> (PathBuf, PathBuf) {
        let Browsers { browser, driver } = self.find().unwrap();
        (browser, driver)
    }

    fn set(&mut self, name: &'static str, path: &Path) {
        self.machine.variables.insert(name, path.into());
    }
}

#[test]
fn the_cheapest_browser_is_preferred_wherever_it_is() {
    let fake = Fake::new();
    let driver = fake.program("usr/bin/chromedriver");
    let chrome = fake.program("opt/google/chrome/chrome");
    assert_eq!(fake.found(), (chrome, driver.clone()));
    let chromium = fake.program("usr/bin/chromium");
    assert_eq!(fake.found(), (chromium, driver.clone()));
    let shell = fake.program("usr/lib/chromium/chromium-headless-shell");
    assert_eq!(fake.found(), (shell, driver));
}

#[test]
fn the_browser_itself_is_preferred_to_the_script_that_starts_it() {
    let fake = Fake::new();
    let driver = fake.program("usr/bin/chromedriver");
    let script = fake.file("usr/bin/chromium-headless-shell", "#!/bin/sh -e\n");
    assert_eq!(fake.found(), (script, driver.clone()));
    let itself = fake.program("usr/lib/chromium/chromium-headless-shell");
    assert_eq!(fake.found(), (itself.clone(), driver.clone()));

    // Also when the script is what the user named; but not when it is the user's own.
    let script = fake.file("usr/bin/chromium-headless-shell", "#!/bin/sh -e\n");
    assert_eq!(find_on(&fake.machine, Some(&script), None).unwrap().browser, itself);
    let own = fake.file("home/bin/chromium-headless-shell", "#!/bin/sh -e\n");
    assert_eq!(find_on(&fake.machine, Some(&own), None).unwrap().browser, own);
}

#[test]
fn the_environment_comes_before_the_configuration_and_both_before_what_is_installed() {
    let mut fake = Fake::new();
    fake.program("usr/bin/chromedriver");
    fake.program("usr/bin/chromium-headless-shell");
    let (browser, driver) = (fake.program("a/chrome"), fake.program("a/driver"));
    let found = find_on(&fake.machine, Some(&browser), Some(&driver)).unwrap();
    assert_eq!(found, Browsers { browser: browser.clone(), driver: driver.clone() });

    let (other, other_driver) = (fake.program("b/chrome"), fake.program("b/driver"));
    fake.set("CALLBOARD_BROWSER", &other);
    fake.set("CALLBOARD_DRIVER", &other_driver);
    let found = find_on(&fake.machine, Some(&browser), Some(&driver)).unwrap();
    assert_eq!(found, Browsers { browser: other, driver: other_driver });
}

#[test]
fn firefox_is_found_with_its_own_driver() {
    let fake = Fake::new();
    let find = || firefox_on(&fake.machine, None, None);
    fake.program("usr/bin/chromium");
    fake.program("usr/bin/chromedriver");
    assert!(matches!(find(), Err(BrowserNotFound::Firefox { .. })));
    let browser = fake.program("usr/lib/firefox-esr/firefox-esr");
    let error = find().unwrap_err();
    assert!(matches!(&error, BrowserNotFound::Geckodriver { .. }));
    assert!(error.to_string().contains("cargo install geckodriver --locked"), "{error}");
    // Where cargo puts it, which is not on PATH here.
    let driver = fake.program("home/.cargo/bin/geckodriver");
    assert_eq!(find().unwrap(), Browsers { browser, driver });
    let driver = fake.program("usr/bin/geckodriver");
    assert_eq!(find().unwrap().driver, driver);
}

#[test]
fn a_bare_name_is_a_command() {
    let mut fake = Fake::new();
    fake.program("usr/bin/chromedriver");
    let browser = fake.program("usr/bin/my-browser");
    fake.set("CALLBOARD_BROWSER", Path::new("my-browser"));
    assert_eq!(fake.found().0, browser);
}

#[test]
fn a_name_that_points_nowhere_is_an_error_and_nothing_else_is_taken() {
    let mut fake = Fake::new();
    fake.program("usr/bin/chromedriver");
    fake.program("usr/bin/chromium-headless-shell");
    fake.set("CALLBOARD_BROWSER", Path::new("/nowhere/chrome"));
    let error = fake.find().unwrap_err().to_string();
    assert!(error.starts_with("CALLBOARD_BROWSER is `/nowhere/chrome`, which is not"), "{error}");

    fake.machine.variables.remove("CALLBOARD_BROWSER");
    let error = find_on(&fake.machine, None, Some(Path::new("/nowhere/driver"))).unwrap_err().to_string();
    assert!(error.starts_with("`driver` of [browser] is `/nowhere/driver`"), "{error}");
}

#[test]
fn a_download_goes_with_its_own_driver_and_the_newest_is_taken() {
    let fake = Fake::new();
    fake.download("99.0.1.2");
    let newest = fake.download("156.0.10.1");
    fake.download("156.0.9.30");
    assert_eq!(fake.find().unwrap(), newest);

    // An installed full browser has no driver here, and would cost more.
    fake.program("usr/bin/google-chrome");
    assert_eq!(fake.find().unwrap(), newest);

    // A half finished one does not count.
    let half = fake.download("157.0.0.0");
    std::fs::remove_file(half.driver).unwrap();
    assert_eq!(fake.find().unwrap(), newest);

    let shell = fake.program("usr/bin/chromium-headless-shell");
    assert_eq!(fake.find().unwrap(), newest);
    let driver = fake.program("usr/bin/chromedriver");
    assert_eq!(fake.found(), (shell, driver));
}

#[test]
fn a_named_browser_gets_the_driver_beside_it() {
    let fake = Fake::new();
    fake.program("usr/bin/chromedriver");
    let pair = fake.download("156.0.10.1");
    fake.download("157.0.0.0");
    assert_eq!(find_on(&fake.machine, Some(&pair.browser), None).unwrap(), pair);
    let (browser, driver) = (fake.program("a/chrome"), fake.program("a/chromedriver"));
    assert_eq!(find_on(&fake.machine, Some(&browser), None).unwrap(), Browsers { browser, driver });
}

#[test]
fn nothing_found_says_where_it_looked_and_what_to_do() {
    let fake = Fake::new();
    let error = fake.find().unwrap_err().to_string();
    for part in [
        "no browser found",
        "chromium-headless-shell, chrome-headless-shell, chromium,",
        "opt/google/chrome/chrome",
        "callboard/browsers/chrome-for-testing",
        "cargo xtask e2e",
        "apt-get install chromium-headless-shell chromium-driver",
        "CALLBOARD_BROWSER and CALLBOARD_DRIVER",
    ] {
        assert!(error.contains(part), "{part} is not in: {error}");
    }
    fake.program("usr/bin/chromium");
    let error = fake.find().unwrap_err().to_string();
    assert!(error.contains("no driver found for the browser `") && error.contains("chromedriver"), "{error}");
}
