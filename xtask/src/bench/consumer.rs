//! A run of a test executable: how long it took, and what it left.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::error::Error;
use super::peak::{Peak, Whose};

/// A test executable, and the folder in which it runs.
pub(super) struct Consumer {
    pub(super) executable: PathBuf,
    /// The current folder.
    pub(super) dir: PathBuf,
    /// `callboard.toml`.
    pub(super) config: PathBuf,
    /// A folder for what runs leave.
    pub(super) output: PathBuf,
}

/// What became of a run.
pub(super) struct Ran {
    /// From before it was started until it was gone.
    pub(super) took: Duration,
    /// The most memory that the process itself, or the largest of its workers, ever had resident, in bytes, where that was
    /// asked for and the system tells.
    pub(super) peak: Option<u64>,
    pub(super) status: ExitStatus,
}

impl Consumer {
    /// One of this workspace's consumers, with a `callboard.toml` of this text.
    pub(super) fn new(executable: PathBuf, stage: &Path, config: &str) -> Result<Self, Error> {
        let file = stage.join("callboard.toml");
        fs::write(&file, config).map_err(|error| Error::file(&file, error))?;
        Ok(Self { executable, dir: stage.to_owned(), config: file, output: stage.join("output") })
    }

    /// Runs it to its end; it must end with success.
    pub(super) fn run(&self, args: &[&str], watch_memory: Option<Duration>) -> Result<Ran, Error> {
        self.run_with(args, &[], watch_memory)
    }

    /// The same, with these variables in its environment.
    pub(super) fn run_with(
        &self,
        args: &[&str],
        env: &[(&str, &str)],
        watch_memory: Option<Duration>,
    ) -> Result<Ran, Error> {
        let ran = self.run_in(args, env, watch_memory.map(|every| (Whose::Own, every)))?;
        if ran.status.success() {
            return Ok(ran);
        }
        Err(Error::Ended {
            program: format!("{} {}", self.executable.display(), args.join(" ")),
            how: format!("ended with {}", ran.status),
            output: fs::read_to_string(self.printed()).unwrap_or_default(),
        })
    }

    /// Runs it to its end, which may be that tests failed.
    pub(super) fn run_anyhow(&self, args: &[&str], watch_memory: Option<Duration>) -> Result<Ran, Error> {
        self.run_in(args, &[], watch_memory.map(|every| (Whose::Own, every)))
    }

    /// Runs it to its end, and watches the memory of its worker processes instead of its own.
    pub(super) fn run_watching_workers(&self, every: Duration) -> Result<Ran, Error> {
        self.run_in(&[], &[], Some((Whose::Workers, every)))
    }

    fn run_in(
        &self,
        args: &[&str],
        env: &[(&str, &str)],
        watch_memory: Option<(Whose, Duration)>,
    ) -> Result<Ran, Error> {
        let mut command = self.prepared()?;
        let printed = self.printed();
        let file = File::create(&printed).map_err(|error| Error::file(&printed, error))?;
        let both = file.try_clone().map_err(|error| Error::file(&printed, error))?;
        command.args(args).envs(env.iter().copied()).stdin(Stdio::null()).stdout(file).stderr(both);
        let failed = |source| Error::run(&self.executable, source);

        let began = Instant::now();
        let mut child = command.spawn().map_err(failed)?;
        let peak = watch_memory.map(|(whose, every)| Peak::watch(child.id(), whose, every));
        let status = child.wait().map_err(failed)?;
        let took = began.elapsed();
        Ok(Ran { took, peak: peak.and_then(Peak::bytes), status })
    }

    /// The command, with nothing of the last run left and nothing of the caller's own settings but which browser to use.
    pub(super) fn prepared(&self) -> Result<Command, Error> {
        if self.output.exists() {
            fs::remove_dir_all(&self.output).map_err(|error| Error::file(&self.output, error))?;
        }
        let mut command = Command::new(&self.executable);
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            let browser = ["CALLBOARD_BROWSER", "CALLBOARD_DRIVER"].contains(&&*text);
            let settings =
                ["CALLBOARD_", "RUST_TEST_", "NEXTEST"].iter().any(|prefix| text.starts_with(prefix));
            if settings && !browser {
                command.env_remove(&name);
            }
        }
        command
            .current_dir(&self.dir)
            .env("CALLBOARD_CONFIG", &self.config)
            .env("CALLBOARD_OUTPUT", &self.output);
        Ok(command)
    }

    /// The events of the last run.
    pub(super) fn events(&self) -> Result<Vec<Value>, Error> {
        let file = self.output.join("latest/events.jsonl");
        let text = fs::read_to_string(&file).map_err(|error| Error::file(&file, error))?;
        let event = |line| {
            serde_json::from_str(line)
                .map_err(|error| Error::content(&file, format!("not an event: {error}: {line}")))
        };
        text.lines().map(event).collect()
    }

    fn printed(&self) -> PathBuf {
        self.output.with_extension("txt")
    }
}
