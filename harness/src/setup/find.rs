//! Where the browser and its driver are on this machine.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// A browser and the driver that belongs to it: executables that are there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Browsers {
    /// The browser's own executable, never a script that starts it as its child.
    pub browser: PathBuf,
    /// The driver's executable.
    pub driver: PathBuf,
}

/// Why there is no browser, or no driver, to work with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BrowserNotFound {
    /// A variable or a key of the configuration names a file that is not there, or cannot be executed.
    #[error("{said_by} is `{}`, which is not an executable file: correct it, or remove it to have one found", path.display())]
    Wrong {
        /// Who named it: `CALLBOARD_BROWSER`, or a key of `callboard.toml`.
        said_by: &'static str,
        /// What it names.
        path: PathBuf,
    },
    /// There is no browser.
    #[error("no browser found; looked for {looked}\n{HELP}")]
    Browser {
        /// Where it was looked for.
        looked: Looked,
    },
    /// There is no browser that could have a window.
    #[error(
        "no browser with a window found; looked for {looked}\n`apt-get install chromium chromium-driver` on Debian \
             installs both; or set CALLBOARD_BROWSER and CALLBOARD_DRIVER to the two executables"
    )]
    Window {
        /// Where it was looked for.
        looked: Looked,
    },
    /// The browser that is named never has a window.
    #[error("`{}` never has a window: name another browser, or none to have one found", browser.display())]
    Shell {
        /// The browser.
        browser: PathBuf,
    },
    /// There is no Firefox.
    #[error("no Firefox found; looked for {looked}\n{FIREFOX_HELP}")]
    Firefox {
        /// Where it was looked for.
        looked: Looked,
    },
    /// There is Firefox, but no driver for it.
    #[error("no geckodriver found for `{}`; looked for {looked}\n{FIREFOX_HELP}", browser.display())]
    Geckodriver {
        /// The browser that wants a driver.
        browser: PathBuf,
        /// Where its driver was looked for.
        looked: Looked,
    },
    /// There is a browser, but no driver for it.
    #[error("no driver found for the browser `{}`; looked for {looked}\n{HELP}", browser.display())]
    Driver {
        /// The browser that wants a driver.
        browser: PathBuf,
        /// Where its driver was looked for.
        looked: Looked,
    },
}

/// What one can do about it.
const HELP: &str = "`cargo xtask e2e` installs both; so does `apt-get install chromium-headless-shell chromium-driver` \
     on Debian; or set CALLBOARD_BROWSER and CALLBOARD_DRIVER to the two executables";

/// The same of Firefox.
const FIREFOX_HELP: &str = "`cargo xtask e2e` installs both; so do `apt-get install firefox-esr` on Debian and `cargo install geckodriver \
     --locked`; or set CALLBOARD_BROWSER and CALLBOARD_DRIVER to the two executables";

/// Names and places in which something was looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Looked {
    names: Vec<&'static str>,
    places: Vec<PathBuf>,
}

impl fmt::Display for Looked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} on PATH, and for", self.names.join(", "))?;
        for place in &self.places {
            write!(f, "\n  {}", place.display())?;
        }
        Ok(())
    }
}

/// Finds a browser and its driver: what the environment names, else what the configuration names
/// (`executable`, `driver`), else what is installed, else what callboard put into the user's cache.
///
/// A name that is given and points nowhere is an error: another browser than the one asked for would
/// be a worse surprise.
pub fn find(executable: Option<&Path>, driver: Option<&Path>) -> Result<Browsers, BrowserNotFound> {
    Machine::this().find(executable, driver)
}

/// The same for a browser that is to have a window: the one that is made for having none is passed over.
pub fn find_with_window(
    executable: Option<&Path>,
    driver: Option<&Path>,
) -> Result<Browsers, BrowserNotFound> {
    with_window_on(&Machine::this(), executable, driver)
}

/// The same for Firefox and `geckodriver`.
pub fn find_firefox(executable: Option<&Path>, driver: Option<&Path>) -> Result<Browsers, BrowserNotFound> {
    firefox_on(&Machine::this(), executable, driver)
}

/// What is looked at: variables of the environment, and the folder that known places are below.
#[derive(Debug, Clone)]
pub struct Machine {
    pub(super) variables: BTreeMap<&'static str, OsString>,
    pub(super) root: PathBuf,
}

