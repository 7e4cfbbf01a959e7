//! The built program in a workspace of a consumer, with cargo and without browsers.
#![cfg(unix)]

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::LazyLock;

/// Says how it was run, and ends as it is told.
const TEST: &str = r#"
fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let variable = |name| std::env::var(name).unwrap_or_default();
    println!("args {}", args.join(" "));
    println!("folder {}", std::env::current_dir().unwrap().display());
    println!("manifest {}", variable("CARGO_MANIFEST_DIR"));
    println!("package {} {}", variable("CARGO_PKG_NAME"), variable("CARGO_PKG_VERSION"));
    if let Ok(faults) = std::env::var("COURSE_RECORDS_FAULTS") {
        println!("faults {faults}");
    }
    println!("program {}", std::path::Path::new(&variable("CARGO_BIN_EXE_shop")).is_file());
    match args.first().map(String::as_str) {
        Some("wait") => std::io::stdin().lines().for_each(drop),
        Some("abort") => std::process::abort(),
        Some(code) => std::process::exit(code.parse().unwrap_or(0)),
        None => {}
    }
}
"#;

static WORKSPACE: LazyLock<PathBuf> = LazyLock::new(|| {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("consumer");
    let put = |path: &str, text: &str| {
        let file = root.join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        // One that is as it was is not built again.
        if fs::read_to_string(&file).is_ok_and(|there| there == text) {
            return;
        }
        // At once: another process may be doing the same, and cargo reading it.
        let new = file.with_extension(format!("{}.new", std::process::id()));
        fs::write(&new, text).unwrap();
        fs::rename(new, file).unwrap();
    };
    put("Cargo.toml", "[workspace]\nresolver = \"3\"\nmembers = [\"packages/*\"]\n");
    for package in ["shop", "bakery", "broken", "course-records"] {
        let manifest = format!(
            "[package]\nname = \"{package}\"\nversion = \"1.2.3\"\nedition = \"2024\"\n\n\
             [[test]]\nname = \"e2e\"\nharness = false\n"
        );
        put(&format!("packages/{package}/Cargo.toml"), &manifest);
        put(&format!("packages/{package}/src/main.rs"), "fn main() {}\n");
        let test = if package == "broken" { "fn main() { not_there() }\n" } else { TEST };
        put(&format!("packages/{package}/tests/e2e/main.rs"), test);
    }
    root
});

fn xtask(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command.args(args).current_dir(&*WORKSPACE).stdin(Stdio::null());
    command.env("CARGO_TARGET_DIR", WORKSPACE.join("built"));
    // Something that is there, and is never started.
    command.env("CALLBOARD_BROWSER", "/bin/sh").env("CALLBOARD_DRIVER", "/bin/sh");
    command
}

fn run(args: &[&str]) -> (Option<i32>, String, String) {
    let Output { status, stdout, stderr } = xtask(args).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code(), text(stdout), text(stderr))
}

#[test]
fn e2e_runs_the_test_as_cargo_would() {
    let (code, stdout, stderr) = run(&["e2e", "-p", "shop", "0", "--workers", "4", "--", "--no-install"]);
    let folder = WORKSPACE.join("packages/shop");
    let folder = folder.display();
    let expected = format!(
        "args 0 --workers 4 --no-install\nfolder {folder}\nmanifest {folder}\npackage shop 1.2.3\nprogram true\n"
    );
    assert_eq!((code, stdout), (Some(0), expected), "{stderr}");
    assert!(WORKSPACE.join("built/debug/shop").is_file());
}

#[test]
fn e2e_ends_as_the_test_does() {
    assert_eq!(run(&["e2e", "-p", "shop", "101"]).0, Some(101));
    // The signal's number and 128.
    assert_eq!(run(&["e2e", "-p", "shop", "abort"]).0, Some(134));
}

