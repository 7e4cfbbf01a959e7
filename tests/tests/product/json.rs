//! The lines of `--format json`.

use callboard_tests::{Consumer, Ran, Stage, until};
use rustix::process::Signal;
use serde_json::Value;

use super::{authoring, authoring_stage, many, outcomes};

/// What `text::` of the suite says, and skips for.
const SIGNS: &str =
    "\"quoted\" \\ back\\slash\ttab\r\n{ \"type\": \"suite\" }\n\u{0}\u{1b}[31m\u{7f} \u{2028} ü 日本 🦀";

fn json<'a>(consumer: Consumer<'a>, line: &str) -> Consumer<'a> {
    consumer.args("-Z unstable-options --format=json --show-output").args(line)
}

/// Every line of the standard output, each of which must be an object.
pub(crate) fn objects(ran: &Ran) -> Vec<Value> {
    parsed(&ran.stdout)
}

fn parsed(lines: &str) -> Vec<Value> {
    let object = |line: &str| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line:?}"));
    let objects: Vec<Value> = lines.lines().map(object).collect();
    assert!(objects.iter().all(Value::is_object), "{lines}");
    objects
}

/// The result of a test, which must have started once and before it.
#[track_caller]
fn result<'a>(objects: &'a [Value], name: &str) -> &'a Value {
    let of_test: Vec<&Value> = objects.iter().filter(|object| object["name"] == name).collect();
    let [started, result] = of_test[..] else { panic!("{name}: {objects:#?}") };
    assert_eq!((&started["type"], &started["event"]), (&"test".into(), &"started".into()));
    assert_ne!(result["event"], "started");
    result
}

#[track_caller]
fn keys(object: &Value) -> Vec<&str> {
    object.as_object().expect("an object").keys().map(String::as_str).collect()
}

#[test]
fn why_a_test_was_ignored_or_skipped() {
    let stage = Stage::with(1, "");
    let ran = json(outcomes(&stage), "attributes::ignored pass::plain").run();
    let told = objects(ran.exits(0));
    assert_eq!(result(&told, "attributes::ignored_for_a_reason")["message"], "needs a printer");
    assert_eq!(keys(result(&told, "attributes::ignored")), ["type", "name", "event"]);

    let stage = authoring_stage(1, "");
    stage.write("printer", "");
    let ran = json(authoring(&stage), "skips::by_condition skips::at_run_time").run();
    let told = objects(ran.exits(0));
    for (name, reason) in [
        ("skips::by_condition", "file(\"printer\").exists()"),
        ("skips::by_condition_with_reason", "two is two"),
        ("skips::at_run_time", "there is no printer, …"),
    ] {
        let result = result(&told, name);
        assert_eq!((&result["event"], &result["message"]), (&"ignored".into(), &reason.into()), "{ran}");
        assert_eq!(keys(result), ["type", "name", "event", "message"]);
    }
    // Nothing to execute: no run at all.
    let ran = json(authoring(&stage), "skips::by_condition").run();
    let told = objects(ran.exits(0).started_nothing());
    assert_eq!(result(&told, "skips::by_condition_with_reason")["message"], "two is two");
}

#[test]
fn how_long_tests_and_suite_took() {
    let stage = Stage::with(2, "");
    let ran =
        json(outcomes(&stage), "pass::plain again::never_lucky attributes::ignored --include-ignored").run();
    let told = objects(ran.exits(101));
    let seconds =
        |object: &Value| object["exec_time"].as_f64().unwrap_or_else(|| panic!("no time: {object}"));
    assert_eq!(keys(result(&told, "pass::plain")), ["type", "name", "event", "exec_time"]);
    assert_eq!(keys(result(&told, "again::never_lucky")), ["type", "name", "event", "exec_time", "stdout"]);
    // The last attempt's, to the microsecond that the events have.
    let last = ran.events.of("attempt_finished").filter(|event| event["test"] == "again::never_lucky").last();
    let took_us = last.expect("an attempt")["took_us"].as_f64().expect("a time");
    let told_us = (seconds(result(&told, "again::never_lucky")) * 1e6).floor();
    assert!((told_us - took_us).abs() <= 1.0, "{told_us} {took_us}");
    let suite = told.last().expect("a line");
    assert!(seconds(suite) * 1e6 >= told_us, "{suite}");
    assert_eq!(
        keys(suite),
        ["type", "event", "passed", "failed", "ignored", "measured", "filtered_out", "exec_time"]
    );
    assert_eq!((&suite["passed"], &suite["failed"], &suite["ignored"]), (&3.into(), &2.into(), &0.into()));
}

#[test]
fn the_first_line_of_a_failure_names_its_place() {
    let stage = Stage::with(2, "");
    let ran =
        json(outcomes(&stage), "fail::by_panic time::out_of_time again::third_time --fail-on-flaky").run();
    let told = objects(ran.exits(101));
    for (name, place, said) in [
        ("fail::by_panic", "fail.rs:24:5:", "failed: the cook has left"),
        ("time::out_of_time", "time.rs:6:10:", "timed out: the test took longer than its 200ms"),
        (
            "again::third_time_lucky",
            "again.rs:11:21:",
            "flaky: passed on attempt 3, but before that failed: no luck at time 1",
        ),
    ] {
        let result = result(&told, name);
        assert_eq!(result["event"], "failed");
        let stdout = result["stdout"].as_str().expect("a message");
        let mut lines = stdout.lines();
        let first = lines.next().unwrap_or_default();
        assert!(first.starts_with(&format!("thread '{name}' panicked at ")), "{stdout}");
        assert!(first.ends_with(place), "{stdout}");
        assert_eq!(lines.next(), Some(said), "{stdout}");
        assert!(stdout.ends_with('\n'), "{stdout}");
    }
}

