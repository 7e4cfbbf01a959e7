//! (d) One test that is built: from the command line that an editor sends to the first line of the test.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use super::super::super::error::Error;
use super::super::super::table::Unit;
use super::super::case::{Case, Figure};
use super::super::contender::Contender;
use super::super::install::{Nextest, Node, Python};
use super::super::setting::{PORT, Setting, all_passed, figures};

pub(super) fn cases<'a>(setting: &'a Setting<'_>) -> Result<Vec<Case<'a>>, Error> {
    let plain = setting.thirtyfour("start")?;
    let stage = setting.bench.stage("peers-start")?;
    let config = stage.join("callboard.toml");
    let site = setting.site.url();
    let text =
        format!("[slots]\ncount = 1\nbase_port = {PORT}\n[[service]]\nname = \"site\"\nurl = \"{site}\"\n");
    fs::write(&config, text).map_err(|error| Error::file(&config, error))?;
    // So that what is measured finds it built.
    setting.bench.workspace.tests("peer-callboard", "start")?;

    let mut cases = Vec::new();
    for (test, what) in [
        ("without_browser", "start of one test, no browser"),
        ("with_browser", "start of one test with a browser"),
    ] {
        let mut case = Case::new(what, Unit::Milliseconds);
        let (config, output) = (config.clone(), stage.join("output"));
        case.ours(move |log| {
            let mut command = cargo(&["test", "--package", "peer-callboard", "--test", "start", "--", test]);
            command
                .args(["--exact", "--nocapture", "--include-ignored"])
                .current_dir(&setting.bench.workspace.root);
            command.env("CALLBOARD_CONFIG", &config).env("CALLBOARD_OUTPUT", &output);
            until_first_line(command, log)
        });
        case.beside(Contender::Thirtyfour, plain.clone(), move |_, log| {
            let mut command = cargo(&["test", "--test", "start", "--target-dir"]);
            command.arg(setting.thirtyfour_target()).args(["--", test, "--exact", "--nocapture"]);
            command.current_dir(setting.thirtyfour_crate());
            let (command, _driver) = setting.with_driver(command)?;
            until_first_line(command, log)
        });
        case.add(Contender::Nextest, &setting.peers.nextest, move |nextest: &Nextest, log: &Path| {
            let mut command = nextest.command();
            command
                .args(["run", "--test", "start", "--no-capture", "--target-dir"])
                .arg(setting.thirtyfour_target());
            command.args(["--", test, "--exact"]).current_dir(setting.thirtyfour_crate());
            let (command, _driver) = setting.with_driver(command)?;
            until_first_line(command, log)
        });
        case.add(Contender::Playwright, &setting.peers.playwright, move |node: &Node, log: &Path| {
            until_first_line(setting.playwright(node, &["start", "-g", test, "--workers", "1"]), log)
        });
        case.add(Contender::Pytest, &setting.peers.pytest, move |python: &Python, log: &Path| {
            until_first_line(setting.pytest(python, &[&format!("test_start.py::test_{test}")]), log)
        });
        cases.push(case);
    }
    Ok(cases)
}

fn cargo(args: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    // What this program was started with is not what an editor has.
    command.args(args).env_remove("CARGO_MANIFEST_DIR").env_remove("CARGO_MANIFEST_PATH");
    command
}

/// The tests write the time at which their first line is executed.
fn until_first_line(mut command: Command, log: &Path) -> Result<Figure, Error> {
    let note = log.with_extension("note");
    command.env("PEERS_NOTE", &note);
    let begun = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64() * 1e3;
    all_passed(command, log, 1)?;
    let noted = figures(&note)?.first().copied();
    let noted = noted.ok_or_else(|| Error::content(&note, "it says no time"))?;
    Ok(Figure { value: noted - begun, passed: None })
}
