//! A disk that is full: it is said, nothing panics, and what was written is whole.

use std::process::Output;

use callboard_tests::{Events, Stage};

/// Runs a thousand tests by way of a shell script in which `"$@"` stands for them.
fn through(stage: &Stage, script: &str, args: &[&str]) -> Output {
    let mut command = stage.consumer("sh").into_command();
    command.args(["-c", script, "sh", env!("CARGO_BIN_EXE_consumer-many")]).args(args);
    command.env("CALLBOARD_OUTPUT", stage.dir().join("out"));
    command.output().expect("a shell")
}

/// It ends with 3 and this complaint, and without a panic.
#[track_caller]
fn complains(output: &Output, texts: [&str; 2]) {
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{errors}");
    assert!(!errors.contains("panicked"), "{errors}");
    for text in texts {
        assert!(errors.contains(text), "{text:?} is missing in {errors}");
    }
}

#[test]
fn nothing_can_be_printed() {
    let stage = Stage::with(2, "");
    let no_space = ["error: cannot write the results to ", "No space left on device"];
    for args in
        [["h0"].as_slice(), &["--list"], &["h0", "--format", "terse"], &["h0::t00", "--exact", "--nocapture"]]
    {
        complains(&through(&stage, "exec \"$@\" >/dev/full", args), no_space);
        let to_file = [args, &["--logfile", "/dev/full"]].concat();
        complains(&through(&stage, "exec \"$@\"", &to_file), no_space);
    }
}

#[test]
fn nothing_can_be_complained_about_either() {
    let stage = Stage::with(2, "");
    let output = through(&stage, "exec \"$@\" >/dev/full 2>/dev/full", &["h0"]);
    assert_eq!(output.status.code(), Some(3));
}

#[test]
fn events_are_whole_as_far_as_they_could_be_written() {
    let stage = Stage::with(2, "");
    // A limit for each file, of 512 bytes sixty times: the disk of everybody who may not mount one.
    let output = through(&stage, "trap '' XFSZ; ulimit -f 60; exec \"$@\"", &["h0"]);
    complains(
        &output,
        ["error: the events of the run are incomplete, because `", "/events.jsonl` cannot be written: "],
    );
    let runs = std::fs::read_dir(stage.dir().join("out/runs")).expect("runs").flatten();
    let files: Vec<_> = runs.map(|run| run.path().join("events.jsonl")).collect();
    let [file] = files.as_slice() else { panic!("one run: {files:?}") };
    assert!(Events::so_far(file).count("test_finished") > 0);
    // The tests themselves were all run, and shown.
    let shown = String::from_utf8_lossy(&output.stdout);
    assert!(shown.contains("test result: ok. 100 passed"), "{shown}");
}
