//! Reports: what they add to a run, what an event costs a test, what ten thousand tests cost in memory, and how large the page
//! of a large run is and how soon it is open.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use callboard::reports;
use serde_json::{Value, json};

use super::Bench;
use super::consumer::Consumer;
use super::empty::{self, megabytes};
use super::error::Error;
use super::sample::Sample;
use super::table::{Row, Unit};

/// Those of course-records.
const TESTS: usize = 58;
const SLOTS: &str = "[slots]\ncount = 16\nbase_port = 29480\nworkers = 16\n";
const SLOT: &str = "[slots]\ncount = 1\nbase_port = 29480\n";
const NONE: &str = "[report]\nhtml = false\njunit = false\nmarkdown = false\n";
const STEPS: usize = 5_000;
const PAGE: &str = "the page of 1,000 tests, each failed three times";

pub(super) fn rows(bench: &Bench) -> Result<Vec<Row>, Error> {
    let many = bench.workspace.consumer(empty::CONSUMER)?;
    let mut rows = vec![added(bench, &many)?, made(bench)?];
    rows.extend(steps(bench)?);
    rows.push(memory(bench, &many)?);
    rows.extend(page(bench)?);
    Ok(rows)
}

/// What the reports of a run add to the whole process, in turn with runs that leave none.
fn added(bench: &Bench, many: &Path) -> Result<Row, Error> {
    let with = Consumer::new(many.to_owned(), &bench.stage("reports")?, SLOTS)?;
    let without = Consumer::new(many.to_owned(), &bench.stage("no-reports")?, &format!("{SLOTS}{NONE}"))?;
    let names: Vec<String> = (0..TESTS).map(|number| format!("h0::t{number:02}")).collect();
    let args: Vec<&str> = names.iter().map(String::as_str).chain(["--exact"]).collect();
    let took = |consumer: &Consumer| Ok::<_, Error>(consumer.run(&args, None)?.took.as_secs_f64() * 1e3);
    let mut added = Sample::default();
    for _ in 0..bench.times(15, 3) {
        let before = took(&without)?;
        let reported = took(&with)?;
        let after = took(&without)?;
        added.add(reported - f64::midpoint(before, after));
    }
    let what = format!("reports of {TESTS} tests: by how much longer the process takes");
    Ok(Row::new(what, Unit::Milliseconds, added).at_most(150.0).note("html, junit and markdown"))
}

/// All reports of a run that left much: read, made and written.
fn made(bench: &Bench) -> Result<Row, Error> {
    let stage = bench.stage("reports-made")?;
    let run = leave(&stage, TESTS, 1, true)?;
    let mut times = Sample::default();
    for _ in 0..bench.times(15, 3) {
        let began = Instant::now();
        make(&run, &stage)?;
        times.add(began.elapsed().as_secs_f64() * 1e3);
    }
    let what = format!("… of {TESTS} tests with steps, logs, requests, and pictures of those that failed");
    Ok(Row::new(what, Unit::Milliseconds, times).at_most(150.0).note("reading the events included"))
}

/// What an event costs the test that makes it.
fn steps(bench: &Bench) -> Result<Vec<Row>, Error> {
    let consumer = Consumer::new(bench.workspace.consumer("consumer-page")?, &bench.stage("steps")?, SLOT)?;
    let mut costs = Sample::default();
    for _ in 0..bench.times(10, 3) {
        let micros = figures(&consumer, "measures_steps", STEPS, &[])?;
        costs.extend(&micros.into_iter().map(|micros| micros / (2.0 * STEPS as f64)).collect());
    }
    let what = "an event: what it costs its test";
    let note = "a step that does nothing has two; writing them is another thread's";
    Ok(vec![Row::new(what, Unit::Microseconds, costs).at_most(20.0).note(note)])
}

