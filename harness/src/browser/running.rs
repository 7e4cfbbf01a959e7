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
use super::webdriver::{Wanted, WebDriverSession};
use crate::config::{Engine, Signal};
use crate::process::{Group, Launch, Warden};
use crate::setup::Browsers;

/// How long a program may take until it is ready. A machine under full load needs seconds.
const STARTUP: Duration = Duration::from_mins(1);
/// How long the system may take to end a killed process.
const AFTER_KILL: Duration = Duration::from_secs(5);
/// How long a browser on this machine may take to accept a connection, until it counts as busy.
const LISTENS: Duration = Duration::from_millis(100);
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
    /// Whether all sessions use the browser's own context.
    pub(crate) one_context: bool,
}

/// What a browser lets itself be driven by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Protocol {
    /// Chromium's own.
    Cdp,
    /// WebDriver BiDi.
    Bidi,
}

/// Where a running browser answers. All that a worker needs to open sessions.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Endpoint {
    /// The browser's own socket: `ws://127.0.0.1:…/devtools/browser/…`.
    pub(crate) web_socket_url: String,
    /// What is spoken there.
    pub(crate) protocol: Protocol,
    /// What a driver attaches to: `127.0.0.1:…`.
    pub(crate) debugger_address: String,
    /// The driver's session that the browser was started by, which is the only one then: `http://…/session/…`.
    pub(crate) session: Option<String>,
    /// Whether a page's size is ours to say, or its window's.
    pub(crate) headless: bool,
    /// Whether all sessions use its own context, one after another.
    pub(crate) one_context: bool,
    /// The two programs, to explain what they say; nothing of a browser that is elsewhere.
    pub(crate) browsers: Option<Browsers>,
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
    /// Nothing of a browser that is elsewhere.
    program: Option<Running>,
    profile: Option<Profile>,
    /// Of such a browser.
    remote: Option<WebDriverSession>,
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
            protocol: Protocol::Cdp,
            debugger_address: format!("127.0.0.1:{port}"),
            session: None,
            headless: options.headless,
            one_context: options.one_context,
            browsers: Some(found.clone()),
            log: program.process.log().to_owned(),
        };
        Ok(Self { program: Some(program), profile: Some(profile), remote: None, endpoint })
    }

    /// Starts Firefox by its driver, of which it is a child, and returns when it is ready.
    pub(crate) async fn launch_firefox(found: &Browsers, options: &Options) -> Result<Self, BrowserError> {
        let profile = Profile::create(&options.dir, options.warden.clone())?;
        let mut arguments: Vec<OsString> = vec!["--port=0".into(), "--websocket-port=0".into()];
        arguments.extend(["--profile-root".into(), profile.path().into()]);
        let program = Running::start(Program::Browser, &found.driver, arguments, options)?;
        let port = program.ready(|| printed_port(&program.process, "Listening on 127.0.0.1:", '\n')).await?;
        let address = format!("127.0.0.1:{port}");
        let wanted = Wanted {
            engine: Engine::Firefox,
            headless: options.headless,
            args: &options.args,
            executable: Some(&found.browser),
            with_bidi: true,
        };
        let session = WebDriverSession::begin(&format!("http://{address}"), &wanted).await;
        let session = match session {
            Ok(session) => session,
            Err(error) => {
                // What became of the driver says more, if something did.
                program.check()?;
                return Err(error);
            }
        };
        let Some((protocol, web_socket_url)) = session.socket().await else {
            return Err(BrowserError::NoSocket { url: session.url, way: way_to(Engine::Firefox) });
        };
        let endpoint = Endpoint {
            web_socket_url,
            protocol,
            debugger_address: address,
            session: Some(session.url),
            headless: options.headless,
            one_context: options.one_context,
            browsers: Some(found.clone()),
            log: program.process.log().to_owned(),
        };
        Ok(Self { program: Some(program), profile: Some(profile), remote: None, endpoint })
    }

    /// Has the driver at an address start a browser, wherever that is.
    pub(crate) async fn remote(engine: Engine, url: &str, options: &Options) -> Result<Self, BrowserError> {
        let (headless, args) = (options.headless, &options.args);
        // What Chromium's driver has of BiDi is not enough to be driven by: nothing of it is asked for.
        let with_bidi = engine != Engine::Chromium;
        let wanted = Wanted { engine, headless, args, executable: None, with_bidi };
        let session = WebDriverSession::begin(url, &wanted).await?;
        let Some((protocol, web_socket_url)) = session.socket().await else {
            session.end().await;
            return Err(BrowserError::NoSocket { url: url.to_owned(), way: way_to(engine) });
        };
        let address = url.split_once("://").map_or(url, |(_, rest)| rest).split('/').next().unwrap_or(url);
        let endpoint = Endpoint {
            web_socket_url,
            protocol,
            debugger_address: address.to_owned(),
            session: Some(session.url.clone()),
            headless: options.headless,
            one_context: options.one_context,
            browsers: None,
            log: options.dir.join(format!("{}.log", Program::Browser)),
        };
        Ok(Self { program: None, profile: None, remote: Some(session), endpoint })
    }

    /// Where it answers.
    pub(crate) fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// An error if it has ended.
    pub(crate) fn check(&self) -> Result<(), BrowserError> {
        let Some(program) = &self.program else { return Ok(()) };
        program.check()?;
        // A driver outlives the browser that it has started.
        let Endpoint { web_socket_url, session: Some(_), log, .. } = &self.endpoint else { return Ok(()) };
        let address =
            web_socket_url.strip_prefix("ws://").and_then(|url| url.split('/').next()?.parse().ok());
        let listens = |address| std::net::TcpStream::connect_timeout(&address, LISTENS);
        match address.map(listens) {
            Some(Err(error)) if error.kind() == std::io::ErrorKind::ConnectionRefused => {
                Err(BrowserError::Gone { reason: error.to_string(), log: log.clone() })
            }
            _ => Ok(()),
        }
    }

    /// How much memory it takes with all its pages, in bytes; nothing where the system does not tell. Reads many small files.
    pub(crate) fn memory(&self) -> Option<u64> {
        self.program.as_ref()?.process.memory()
    }

    /// Ends it with all its children, and removes the profile.
    pub(crate) async fn close(self) {
        let Self { program, profile, remote, .. } = self;
        if let Some(remote) = remote {
            remote.end().await;
        }
        if let Some(program) = program {
            program.end().await;
        }
        // Now nobody writes to it any more.
        drop(profile);
    }

    /// The process group, and the folder of the profile.
    #[cfg(all(test, unix))]
    pub(super) fn traces(&self) -> (rustix::process::Pid, PathBuf) {
        let (program, profile) = (self.program.as_ref().unwrap(), self.profile.as_ref().unwrap());
        (program.process.id(), profile.path().to_owned())
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
        let port = program.ready(|| printed_port(&program.process, "started successfully on port ", '.'));
        let port = match port.await {
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

/// How a browser elsewhere has to let itself be driven, as its driver's answer says it.
fn way_to(engine: Engine) -> &'static str {
    match engine {
        Engine::Chromium => "address for its DevTools (`se:cdp`)",
        Engine::Firefox => "WebDriver BiDi (`webSocketUrl`)",
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

/// The port that a driver printed after these words, once its sentence is complete.
fn printed_port(driver: &Group, words: &str, end: char) -> Option<u16> {
    let log = std::fs::read(driver.log()).ok()?;
    // Drivers that the slot had before wrote into the same file.
    let own = log.get(usize::try_from(driver.log_start()).ok()?..)?;
    let text = String::from_utf8_lossy(own);
    let (_, rest) = text.split_once(words)?;
    rest.split_once(end)?.0.trim().parse().ok()
}
