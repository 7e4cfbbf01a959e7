//! A small run in which everything happens, and what it left.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::story::Story;

/// A picture of one dot.
const DOT: [u8; 70] = [
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d, 0x49, 0x48, 0x44, 0x52, 0, 0, 0, 1, 0, 0,
    0, 1, 8, 6, 0, 0, 0, 0x1f, 0x15, 0xc4, 0x89, 0, 0, 0, 0x0d, 0x49, 0x44, 0x41, 0x54, 0x78, 0x9c, 0x63,
    0xf8, 0xcf, 0xc0, 0xf0, 0x1f, 0, 5, 0, 1, 0xff, 0x56, 0xc7, 0x2f, 0x0d, 0, 0, 0, 0, 0x49, 0x45, 0x4e,
    0x44, 0xae, 0x42, 0x60, 0x82,
];

/// The events of a run that came to its end. Whatever somebody else wrote is `said`.
pub(super) fn events(said: &dyn Fn(&str) -> String) -> Vec<Value> {
    let name = |test: &str| said(test);
    let attempt = |at: u64, test: &str, number: u32, slot: u16, worker: u32| {
        json!({ "at_us": at, "event": "attempt_started", "test": name(test), "attempt": number, "slot": slot, "worker": worker,
            "accounts": [said(&format!("student{slot}@example.test"))], "folder": folder(test, number) })
    };
    let over = |at: u64, test: &str, number: u32, slot: u16, outcome: &str, took: u64| {
        let message = match outcome {
            "passed" => Value::Null,
            _ => {
                json!({ "outcome": outcome, "message": said("expected `#total` to have the text \"12\": it was \"11\"\n  looked 14 times"),
                "location": { "file": said("src/grades.rs"), "line": 8, "column": 5 }, "steps": [said("adds them up")] })
            }
        };
        json!({ "at_us": at, "event": "attempt_finished", "test": name(test), "attempt": number, "slot": slot, "outcome": outcome,
            "problem": message, "took_us": took })
    };
    let verdict = |at: u64, test: &str, outcome: &str, more: Value| {
        let mut event = json!({ "at_us": at, "event": "test_finished", "test": name(test), "outcome": outcome, "flaky": false, "attempts": 1 });
        for (key, value) in more.as_object().into_iter().flatten() {
            event[key] = value.clone();
        }
        event
    };
    let planned = |test: &str, roles: &[&str], tags: &[&str]| {
        let (roles, tags): (Vec<_>, Vec<_>) =
            (roles.iter().map(|role| said(role)).collect(), tags.iter().map(|tag| said(tag)).collect());
        json!({ "test": name(test), "roles": roles, "tags": tags, "location": { "file": said("src/grades.rs"), "line": 3, "column": 1 } })
    };
    let none = || json!({});
    vec![
        json!({ "at_us": 10, "event": "run_started", "format": 1, "run": said("run-1"), "started": "2026-11-22T07:15:02Z", "callboard": "0.1.0",
            "suite": said("school/e2e"), "cores": 2, "slots": 4, "base_port": 3002, "workers": 2,
            "accounts": { said("student"): 4, said("teacher"): 2 }, "tests": 8 }),
        json!({ "at_us": 20, "event": "planned", "tests": [
            planned("grades::adds_up", &["student"], &["smoke"]), planned("grades::wavers", &["student"], &[]),
            planned("grades::is_slow", &["teacher"], &[]), planned("grades::dies", &["student"], &[]),
            planned("sign_in::works", &["student", "teacher"], &["smoke"]), planned("sign_in::errs", &["teacher#2"], &[]),
            planned("sign_in::is_known_to_fail", &[], &[]), planned("sign_in::is_never_reached", &[], &["late"]),
        ] }),
        json!({ "at_us": 1_000, "event": "slot_leased", "slot": 0, "port": 3002 }),
        json!({ "at_us": 1_100, "event": "slot_leased", "slot": 1, "port": 3003 }),
        json!({ "at_us": 1_200, "event": "workers_limited", "limit": 2, "why": "start", "running": 0 }),
        json!({ "at_us": 1_300, "event": "services_starting" }),
        json!({ "at_us": 300_000, "event": "services_ready", "took_us": 298_700 }),
        json!({ "at_us": 310_000, "event": "services_starting", "slot": 0 }),
        json!({ "at_us": 900_000, "event": "services_ready", "slot": 0, "took_us": 590_000 }),
        attempt(1_000_000, "sign_in::works", 1, 0, 0),
        json!({ "at_us": 1_400_000, "event": "browser_ready", "slot": 0, "took_us": 300_000 }),
        json!({ "at_us": 1_700_000, "event": "signed_in", "slot": 0, "role": said("student"), "took_us": 250_000, "renewed": false }),
        over(2_500_000, "sign_in::works", 1, 0, "passed", 1_500_000),
        verdict(2_500_010, "sign_in::works", "passed", none()),
        attempt(2_600_000, "grades::adds_up", 1, 0, 0),
        attempt(2_700_000, "grades::wavers", 1, 1, 1),
        json!({ "at_us": 2_800_000, "event": "step_started", "test": name("grades::adds_up"), "attempt": 1, "step": 1, "title": said("opens the list") }),
        json!({ "at_us": 3_000_000, "event": "step_started", "test": name("grades::adds_up"), "attempt": 1, "step": 2, "parent": 1, "title": said("adds them up") }),
        json!({ "at_us": 3_100_000, "event": "machine_measured", "pressure": { "cpu": 0.8, "memory": 0.05, "delay_us": 900 } }),
        json!({ "at_us": 3_200_000, "event": "step_finished", "test": name("grades::adds_up"), "attempt": 1, "step": 2, "result": "failed", "took_us": 200_000 }),
        json!({ "at_us": 3_200_010, "event": "step_finished", "test": name("grades::adds_up"), "attempt": 1, "step": 1, "result": "failed", "took_us": 400_000 }),
        json!({ "at_us": 3_300_000, "event": "page_problem", "test": name("grades::adds_up"), "attempt": 1, "problem": {
            "kind": "exception", "text": said("TypeError: sum is not a function"), "page": said("http://127.0.0.1:3002/grades"), "at_us": 500_000, "times": 2,
            "stack": [said("add (http://127.0.0.1:3002/app.js:12:5)")], "source": { "url": said("http://127.0.0.1:3002/app.js"), "line": 12, "column": 5 } } }),
        json!({ "at_us": 3_350_000, "event": "attached", "test": name("grades::adds_up"), "attempt": 1, "name": said("numbers.json"),
            "path": format!("{}/attachments/numbers.json", folder("grades::adds_up", 1)), "media_type": "application/json" }),
        json!({ "at_us": 3_360_000, "event": "attached", "test": name("grades::adds_up"), "attempt": 1, "name": said("gone.bin"),
            "path": said("javascript:alert(1)"), "media_type": said("application/octet-stream") }),
        over(3_400_000, "grades::adds_up", 1, 0, "failed", 800_000),
        verdict(3_400_010, "grades::adds_up", "failed", none()),
        json!({ "at_us": 3_600_000, "event": "slot_reset", "slot": 0, "after": name("grades::adds_up"), "why": "after_failure", "how": "restore", "took_us": 150_000 }),
        over(3_700_000, "grades::wavers", 1, 1, "failed", 1_000_000),
        attempt(3_800_000, "grades::wavers", 2, 0, 2),
        over(4_500_000, "grades::wavers", 2, 0, "passed", 700_000),
        verdict(4_500_010, "grades::wavers", "passed", json!({ "flaky": true, "attempts": 2 })),
        attempt(4_600_000, "grades::is_slow", 1, 1, 1),
        over(6_600_000, "grades::is_slow", 1, 1, "timed_out", 2_000_000),
        verdict(6_600_010, "grades::is_slow", "timed_out", none()),
        attempt(4_700_000, "grades::dies", 1, 0, 2),
        over(5_000_000, "grades::dies", 1, 0, "crashed", 300_000),
        verdict(5_000_010, "grades::dies", "crashed", none()),
        json!({ "at_us": 5_100_000, "event": "slot_skipped", "slot": 2, "reason": said("another program listens on port 3004") }),
        json!({ "at_us": 5_100_010, "event": "attempt_finished", "test": name("sign_in::errs"), "attempt": 1, "outcome": "errored",
            "problem": { "outcome": "errored", "message": said("no slot came up") }, "took_us": 0 }),
        verdict(5_100_020, "sign_in::errs", "errored", none()),
        verdict(
            5_200_000,
            "sign_in::is_known_to_fail",
            "passed",
            json!({ "fixme": said("the clock is wrong") }),
        ),
        verdict(
            5_300_000,
            "sign_in::is_ignored",
            "skipped",
            json!({ "attempts": 0, "reason": said("there is no printer") }),
        ),
        json!({ "at_us": 5_400_000, "event": "notice", "text": said("slot 2 is left out") }),
        json!({ "at_us": 7_000_000, "event": "run_finished", "counts": { "passed": 3, "flaky": 1, "expected_failures": 1, "failed": 1, "errored": 1,
            "timed_out": 1, "crashed": 1, "skipped": 1, "did_not_run": 1 }, "took_us": 7_000_000, "interrupted": false, "stopped_after": 4 }),
    ]
}

