//! `--resume`: an analysis that was stopped, and goes on in its folder.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::args::Args;
use super::places;
use super::since::no_such_run;
use crate::config::{Config, Workers};
use crate::kept;
use crate::run::RunFolder;
use crate::story::{DiagnosisStory, Story};

/// An analysis that was stopped.
pub(super) struct Stopped {
    folder: PathBuf,
    pub(super) story: Story,
    /// Its last part.
    pub(super) part: DiagnosisStory,
}

impl Stopped {
    /// The one that is named so, or the last one of this suite, if it can go on.
    pub(super) fn find(name: Option<&Path>, suite: &str, output: &Path) -> Result<Self, String> {
        let Some(name) = name else {
            let mut known = kept::diagnoses(suite, output).filter_map(|folder| Self::read(folder).ok());
            // Of one that could go on, but not as things are, is said why.
            let last = known.find(|stopped| !stopped.part.quick);
            let runs = output.join("runs");
            let none = || {
                format!("--resume: there is no analysis of `{suite}` in {} that could go on", runs.display())
            };
            return last.ok_or_else(none)?.checked(suite);
        };
        let folder = kept::find(name, output).ok_or_else(|| no_such_run("--resume", name, output))?;
        Self::read(folder)?.checked(suite)
    }

    fn read(folder: PathBuf) -> Result<Self, String> {
        let story = Story::read(&folder.join("events.jsonl")).map_err(|error| error.to_string())?;
        let Some(part) = story.diagnoses.last().cloned() else {
            let run = &story.run.id;
            return Err(format!(
                "--resume: run {run} is no analysis; `--analyze --since {run}` looks into what failed in it"
            ));
        };
        Ok(Self { folder, story, part })
    }

    fn checked(self, suite: &str) -> Result<Self, String> {
        let facts = &self.story.run;
        let run = &facts.id;
        let anew = format!("`--analyze --since {run}` looks into what failed in it, from the beginning");
        if facts.suite.as_deref() != Some(suite) {
            let other = facts.suite.as_deref().unwrap_or("a single test");
            return Err(format!("--resume: run {run} is of `{other}`, and these are the tests of `{suite}`"));
        }
        if self.part.quick {
            return Err(format!("--resume: {run} was a quick look, which does not go on; {anew}"));
        }
        let is_of_this_version = facts.callboard == env!("CARGO_PKG_VERSION");
        if !is_of_this_version || facts.build.is_none() || facts.build != places::build() {
            return Err(format!(
                "--resume: the tests were built anew since {run}, so what it saw may not hold any more; {anew}"
            ));
        }
        Ok(self)
    }

    /// Whether the configuration is what it was.
    pub(super) fn check(&self, configuration: Option<&str>, config: &Config) -> Result<(), String> {
        let facts = &self.story.run;
        let is_same = facts.configuration.as_deref() == configuration && facts.slots == config.slots.count;
        if is_same {
            return Ok(());
        }
        let (run, file) = (&facts.id, config.file.display());
        Err(format!(
            "--resume: {file} is not what it was in {run}, so what that saw may not hold any more; `--analyze --since {run}` \
             looks into what failed in it, from the beginning"
        ))
    }

    /// Its folder, in which nobody else goes on.
    pub(super) fn folder(&self) -> Result<RunFolder, String> {
        RunFolder::again(&self.folder)
            .map_err(|error| format!("--resume: {} cannot go on: {error}", self.story.run.id))
    }

    /// For how long it had gone on.
    pub(super) fn took(&self) -> Duration {
        Duration::from_micros(self.story.last_us)
    }

    /// This command line, and what it began with.
    pub(super) fn args(&self, args: &Args) -> Args {
        let facts = &self.story.run;
        Args {
            workers: Some(Workers { number: facts.workers, exact: facts.exact }),
            shuffle_seed: Some(self.part.seed),
            since: self.part.since.as_ref().map(PathBuf::from),
            ..args.clone()
        }
    }
}
