//! What all works measure with: the programs, one browser for all, one site for all.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use callboard::setup::Browsers;

use super::super::Bench;
use super::super::error::Error;
use super::super::site::Site;
use super::case::Figure;
use super::command::{self, Ran};
use super::install::{Node, Peers, Python};

/// A port of the bench's own, and those that follow it.
pub(super) const PORT: u16 = 29500;

/// How everything is measured.
pub(super) struct Setting<'b> {
    pub(super) bench: &'b Bench,
    pub(super) peers: Peers,
    pub(super) browsers: Browsers,
    pub(super) site: Site,
    /// The bench's folder.
    pub(super) dir: PathBuf,
}

impl Setting<'_> {
    /// An executable of the crate with thirtyfour, by the name of its tests. `Ok(Err(_))`: why it cannot be built, which may be
    /// that there is no registry to be reached.
    pub(super) fn thirtyfour(&self, tests: &str) -> Result<Result<PathBuf, String>, Error> {
        let manifest = self.thirtyfour_crate().join("Cargo.toml");
        match self.bench.workspace.tests_of(&manifest, &self.thirtyfour_target(), tests) {
            Ok(executable) => Ok(Ok(executable)),
            Err(Error::Build { .. }) => Ok(Err("cargo could not build it; it says why above".to_owned())),
            Err(error) => Err(error),
        }
    }

    pub(super) fn thirtyfour_crate(&self) -> PathBuf {
        self.bench.workspace.root.join("tests/peers/thirtyfour")
    }

    pub(super) fn thirtyfour_target(&self) -> PathBuf {
        self.dir.join("thirtyfour")
    }

    /// `playwright test` with these arguments.
    pub(super) fn playwright(&self, node: &Node, args: &[&str]) -> Command {
        self.with_browser(node.test(args))
    }

    /// `pytest` with these arguments.
    pub(super) fn pytest(&self, python: &Python, args: &[&str]) -> Command {
        self.with_browser(python.test(args))
    }

    /// Told which browser and site to use.
    pub(super) fn with_browser(&self, mut command: Command) -> Command {
        command.env("PEERS_BROWSER", &self.browsers.browser).env("PEERS_SITE", self.site.url());
        command
    }

    /// The same, with a driver.
    pub(super) fn with_driver(&self, mut command: Command) -> Result<(Command, Driver), Error> {
        let driver = Driver::start(&self.browsers.driver)?;
        command.env("PEERS_DRIVER", &driver.url);
        Ok((self.with_browser(command), driver))
    }
}

/// How long a run of so many tests took, all of which must pass.
pub(super) fn seconds(command: Command, log: &Path, tests: u32) -> Result<Figure, Error> {
    let ran = all_passed(command, log, tests)?;
    Ok(Figure { value: ran.took.as_secs_f64(), passed: None })
}

/// Runs so many tests, all of which must pass: fewer would be quicker.
pub(super) fn all_passed(command: Command, log: &Path, tests: u32) -> Result<Ran, Error> {
    let ran = command::run(command, log)?.succeeded()?;
    match command::passed(&ran.output) {
        passed if passed == tests => Ok(ran),
        passed => Err(Error::content(log, format!("{passed} of {tests} tests passed"))),
    }
}

/// A driver, until it is dropped.
pub(super) struct Driver {
    child: Child,
    url: String,
}

impl Driver {
    fn start(program: &Path) -> Result<Self, Error> {
        let failed = |source| Error::run(program, source);
        let free =
            TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).map_err(failed)?;
        let child = Command::new(program)
            .arg(format!("--port={}", free.port()))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(failed)?;
        let driver = Self { child, url: format!("http://{free}") };
        let began = Instant::now();
        while TcpStream::connect(free).is_err() {
            if began.elapsed() > Duration::from_secs(30) {
                let program = program.display().to_string();
                return Err(Error::Ended {
                    program,
                    how: "does not listen".to_owned(),
                    output: String::new(),
                });
            }
            sleep(Duration::from_millis(10));
        }
        Ok(driver)
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The figures that a program has written, one on each line.
pub(super) fn figures(file: &Path) -> Result<Vec<f64>, Error> {
    let text = fs::read_to_string(file).map_err(|error| Error::file(file, error))?;
    let figure = |line: &str| {
        line.trim().parse().map_err(|error| Error::content(file, format!("not a figure: {error}: {line}")))
    };
    text.lines().map(figure).collect()
}
