//! A world: the application with faults planted in it, and a seed. What an analysis and plain reruns came to there is kept.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::PACKAGE;
use crate::bench::build::Workspace;
use crate::bench::error::Error;
use crate::faults;

/// As many reruns as the most thorough baseline has.
pub(super) const RERUNS: usize = 10;

/// Which faults, and which seed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct World {
    /// None in a healthy one.
    pub(super) faults: Vec<String>,
    pub(super) seed: u64,
}

impl fmt::Display for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, seed {}", self.name(), self.seed)
    }
}

impl World {
    pub(super) fn name(&self) -> String {
        if self.faults.is_empty() { "healthy".to_owned() } else { self.faults.join("+") }
    }
}

/// What an analysis said of a world.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Said {
    pub(super) took_s: f64,
    /// `analysis.json`
    pub(super) document: Value,
}

/// What plain reruns showed.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Reruns {
    pub(super) took_s: f64,
    pub(super) tests: usize,
    /// For each test, whether it failed in each parallel run, in their order.
    pub(super) parallel: BTreeMap<String, Vec<bool>>,
    /// For each test that ever failed there, whether it failed in each attempt alone.
    pub(super) alone: BTreeMap<String, Vec<bool>>,
}

/// The suite, built, and where results are kept.
pub(super) struct Suite {
    executable: PathBuf,
    dir: PathBuf,
    output: PathBuf,
    workers: String,
    pub(super) kept: PathBuf,
}

impl Suite {
    pub(super) fn build(workspace: &Workspace, workers: &str) -> Result<Self, Error> {
        let kept = workspace.target.join("bench/diagnosis");
        fs::create_dir_all(&kept).map_err(|error| Error::file(&kept, error))?;
        Ok(Self {
            executable: workspace.suite(PACKAGE)?,
            dir: workspace.root.join("examples").join(PACKAGE),
            output: kept.join("output"),
            workers: workers.to_owned(),
            kept,
        })
    }

    /// What an analysis says of a world. Made only if it is not kept.
    pub(super) fn analysis(&self, world: &World, budget: &str) -> Result<Said, Error> {
        let file = self.kept.join(format!("{}-{}-{}-{budget}.json", world.name(), world.seed, self.workers));
        kept_or(&file, || {
            let seed = world.seed.to_string();
            let began = Instant::now();
            self.run(world, &["--analyze", "--budget", budget, "--shuffle-seed", &seed], &[0])?;
            let document = self.output.join("latest/analysis.json");
            let text = fs::read(&document).map_err(|error| Error::file(&document, error))?;
            let document = serde_json::from_slice(&text)
                .map_err(|error| Error::content(&document, format!("no JSON: {error}")))?;
            Ok(Said { took_s: began.elapsed().as_secs_f64(), document })
        })
    }

    /// What rerunning says: the suite in parallel, and each test that failed alone, as often as the most thorough baseline does.
    pub(super) fn reruns(&self, world: &World) -> Result<Reruns, Error> {
        let file = self.kept.join(format!("{}-{}-{}-reruns.json", world.name(), world.seed, self.workers));
        kept_or(&file, || {
            let began = Instant::now();
            let mut reruns = Reruns::default();
            for run in 0..RERUNS {
                let seed = (1_000 * world.seed + run as u64).to_string();
                self.run(world, &["--shuffle-seed", &seed, "--retries", "0"], &[0, 101])?;
                let outcomes = self.outcomes()?;
                reruns.tests = outcomes.len();
                for (test, failed) in outcomes {
                    reruns.parallel.entry(test).or_default().push(failed);
                }
            }
            let failing = reruns.parallel.iter().filter(|(_, runs)| runs.contains(&true));
            let failing: Vec<String> = failing.map(|(test, _)| test.clone()).collect();
            if !failing.is_empty() {
                let times = RERUNS.to_string();
                let how = ["--exact", "--workers", "1!", "--retries", "0", "--repeat-each", &times];
                let args: Vec<&str> = failing.iter().map(String::as_str).chain(how).collect();
                self.run(world, &args, &[0, 101])?;
                for (test, failed) in self.outcomes()? {
                    reruns.alone.entry(test).or_default().push(failed);
                }
            }
            reruns.took_s = began.elapsed().as_secs_f64();
            Ok(reruns)
        })
    }

    /// Runs the suite to its end, which must be one of these exit codes.
    fn run(&self, world: &World, args: &[&str], codes: &[i32]) -> Result<(), Error> {
        if self.output.exists() {
            fs::remove_dir_all(&self.output).map_err(|error| Error::file(&self.output, error))?;
        }
        let mut command = Command::new(&self.executable);
        command
            .args(args)
            .current_dir(&self.dir)
            .env("CALLBOARD_CONFIG", self.dir.join("callboard.toml"))
            .env("CALLBOARD_OUTPUT", &self.output)
            .env(faults::VARIABLE, world.faults.join(","))
            .stdin(Stdio::null());
        if !args.contains(&"--workers") {
            command.args(["--workers", &self.workers]);
        }
        let output = command.output().map_err(|source| Error::run(&self.executable, source))?;
        if output.status.code().is_some_and(|code| codes.contains(&code)) {
            return Ok(());
        }
        Err(Error::Ended {
            program: format!("{} {}", self.executable.display(), args.join(" ")),
            how: format!("ended with {}", output.status),
            output: String::from_utf8_lossy(&output.stderr).into_owned(),
        })
    }

    /// The tests of the last run by the names that they are written with, each with whether it failed.
    fn outcomes(&self) -> Result<Vec<(String, bool)>, Error> {
        let file = self.output.join("latest/events.jsonl");
        let text = fs::read_to_string(&file).map_err(|error| Error::file(&file, error))?;
        let events: Vec<Value> = text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
        let planned = events.iter().filter_map(|event| event["tests"].as_array()).flatten();
        // Of a repetition the plan alone knows of which test it is.
        let written: BTreeMap<&str, &str> = planned
            .filter_map(|test| Some((test["test"].as_str()?, test["repetition"]["of"].as_str()?)))
            .collect();
        let outcome = |event: &Value| {
            let name = event["test"].as_str().unwrap_or_default();
            let failed = !["passed", "skipped"].contains(&event["outcome"].as_str().unwrap_or_default());
            ((*written.get(name).unwrap_or(&name)).to_owned(), failed)
        };
        Ok(events.iter().filter(|event| event["event"] == "test_finished").map(outcome).collect())
    }
}

/// What is kept in this file, or what is made now, and kept.
fn kept_or<T: Serialize + for<'de> Deserialize<'de>>(
    file: &Path,
    afresh: impl FnOnce() -> Result<T, Error>,
) -> Result<T, Error> {
    if let Ok(text) = fs::read(file) {
        return serde_json::from_slice(&text)
            .map_err(|error| Error::content(file, format!("{error}; remove it to have it made anew")));
    }
    let result = afresh()?;
    let text = serde_json::to_vec_pretty(&result).unwrap_or_default();
    // Aside and renamed over, so that what is interrupted leaves no half of one.
    let aside = file.with_extension("new");
    let written = fs::write(&aside, text).and_then(|()| fs::rename(&aside, file));
    written.map_err(|error| Error::file(file, error))?;
    Ok(result)
}
