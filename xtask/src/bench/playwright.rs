//! Playwright, the yardstick, its library and its test runner: installed by npm into a folder of the bench.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use super::error::Error;
use super::sample::Sample;

/// Which version is measured.
pub(super) const VERSION: &str = "1.65.1";

/// What is measured with it.
const FILES: [(&str, &str); 4] = [
    ("page.mjs", include_str!("page.mjs")),
    ("sessions.mjs", include_str!("playwright.mjs")),
    ("isolated.spec.mjs", include_str!("playwright.spec.mjs")),
    ("playwright.config.mjs", include_str!("playwright.config.mjs")),
];

/// An installed Playwright.
pub(super) struct Playwright {
    dir: PathBuf,
    browser: PathBuf,
}

/// Times of one block, in milliseconds.
pub(super) struct Block {
    /// `newContext` and `newPage`.
    pub(super) open: Sample,
    /// That, a page, a text of it, and closing; empty if that was not asked for.
    pub(super) cycle: Sample,
}

impl Playwright {
    /// Installs it if it is not there. `Ok(Err(_))`: why it cannot be had.
    pub(super) fn install(target: &Path, browser: &Path) -> Result<Result<Self, String>, Error> {
        let dir = target.join("bench/playwright");
        fs::create_dir_all(&dir).map_err(|error| Error::file(&dir, error))?;
        for (name, text) in FILES {
            let file = dir.join(name);
            fs::write(&file, text).map_err(|error| Error::file(&file, error))?;
        }
        if Command::new("node").arg("--version").output().is_err() {
            return Ok(Err("node is not installed".to_owned()));
        }
        let playwright = Self { dir, browser: browser.to_owned() };
        if playwright.installed().as_deref() == Some(VERSION) {
            return Ok(Ok(playwright));
        }
        let mut npm = Command::new("npm");
        npm.args(["install", "--no-save", "--no-audit", "--no-fund", "--prefix"])
            .arg(&playwright.dir)
            .arg(format!("@playwright/test@{VERSION}"))
            .env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")
            .current_dir(&playwright.dir);
        Ok(match npm.output() {
            Err(error) => Err(format!("npm cannot be run: {error}")),
            Ok(output) if !output.status.success() => {
                let said = String::from_utf8_lossy(&output.stderr).into_owned();
                let line = said.lines().find(|line| line.contains("error")).unwrap_or_default();
                Err(format!("npm install @playwright/test@{VERSION}: {} {line}", output.status))
            }
            Ok(_) => Ok(playwright),
        })
    }

    fn installed(&self) -> Option<String> {
        let package = fs::read(self.dir.join("node_modules/@playwright/test/package.json")).ok()?;
        let package: Value = serde_json::from_slice(&package).ok()?;
        package["version"].as_str().map(str::to_owned)
    }

    /// Starts a browser, signs in, and opens this many sessions one after another, not counting the first.
    pub(super) fn block(&self, site: &str, count: usize, whole_cycle: bool) -> Result<Block, Error> {
        let task =
            json!({ "browser": self.browser, "site": site, "count": count, "wholeCycle": whole_cycle });
        let answer = self.script("sessions.mjs", &task)?;
        let sample = |key: &str| -> Option<Sample> {
            let figures = answer[key].as_array()?;
            Some(figures.iter().filter_map(Value::as_f64).collect())
        };
        let (Some(open), Some(cycle)) = (sample("open"), sample("cycle")) else {
            return Err(Error::content(&self.dir, "Playwright printed no times"));
        };
        Ok(Block { open, cycle })
    }

    /// Runs a script with a task, and returns the JSON that it prints.
    pub(super) fn script(&self, name: &str, task: &Value) -> Result<Value, Error> {
        let script = self.dir.join(name);
        let output = Command::new("node")
            .arg(&script)
            .arg(task.to_string())
            .current_dir(&self.dir)
            .output()
            .map_err(|source| Error::run("node", source))?;
        if !output.status.success() {
            return Err(Error::Ended {
                program: format!("node {}", script.display()),
                how: format!("ended with {}", output.status),
                output: String::from_utf8_lossy(&output.stderr).into_owned(),
            });
        }
        serde_json::from_slice(&output.stdout)
            .map_err(|error| Error::content(&script, format!("it printed no JSON: {error}")))
    }

    /// Runs so many isolated tests of a tiny page with the test runner, each as often as `repeat` says.
    pub(super) fn tests(&self, site: &str, count: u32, workers: usize, repeat: &str) -> Result<(), Error> {
        let output = Command::new("node")
            .args(["node_modules/@playwright/test/cli.js", "test", "--workers", &workers.to_string()])
            .args(["--repeat-each", repeat])
            .env("COUNT", count.to_string())
            .env("SITE", site)
            .env("BROWSER", &self.browser)
            .current_dir(&self.dir)
            .output()
            .map_err(|source| Error::run("node", source))?;
        if output.status.success() {
            return Ok(());
        }
        Err(Error::Ended {
            program: "playwright test".to_owned(),
            how: format!("ended with {}", output.status),
            output: String::from_utf8_lossy(&output.stdout).into_owned(),
        })
    }
}