impl Machine {
    /// A machine of which everything is below `root`, and whose environment is `variables`: `PATH`,
    /// `HOME`, `XDG_CACHE_HOME`, `CALLBOARD_BROWSER` and `CALLBOARD_DRIVER` are looked at, on Windows also `LOCALAPPDATA`.
    pub fn below(root: PathBuf, variables: impl IntoIterator<Item = (&'static str, OsString)>) -> Self {
        Self { variables: variables.into_iter().collect(), root }
    }

    /// The machine that this program runs on.
    pub fn this() -> Self {
        let names =
            ["CALLBOARD_BROWSER", "CALLBOARD_DRIVER", "PATH", "HOME", "XDG_CACHE_HOME", "LOCALAPPDATA"];
        let variables = names.into_iter().filter_map(|name| Some((name, std::env::var_os(name)?))).collect();
        Self { variables, root: PathBuf::from(if cfg!(windows) { "C:/" } else { "/" }) }
    }

    fn variable(&self, name: &str) -> Option<&OsString> {
        self.variables.get(name).filter(|value| !value.is_empty())
    }

    /// As [`find`], on this machine.
    pub fn find(
        &self,
        executable: Option<&Path>,
        driver: Option<&Path>,
    ) -> Result<Browsers, BrowserNotFound> {
        find_on(self, executable, driver)
    }

    /// As [`find_firefox`], on this machine.
    pub fn find_firefox(
        &self,
        executable: Option<&Path>,
        driver: Option<&Path>,
    ) -> Result<Browsers, BrowserNotFound> {
        firefox_on(self, executable, driver)
    }

    /// The command of this name, as `PATH` has it.
    pub fn on_path(&self, name: &str) -> Option<PathBuf> {
        let path = self.variable("PATH")?;
        std::env::split_paths(path).map(|folder| folder.join(program(name))).find(|file| is_executable(file))
    }

    fn known(&self, place: &str) -> PathBuf {
        self.root.join(place)
    }

    /// The folder in which downloaded browsers are found, each pair in a folder named by its version:
    /// `…/156.0.8078.79/chrome-headless-shell-linux64/chrome-headless-shell`, and the driver likewise.
    ///
    /// `None` if the user has no home.
    pub fn cache(&self) -> Option<PathBuf> {
        let folder = if let Some(folder) = self.variable("XDG_CACHE_HOME") {
            PathBuf::from(folder)
        } else if cfg!(windows) {
            PathBuf::from(self.variable("LOCALAPPDATA")?)
        } else {
            let under_home = if cfg!(target_os = "macos") { "Library/Caches" } else { ".cache" };
            Path::new(self.variable("HOME")?).join(under_home)
        };
        Some(folder.join("callboard/browsers/chrome-for-testing"))
    }
}

/// A program by the names of its command, and the places of its executable where these are known.
#[derive(Clone, Copy)]
struct Kind {
    names: &'static [&'static str],
    places: &'static [&'static str],
}

/// The browser that is made for having no window: a third of the cost of a full one.
const HEADLESS_SHELL: Kind = Kind {
    names: &["chromium-headless-shell", "chrome-headless-shell"],
    places: &["usr/lib/chromium/chromium-headless-shell"],
};

const CHROMIUM: Kind = Kind {
    names: &["chromium", "chromium-browser"],
    places: &[
        "usr/lib/chromium/chromium",
        "usr/lib/chromium-browser/chromium-browser",
        "snap/bin/chromium",
        "Applications/Chromium.app/Contents/MacOS/Chromium",
    ],
};

const CHROME: Kind = Kind {
    names: &["google-chrome", "google-chrome-stable", "chrome"],
    places: &[
        "opt/google/chrome/chrome",
        "Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        "Applications/Google Chrome for Testing.app/Contents/MacOS/Google Chrome for Testing",
        "Program Files/Google/Chrome/Application/chrome.exe",
        "Program Files (x86)/Google/Chrome/Application/chrome.exe",
    ],
};

const FIREFOX: Kind = Kind {
    names: &["firefox", "firefox-esr"],
    places: &[
        "usr/lib/firefox-esr/firefox-esr",
        "usr/lib/firefox/firefox",
        "Applications/Firefox.app/Contents/MacOS/firefox",
    ],
};

const GECKODRIVER: Kind = Kind {
    names: &["geckodriver"],
    places: &["usr/bin/geckodriver", "usr/local/bin/geckodriver", "opt/homebrew/bin/geckodriver"],
};

const DRIVER: Kind = Kind {
    names: &["chromedriver"],
    places: &[
        "usr/lib/chromium/chromedriver",
        "usr/lib/chromium-browser/chromedriver",
        "snap/bin/chromium.chromedriver",
        "usr/local/bin/chromedriver",
        "opt/homebrew/bin/chromedriver",
    ],
};

