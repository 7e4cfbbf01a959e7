//! `report/index.html`, as runs leave it.

use std::fs;

use callboard_tests::until;
use rustix::process::Signal;

use super::browser::stage;
use super::{browser, trace};

#[test]
fn a_run_leaves_a_report_that_can_be_looked_at() {
    let stage = stage(1);
    let ran = trace(&stage).args("passes fails_three_times --exact --workers 1 --trace on-first-retry").run();
    let report = ran.exits(101).run.as_ref().expect("a run").join("report/index.html");
    trace(&stage).args("looks::at_a_report --exact --trace off").env("REPORT", &report).run().exits(0);
}

#[test]
fn a_run_that_is_killed_leaves_a_whole_report() {
    let stage = stage(1);
    let started = browser(&stage).args("stays --exact").start();
    stage.until_lines("staying", 1);
    let file = stage.dir().join("out-0/callboard/latest/report/index.html");
    let report =
        || fs::read_to_string(&file).ok().filter(|report| report.contains("\"standing\":\"unfinished\""));
    until("there is a report of the attempt", report);
    started.signal(Signal::KILL);
    started.wait_for_any_end();
    let report = report().expect("a report");
    assert!(report.trim_end().ends_with("</html>") && !report.contains("\"end\":{"));
    stage.until_empty();
}
