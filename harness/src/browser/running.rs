//! The programs of a slot, its browser and its driver: each started when it is first needed, watched, and ended.

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

/// How long a program may take until it is ready. A machine under full load needs seconds.
const STARTUP: Duration = Duration::from_mins(1);
/// How long the system may take to end a killed process.
const AFTER_KILL: Duration = Duration::from_secs(5);
/// How often it is looked whether it is.
const LOOK: Duration = Duration::from_millis(5);

/// How often a driver is started that finds its port taken: it takes a free one of IPv6 and then wants the same of IPv4.
const PORTS: u32 = 5;

/// How a program is started.
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

/// Where a running browser answers. All that a worker needs to open sessions.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Endpoint {
    /// The browser's own socket: `ws://127.0.0.1:…/devtools/browser/…`.
    pub(crate) web_socket_url: String,
    /// What a driver attaches to: `127.0.0.1:…`.
    pub(crate) debugger_address: String,
    /// Whether a page's size is ours to say, or its window's.
    pub(crate) headless: bool,
    /// The two programs, to explain what they say.
    pub(crate) browsers: Browsers,
    /// The browser's log, for messages.
    pub(crate) log: PathBuf,
}

/// Where a running driver answers.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct DriverEndpoint {
    /// `http://127.0.0.1:…`
    pub(crate) url: String,
    /// Its log, for messages.
    pub(crate) log: PathBuf,
}

/// A running browser. Dropping it kills it, with all its children.
#[derive(Debug)]
pub(crate) struct Browser {
    program: Running,
    profile: Profile,
    endpoint: Endpoint,
}

impl Browser {
    /// Starts it and returns when it is ready.
    pub(crate) async fn launch(found: &Browsers, options: &Options) -> Result<Self, BrowserError> {
        let profile = Profile::create(&options.dir, options.warden.clone())?;
        let arguments = flags::arguments(&found.browser, profile.path(), options.headless, &options.args);
        let program = Running::start(Program::Browser, &found.browser, arguments, options)?;
        let port_file = profile.path().join("DevToolsActivePort");
        let (port, path) = match program.ready(|| browser_address(&port_file)).await {
            Ok(address) => address,
            Err(error) => return Err(error.explained(found).await),
        };
        let endpoint = Endpoint {
            web_socket_url: format!("ws://127.0.0.1:{port}{path}"),
            debugger_address: format!("127.0.0.1:{port}"),
            headless: options.headless,
            browsers: found.clone(),
            log: program.process.log().to_owned(),
        };
        Ok(Self { program, profile, endpoint })
    }

    /// Where it answers.
    pub(crate) fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// An error if it has ended.
    pub(crate) fn check(&self) -> Result<(), BrowserError> {
        self.program.check()
    }

    /// How much memory it takes with all its pages, in bytes; nothing where the system does not tell. Reads many small files.
    pub(crate) fn memory(&self) -> Option<u64> {
        self.program.process.memory()
    }

    /// Ends it with all its children, and removes the profile.
    pub(crate) async fn close(self) {
        let Self { program, profile, .. } = self;
        program.end().await;
        // Now nobody writes to it any more.
        drop(profile);
    }

    /// The process group, and the folder of the profile.
    #[cfg(all(test, unix))]
    pub(super) fn traces(&self) -> (rustix::process::Pid, PathBuf) {
        (self.program.process.id(), self.profile.path().to_owned())
    }
}

/// A running driver, which sessions of any browser of the slot attach with. Dropping it kills it.
#[derive(Debug)]
pub(crate) struct DriverProgram {
    program: Running,
    endpoint: DriverEndpoint,
}

impl DriverProgram {
    /// Starts it and returns when it is ready.
    pub(crate) async fn launch(found: &Browsers, options: &Options) -> Result<Self, BrowserError> {
        let create = |source| BrowserError::Folder { path: options.dir.clone(), source };
        std::fs::create_dir_all(&options.dir).map_err(create)?;
        for _ in 1..PORTS {
            match Self::launch_once(found, options).await {
                Err(BrowserError::Ended { tail, .. }) if tail.contains("Address already in use") => {}
                launched => return launched,
            }
        }
        Self::launch_once(found, options).await
    }

    async fn launch_once(found: &Browsers, options: &Options) -> Result<Self, BrowserError> {
        let program = Running::start(Program::Driver, &found.driver, vec!["--port=0".into()], options)?;
        let port = match program.ready(|| driver_port(&program.process)).await {
            Ok(port) => port,
            Err(error) => return Err(error.explained(found).await),
        };
        let endpoint =
            DriverEndpoint { url: format!("http://127.0.0.1:{port}"), log: program.process.log().to_owned() };
        Ok(Self { program, endpoint })
    }

    /// Where it answers.
    pub(crate) fn endpoint(&self) -> &DriverEndpoint {
        &self.endpoint
    }

    /// An error if it has ended.
    pub(crate) fn check(&self) -> Result<(), BrowserError> {
        self.program.check()
    }

    /// Ends it with all its children.
    pub(crate) async fn close(self) {
        self.program.end().await;
    }

    /// The process group.
    #[cfg(all(test, unix))]
    pub(super) fn group(&self) -> rustix::process::Pid {
        self.program.process.id()
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
    async fn ready<T>(&self, answer: impl Fn() -> Option<T>) -> Result<T, BrowserError> {
        let deadline = Instant::now() + STARTUP;
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
