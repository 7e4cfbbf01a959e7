//! A consumer as rust-analyzer sees it, spoken to as an editor does: what can be run, the tree of tests, and running them.
//!
//! Where there is no rust-analyzer (`CALLBOARD_RUST_ANALYZER`, or on the `PATH`), this is not tried, and says so.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::io::{BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use callboard_tests::Stage;
use serde_json::{Value, json};

/// Longer than any answer takes that comes at all.
const EVER: Duration = Duration::from_mins(9);

const MANIFEST: &str = r#"[package]
name = "rooms"
version = "0.1.0"
edition = "2024"

[workspace]

[dev-dependencies]
callboard = { path = "HARNESS", default-features = false, features = ["harness"] }

[[test]]
name = "in-rooms"
path = "tests/e2e/main.rs"
harness = false

[profile.dev]
debug = false
"#;

const TESTS: &str = r#"use callboard::{TestResult, e2e};

mod kitchen {
    use callboard::{Slot, TestError, TestResult, e2e};

    #[e2e]
    fn is_warm(slot: &Slot) {
        assert_ne!(slot.port(), 0);
    }

    #[e2e]
    fn has_soup() -> TestResult {
        println!("looking into the pot");
        Err(TestError::new("the pot is empty"))
    }
}

#[e2e]
async fn has_a_door() -> TestResult {
    Ok(())
}

#[e2e]
#[ignore = "nobody is there"]
fn has_guests() {}

callboard::main!();
"#;

#[test]
fn tests_are_found_and_run() {
    let Some(executable) = executable() else {
        eprintln!("not tried: there is no rust-analyzer; CALLBOARD_RUST_ANALYZER may say where it is");
        return;
    };
    let stage = Stage::with(2, "");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a workspace");
    stage.write("Cargo.toml", &MANIFEST.replace("HARNESS", &root.join("harness").display().to_string()));
    fs::copy(root.join("Cargo.lock"), stage.dir().join("Cargo.lock")).expect("a lock file");
    stage.write("src/lib.rs", "");
    let main = stage.write("tests/e2e/main.rs", TESTS);
    let mut editor = Editor::open(&executable, &stage, &main);

    // Run | Debug above each test, the module and the file.
    let runnables = editor.ask("experimental/runnables", &json!({ "textDocument": { "uri": uri(&main) } }));
    let runnables: Vec<&Value> = runnables.as_array().expect("runnables").iter().collect();
    for (label, line) in [
        ("test kitchen::is_warm", 6),
        ("test kitchen::has_soup", 11),
        ("test has_a_door", 18),
        ("test-mod kitchen", 2),
    ] {
        let named = |runnable: &&&Value| runnable["label"] == label;
        let runnable = runnables.iter().find(named).unwrap_or_else(|| panic!("no `{label}`: {runnables:#?}"));
        // What can be clicked is where the test is written.
        let range = &runnable["location"]["targetRange"];
        let covers = |at: &str| range[at]["line"].as_u64().expect("a line");
        assert!((covers("start")..=covers("end")).contains(&line), "{label}: {range}");
        assert!(runnable["args"]["cargoArgs"].to_string().contains("in-rooms"), "{runnable:#}");
    }

    // The tree of the Test Explorer.
    let tree = editor.ask("experimental/discoverTest", &json!({ "testId": "in_rooms" }));
    let mut ids: Vec<&str> =
        tree["tests"].as_array().expect("tests").iter().filter_map(|test| test["id"].as_str()).collect();
    ids.sort_unstable();
    let expected = [
        "in_rooms",
        "in_rooms::has_a_door",
        "in_rooms::has_guests",
        "in_rooms::kitchen",
        "in_rooms::kitchen::has_soup",
        "in_rooms::kitchen::is_warm",
    ];
    assert_eq!(ids, expected);

    // One test.
    let states = editor.run(json!(["in_rooms::has_a_door"]));
    assert_eq!(told(&states), [("in_rooms::has_a_door", "passed")]);
    // A module, in which one fails.
    let states = editor.run(json!(["in_rooms::kitchen"]));
    let in_kitchen = [("in_rooms::kitchen::has_soup", "failed"), ("in_rooms::kitchen::is_warm", "passed")];
    assert_eq!(told(&states), in_kitchen);
    let message = states["in_rooms::kitchen::has_soup"]["message"].as_str().expect("a message");
    let first = message.lines().next().unwrap_or_default();
    assert!(
        first.starts_with("thread 'kitchen::has_soup' panicked at ") && first.ends_with("main.rs:14:13:"),
        "{message}"
    );
    assert!(
        message.contains("\nfailed: the pot is empty\n") && message.contains("looking into the pot"),
        "{message}"
    );
    // Everything.
    let states = editor.run(json!(["in_rooms"]));
    assert_eq!(
        told(&states),
        [
            ("in_rooms::has_a_door", "passed"),
            ("in_rooms::has_guests", "skipped"),
            in_kitchen[0],
            in_kitchen[1],
        ]
    );
    editor.close();
}

/// Each test with its last state.
fn told(states: &BTreeMap<String, Value>) -> Vec<(&str, &str)> {
    states.iter().map(|(test, state)| (test.as_str(), state["tag"].as_str().unwrap_or_default())).collect()
}

fn uri(file: &Path) -> String {
    format!("file://{}", file.display())
}