/// The events of a run of a thousand tests, each of which fails three times.
pub(super) fn a_thousand_tests() -> Vec<Value> {
    let message = "expected `main tbody [data-key=name]` to have the text \"Mathematics\": after 20.0 s, it was \"Physics\"\n  \
        element: <td data-key=\"name\" class=\"strong\">Physics</td>\n  looked 1173 times";
    let mut events = events(&str::to_owned);
    events.truncate(1);
    let tests: Vec<String> = (0..1000)
        .map(|number| format!("module_{}::does_something_of_interest_{number}", number / 25))
        .collect();
    let planned = |test: &String| {
        let location = json!({ "file": "tests/e2e/module.rs", "line": 3, "column": 1 });
        json!({ "test": test, "roles": ["student", "teacher"], "tags": ["smoke"], "location": location })
    };
    events.push(
        json!({ "at_us": 20, "event": "planned", "tests": tests.iter().map(planned).collect::<Vec<_>>() }),
    );
    for (test, number) in tests.iter().zip(0_u32..) {
        for attempt in 1..=3 {
            let (at, slot) = ((number * 3 + attempt) / 16 * 900_000, (number * 3 + attempt) % 16);
            let of_test = |at: u32, event: &str, more: Value| {
                let mut event = json!({ "at_us": at, "event": event, "test": test, "attempt": attempt });
                event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
                event
            };
            let accounts = [format!("student{slot}@example.test")];
            events.push(of_test(at, "attempt_started", json!({ "slot": slot, "worker": slot, "accounts": accounts, "folder": folder(test, attempt) })));
            for step in 1..=6 {
                let title = format!("does step {step} of what there is to do");
                events.push(of_test(
                    at + step * 1000,
                    "step_started",
                    json!({ "step": step, "title": title }),
                ));
                events.push(of_test(
                    at + step * 1000 + 500,
                    "step_finished",
                    json!({ "step": step, "result": "ok", "took_us": 500 }),
                ));
            }
            let location = json!({ "file": "tests/e2e/module.rs", "line": number + 1, "column": 5 });
            let problem = json!({ "outcome": "failed", "message": message, "location": location });
            events.push(of_test(
                at + 800_000,
                "attempt_finished",
                json!({ "slot": slot, "outcome": "failed", "problem": problem, "took_us": 800_000 }),
            ));
        }
        events.push(json!({ "at_us": 200_000_000, "event": "test_finished", "test": test, "outcome": "failed", "flaky": false, "attempts": 3 }));
    }
    events
}

