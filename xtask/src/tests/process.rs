//! Ends of programs.

use std::process::Command;

use crate::process;

fn shell(script: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", script]);
    command
}

#[test]
fn exit_codes_are_passed_on() {
    for (script, code) in [("exit 0", 0), ("exit 101", 101), ("kill -INT $$", 130), ("kill -KILL $$", 137)] {
        assert_eq!(process::run(&mut shell(script)).unwrap(), code, "{script}");
    }
}

#[test]
fn a_program_that_is_not_there_is_named() {
    let error = process::run(&mut Command::new("/nowhere/cargo")).unwrap_err();
    assert!(error.to_string().starts_with("could not start `/nowhere/cargo`: "), "{error}");
    assert_eq!(error.exit_code(), 3);
}

#[test]
fn a_failure_shows_the_last_lines_of_both_outputs() {
    let script = "for i in 1 2 3 4 5 6 7; do echo out $i; done; echo >&2; echo E: no >&2; exit 100";
    let failed = process::run_shown(&mut shell(script)).unwrap_err();
    assert_eq!(failed.output, ["out 3", "out 4", "out 5", "out 6", "out 7", "E: no"]);
    assert!(
        failed.to_string().ends_with(
            " failed with exit code 100:\n    out 3\n    out 4\n    out 5\n    out 6\n    out 7\n    E: no"
        ),
        "{failed}"
    );
}

#[test]
fn the_output_is_that_of_the_standard_output() {
    assert_eq!(process::output(&mut shell("echo text; echo noise >&2")).unwrap(), b"text\n");
    let failed = process::output(&mut shell("echo text; echo why >&2; exit 6")).unwrap_err();
    assert_eq!(failed.output, ["why"]);
}