/// A rust-analyzer that answers: what rustup leaves without the component does not.
fn executable() -> Option<PathBuf> {
    let named = env::var_os("CALLBOARD_RUST_ANALYZER").map(PathBuf::from);
    let executable = named.unwrap_or_else(|| PathBuf::from("rust-analyzer"));
    let output = Command::new(&executable).arg("--version").output().ok()?;
    output.status.success().then_some(executable)
}

/// What an editor is to a language server.
struct Editor {
    server: Child,
    input: ChildStdin,
    messages: Receiver<Value>,
    asked: u64,
}

impl Editor {
    /// Opens the stage's folder and a file of it, and waits until all of it is known.
    fn open(executable: &Path, stage: &Stage, file: &Path) -> Self {
        let target = env::current_exe().expect("this executable");
        let target = target.ancestors().find(|folder| folder.join("CACHEDIR.TAG").is_file());
        let mut server = Command::new(executable)
            .current_dir(stage.dir())
            // rust-analyzer builds with RUSTC_BOOTSTRAP=1, for which build scripts are run once more: in the same folder the
            // next build would begin from the start.
            .env("CARGO_TARGET_DIR", target.expect("cargo's target folder").join("rust-analyzer"))
            .env("CARGO_NET_OFFLINE", "true")
            .env("CALLBOARD_LEASE_DIR", stage.dir().join("leases"))
            .env("CALLBOARD_OUTPUT", stage.dir().join("callboard"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("rust-analyzer starts");
        let (sender, messages) = channel();
        let mut output = BufReader::new(server.stdout.take().expect("its output"));
        std::thread::spawn(move || {
            while let Some(message) = read(&mut output) {
                if sender.send(message).is_err() {
                    break;
                }
            }
        });
        let input = server.stdin.take().expect("its input");
        let mut editor = Self { server, input, messages, asked: 0 };
        let root = uri(stage.dir());
        editor.ask(
            "initialize",
            &json!({
                "processId": std::process::id(),
                "rootUri": root,
                "workspaceFolders": [{ "uri": root, "name": "rooms" }],
                "capabilities": {
                    "experimental": { "testExplorer": true, "serverStatusNotification": true },
                    "window": { "workDoneProgress": true },
                },
                "initializationOptions": { "checkOnSave": false, "cachePriming": { "enable": false } },
            }),
        );
        editor.tell("initialized", &json!({}));
        let document = json!({ "uri": uri(file), "languageId": "rust", "version": 1, "text": TESTS });
        editor.tell("textDocument/didOpen", &json!({ "textDocument": document }));
        loop {
            let message = editor.next();
            let status = &message["params"];
            if message["method"] == "experimental/serverStatus" && status["quiescent"] == true {
                assert_ne!(status["health"], "error", "{status:#}");
                return editor;
            }
        }
    }

    /// Runs these tests, and returns the states that were told last of each, once it is over.
    fn run(&mut self, include: Value) -> BTreeMap<String, Value> {
        let mut states = BTreeMap::new();
        self.send(
            &json!({ "method": "experimental/runTest", "id": "run", "params": { "include": include } }),
        );
        loop {
            let message = self.next();
            let params = &message["params"];
            match message["method"].as_str() {
                Some("experimental/changeTestState") => {
                    let test = params["testId"].as_str().expect("a name").to_owned();
                    let before = states.insert(test, params["state"].clone());
                    // Each test is started before it is anything else.
                    assert_eq!(before.is_none(), params["state"]["tag"] == "started", "{params}");
                }
                // It may come once more of the run before.
                Some("experimental/endRunTest") if !states.is_empty() => break,
                _ => {}
            }
        }
        states
    }

    /// Sends a request, and returns its answer.
    fn ask(&mut self, method: &str, params: &Value) -> Value {
        self.asked += 1;
        let id = self.asked;
        self.send(&json!({ "id": id, "method": method, "params": params }));
        loop {
            let message = self.next();
            if message["id"] == id && message.get("method").is_none() {
                assert!(message.get("error").is_none(), "{method}: {message:#}");
                return message["result"].clone();
            }
        }
    }

    fn tell(&mut self, method: &str, params: &Value) {
        self.send(&json!({ "method": method, "params": params }));
    }

    /// The next message; what the server asks for is granted.
    fn next(&mut self) -> Value {
        let message = self.messages.recv_timeout(EVER).expect("a message");
        if message.get("method").is_some() && message.get("id").is_some() {
            self.send(&json!({ "id": message["id"], "result": null }));
        }
        message
    }

    fn send(&mut self, message: &Value) {
        let mut message = message.clone();
        message["jsonrpc"] = json!("2.0");
        let text = message.to_string();
        write!(self.input, "Content-Length: {}\r\n\r\n{text}", text.len()).expect("it reads");
        self.input.flush().expect("it reads");
    }

    fn close(mut self) {
        self.ask("shutdown", &Value::Null);
        self.tell("exit", &Value::Null);
        assert!(self.server.wait().expect("it ends").success());
    }
}

impl Drop for Editor {
    fn drop(&mut self) {
        // Only where the test gave up.
        if matches!(self.server.try_wait(), Ok(None)) {
            let _ = self.server.kill();
            let _ = self.server.wait();
        }
    }
}

/// A message of the base protocol: headers, an empty line, and JSON of the given length.
fn read(output: &mut impl std::io::BufRead) -> Option<Value> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if output.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if let Some(value) = line.strip_prefix("Content-Length:") {
            length = value.trim().parse().ok()?;
        }
        if line.trim().is_empty() {
            break;
        }
    }
    let mut text = vec![0; length];
    output.read_exact(&mut text).ok()?;
    serde_json::from_slice(&text).ok()
}