fn memory(bench: &Bench, many: &Path) -> Result<Row, Error> {
    let consumer = Consumer::new(many.to_owned(), &bench.stage("reports-memory")?, SLOTS)?;
    let mut memory = Sample::default();
    for _ in 0..bench.times(3, 1) {
        let ran = consumer.run(&["--repeat-each", "10"], Some(Duration::from_millis(2)))?;
        memory.extend(&ran.peak.iter().map(|&bytes| megabytes(bytes)).collect());
    }
    let what = "10,000 tests: peak resident memory of the run";
    Ok(match memory.len() {
        0 => Row::missing(what, "the system does not tell"),
        _ => Row::new(what, Unit::Megabytes, memory).at_most(150.0),
    })
}

fn page(bench: &Bench) -> Result<Vec<Row>, Error> {
    let stage = bench.stage("reports-page")?;
    let run = leave(&stage, 1_000, 3, false)?;
    make(&run, &stage)?;
    let page = run.join("report/index.html");
    let bytes = fs::metadata(&page).map_err(|error| Error::file(&page, error))?.len();
    let size = Row::new(PAGE, Unit::Megabytes, [megabytes(bytes)].into_iter().collect()).at_most(5.0);
    let opened = format!("{PAGE}: until it is open in the browser");
    if let Err(error) = callboard::setup::find(None, None) {
        let why = error.to_string();
        return Ok(vec![size, Row::missing(opened, why.lines().next().unwrap_or_default())]);
    }
    let consumer =
        Consumer::new(bench.workspace.consumer("consumer-page")?, &bench.stage("reports-open")?, SLOT)?;
    let file = page.display().to_string();
    let times =
        figures(&consumer, "measures_a_report", bench.times(10, 3), &[("CALLBOARD_BENCH_REPORT", &file)])?;
    let times = times.into_iter().map(|millis| millis / 1e3).collect();
    Ok(vec![size, Row::new(opened, Unit::Seconds, times).at_most(1.0)])
}

fn make(run: &Path, stage: &Path) -> Result<(), Error> {
    let made = reports::make(&[OsString::from(run)], stage, None);
    made.map(drop).map_err(|error| Error::content(run, error.to_string()))
}

/// Runs one of the consumer's tests, and reads the figures that it wrote.
fn figures(consumer: &Consumer, test: &str, count: usize, env: &[(&str, &str)]) -> Result<Vec<f64>, Error> {
    let file = consumer.dir.join(format!("{test}.txt"));
    let (count, shown) = (count.to_string(), file.display().to_string());
    let own = [("CALLBOARD_BENCH_COUNT", &*count), ("CALLBOARD_BENCH_FILE", &*shown)];
    consumer.run_with(&["--ignored", "--exact", test], &[&own[..], env].concat(), None)?;
    let written = fs::read_to_string(&file).map_err(|error| Error::file(&file, error))?;
    Ok(written.lines().filter_map(|line| line.parse().ok()).collect())
}

/// A run as it leaves it, of so many tests that have failed as often as they were tried; where it is `rich`, only every tenth
/// has, and each has its files.
fn leave(stage: &Path, tests: usize, attempts: usize, rich: bool) -> Result<PathBuf, Error> {
    let run = stage.join("runs/2026-11-22T07-15-02Z-3f9a");
    let names: Vec<String> = (0..tests)
        .map(|number| format!("module_{}::does_something_of_interest_{number}", number / 25))
        .collect();
    let planned = |test: &String| {
        let location = json!({ "file": "tests/e2e/module.rs", "line": 3, "column": 1 });
        json!({ "test": test, "roles": ["student", "teacher"], "tags": ["smoke"], "location": location })
    };
    let mut events = vec![
        json!({ "at_us": 90, "event": "run_started", "format": 1, "run": "2026-11-22T07-15-02Z-3f9a", "started": "2026-11-22T07:15:02Z",
            "callboard": "0.1.0", "suite": "school/e2e", "cores": 2, "slots": 16, "base_port": 3002, "workers": 16,
            "accounts": { "student": 16, "teacher": 16 }, "tests": tests }),
        json!({ "at_us": 95, "event": "planned", "tests": names.iter().map(planned).collect::<Vec<_>>() }),
    ];
    for (number, test) in names.iter().enumerate() {
        let passes = rich && number % 10 > 0;
        for attempt in 1..=attempts {
            events.extend(attempt_events(number, test, attempt, passes));
            if rich {
                files(&run.join(folder(test, attempt)), passes)?;
            }
        }
        let outcome = if passes { "passed" } else { "failed" };
        events.push(json!({ "at_us": 200_000_000, "event": "test_finished", "test": test, "outcome": outcome, "flaky": false, "attempts": attempts }));
    }
    let lines: Vec<String> = events.iter().map(|event| format!("{event}\n")).collect();
    write(&run.join("events.jsonl"), lines.concat().as_bytes())?;
    Ok(run)
}

