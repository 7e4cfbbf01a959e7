//! Playwright Test, by npm and its lock file.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::super::super::error::Error;
use super::{client, copy, first_line};

/// An installed Playwright Test, and its suite.
pub(in super::super) struct Node {
    dir: PathBuf,
}

impl Node {
    /// `Ok(Err(_))`: why it cannot be had.
    pub(super) fn install(sources: &Path, peers: &Path) -> Result<Result<Self, String>, Error> {
        let node = Self { dir: peers.join("playwright") };
        copy(sources, &node.dir)?;
        if first_line(Command::new("node").arg("--version")).is_none() {
            return Ok(Err("node is not installed".to_owned()));
        }
        if node.installed().is_some_and(|installed| node.wanted() == Some(installed)) {
            return Ok(Ok(node));
        }
        let mut npm = Command::new("npm");
        npm.args(["ci", "--no-audit", "--no-fund"]);
        npm.env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1").current_dir(&node.dir);
        Ok(client(&mut npm).map(|()| node))
    }

    pub(super) fn version(&self) -> String {
        let node = first_line(Command::new("node").arg("--version")).unwrap_or_default();
        format!("{}, node {node}", self.installed().unwrap_or_default())
    }

    fn installed(&self) -> Option<String> {
        let package = json(&self.dir.join("node_modules/@playwright/test/package.json"))?;
        package["version"].as_str().map(str::to_owned)
    }

    fn wanted(&self) -> Option<String> {
        json(&self.dir.join("package.json"))?["devDependencies"]["@playwright/test"]
            .as_str()
            .map(str::to_owned)
    }

    /// `playwright test` with these arguments, as `npx` would start it.
    pub(in super::super) fn test(&self, args: &[&str]) -> Command {
        let mut command = Command::new("node");
        command.args(["node_modules/@playwright/test/cli.js", "test"]).args(args).current_dir(&self.dir);
        command
    }
}

fn json(file: &Path) -> Option<Value> {
    serde_json::from_slice(&fs::read(file).ok()?).ok()
}
