//! The reports that a run leaves, shards, and how many runs are kept.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use callboard_tests::{Ran, Stage, until};
use rustix::process::Signal;

use super::{many, outcomes};

#[track_caller]
fn report(ran: &Ran, name: &str) -> String {
    let file = ran.run.as_ref().expect("a run").join(name);
    fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

#[test]
fn a_run_leaves_its_reports() {
    let stage = Stage::with(2, "");
    let ran =
        outcomes(&stage).args("pass:: fail::by_new fail::by_panic again::third_time_lucky --retries 2").run();
    let junit = report(ran.exits(101), "junit.xml");
    for part in [
        "<testsuites name=\"callboard-tests/consumer_outcomes\" tests=\"7\" skipped=\"0\" failures=\"2\" errors=\"0\"",
        "<testcase name=\"fail::by_panic\" classname=\"callboard-tests.consumer_outcomes.fail\"",
        "file=\"tests/consumers/outcomes/fail.rs\"",
        "<flakyFailure ",
        "<rerunFailure ",
        "[[ATTACHMENT|tests/",
    ] {
        assert!(junit.contains(part), "{part} in {junit}");
    }
    let summary = report(&ran, "summary.md");
    assert!(summary.contains("| `fail::by_new` | ❌ failed, 3 attempts |"), "{summary}");
    assert!(summary.contains("- 71% (5/7) pass rate in "), "{summary}");
}

#[test]
fn the_page_knows_how_the_run_was_started_and_what_became_of_tests_before() {
    let stage = Stage::with(1, "");
    let run = || outcomes(&stage).env("CALLBOARD_COMMAND", "just e2e").args("fail::by_new pass::plain");
    let first = run().run();
    let page = report(first.exits(101), "report/index.html");
    assert!(page.contains("\"again\":\"just e2e --exact fail::by_new --slot 0\""), "as the summary has it");
    assert!(first.stdout.contains("\n    just e2e --exact fail::by_new --slot 0\n"), "{first}");
    assert!(!page.contains("\"earlier\":") && !page.contains("\"history\":"), "there was no run before");
    let second = run().after(&first).run();
    let page = report(second.exits(101), "report/index.html");
    let id = first.run.as_ref().and_then(|folder| folder.file_name()).expect("a run").to_string_lossy();
    assert!(page.contains(&format!("\"earlier\":[[\"{id}\",\"")), "the first run is known");
    for outcome in ["failed", "passed"] {
        assert!(page.contains(&format!("\"history\":[[0,\"{outcome}\",")), "{outcome}");
    }
}

#[test]
fn a_report_that_is_not_wanted_is_not_made() {
    let stage = Stage::with(1, "[report]\njunit = false\n");
    let ran = outcomes(&stage).args("pass::plain").run();
    let folder = ran.exits(0).run.as_ref().expect("a run");
    assert!(!folder.join("junit.xml").exists() && folder.join("summary.md").exists());
    assert!(!folder.join("running.lock").exists(), "it does not go on");
}

#[test]
fn a_killed_run_leaves_whole_reports() {
    let stage = Stage::with(2, "");
    let started = outcomes(&stage).args("pass::plain place::stays --exact --workers 1").start();
    until("the run has begun to report", || {
        // One after the other, and this is the last.
        let reports = started.run_folder()?.join("summary.md");
        fs::read_to_string(reports).ok()?.contains("the events have no end").then_some(())
    });
    started.signal(Signal::KILL);
    let killed = started.wait_for_any_end();
    stage.until_empty();
    let junit = report(&killed, "junit.xml");
    assert!(junit.trim_end().ends_with("</testsuites>"), "{junit}");
    assert!(junit.contains("type=\"unfinished\""), "{junit}");
    assert!(report(&killed, "summary.md").contains("the events have no end"));
}

#[test]
fn the_summary_of_a_job_is_added_to_what_is_there() {
    let stage = Stage::with(1, "");
    let job = stage.write("job.md", "What others said.\n");
    let run = || outcomes(&stage).env("GITHUB_STEP_SUMMARY", &job).args("fail::by_new").run();
    run().exits(101);
    run().exits(101);
    let text = fs::read_to_string(&job).expect("a summary");
    assert!(
        text.starts_with("What others said.\n# `callboard-tests/consumer_outcomes`: 0% (0/1) in "),
        "{text}"
    );
    assert_eq!(text.matches("## Conclusion").count(), 2, "{text}");
    // GitHub shows nothing where there is more than this.
    fs::write(&job, "x".repeat((1 << 20) - 5000)).expect("a full summary");
    run().exits(101);
    assert!(fs::metadata(&job).expect("a summary").len() <= 1 << 20);
    // Where it cannot be written, the tests are what they are.
    let ran = outcomes(&stage).env("GITHUB_STEP_SUMMARY", stage.dir()).args("pass::plain").run();
    ran.exits(0).complains(["error: the report "]);
}

fn listed(ran: &Ran) -> BTreeSet<String> {
    let names = ran.exits(0).started_nothing().stdout.lines().filter_map(|line| line.strip_suffix(": test"));
    names.map(str::to_owned).collect()
}

#[test]
fn shards_are_all_of_the_tests_and_none_twice() {
    let stage = Stage::with(2, "");
    let list = |line: &str| listed(&many(&stage).args("--list --format terse").args(line).run());
    let all = list("");
    assert_eq!(all.len(), 1000);
    let shards: Vec<BTreeSet<String>> = (1..=3).map(|number| list(&format!("--shard {number}/3"))).collect();
    assert_eq!(shards.iter().map(BTreeSet::len).collect::<Vec<_>>(), [334, 333, 333]);
    assert_eq!(shards.into_iter().flatten().collect::<BTreeSet<_>>(), all);
    assert_eq!(list("--shard 1/1"), all);
}

#[test]
fn shards_follow_what_earlier_runs_took_and_say_so_in_their_events() {
    let stage = Stage::with(2, "");
    let earlier = outcomes(&stage).args("pass:: again::third_time_lucky --workers 2").run();
    let run = |line: &str| outcomes(&stage).after(&earlier).args("pass::").args(line).run();
    let (first, second) = (run("--shard 1/2"), run("--shard 2/2"));
    let shard = |ran: &Ran| ran.exits(0).events.0[0]["shard"].clone();
    assert_eq!(shard(&first), serde_json::json!({ "number": 1, "of": 2 }));
    assert_eq!(first.events.0[0]["division"], second.events.0[0]["division"]);
    let both: BTreeSet<&str> = first.events.planned().into_iter().chain(second.events.planned()).collect();
    assert_eq!((both.len(), first.events.planned().len() + second.events.planned().len()), (4, 4));
}

#[test]
fn a_shard_that_is_none_is_a_usage_error() {
    let stage = Stage::new();
    for (shard, why) in
        [("0/3", "0 is none of them"), ("4/3", "4 is none of them"), ("x", "how many there are: 1/3")]
    {
        outcomes(&stage).args("--shard").args(shard).run().exits(2).started_nothing().complains([why]);
    }
}

/// The ids of the runs that are kept.
fn kept(output: &Path) -> Vec<String> {
    let runs = fs::read_dir(output.join("runs")).expect("runs").flatten();
    let mut ids: Vec<String> = runs.map(|run| run.file_name().to_string_lossy().into_owned()).collect();
    ids.sort_unstable();
    ids
}

#[test]
fn as_many_runs_are_kept_as_is_said() {
    let stage = Stage::with(1, "[history]\nkeep = 2\n");
    let output = stage.dir().join("kept");
    for second in 10..15 {
        let folder = format!("kept/runs/2026-11-22T07-15-{second}Z-aaaa");
        let first = format!(
            "{{\"at_us\":1,\"event\":\"run_started\",\"format\":1,\"run\":\"x\",\"started\":\"2026-11-22T07:15:{second}Z\",\"tests\":9}}\n"
        );
        stage.write(&format!("{folder}/events.jsonl"), &first);
    }
    stage.write("kept/runs/of-mine/file", "");
    // Not by `run`, which has a folder of its own.
    let mut command = outcomes(&stage).args("place::stays pass::plain").into_command();
    let mut child = command
        .env("CALLBOARD_OUTPUT", &output)
        .stdout(std::process::Stdio::null())
        .spawn()
        .expect("it starts");
    let ids = until("the oldest are removed", || Some(kept(&output)).filter(|ids| ids.len() == 3));
    assert!(ids[0].starts_with("2026-11-22T07-15-14Z") && ids[2] == "of-mine", "{ids:?}");
    child.kill().expect("its own child");
    child.wait().expect("its own child");
    stage.until_empty();
}
