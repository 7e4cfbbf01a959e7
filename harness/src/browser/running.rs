//! The browser of a slot and its driver: started together, watched, ended together.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::error::{BrowserError, Hint, Program, Tail};
use super::flags;
use super::profile::Profile;
use crate::config::Signal;
use crate::process::{Group, Launch, Warden};
use crate::setup::Browsers;

/// How long the two programs may take until they are ready. A machine under full load needs seconds.
const STARTUP: Duration = Duration::from_mins(1);
/// How long the system may take to end a killed process.
const AFTER_KILL: Duration = Duration::from_secs(5);
/// How often it is looked whether they are.
const LOOK: Duration = Duration::from_millis(5);

/// How a browser is started.
#[derive(Debug, Clone)]
pub(crate) struct Options {
    /// Who ends it should this process be killed.
    pub(crate) warden: Option<Arc<Warden>>,
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
        let profile = Profile::create(&options.dir, options.warden.clone())?;
        let arguments = flags::arguments(&found.browser, profile.path(), options.headless, &options.args);
        let browser = Running::start(Program::Browser, &found.browser, arguments, options)?;
        let driver = Running::start(Program::Driver, &found.driver, vec!["--port=0".into()], options)?;

        let port_file = profile.path().join("DevToolsActivePort");
        let deadline = Instant::now() + STARTUP;
        let ready = tokio::try_join!(
            browser.ready(deadline, || browser_address(&port_file)),
            driver.ready(deadline, || driver_port(&driver.process)),
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
            browser_log: browser.process.log().to_owned(),
            driver_log: driver.process.log().to_owned(),
        };
        Ok(Self { program: browser, driver, profile, endpoint })
    }

    /// Where it answers.
    pub(crate) fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// An error if one of the two has ended.
    pub(crate) fn check(&self) -> Result<(), BrowserError> {
        self.program.check()?;
        self.driver.check()
    }

    /// Ends both with all their children, and removes the profile.
    pub(crate) async fn close(self) {
        let Self { program, driver, profile, .. } = self;
        tokio::join!(program.end(), driver.end());
        // Now nobody writes to it any more.
        drop(profile);
    }

    /// The process groups, and the folder of the profile.
    #[cfg(test)]
    pub(super) fn traces(&self) -> (Vec<rustix::process::Pid>, PathBuf) {
        let groups = [&self.program, &self.driver].into_iter().map(|running| running.process.id());
        (groups.collect(), self.profile.path().to_owned())
    }
}

/// One of the two programs.
#[derive(Debug)]
struct Running {
    // Ends before the profile goes, whichever way the browser is dropped.
    process: Group,
    program: Program,
}

impl Running {
    fn start(
        program: Program,
        path: &Path,
        args: Vec<OsString>,
        options: &Options,
    ) -> Result<Self, BrowserError> {
        let launch = Launch {
            program: path.to_owned(),
            args,
            env: BTreeMap::new(),
            dir: options.dir.clone(),
            log: options.dir.join(format!("{program}.log")),
        };
        let process = Group::spawn(&launch, options.warden.as_ref())
            .map_err(|source| BrowserError::Spawn { program, source })?;
        Ok(Self { process, program })
    }

    /// At once: nothing that it holds is to be kept.
    async fn end(&self) {
        self.process.stop(Signal::Kill, AFTER_KILL).await;
    }

    /// Waits until `answer` has one.
    async fn ready<T>(&self, deadline: Instant, answer: impl Fn() -> Option<T>) -> Result<T, BrowserError> {
        loop {
            if let Some(answer) = answer() {
                return Ok(answer);
            }
            self.check()?;
            if Instant::now() >= deadline {
                return Err(BrowserError::NotReady {
                    program: self.program,
                    waited: STARTUP,
                    tail: Tail::of(&self.process),
                    log: self.process.log().to_owned(),
                    hint: Hint::default(),
                });
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    fn check(&self) -> Result<(), BrowserError> {
        let Some(status) = self.process.try_exit_status() else { return Ok(()) };
        Err(BrowserError::Ended {
            program: self.program,
            status,
            tail: Tail::of(&self.process),
            log: self.process.log().to_owned(),
            hint: Hint::default(),
        })
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
fn driver_port(driver: &Group) -> Option<u16> {
    let log = std::fs::read(driver.log()).ok()?;
    // Drivers that the slot had before wrote into the same file.
    let own = log.get(usize::try_from(driver.log_start()).ok()?..)?;
    let text = String::from_utf8_lossy(own);
    let (_, rest) = text.split_once("started successfully on port ")?;
    rest.split_once('.')?.0.parse().ok()
}
