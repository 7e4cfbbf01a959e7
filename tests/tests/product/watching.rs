//! Tests that somebody watches: in a window, slowed down, step by step.

use std::env;
use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use super::browser;
use super::browser::stage;

/// Whether a program is installed here.
pub(crate) fn is_installed(program: &str) -> bool {
    env::split_paths(&env::var_os("PATH").unwrap_or_default()).any(|folder| folder.join(program).exists())
}

/// The same command with another program around it.
pub(crate) fn within(program: &str, arguments: &[&str], inner: &Command) -> Command {
    let mut command = Command::new(program);
    command.args(arguments);
    for (name, value) in inner.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    inner.get_current_dir().into_iter().for_each(|dir| {
        command.current_dir(dir);
    });
    command
}

fn printed(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn a_window_without_a_display_is_refused_before_anything_is_started() {
    let stage = stage(1);
    let watched = browser(&stage).args("watched --headed");
    let ran = watched.without_env("DISPLAY").without_env("WAYLAND_DISPLAY").run();
    ran.exits(2).complains(["a browser's window needs a display", "xvfb-run"]).started_nothing();
}

#[test]
fn a_window_is_shown_where_there_is_a_display() {
    if !is_installed("xvfb-run") {
        eprintln!("not tried: xvfb-run is not installed");
        return;
    }
    let stage = stage(1);
    let inner = browser(&stage).args("watched --headed --show-output").into_command();
    let mut command = within("xvfb-run", &["-a"], &inner);
    command.arg(inner.get_program()).args(inner.get_args());
    let output = command.stdin(Stdio::null()).output().expect("xvfb-run runs");
    let printed = printed(&output);
    assert!(output.status.success(), "{printed}");
    assert!(printed.contains("Chrome/") && !printed.contains("Headless"), "{printed}");
    stage.until_empty();
}

#[test]
fn slow_motion_waits_before_each_action() {
    let stage = stage(1);
    let ran = browser(&stage).args("watched --slow-mo 150").run();
    let took = ran.exits(0).events.of("attempt_finished").next().and_then(|end| end["took_us"].as_u64());
    // Before a click and before a hover: that much at least, however fast the machine is.
    assert!(took.unwrap() >= 300_000, "it took {took:?}");
}

#[test]
fn slow_motion_waits_before_what_the_driver_does() {
    let stage = stage(1);
    let ran = browser(&stage).args("watched_by_the_driver --slow-mo 400").run();
    let took = ran.exits(0).events.of("attempt_finished").next().and_then(|end| end["took_us"].as_u64());
    // Before two clicks.
    assert!(took.unwrap() >= 800_000, "it took {took:?}");
}

#[test]
fn debugging_without_a_terminal_is_refused() {
    let stage = stage(1);
    browser(&stage)
        .args("watched --exact --debug")
        .run()
        .exits(2)
        .complains(["--debug asks at the terminal, and the standard input is none"])
        .started_nothing();
}

#[test]
fn debugging_asks_before_each_action() {
    let stage = stage(1);
    let inner = browser(&stage).args("watched --exact --debug").without_env("DISPLAY").into_command();
    let mut line = format!("exec {}", inner.get_program().display());
    inner.get_args().for_each(|argument| {
        let _ = write!(line, " {}", argument.display());
    });
    // A terminal of its own, in which somebody tries a locator, mistypes, and lets each action happen.
    let mut command =
        within("script", &["--quiet", "--return", "--flush", "--command", &line, "/dev/null"], &inner);
    let mut child = command
        .env_remove("WAYLAND_DISPLAY")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("`script` of util-linux runs");
    let typed = child.stdin.as_mut().expect("its input").write_all(b"l i\nx\n\n\n\n");
    typed.expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    let printed = printed(&output);
    assert!(output.status.success(), "{printed}");
    for text in [
        "pause  (tests/consumers/browser.rs:",
        "2 found",
        "<i>1</i>",
        "what is `x`?",
        "click on `button`  (tests/consumers/browser.rs:",
        "hover over `button`  (",
        "1 passed",
    ] {
        assert!(printed.contains(text), "it does not say {text:?}:\n{printed}");
    }
    stage.until_empty();
}

#[test]
fn a_pause_that_was_left_in_a_test_stops_nothing() {
    let stage = stage(1);
    browser(&stage).args("watched").run().exits(0);
}