/// As [`find`], on a given machine.
pub(super) fn find_on(
    machine: &Machine,
    executable: Option<&Path>,
    driver: Option<&Path>,
) -> Result<Browsers, BrowserNotFound> {
    let browser = machine.given("CALLBOARD_BROWSER", "`executable` of [browser]", executable)?;
    let driver = machine.given("CALLBOARD_DRIVER", "`driver` of [browser]", driver)?;
    let installed_driver = || machine.installed(DRIVER);
    let cached = machine.downloads();

    if let Some(browser) = browser {
        let browser = machine.behind_script(browser);
        let driver = driver
            .or_else(|| Some(cached.iter().find(|pair| pair.browser == browser)?.driver.clone()))
            .or_else(|| {
                Some(browser.with_file_name(program("chromedriver"))).filter(|file| is_executable(file))
            })
            .or_else(installed_driver)
            .or_else(|| Some(cached.first()?.driver.clone()));
        return match driver {
            Some(driver) => Ok(Browsers { browser, driver }),
            None => Err(BrowserNotFound::Driver { browser, looked: machine.looked(&[DRIVER]) }),
        };
    }

    // A driver drives one version of the browser. So what is installed goes with what is installed,
    // and a download with the driver that it came with.
    let shell = machine.installed(HEADLESS_SHELL);
    let installed_driver = driver.clone().or_else(installed_driver);
    if let (Some(browser), Some(driver)) = (&shell, &installed_driver) {
        return Ok(Browsers { browser: browser.clone(), driver: driver.clone() });
    }
    if let Some(pair) = cached.into_iter().next() {
        return Ok(Browsers { browser: pair.browser, driver: driver.unwrap_or(pair.driver) });
    }
    let browser = shell.or_else(|| machine.installed(CHROMIUM)).or_else(|| machine.installed(CHROME));
    match (browser, installed_driver) {
        (Some(browser), Some(driver)) => Ok(Browsers { browser, driver }),
        (Some(browser), None) => Err(BrowserNotFound::Driver { browser, looked: machine.looked(&[DRIVER]) }),
        (None, _) => {
            Err(BrowserNotFound::Browser { looked: machine.looked(&[HEADLESS_SHELL, CHROMIUM, CHROME]) })
        }
    }
}

/// As [`find_firefox`], on a given machine.
pub(super) fn firefox_on(
    machine: &Machine,
    executable: Option<&Path>,
    driver: Option<&Path>,
) -> Result<Browsers, BrowserNotFound> {
    let browser = machine.given("CALLBOARD_BROWSER", "`executable` of [browser]", executable)?;
    let driver = machine.given("CALLBOARD_DRIVER", "`driver` of [browser]", driver)?;
    let Some(browser) = browser.or_else(|| machine.installed(FIREFOX)) else {
        return Err(BrowserNotFound::Firefox { looked: machine.looked(&[FIREFOX]) });
    };
    // `cargo install` puts it there, which need not be on PATH.
    let by_cargo = || Some(Path::new(machine.variable("HOME")?).join(".cargo/bin/geckodriver"));
    let driver = driver
        .or_else(|| machine.installed(GECKODRIVER))
        .or_else(by_cargo)
        .filter(|file| is_executable(file));
    match driver {
        Some(driver) => Ok(Browsers { browser, driver }),
        None => Err(BrowserNotFound::Geckodriver { browser, looked: machine.looked(&[GECKODRIVER]) }),
    }
}

/// As [`find_with_window`], on a given machine.
pub(super) fn with_window_on(
    machine: &Machine,
    executable: Option<&Path>,
    driver: Option<&Path>,
) -> Result<Browsers, BrowserNotFound> {
    let given = machine.given("CALLBOARD_BROWSER", "`executable` of [browser]", executable)?;
    let full = given.or_else(|| machine.installed(CHROMIUM)).or_else(|| machine.installed(CHROME));
    let Some(browser) = full else {
        return Err(BrowserNotFound::Window { looked: machine.looked(&[CHROMIUM, CHROME]) });
    };
    let is_shell = browser.file_name().is_some_and(|name| name.to_string_lossy().contains("headless-shell"));
    if is_shell {
        return Err(BrowserNotFound::Shell { browser });
    }
    find_on(machine, Some(&browser), driver)
}