#[test]
fn any_sign_comes_through() {
    let stage = Stage::with(2, "");
    let ran = json(outcomes(&stage), "text::").run();
    let told = objects(ran.exits(101));
    assert_eq!(told.len(), 2 + 2 * 4, "{ran}");
    assert_eq!(result(&told, "text::prüft_日本")["event"], "ok");
    let message = result(&told, "text::returns_signs")["stdout"].as_str().expect("a message");
    assert!(message.contains(&format!("\nfailed: {SIGNS}\n  in slot ")), "{message:?}");
    assert_eq!(result(&told, "text::skips_for_signs")["message"], SIGNS);
    assert_eq!(result(&told, "text::ignored_for_signs")["message"], "needs a \"printer\", \\ or ü");
}

#[test]
fn a_test_is_started_when_it_starts() {
    let stage = Stage::with(1, "");
    let started = json(outcomes(&stage), "place::stays").start();
    let told = |lines: usize| {
        let name = format!("{lines} lines are printed");
        // The last line may not be whole yet.
        let whole = || started.stdout().rsplit_once('\n').map(|(whole, _)| parsed(whole));
        until(&name, || whole().filter(|told| told.len() >= lines))
    };
    let first = told(2);
    assert_eq!(first[0]["test_count"], 2);
    assert_eq!((&first[1]["event"], &first[1]["name"]), (&"started".into(), &"place::stays".into()));
    stage.until_lines("staying", 1);
    // The other one waits for the slot.
    assert_eq!(told(2).len(), 2);
    stage.write("go", "");
    let ran = started.wait();
    let events: Vec<_> = objects(ran.exits(0)).iter().map(|object| object["event"].clone()).collect();
    assert_eq!(events, ["started", "started", "ok", "started", "ok", "ok"]);
}

#[test]
fn an_interrupted_run_says_what_did_not_run() {
    let stage = Stage::with(1, "");
    let started = json(outcomes(&stage), "place::stays").start();
    stage.until_lines("staying", 1);
    started.signal(Signal::INT);
    let ran = started.wait();
    let told = objects(ran.exits(130));
    for name in ["place::stays", "place::stays_too"] {
        let result = result(&told, name);
        assert_eq!((&result["event"], &result["message"]), (&"ignored".into(), &"did not run".into()));
    }
    assert_eq!(told.last().expect("a line")["ignored"], 2);
}

#[test]
fn what_was_not_tried_after_a_failure_did_not_run() {
    let stage = Stage::with(1, "");
    let ran = json(outcomes(&stage), "fail::by_b fail::by_n --fail-fast").run();
    let told = objects(ran.exits(101));
    let results = ["fail::by_boxed", "fail::by_new"].map(|name| result(&told, name)["event"].clone());
    assert_eq!(results, ["failed", "ignored"]);
    assert_eq!(result(&told, "fail::by_new")["message"], "did not run");
}

#[test]
fn a_thousand_tests_each_start_and_end_once() {
    let stage = Stage::with(4, "");
    let ran = json(many(&stage), "--workers 4 --shuffle-seed 7").run();
    let told = objects(ran.exits(0));
    assert_eq!(keys(&told[0]), ["type", "event", "test_count", "shuffle_seed"]);
    assert_eq!((&told[0]["test_count"], &told[0]["shuffle_seed"]), (&1000.into(), &7.into()));
    let mut names = [Vec::new(), Vec::new()];
    for object in &told[1..told.len() - 1] {
        let name = object["name"].as_str().expect("a name");
        let is_result = object["event"] != "started";
        assert!(!is_result || names[0].contains(&name), "{object} before its start");
        names[usize::from(is_result)].push(name);
    }
    let names = names.map(|mut names| {
        names.sort_unstable();
        names.dedup();
        names.len()
    });
    assert_eq!((told.len(), names), (2002, [1000, 1000]));
}

#[test]
fn a_logfile_has_them_instead() {
    let stage = Stage::with(1, "");
    let file = stage.write("log.json", "of an earlier run\n");
    let line = format!("pass::plain --logfile {}", file.display());
    let ran = json(outcomes(&stage), &line).run();
    assert_eq!(ran.exits(0).stdout, "");
    let told = parsed(&std::fs::read_to_string(&file).expect("the log file"));
    assert_eq!(result(&told, "pass::plain")["event"], "ok");
    assert_eq!(told.len(), 4);
}

#[test]
fn results_that_cannot_be_written() {
    let stage = Stage::with(1, "");
    for format in ["json", "pretty"] {
        let line = format!("pass::plain --format {format} --logfile no/such/folder");
        let ran = outcomes(&stage).args(&line).run();
        ran.exits(2).started_nothing();
        assert_eq!(
            ran.stderr,
            "error: cannot write the results to `no/such/folder` (--logfile): No such file or directory (os error 2)\n"
        );
    }
    // Found out only when they are: the run comes to its end, and says so.
    let ran = json(outcomes(&stage), "pass::plain --logfile /dev/full").run();
    ran.exits(3).complains(["error: cannot write the results to `/dev/full` (--logfile): No space left"]);
    assert_eq!(ran.events.outcome("pass::plain"), "passed");
    json(outcomes(&stage), "no_such_test --logfile /dev/full").run().exits(3).started_nothing();
}
