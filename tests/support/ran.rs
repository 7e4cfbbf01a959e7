//! A consumer that was started, and what it left when it ended.

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Child, ExitStatus};

use rustix::process::{Pid, Signal, kill_process};

use crate::events::Events;
use crate::processes::until;

/// A consumer that was started.
#[derive(Debug)]
pub struct Started {
    child: Child,
    output: PathBuf,
    /// The folders of runs whose copies were there before.
    earlier: Vec<PathBuf>,
}

impl Started {
    pub(crate) fn new(child: Child, output: PathBuf, earlier: Vec<PathBuf>) -> Self {
        Self { child, output, earlier }
    }

    /// Its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Whether it has ended.
    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().expect("its own child").is_some()
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).expect("the consumer lives");
    }

    /// What happened in its run so far.
    pub fn events(&self) -> Events {
        self.run_folder().map(|run| Events::so_far(&run.join("events.jsonl"))).unwrap_or_default()
    }

    /// What it printed on its standard output so far.
    pub fn stdout(&self) -> String {
        String::from_utf8(fs::read(self.output.join("stdout")).expect("an output")).expect("text")
    }

    /// Waits for its end, and checks the events that it left.
    #[track_caller]
    pub fn wait(self) -> Ran {
        let ran = self.wait_for_any_end();
        if ran.run.is_some() {
            ran.events.check();
        }
        ran
    }

    /// Waits for its end, also for one by a signal that leaves no last event.
    #[track_caller]
    pub fn wait_for_any_end(mut self) -> Ran {
        let status = until("the consumer ends", || self.child.try_wait().expect("its own child"));
        let read = |name: &str| {
            String::from_utf8(fs::read(self.output.join(name)).expect("an output")).expect("text")
        };
        let run = self.run_folder();
        let file = run.as_ref().map(|run| run.join("events.jsonl")).filter(|file| file.exists());
        let events = match file {
            Some(file) if status.signal().is_some() => Events::so_far(&file),
            Some(file) => Events::read(&file),
            None => Events::default(),
        };
        Ran { status, stdout: read("stdout"), stderr: read("stderr"), run, events }
    }
}

impl Started {
    /// The folder of its run.
    pub fn run_folder(&self) -> Option<PathBuf> {
        let runs = fs::read_dir(self.output.join("callboard/runs")).ok()?;
        let is_new =
            |run: &PathBuf| !self.earlier.iter().any(|earlier| earlier.file_name() == run.file_name());
        let mut runs: Vec<PathBuf> = runs.flatten().map(|run| run.path()).filter(is_new).collect();
        assert!(runs.len() < 2, "several runs in one output folder: {runs:?}");
        runs.pop()
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        // Only where a test gave up; whoever waited for it has its status.
        if matches!(self.child.try_wait(), Ok(None)) {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

/// What a consumer printed and left.
#[derive(Debug)]
pub struct Ran {
    /// How it ended.
    pub status: ExitStatus,
    /// What it printed on its standard output.
    pub stdout: String,
    /// What it printed on its standard error.
    pub stderr: String,
    /// The run's folder, if there was a run.
    pub run: Option<PathBuf>,
    /// The events of the run.
    pub events: Events,
}

impl Ran {
    /// It must have ended with this exit code.
    #[track_caller]
    pub fn exits(&self, code: i32) -> &Self {
        assert_eq!(self.status.code(), Some(code), "{self}");
        self
    }

    /// Its standard output must have all of these texts.
    #[track_caller]
    pub fn says<const N: usize>(&self, texts: [&str; N]) -> &Self {
        for text in texts {
            assert!(self.stdout.contains(text), "{text:?} is missing in:\n{self}");
        }
        self
    }

    /// Its standard error must have all of these texts.
    #[track_caller]
    pub fn complains<const N: usize>(&self, texts: [&str; N]) -> &Self {
        for text in texts {
            assert!(self.stderr.contains(text), "{text:?} is missing in the standard error of:\n{self}");
        }
        self
    }

    /// There must have been no run at all.
    #[track_caller]
    pub fn started_nothing(&self) -> &Self {
        assert!(self.run.is_none(), "there was a run: {self}");
        self
    }

    /// The lines of its standard output that are results of tests: each name with its word.
    pub fn results(&self) -> Vec<(&str, &str)> {
        let lines = self.stdout.lines().filter_map(|line| line.strip_prefix("test "));
        lines.filter_map(|line| line.split_once(" ... ")).map(|(name, word)| (name.trim(), word)).collect()
    }

    /// The names of tests that its standard output has results of, in the order of names.
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.results().into_iter().map(|(name, _)| name).collect();
        names.sort_unstable();
        names
    }
}

impl std::fmt::Display for Ran {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { status, stdout, stderr, .. } = self;
        write!(f, "{status}\n--- stdout\n{stdout}\n--- stderr\n{stderr}\n---")
    }
}
