//! The browser of a slot and its driver: started together, watched, ended together.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::error::{BrowserError, Hint, Program, Tail};
use super::find::Browsers;
use super::flags;
use super::launch::Launched;
use super::profile::Profile;

/// How long the two programs may take until they are ready. A machine under full load needs seconds.
const STARTUP: Duration = Duration::from_mins(1);
/// How often it is looked whether they are.
const LOOK: Duration = Duration::from_millis(5);

/// How a browser is started.
#[derive(Debug, Clone)]
pub(crate) struct Options {
    /// The slot's folder: the logs go here, and the profile for as long as the browser lives. Not the
    /// system's temporary folder, which a browser in a snap package cannot see.
    pub(crate) dir: PathBuf,
    /// Further arguments, from the configuration.
    pub(crate) args: Vec<String>,
    /// Whether it has no window.
    pub(crate) headless: bool,
}

/// Where a running browser and its driver answer. All that a worker needs to open sessions.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Endpoint {
    /// The browser's own socket: `ws://127.0.0.1:…/devtools/browser/…`.
    pub(crate) web_socket_url: String,
    /// What a driver attaches to: `127.0.0.1:…`.
    pub(crate) debugger_address: String,
    /// The driver: `http://127.0.0.1:…`.
    pub(crate) driver_url: String,
    /// Whether a page's size is ours to say, or its window's.
    pub(crate) headless: bool,
    /// The two programs, to explain what they say.
    pub(crate) browsers: Browsers,
    /// The browser's log, for messages.
    pub(crate) browser_log: PathBuf,
    /// The driver's log, for messages.
    pub(crate) driver_log: PathBuf,
}

/// A running browser with its driver. Dropping it kills both, with all their children.
#[derive(Debug)]
pub(crate) struct Browser {
    program: Running,
    driver: Running,
    profile: Profile,
    endpoint: Endpoint,
}

impl Browser {
    /// Starts both at once and returns when both are ready.
    pub(crate) async fn launch(found: &Browsers, options: &Options) -> Result<Self, BrowserError> {
        let profile = Profile::create(&options.dir)?;
        let arguments = flags::arguments(&found.browser, profile.path(), options.headless, &options.args);
        let mut browser =
            Running::start(Program::Browser, &found.browser, &arguments, options.dir.join("browser.log"))?;
        let mut driver = Running::start(
            Program::Driver,
            &found.driver,
            &["--port=0".into()],
            options.dir.join("driver.log"),
        )?;

        let port_file = profile.path().join("DevToolsActivePort");
        let driver_log = driver.log.clone();
        let deadline = Instant::now() + STARTUP;
        let ready = tokio::try_join!(
            browser.ready(deadline, || browser_address(&port_file)),
            driver.ready(deadline, || driver_port(&driver_log)),
        );
        let ((port, path), driver_port) = match ready {
            Ok(ready) => ready,
            Err(error) => return Err(error.explained(found).await),
        };

        let endpoint = Endpoint {
            web_socket_url: format!("ws://127.0.0.1:{port}{path}"),
            debugger_address: format!("127.0.0.1:{port}"),
            driver_url: format!("http://127.0.0.1:{driver_port}"),
            headless: options.headless,
            browsers: found.clone(),
            browser_log: browser.log.clone(),
            driver_log,
        };
        Ok(Self { program: browser, driver, profile, endpoint })
    }

    /// Where it answers.
    pub(crate) fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// An error if one of the two has ended.
    pub(crate) fn check(&mut self) -> Result<(), BrowserError> {
        self.program.check()?;
        self.driver.check()
    }

    /// Ends both with all their children, and removes the profile.
    pub(crate) async fn close(mut self) {
        tokio::join!(self.program.process.end(), self.driver.process.end());
        // The profile goes when this is dropped, now that nobody writes to it any more.
    }

    /// The process groups, and the folder of the profile.
    #[cfg(test)]
    pub(super) fn traces(&self) -> (Vec<rustix::process::Pid>, PathBuf) {
        let groups = [&self.program, &self.driver].into_iter().filter_map(|running| running.process.group());
        (groups.collect(), self.profile.path().to_owned())
    }
}

/// One of the two programs.
#[derive(Debug)]
struct Running {
    // Ends before the profile goes, whichever way the browser is dropped.
    process: Launched,
    program: Program,
    log: PathBuf,
}

impl Running {
    fn start(
        program: Program,
        path: &Path,
        arguments: &[std::ffi::OsString],
        log: PathBuf,
    ) -> Result<Self, BrowserError> {
        let process = Launched::start(path, arguments, &log).map_err(|source| BrowserError::Spawn {
            program,
            path: path.to_owned(),
            source,
        })?;
        Ok(Self { process, program, log })
    }

    /// Waits until `answer` has one.
    async fn ready<T>(
        &mut self,
        deadline: Instant,
        answer: impl Fn() -> Option<T>,
    ) -> Result<T, BrowserError> {
        loop {
            if let Some(answer) = answer() {
                return Ok(answer);
            }
            self.check()?;
            if Instant::now() >= deadline {
                return Err(BrowserError::NotReady {
                    program: self.program,
                    waited: STARTUP,
                    tail: Tail::of(&self.log),
                    log: self.log.clone(),
                    hint: Hint::default(),
                });
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    fn check(&mut self) -> Result<(), BrowserError> {
        match self.process.ended() {
            Ok(Some(status)) => Err(BrowserError::Ended {
                program: self.program,
                status,
                tail: Tail::of(&self.log),
                log: self.log.clone(),
                hint: Hint::default(),
            }),
            Ok(None) | Err(_) => Ok(()),
        }
    }
}

/// The port and the path that a browser wrote down, once both lines are complete.
fn browser_address(file: &Path) -> Option<(u16, String)> {
    let text = std::fs::read_to_string(file).ok()?;
    let (port, path) = text.split_once('\n')?;
    let path = path.trim();
    // The path ends in an id of 36 characters; a shorter one is still being written.
    let id = path.strip_prefix("/devtools/browser/")?;
    (id.len() >= 36).then(|| Some((port.trim().parse().ok()?, path.to_owned())))?
}

/// The port that the driver printed, once its sentence is complete.
fn driver_port(log: &Path) -> Option<u16> {
    let text = std::fs::read(log).ok()?;
    let text = String::from_utf8_lossy(&text);
    let (_, rest) = text.split_once("started successfully on port ")?;
    rest.split_once('.')?.0.parse().ok()
}
