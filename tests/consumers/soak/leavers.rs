//! Tests that leave processes behind.

use std::process::Command;
use std::time::Duration;

use callboard::{TestError, TestResult, e2e};

use crate::{note, stage};

/// Starts a daemon the way daemons start: in a session of its own, its parents gone. Comes back when it is one, and has
/// written its process into `strays`.
async fn start_daemon() -> TestResult {
    const FORKS: &str = r#"(setsid sh -c '(sh -c "$1" daemon "$2" &)' between "$1" "$2" &)"#;
    const DAEMON: &str = r#"echo $$ >> strays; : > "$1"; exec sleep 1000"#;
    let ready = stage().join(format!("ready-{}", std::process::id()));
    let mut forks = Command::new("sh");
    let status = forks.args(["-c", FORKS, "leaver", DAEMON]).arg(&ready).current_dir(stage()).status()?;
    if !status.success() {
        return Err(TestError::new("no daemon was started"));
    }
    while !ready.exists() {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    std::fs::remove_file(ready)?;
    Ok(())
}

/// A well-behaved leaver: it passes.
#[e2e]
async fn daemon() -> TestResult {
    start_daemon().await
}

/// One that stays beside its daemon until it is ended from outside.
#[e2e(tags = ["stays"])]
async fn stays() -> TestResult {
    start_daemon().await?;
    note("staying", "with a daemon")?;
    std::future::pending().await
}

/// Runs this suite again, for a test that stays, and stays as well.
#[e2e(tags = ["stays"])]
fn run_in_a_run() -> TestResult {
    let executable = std::env::current_exe()?;
    let mut run = Command::new(executable);
    run.args(["leavers::stays", "--exact"]).env("CALLBOARD_OUTPUT", stage().join("inner"));
    let mut run = run.spawn()?;
    note("staying", "with a run")?;
    // As a test would that waits for it; the thread is this slot's alone.
    run.wait()?;
    Ok(())
}

/// Starts what is to outlive the run, and says so by taking the mark away.
#[e2e]
fn kept() -> TestResult {
    let keep = "setsid sh -c 'echo $$ > kept; exec sleep 1000' & until [ -s kept ]; do sleep 0.01; done";
    Command::new("sh").args(["-c", keep]).env_remove("CALLBOARD_RUN_MARK").current_dir(stage()).status()?;
    Ok(())
}