fn attempt_events(number: usize, test: &str, attempt: usize, passes: bool) -> Vec<Value> {
    let (at, slot) = ((number * 3 + attempt) / 16 * 900_000, (number * 3 + attempt) % 16);
    let of = |at: usize, event: &str, more: &Value| {
        let mut event = json!({ "at_us": at, "event": event, "test": test, "attempt": attempt });
        for (key, value) in more.as_object().into_iter().flatten() {
            event[key] = value.clone();
        }
        event
    };
    let accounts = [format!("student{slot}@example.test")];
    let mut events = vec![of(
        at,
        "attempt_started",
        &json!({ "slot": slot, "worker": slot, "accounts": accounts, "folder": folder(test, attempt) }),
    )];
    for step in 1..=6 {
        let title = format!("does step {step} of what there is to do");
        events.push(of(at + step * 1000, "step_started", &json!({ "step": step, "title": title })));
        let over = json!({ "step": step, "result": "ok", "took_us": 500 });
        events.push(of(at + step * 1000 + 500, "step_finished", &over));
    }
    let message = "expected `main tbody [data-key=name]` to have the text \"Mathematics\": after 20.0 s, it was \"Physics\"\n  \
        element: <td data-key=\"name\" class=\"strong\">Physics</td>\n  looked 1173 times";
    let location = json!({ "file": "tests/e2e/module.rs", "line": number + 1, "column": 5 });
    let mut over =
        json!({ "slot": slot, "outcome": if passes { "passed" } else { "failed" }, "took_us": 800_000 });
    if !passes {
        over["problem"] = json!({ "outcome": "failed", "message": message, "location": location });
    }
    events.push(of(at + 800_000, "attempt_finished", &over));
    events
}

/// What an attempt leaves.
fn files(folder: &Path, passes: bool) -> Result<(), Error> {
    let request = json!({ "at_us": 100_000, "method": "GET", "url": "http://127.0.0.1:3002/grades?page=3", "resource": "Fetch",
        "page": "about:blank", "request_headers": {}, "status": 200, "took_us": 8_000, "bytes": 1_200 });
    write(&folder.join("network.jsonl"), format!("{request}\n").repeat(60).as_bytes())?;
    write(&folder.join("server.log"), "GET /grades?page=3 200 in 8 ms\n".repeat(200).as_bytes())?;
    write(&folder.join("output.log"), "it prints something of interest\n".repeat(20).as_bytes())?;
    if !passes {
        write(&folder.join("screenshot.png"), &[7].repeat(150_000))?;
        write(&folder.join("accessibility.txt"), "heading \"Grades\"\n".repeat(400).as_bytes())?;
    }
    Ok(())
}

fn folder(test: &str, attempt: usize) -> String {
    format!("tests/{}/attempt-{attempt}", test.replace("::", "."))
}

fn write(file: &Path, content: &[u8]) -> Result<(), Error> {
    let folder = file.parent().unwrap_or(file);
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(file, content))
        .map_err(|error| Error::file(file, error))
}
