//! `cargo xtask e2e report` as built, with the folders that runs leave.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

/// Folders of runs.
struct Kept(TempDir);

/// What the command came to.
struct Said {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

impl Kept {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, below: &str) -> PathBuf {
        self.0.path().join(below)
    }

    /// Writes the events of a run, the first of them with these keys as well.
    fn run(&self, folder: &str, first: Value, events: &[Value]) -> PathBuf {
        let mut begin = json!({
            "at_us": 90, "event": "run_started", "format": 1, "run": folder.rsplit('/').next(), "started": "2026-11-22T07:15:02Z",
            "callboard": "0.1.0", "suite": "shop/e2e", "cores": 2, "slots": 4, "base_port": 3002, "workers": 2,
            "accounts": { "clerk": 4 }, "tests": events.len(),
        });
        for (key, value) in first.as_object().unwrap() {
            begin[key] = value.clone();
        }
        let lines = std::iter::once(&begin).chain(events).map(|event| format!("{event}\n"));
        let file = self.path(folder).join("events.jsonl");
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, lines.collect::<String>()).unwrap();
        file
    }

    fn report(&self, args: &[&str]) -> Said {
        self.xtask("report", args)
    }

    fn xtask(&self, name: &str, args: &[&str]) -> Said {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
        command.args(["e2e", name]).args(args).current_dir(self.0.path()).stdin(Stdio::null());
        // There is nothing that could be built here.
        let output =
            command.env("CALLBOARD_OUTPUT", self.0.path()).env("CARGO", "/bin/false").output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Said { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }

    fn read(&self, file: &str) -> String {
        fs::read_to_string(self.path(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
    }
}

impl Said {
    #[track_caller]
    fn made(self) -> Self {
        assert_eq!(self.code, Some(0), "{}", self.stderr);
        self
    }

    #[track_caller]
    fn refused(&self, why: &str) {
        assert_eq!((self.code, self.stdout.as_str()), (Some(2), ""), "{}", self.stderr);
        assert!(self.stderr.starts_with("error: ") && self.stderr.contains(why), "{}", self.stderr);
    }

    #[track_caller]
    fn notes(&self, notice: &str) -> &Self {
        assert!(
            self.stderr.lines().any(|line| line.starts_with("notice: ") && line.contains(notice)),
            "{}",
            self.stderr
        );
        self
    }
}

/// A test that is executed in a slot, and what it comes to.
fn test(name: &str, slot: u16, outcome: &str) -> Vec<Value> {
    let problem =
        (outcome != "passed").then(|| json!({ "outcome": outcome, "message": format!("{name} says no") }));
    let folder = format!("tests/{name}/attempt-1");
    let mut finished = json!({ "at_us": 900, "event": "attempt_finished", "test": name, "attempt": 1, "slot": slot, "outcome": outcome, "took_us": 700 });
    if let Some(problem) = problem {
        finished["problem"] = problem;
    }
    vec![
        json!({ "at_us": 100, "event": "slot_leased", "slot": slot, "port": 3002 + slot }),
        json!({ "at_us": 200, "event": "attempt_started", "test": name, "attempt": 1, "slot": slot, "worker": 1, "folder": folder }),
        finished,
        json!({ "at_us": 910, "event": "test_finished", "test": name, "outcome": outcome, "flaky": false, "attempts": 1 }),
    ]
}

fn end(took_us: u64) -> Value {
    let counts = json!({ "passed": 0, "flaky": 0, "failed": 0, "errored": 0, "timed_out": 0, "crashed": 0, "skipped": 0, "did_not_run": 0 });
    json!({ "at_us": took_us, "event": "run_finished", "counts": counts, "took_us": took_us, "interrupted": false })
}

fn events(parts: &[Vec<Value>], took_us: u64) -> Vec<Value> {
    parts.iter().flatten().cloned().chain([end(took_us)]).collect()
}

fn shard(number: u32, of: u32) -> Value {
    json!({ "shard": { "number": number, "of": of }, "division": "7" })
}

#[test]
fn a_run_is_found_by_its_id_its_folder_its_events_and_as_the_latest() {
    let kept = Kept::new();
    let file = kept.run("runs/one", json!({}), &events(&[test("a", 0, "failed")], 1000));
    std::os::unix::fs::symlink("runs/one", kept.path("latest")).unwrap();
    let folder = kept.path("runs/one");
    for args in [&["one"][..], &[folder.to_str().unwrap()], &[file.to_str().unwrap()], &["runs/one"], &[]] {
        let said = kept.report(args).made();
        let junit = kept.path("runs/one/junit.xml");
        assert!(
            said.stdout.lines().any(|line| Path::new(line).ends_with("runs/one/junit.xml")),
            "{}",
            said.stdout
        );
        assert_eq!(said.stderr, "");
        assert!(kept.read("runs/one/junit.xml").contains("a says no"));
        assert!(kept.read("runs/one/summary.md").contains("a says no"));
        fs::remove_file(junit).unwrap();
    }
}

#[test]
fn what_is_no_run_is_refused_with_what_to_do() {
    let kept = Kept::new();
    kept.report(&[]).refused("run the tests first, or name the folder of a run");
    kept.report(&["none"]).refused("there is no run `none`");
    kept.report(&["--nonsense"]).refused("`cargo xtask e2e report` takes no `--nonsense`");
    kept.report(&["--output"]).refused("wants a folder");
    kept.report(&["--output="]).refused("wants a folder");
    kept.run("runs/newer", json!({ "format": 99, "callboard": "9.0.0" }), &[]);
    kept.report(&["newer"]).refused("use callboard 9.0.0 or later");
    for (name, text) in [
        ("foreign", "{\"event\":\"other\"}\n"),
        ("empty", ""),
        ("torn", "{\"at_us\":1,\"ev"),
        ("bytes", "\u{0}\u{1}"),
    ] {
        let file = kept.run(&format!("runs/{name}"), json!({}), &[]);
        fs::write(file, text).unwrap();
        kept.report(&[name]).refused("does not begin with the event `run_started`");
        assert!(!kept.path(&format!("runs/{name}/junit.xml")).exists());
    }
    let help = kept.report(&["--help"]).made();
    assert!(help.stdout.contains("Exit codes"));
}

#[test]
fn damage_is_told_and_the_rest_is_reported() {
    let kept = Kept::new();
    let file = kept.run("runs/one", json!({}), &test("a", 0, "failed"));
    let whole = fs::read_to_string(&file).unwrap();
    let unknown = "{\"at_us\":950,\"event\":\"from_the_future\",\"with\":1}\nnonsense\n";
    fs::write(&file, format!("{whole}{unknown}{{\"at_us\":99,\"eve")).unwrap();
    let said = kept.report(&["one"]).made();
    said.notes("events.jsonl, line 6 was left out: unknown variant `from_the_future`")
        .notes("so were 2 more lines");
    assert!(kept.read("runs/one/junit.xml").contains("a says no"));
    assert!(kept.read("runs/one/summary.md").contains("the events have no end"));
}

#[test]
fn shards_are_one_run_with_their_slots_told_apart() {
    let kept = Kept::new();
    kept.run("one", shard(1, 2), &events(&[test("a", 3, "passed"), test("b", 0, "failed")], 5_000_000));
    let second = json!({ "started": "2026-11-22T09:00:00Z", "shard": { "number": 2, "of": 2 }, "division": "7", "command": "just e2e" });
    kept.run("two", second, &events(&[test("c", 3, "passed")], 9_000_000));
    fs::create_dir_all(kept.path("one/tests/b/attempt-1")).unwrap();
    fs::write(kept.path("one/tests/b/attempt-1/output.log"), "b printed this\n").unwrap();
    // Whatever their order.
    let said = kept.report(&["two", "one", "--output", "out/merged"]).made();
    assert_eq!(said.stderr, "");
    let junit = kept.read("out/merged/junit.xml");
    assert!(junit.contains(r#"tests="3" skipped="0" failures="1" errors="0" time="9.000""#), "{junit}");
    for part in [
        r#"value="3 of shard 1""#,
        r#"value="3 of shard 2""#,
        "b printed this",
        r#"timestamp="2026-11-22T09:00:00.000Z""#,
    ] {
        assert!(junit.contains(part), "{part} in {junit}");
    }
    let attachment = junit.split("[[ATTACHMENT|").nth(1).and_then(|rest| rest.split("]]").next()).unwrap();
    assert_eq!(attachment, "../../one/tests/b/attempt-1/output.log");
    assert!(kept.path("out/merged").join(attachment).is_file());
    let timeline: Value = serde_json::from_str(&kept.read("out/merged/timeline.json")).unwrap();
    let lanes =
        timeline["traceEvents"].as_array().unwrap().iter().filter(|event| event["name"] == "thread_name");
    let lanes: Vec<&str> = lanes.filter_map(|lane| lane["args"]["name"].as_str()).collect();
    assert_eq!(
        lanes,
        ["slot 0 of shard 1 (port 3002)", "slot 3 of shard 1 (port 3005)", "slot 3 of shard 2 (port 3005)"]
    );
    // A command is one of the machine's, with the numbers that it has.
    let page = kept.read("out/merged/report/index.html");
    for again in ["cargo test -p shop --test e2e -- --exact a --slot 3", "just e2e --exact c --slot 3"] {
        assert!(page.contains(&format!("\"again\":\"{again}\"")), "{again}");
    }
    assert!(page.contains(r#""machines":[["shard 1",100],["shard 2",200]]"#), "slots are told apart");
    assert!(
        page.contains("4 of shard 1, 4 of shard 2") && !page.contains("Ran at once"),
        "what no clock tells is left out"
    );
    assert!(kept.read("out/merged/summary.md").contains("66% (2/3) pass rate in 9.0 s"));
    // Without a folder they go beside the runs.
    kept.report(&["two", "one"]).made();
    assert!(kept.path("merged/junit.xml").is_file());
}

#[test]
fn what_does_not_fit_together_is_told() {
    let kept = Kept::new();
    kept.run("one", shard(1, 4), &events(&[test("a", 0, "passed")], 1000));
    let other = json!({
        "shard": { "number": 3, "of": 4 }, "division": "8", "callboard": "0.2.0", "slots": 8, "accounts": { "clerk": 8 },
    });
    kept.run("three", other, &test("b", 7, "passed"));
    let said = kept.report(&["one", "three"]).made();
    said.notes("shards 2/4, 4/4 are missing")
        .notes("the shards were divided differently")
        .notes("different versions of callboard: shard 1 0.1.0; shard 3 0.2.0")
        .notes("different numbers of slots: shard 1 4; shard 3 8")
        .notes("different accounts: shard 1 4 clerk; shard 3 8 clerk")
        .notes("shard 3 (three) has no end");
    assert_eq!(said.stderr.lines().count(), 6, "{}", said.stderr);
    for notice in said.stderr.lines() {
        let words = notice.trim_start_matches("notice: ");
        assert!(kept.read("merged/summary.md").contains(words), "{words}");
    }
}

#[test]
fn a_test_that_ran_twice_counts_once_and_that_is_said() {
    let kept = Kept::new();
    kept.run("first", json!({}), &events(&[test("a", 0, "failed"), test("b", 1, "passed")], 1000));
    let later = json!({ "started": "2026-11-22T08:00:00Z" });
    kept.run("again", later, &events(&[test("a", 2, "passed")], 1000));
    let said = kept.report(&["again", "first", "again"]).made();
    said.notes("1 test ran in run 1 (first) and in run 2 (again); what counts is run 2 (again): a")
        .notes("the run again is named twice; it counts once");
    let junit = kept.read("merged/junit.xml");
    assert!(
        junit.contains(r#"tests="2" skipped="0" failures="0""#) && junit.contains("2 of run 2"),
        "{junit}"
    );
}

#[test]
fn suites_are_not_mixed_and_one_bad_run_does_no_harm_to_others() {
    let kept = Kept::new();
    kept.run("one", shard(1, 2), &events(&[test("a", 0, "passed")], 1000));
    kept.run("other", json!({ "suite": "bakery/e2e" }), &events(&[test("a", 0, "passed")], 1000));
    kept.report(&["one", "other"]).refused("runs of different suites cannot be merged");
    let bad = kept.run("bad", json!({}), &[]);
    fs::write(bad, "nonsense").unwrap();
    let said = kept.report(&["one", "bad"]).made();
    said.notes("bad/events.jsonl does not begin with");
    assert!(kept.read("merged/junit.xml").contains("bad/events.jsonl does not begin with"));
}

/// Events are read from strangers' machines, too.
#[test]
fn files_that_are_missing_or_of_others_are_left_out() {
    let kept = Kept::new();
    fs::create_dir_all(kept.path("secret")).unwrap();
    fs::write(kept.path("secret/output.log"), "the secret").unwrap();
    let mut events = events(&[test("a", 0, "failed")], 1000);
    let secret = kept.path("secret");
    events[1]["folder"] = json!(secret);
    for path in ["../secret/output.log", "tests/a/attempt-1/attachments/gone.txt"] {
        let attached = json!({ "at_us": 300, "event": "attached", "test": "a", "attempt": 1, "name": "x", "path": path, "media_type": "text/plain" });
        events.insert(2, attached);
    }
    kept.run("one", json!({}), &events);
    let said = kept.report(&["one"]).made();
    said.notes("2 files of the run one would be outside of its folder")
        .notes("1 attached file of the run one is missing");
    for report in ["junit.xml", "summary.md", "timeline.json"] {
        assert!(!kept.read(&format!("one/{report}")).contains("secret"), "{report}");
    }
}

#[test]
fn a_folder_that_cannot_be_written_is_an_error_of_the_surroundings() {
    let kept = Kept::new();
    kept.run("one", json!({}), &events(&[test("a", 0, "failed")], 1000));
    fs::write(kept.path("file"), "").unwrap();
    let said = kept.report(&["one", "--output", "file"]);
    assert_eq!(said.code, Some(3), "{}", said.stderr);
    assert!(said.stderr.contains("the folder file cannot be made"), "{}", said.stderr);
}

/// A kept run of the second that is given.
fn kept_run(kept: &Kept, second: u32, workers: usize, tests: &[Vec<Value>]) -> String {
    let id = format!("2026-11-22T07-15-{second:02}Z-aaaa");
    let first = json!({ "started": format!("2026-11-22T07:15:{second:02}Z"), "workers": workers });
    kept.run(&format!("runs/{id}"), first, &events(tests, 1000));
    id
}

#[test]
fn the_history_tells_since_when_a_test_fails_and_where() {
    let kept = Kept::new();
    kept_run(&kept, 10, 1, &[test("a", 0, "failed"), test("b", 1, "passed")]);
    kept_run(&kept, 11, 1, &[test("a", 0, "passed"), test("b", 1, "passed")]);
    let first = kept_run(&kept, 12, 4, &[test("a", 0, "timed_out"), test("b", 1, "passed")]);
    kept_run(&kept, 13, 4, &[test("b", 1, "passed")]);
    let last = kept_run(&kept, 14, 4, &[test("a", 3, "failed"), test("b", 1, "passed")]);
    let said = kept.xtask("history", &["--json"]).made();
    let past: Value = serde_json::from_str(&said.stdout).unwrap();
    let suite = &past["suites"][0];
    assert_eq!((suite["suite"].as_str(), suite["runs"][4].as_str()), (Some("shop/e2e"), Some(last.as_str())));
    let a = &suite["tests"][0];
    assert_eq!((&a["test"], &a["executed"], &a["passed"]), (&json!("a"), &json!(4), &json!(1)));
    assert_eq!(a["failing_since"]["run"], json!(first));
    assert_eq!(
        (&a["failing_since"]["outcome"], &a["failing_since"]["times"]),
        (&json!("timed_out"), &json!(2))
    );
    assert_eq!(
        a["by_slot"],
        json!({ "0": { "attempts": 3, "passed": 1 }, "3": { "attempts": 1, "passed": 0 } })
    );
    assert_eq!(
        a["by_workers"],
        json!({ "1": { "attempts": 2, "passed": 1 }, "4": { "attempts": 2, "passed": 0 } })
    );
    assert_eq!((&a["median_us"], &suite["tests"][1]["failing_since"]), (&json!(700), &Value::Null));
    let said = kept.xtask("history", &["a"]).made();
    for text in [
        "25% (1/4)",
        &format!("not passed 2 times in a row, first in {first} (timed out)"),
        "by slot: 0: 1/3, 3: 0/1",
    ] {
        assert!(said.stdout.contains(text), "{text} in {}", said.stdout);
    }
    assert!(!said.stdout.contains(" b\n"), "{}", said.stdout);
}

/// The lines of a test that was executed, as a run writes them.
fn lines(name: &str, outcome: &str) -> String {
    format!(
        "{{\"at_us\":900,\"event\":\"attempt_finished\",\"test\":\"{name}\",\"attempt\":1,\"slot\":0,\"outcome\":\"{outcome}\",\"took_us\":700}}\n\
         {{\"at_us\":910,\"event\":\"test_finished\",\"test\":\"{name}\",\"outcome\":\"{outcome}\",\"flaky\":false,\"attempts\":1}}\n"
    )
}

#[test]
fn a_page_that_is_made_again_tells_of_the_runs_before_and_of_no_later_one() {
    let kept = Kept::new();
    let ids: Vec<String> = (10..13).map(|second| kept_run(&kept, second, 1, &[])).collect();
    for (id, outcome) in ids.iter().zip(["passed", "failed", "crashed"]) {
        let file = kept.path(&format!("runs/{id}/events.jsonl"));
        let first = fs::read_to_string(&file).unwrap().lines().next().unwrap().to_owned();
        fs::write(file, format!("{first}\n{}", lines("a", outcome))).unwrap();
    }
    kept.report(&[&ids[1]]).made();
    let page = kept.read(&format!("runs/{}/report/index.html", ids[1]));
    let earlier = format!(r#""earlier":[["{}","2026-11-22T07:15:10Z"]]"#, ids[0]);
    assert!(
        page.contains(&earlier) && page.contains(r#""history":[[0,"passed",700]]"#),
        "only what was before"
    );
    kept.report(&[&ids[0]]).made();
    assert!(!kept.read(&format!("runs/{}/report/index.html", ids[0])).contains(r#""history":"#));
}

#[test]
fn the_history_of_nothing_says_so() {
    let kept = Kept::new();
    kept.xtask("history", &[]).refused("run the tests first");
    kept_run(&kept, 10, 1, &[test("a", 0, "passed")]);
    kept.xtask("history", &["nothing"]).refused("no test whose name contains `nothing`");
    kept.xtask("history", &["a", "b"]).refused("takes no `b`");
    let damaged = kept_run(&kept, 11, 1, &[]);
    fs::write(kept.path(&format!("runs/{damaged}/events.jsonl")), "nonsense").unwrap();
    let said = kept.xtask("history", &[]).made();
    said.notes("does not begin with the event `run_started`");
    assert!(said.stdout.contains("shop/e2e: 1 run"), "{}", said.stdout);
}
