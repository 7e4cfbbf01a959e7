//! Where a test plays: a folder, ports, and a mark that all its processes carry.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::ports::Ports;
use crate::processes::{marked, until};
use crate::ran::{Ran, Started};

/// A folder, ports and a mark of the test's own.
///
/// When it is dropped, nothing that was started on it may be alive, and none of its ports taken.
#[derive(Debug)]
pub struct Stage {
    // Before the folder, in whose name processes are found.
    ports: Ports,
    dir: TempDir,
}

impl Stage {
    /// An empty one.
    #[expect(clippy::new_without_default, reason = "it makes a folder and takes ports")]
    pub fn new() -> Self {
        let dir = tempfile::Builder::new().prefix("callboard-stage-").tempdir().expect("a temporary folder");
        Self { ports: Ports::lease(), dir }
    }

    /// One with a `callboard.toml` of this many slots, from its first port on, and this text after it.
    pub fn with(slots: u16, text: &str) -> Self {
        let stage = Self::new();
        stage.configure(slots, text);
        stage
    }

    /// Writes `callboard.toml` for this many slots from the first port on, and this text after it.
    pub fn configure(&self, slots: u16, text: &str) {
        let base = self.port(0);
        self.write("callboard.toml", &format!("[slots]\ncount = {slots}\nbase_port = {base}\n{text}"));
    }

    /// A port, counted from 0.
    pub fn port(&self, index: u16) -> u16 {
        self.ports.get(index)
    }

    /// The folder.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// Writes a file in the folder.
    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let file = self.dir().join(name);
        fs::create_dir_all(file.parent().expect("a folder")).expect("a folder on the stage");
        fs::write(&file, text).expect("a file on the stage");
        file
    }

    /// The lines of a file in the folder; none where it is not there.
    pub fn lines(&self, name: &str) -> Vec<String> {
        let text = fs::read_to_string(self.dir().join(name)).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    /// Waits until a file in the folder has this many lines.
    #[track_caller]
    pub fn until_lines(&self, name: &str, count: usize) -> Vec<String> {
        until(&format!("{name} has {count} lines"), || {
            Some(self.lines(name)).filter(|lines| lines.len() >= count)
        })
    }

    /// A consumer on this stage, with its `callboard.toml`.
    pub fn consumer(&self, executable: &str) -> Consumer<'_> {
        let mut command = Command::new(executable);
        for (name, _) in std::env::vars_os() {
            let name_text = name.to_string_lossy();
            // What it prints depends on nothing that is not said here.
            let of_place = ["CALLBOARD_", "RUST_TEST_", "NEXTEST", "GITHUB_", "CLICOLOR", "NO_COLOR"];
            if of_place.iter().any(|prefix| name_text.starts_with(prefix)) || name_text == "CI" {
                command.env_remove(&name);
            }
        }
        command
            .stdin(Stdio::null())
            .current_dir(self.dir())
            .env("CALLBOARD_CONFIG", self.dir().join("callboard.toml"))
            .env("CALLBOARD_LEASE_DIR", self.dir().join("leases"))
            .env("CALLBOARD_TEST_MARK", self.mark())
            .env("CALLBOARD_TEST_DIR", self.dir());
        Consumer { stage: self, command, earlier: Vec::new() }
    }

    /// Whether nothing that was started on this stage is alive: who still is.
    pub fn alive(&self) -> Vec<(u32, String)> {
        marked(&self.mark())
    }

    /// Waits until nothing that was started here is alive, and all ports are free.
    ///
    /// # Panics
    /// When something still is after a minute.
    #[track_caller]
    pub fn until_empty(&self) {
        until("nothing of the run is alive", || self.alive().is_empty().then_some(()));
        until("all ports are free", || self.ports.taken().is_empty().then_some(()));
    }

    /// Kills all that was started here and is alive.
    pub fn kill_all(&self) {
        self.alive().into_iter().for_each(|(id, _)| self.kill(id));
    }

    /// Kills a process, if it has not ended meanwhile.
    pub fn kill(&self, process: u32) {
        let id = i32::try_from(process).ok().and_then(Pid::from_raw);
        let _ = id.map(|id| kill_process(id, Signal::KILL));
    }

    fn mark(&self) -> String {
        self.dir().display().to_string()
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return self.kill_all();
        }
        // A run that ended in an orderly way leaves nothing behind, not even for a moment.
        let alive = self.alive();
        assert!(alive.is_empty(), "still alive after the run: {alive:?}");
        // A process that is being started beside this test has the test's own listeners until it is itself.
        until("all ports are free after the run", || self.ports.taken().is_empty().then_some(()));
    }
}

/// A consumer that is about to be started.
#[derive(Debug)]
pub struct Consumer<'a> {
    stage: &'a Stage,
    command: Command,
    earlier: Vec<PathBuf>,
}

impl Consumer<'_> {
    /// Adds arguments, as they are typed: separated by blanks.
    #[must_use]
    pub fn args(mut self, line: &str) -> Self {
        self.command.args(line.split_whitespace());
        self
    }

    /// Adds a variable of the environment.
    #[must_use]
    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Takes a variable of the environment away.
    #[must_use]
    pub fn without_env(mut self, name: &str) -> Self {
        self.command.env_remove(name);
        self
    }

    /// Runs it in a folder of the stage.
    #[must_use]
    pub fn current_dir(mut self, name: &str) -> Self {
        self.command.current_dir(self.stage.dir().join(name));
        self
    }

    /// The command, for a test that looks after its outputs itself.
    pub fn into_command(self) -> Command {
        self.command
    }

    /// Lets it find what an earlier run left, as it is now.
    #[must_use]
    pub fn after(mut self, earlier: &Ran) -> Self {
        self.earlier.extend(earlier.run.clone());
        self
    }

    /// Starts it.
    pub fn start(mut self) -> Started {
        let mut outputs = (0..).map(|number| self.stage.dir().join(format!("out-{number}")));
        let output = outputs.find(|output| !output.exists()).unwrap_or_default();
        // The outputs go to files: a process that was left behind would hold a pipe open.
        fs::create_dir_all(&output).expect("a folder on the stage");
        let runs = output.join("callboard/runs");
        for earlier in &self.earlier {
            let copy = runs.join(earlier.file_name().expect("the run has a name"));
            fs::create_dir_all(&copy).expect("a folder on the stage");
            fs::copy(earlier.join("events.jsonl"), copy.join("events.jsonl"))
                .expect("the events of an earlier run");
        }
        let file = |name: &str| File::create(output.join(name)).expect("a file on the stage");
        let child = self
            .command
            .env("CALLBOARD_OUTPUT", output.join("callboard"))
            .stdout(file("stdout"))
            .stderr(file("stderr"))
            .spawn()
            .expect("the consumer starts");
        Started::new(child, output, self.earlier)
    }

    /// Runs it to its end. If it leaves a run's folder, its events are checked.
    pub fn run(self) -> Ran {
        self.start().wait()
    }
}
