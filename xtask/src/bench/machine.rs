//! Where figures come from: the machine, its load, and the versions of everything.

use std::path::Path;
use std::process::Command;

use super::build::Workspace;
use super::playwright;

/// The facts, as they were before anything was measured, and the load after.
#[derive(Default)]
pub(super) struct Machine {
    facts: Vec<(&'static str, String)>,
    load: String,
}

impl Machine {
    pub(super) fn now(workspace: &Workspace) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let (browser, driver) = match callboard::setup::find(None, None) {
            Ok(found) => (version(&found.browser), version(&found.driver)),
            Err(_) => ("missing".to_owned(), "missing".to_owned()),
        };
        let build = if workspace.release { "release" } else { "debug, as `cargo test` builds them" };
        let facts = vec![
            ("date", said_by(Command::new("date").args(["-u", "+%Y-%m-%d %H:%M UTC"]))),
            ("machine", format!("{cores} cores, {}", processor())),
            ("tests built", build.to_owned()),
            ("rustc", version(Path::new("rustc"))),
            ("browser", browser),
            ("driver", driver),
            (
                "Playwright",
                format!("Playwright {}, node {}", playwright::VERSION, version(Path::new("node"))),
            ),
        ];
        Self { facts, load: load() }
    }

    /// Nothing more is measured.
    pub(super) fn finish(&mut self) {
        self.load = format!("{} before, {} after (1 min, 5 min, 15 min)", self.load, load());
    }

    pub(super) fn facts(&self) -> impl Iterator<Item = (&str, &str)> {
        let facts = self.facts.iter().map(|(name, value)| (*name, value.as_str()));
        facts.chain([("load average", self.load.as_str())])
    }
}

/// What a program says it is.
fn version(program: &Path) -> String {
    let line = said_by(Command::new(program).arg("--version"));
    // A driver adds the commit that it was built from.
    line.split(" (").next().unwrap_or_default().to_owned()
}

/// The first line that a program writes.
fn said_by(command: &mut Command) -> String {
    let output = command.output().map(|output| output.stdout).unwrap_or_default();
    let text = String::from_utf8_lossy(&output);
    let line = text.lines().next().unwrap_or_default().trim();
    if line.is_empty() { "missing".to_owned() } else { line.to_owned() }
}

fn processor() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    model.map_or_else(|| std::env::consts::ARCH.to_owned(), |(_, model)| model.trim().to_owned())
}

fn load() -> String {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let averages: Vec<&str> = load.split(' ').take(3).collect();
    if averages.len() == 3 { averages.join(" ") } else { "unknown".to_owned() }
}
