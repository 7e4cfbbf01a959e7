//! Many tests, and many runs at once.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use callboard_tests::{Stage, Started};
use serde_json::{Value, json};

use crate::{server, soak};

#[test]
fn four_thousand_tests_in_one_run() {
    let stage = Stage::with(16, "workers = 16\n");
    let ran = stage.consumer(env!("CARGO_BIN_EXE_consumer-crowd")).run();
    ran.exits(0).says(["4096 tests in ", ": 4096 passed ("]);
    assert_eq!(ran.events.count("attempt_finished"), 4096);
}

/// Two checkouts whose ports overlap, nextest with a process for each test, and an editor that runs one.
#[test]
fn two_checkouts_and_nextest_and_an_editor_at_once() {
    let stage = Stage::with(4, &format!("workers = 2\n{}", server()));
    // Slot 0 of the other has the port of slot 2 of this one.
    let base = stage.port(2);
    let config = format!("[slots]\ncount = 4\nbase_port = {base}\nworkers = 2\n{}", server());
    let other = stage.write("other/callboard.toml", &config);

    let nextest = nextest(&stage);
    let of_other = soak(&stage).env("CALLBOARD_CONFIG", &other).current_dir("other");
    let started = [
        soak(&stage).args("steady::").start(),
        of_other.args("steady::").start(),
        soak(&stage).args("steady::a --exact --nocapture").start(),
    ];
    let ran = started.map(Started::wait);

    for (ran, tests) in ran.iter().zip([20, 20, 1]) {
        ran.exits(0);
        assert_eq!(ran.events.count("test_finished"), tests, "{ran}");
    }
    match nextest {
        Some(nextest) => {
            let Output { status, stderr, .. } = nextest.wait_with_output().expect("nextest ends");
            let said = String::from_utf8_lossy(&stderr);
            assert!(status.success() && said.contains("20 tests run: 20 passed"), "{said}");
        }
        None => println!("without nextest, which is not installed"),
    }
}

/// nextest with the built suite, if it is installed.
fn nextest(stage: &Stage) -> Option<std::process::Child> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let is_there = Command::new(&cargo).args(["nextest", "--version"]).output();
    if !is_there.is_ok_and(|output| output.status.success()) {
        return None;
    }
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
    // What other platforms need was never fetched.
    let metadata = Command::new(&cargo)
        .args([
            "metadata",
            "--format-version=1",
            "--offline",
            "--filter-platform",
            &host(),
            "--manifest-path",
        ])
        .arg(manifest)
        .output()
        .expect("cargo metadata");
    assert!(metadata.status.success(), "{}", String::from_utf8_lossy(&metadata.stderr));
    let text = String::from_utf8(metadata.stdout).expect("text");
    let metadata: Value = serde_json::from_str(&text).expect("cargo's metadata");
    let metadata_file = stage.write("cargo-metadata.json", &text);
    let binaries_file = stage.write("binaries-metadata.json", &binaries(&metadata).to_string());
    let mut command = stage.consumer("cargo-nextest").into_command();
    command
        .args(["nextest", "run", "-E", "test(/^steady::/)", "--no-fail-fast", "--color=never"])
        .arg("--cargo-metadata")
        .arg(metadata_file)
        .arg("--binaries-metadata")
        .arg(binaries_file)
        .arg("--workspace-remap")
        .arg(metadata["workspace_root"].as_str().expect("the workspace"))
        .env("CALLBOARD_OUTPUT", stage.dir().join("of-nextest"))
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    Some(command.spawn().expect("nextest starts"))
}

/// This machine's platform, as the compiler names it.
fn host() -> String {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let said = Command::new(rustc).arg("-vV").output().expect("rustc");
    let said = String::from_utf8(said.stdout).expect("text");
    said.lines().find_map(|line| line.strip_prefix("host: ")).expect("a host").to_owned()
}

/// The suite, as if it were a test target of this package: nextest runs what it is told.
fn binaries(metadata: &Value) -> Value {
    let packages = metadata["packages"].as_array().expect("packages");
    let package = packages.iter().find(|package| package["name"] == env!("CARGO_PKG_NAME"));
    let package = package.expect("this package")["id"].as_str().expect("its id");
    json!({
        "rust-build-meta": {
            "target-directory": metadata["target_directory"],
            "base-output-directories": [],
            "non-test-binaries": {},
            "build-script-out-dirs": {},
            "linked-paths": [],
            "platforms": null,
            "target-platforms": [],
            "target-platform": null,
        },
        "rust-binaries": {
            "callboard-tests::soak": {
                "binary-id": "callboard-tests::soak",
                "binary-name": "soak",
                "package-id": package,
                "kind": "test",
                "binary-path": env!("CARGO_BIN_EXE_consumer-soak"),
                "build-platform": "target",
            },
        },
    })
}