#[test]
fn e2e_hands_faults_to_the_suite_that_has_them() {
    let (code, stdout, stderr) =
        run(&["e2e", "--faults", "analysis", "0", "--faults=short-token,slow-report"]);
    assert_eq!(code, Some(0), "{stderr}");
    assert!(stdout.contains("args 0\n"), "{stdout}");
    assert!(stdout.contains("faults analysis,short-token,slow-report\n"), "{stdout}");
    assert!(!run(&["e2e", "0"]).1.contains("\nfaults "));
    let (code, stdout, stderr) = run(&["e2e", "--faults", "--workers", "2"]);
    assert_eq!((code, stdout.as_str()), (Some(2), ""));
    assert!(stderr.starts_with("error: `--faults` wants names after it, with commas between;"), "{stderr}");
}

#[test]
fn e2e_runs_every_package_and_ends_as_the_first_bad_one() {
    let (code, stdout, _) = run(&["e2e", "-p", "shop", "-p", "bakery", "3"]);
    assert_eq!(code, Some(3));
    assert!(stdout.contains("package shop 1.2.3") && stdout.contains("package bakery 1.2.3"), "{stdout}");
}

#[test]
fn e2e_shows_why_a_build_failed_and_runs_nothing() {
    let (code, stdout, stderr) = run(&["e2e", "-p", "shop", "-p", "broken"]);
    assert_eq!((code, stdout.as_str()), (Some(101), ""));
    assert!(stderr.contains("error[E0425]: cannot find function `not_there`"), "{stderr}");
}

#[test]
fn e2e_explains_itself_and_then_the_test() {
    let (code, stdout, _) = run(&["e2e", "--help", "-p", "shop"]);
    assert_eq!(code, Some(0));
    let own = stdout.find("Usage: cargo xtask e2e").unwrap();
    let tests = stdout.find("args --help").unwrap();
    assert!(own < tests, "{stdout}");
    assert!(stdout.contains("[default: course-records]"), "{stdout}");
}

#[test]
fn an_interrupt_is_for_the_test() {
    let mut command = xtask(&["e2e", "-p", "shop", "wait"]);
    let mut xtask = command.stdin(Stdio::piped()).stdout(Stdio::piped()).process_group(0).spawn().unwrap();
    let mut lines = BufReader::new(xtask.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap() == "program true"));
    // As the terminal does: to all programs in the foreground.
    let group = rustix::process::Pid::from_child(&xtask);
    rustix::process::kill_process_group(group, rustix::process::Signal::INT).unwrap();
    assert_eq!(xtask.wait().unwrap().code(), Some(130));
}

#[test]
fn test_says_what_it_does_and_what_came_of_it() {
    let (code, _, stderr) = run(&["test", "-p", "shop"]);
    assert_eq!(code, Some(0), "{stderr}");
    assert!(stderr.starts_with("$ cargo test -p shop\n"), "{stderr}");
    assert!(stderr.lines().last().unwrap().starts_with("cargo test -p shop: passed in "), "{stderr}");

    let (code, _, stderr) = run(&["test", "--workspace", "--lib", "--bins", "--test", "none"]);
    assert_eq!(code, Some(101));
    let line = "error: the step `cargo test --workspace --lib --bins --test none` failed with exit code 101";
    assert_eq!(stderr.lines().last(), Some(line));
}

#[test]
fn what_is_not_understood_is_an_error_of_its_own() {
    let (code, _, stderr) = run(&["tests"]);
    let expected = "error: there is no command `tests`; the commands are `e2e` and `test`, and `cargo xtask \
                    --help` explains them\n";
    assert_eq!((code, stderr.as_str()), (Some(2), expected));
    assert_eq!(run(&[]).0, Some(2));
    assert_eq!(run(&["e2e", "-p"]).0, Some(2));
    let (code, stdout, _) = run(&["--help"]);
    assert_eq!(code, Some(0));
    assert!(stdout.contains("e2e   builds the browser tests and runs them"), "{stdout}");
}

#[test]
fn a_setting_that_names_no_browser_is_an_error() {
    let mut command = xtask(&["e2e", "-p", "shop"]);
    let output = command.env("CALLBOARD_BROWSER", "/nowhere/chrome").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.starts_with("error: CALLBOARD_BROWSER is `/nowhere/chrome`"), "{stderr}");

    // A list needs no browser.
    let mut command = xtask(&["e2e", "-p", "shop", "--list"]);
    let output = command.env("CALLBOARD_BROWSER", "/nowhere/chrome").output().unwrap();
    assert!(output.status.success());
}