impl Machine {
    /// What the environment or the configuration names, if anything.
    fn given(
        &self,
        variable: &'static str,
        key: &'static str,
        configured: Option<&Path>,
    ) -> Result<Option<PathBuf>, BrowserNotFound> {
        let (said_by, path) = match (self.variable(variable), configured) {
            (Some(value), _) => (variable, PathBuf::from(value)),
            (None, Some(path)) => (key, path.to_owned()),
            (None, None) => return Ok(None),
        };
        // A bare name is a command, as in a shell.
        let bare = path.components().count() == 1 && !path.is_absolute();
        let found = if bare { path.to_str().and_then(|name| self.on_path(name)) } else { None };
        match found.or_else(|| is_executable(&path).then(|| path.clone())) {
            Some(path) => Ok(Some(path)),
            None => Err(BrowserNotFound::Wrong { said_by, path }),
        }
    }

    /// A program as the system's packages install it.
    fn installed(&self, kind: Kind) -> Option<PathBuf> {
        let command = kind.names.iter().find_map(|name| self.on_path(name));
        let file =
            command.or_else(|| kind.places.iter().map(|place| self.known(place)).find(|f| is_executable(f)));
        Some(self.behind_script(file?))
    }

    /// The browser that a script of the system's packages starts, where that is known.
    ///
    /// Ending such a script leaves the browser alive, for it is only the script's child. A script
    /// elsewhere is somebody's own and is left as it is.
    fn behind_script(&self, file: PathBuf) -> PathBuf {
        let real = file.canonicalize().unwrap_or_else(|_| file.clone());
        let of_the_system = ["usr/bin", "bin", "opt/google/chrome"];
        let is_the_systems = of_the_system.iter().any(|folder| real.parent() == Some(&self.known(folder)));
        let kind = [HEADLESS_SHELL, CHROMIUM, CHROME].into_iter().find(|kind| {
            let name = file.file_name().and_then(|name| name.to_str());
            name.is_some_and(|name| kind.names.contains(&name))
        });
        let Some(kind) = kind.filter(|_| is_the_systems && is_script(&real)) else { return file };
        kind.places
            .iter()
            .map(|place| self.known(place))
            .find(|place| is_executable(place) && !is_script(place))
            .unwrap_or(file)
    }

    /// The pairs that callboard downloaded, the newest first.
    fn downloads(&self) -> Vec<Browsers> {
        let versions = self.cache().and_then(|folder| std::fs::read_dir(folder).ok());
        let mut versions: Vec<_> = versions
            .into_iter()
            .flatten()
            .flatten()
            .filter_map(|entry| {
                let version = entry.file_name().to_str()?.split('.').map(|part| part.parse().ok()).collect();
                let version: Option<Vec<u32>> = version;
                Some((version?, entry.path()))
            })
            .collect();
        versions.sort();
        versions.into_iter().rev().filter_map(|(_, folder)| download(&folder)).collect()
    }

    fn looked(&self, kinds: &[Kind]) -> Looked {
        let places = kinds.iter().flat_map(|kind| kind.places).map(|place| self.known(place));
        Looked {
            names: kinds.iter().flat_map(|kind| kind.names).copied().collect(),
            places: places.chain(self.cache()).collect(),
        }
    }
}

/// The pair in the folder of one downloaded version: `chrome-headless-shell-linux64/…`.
fn download(folder: &Path) -> Option<Browsers> {
    let find = |name: &str| {
        let prefix = format!("{name}-");
        std::fs::read_dir(folder).ok()?.flatten().find_map(|entry| {
            let file = entry.path().join(program(name));
            (entry.file_name().to_str()?.starts_with(&prefix) && is_executable(&file)).then_some(file)
        })
    };
    Some(Browsers { browser: find("chrome-headless-shell")?, driver: find("chromedriver")? })
}

#[cfg(unix)]
fn is_executable(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(file).is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
}

/// By its name: there is no other sign of it.
#[cfg(windows)]
fn is_executable(file: &Path) -> bool {
    file.extension().is_some_and(|kind| kind.eq_ignore_ascii_case("exe")) && file.is_file()
}

/// A program as the system names its file: with `.exe` on Windows, if it is not there already.
fn program(name: &str) -> String {
    let suffix = std::env::consts::EXE_SUFFIX;
    if name.ends_with(suffix) { name.to_owned() } else { format!("{name}{suffix}") }
}

fn is_script(file: &Path) -> bool {
    use std::io::Read as _;
    let mut start = [0; 2];
    std::fs::File::open(file).and_then(|mut file| file.read_exact(&mut start)).is_ok() && start == *b"#!"
}