/// Where an attempt leaves its files.
pub(super) fn folder(test: &str, number: u32) -> String {
    format!("tests/{}/attempt-{number}", test.replace("::", "."))
}

/// Writes events as a run has them, and reads them back.
pub(super) fn read(run: &Path, events: &[Value]) -> Story {
    let lines: Vec<String> = events.iter().map(Value::to_string).collect();
    fs::write(run.join("events.jsonl"), lines.join("\n") + "\n").unwrap();
    Story::read(&run.join("events.jsonl")).unwrap()
}

/// Writes earlier runs of the same suite into a folder of kept ones: of `grades::adds_up` it is known since when it fails.
pub(super) fn leave_earlier(kept: &Path) {
    let line = |test: &str, outcome: &str, flaky: bool, took_us: u64| {
        format!(
            r#"{{"at_us":5,"event":"attempt_finished","test":"{test}","attempt":1,"outcome":"{outcome}","took_us":{took_us}}}
{{"at_us":6,"event":"test_finished","test":"{test}","outcome":"{outcome}","flaky":{flaky},"attempts":1}}
"#
        )
    };
    let days =
        [("passed", false), ("passed", true), ("skipped", false), ("errored", false), ("failed", false)];
    for (day, (outcome, flaky)) in (17_u64..).zip(days) {
        let events = [
            line("grades::adds_up", outcome, flaky, 10_000 * day),
            line("sign_in::works", "passed", false, 1_000_000),
            line("grades::is_slow", "passed", false, 900_000),
            line("grades::wavers", if day == 21 { "failed" } else { "passed" }, false, 5_000),
        ];
        let (id, started) = (format!("2026-11-{day}T08-00-00Z-aaaa"), format!("2026-11-{day}T08:00:00Z"));
        crate::kept::tests::run(kept, &id, "school/e2e", &started, &events.concat());
    }
}

/// Writes what the failing test left.
pub(super) fn leave(run: &Path, said: &dyn Fn(&str) -> String) {
    let here = run.join(folder("grades::adds_up", 1));
    fs::create_dir_all(here.join("attachments")).unwrap();
    fs::create_dir_all(here.join("mail")).unwrap();
    let request = |path: &str, status: u16| {
        json!({ "at_us": 100_000, "method": said("GET"), "url": said(&format!("http://127.0.0.1:3002{path}")), "resource": said("Fetch"),
            "page": "about:blank", "request_headers": {}, "status": status, "took_us": 8_000, "bytes": 1_200 })
    };
    let network = format!("{}\n{}\ntorn {{", request("/grades", 200), request("/api/sum", 500));
    let failure = json!({ "text": said("net::ERR_FAILED"), "cancelled": false, "blocked": null });
    let mut failed = request("/late", 0);
    failed["failure"] = failure;
    failed.as_object_mut().unwrap().remove("status");
    for (name, text) in [
        ("server.log", said("GET /grades 200\nGET /api/sum 500\n")),
        ("output.log", said("\u{1b}[31mred\u{1b}[0m is what it printed\n")),
        ("console.log", said("    0.115 page      http://127.0.0.1:3002/grades\n")),
        ("accessibility.txt", said("heading \"Grades\"\n")),
        ("network.jsonl", format!("{failed}\n{network}")),
        ("page.html", said("<h1>Grades</h1>")),
        ("trace.html", said("a trace")),
        ("trace.jsonl", said("not shown")),
        ("mail/01-welcome.eml", said("Subject: Welcome\n\nHello\n")),
        ("attachments/numbers.json", said("[1, 2]")),
    ] {
        fs::write(here.join(name), text).unwrap();
    }
    fs::write(here.join("screenshot.png"), DOT).unwrap();
    // Older than the run, as what ran is.
    let source = run.join("src/grades.rs");
    fs::create_dir_all(run.join("src")).unwrap();
    let lines: String =
        (1..=20).map(|line| said(&format!("fn line_{line}() {{}}")).replace('\n', " ") + "\n").collect();
    fs::write(&source, lines).unwrap();
    let then: std::time::SystemTime = "2026-01-01T00:00:00Z".parse::<jiff::Timestamp>().unwrap().into();
    fs::File::options().write(true).open(&source).unwrap().set_modified(then).unwrap();
}
