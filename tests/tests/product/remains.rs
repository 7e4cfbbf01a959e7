//! Nothing outlives a run, however it ends.

use std::fs;
use std::path::Path;

use callboard_tests::{Ran, Stage, Started, until};
use rustix::process::Signal;

use super::browser::stage as browser_stage;
use super::{browser, outcomes, server, soak};

/// Folders in which browsers kept everything, below a run's folder.
fn profiles(run: &Path) -> Vec<String> {
    let slots = fs::read_dir(run.join("slots")).expect("slots").flatten();
    let files = slots.flat_map(|slot| fs::read_dir(slot.path()).expect("a slot").flatten());
    files.map(|file| file.path().display().to_string()).filter(|path| path.contains("profile")).collect()
}

/// A run with servers, busy with tests that stay, with more tests waiting.
fn busy(stage: &Stage) -> Started {
    let started = outcomes(stage).args("place::stays pass:: time::as_configured --workers 2!").start();
    stage.until_lines("staying", 2);
    assert!(stage.alive().len() > 2, "a run and two servers");
    started
}

/// A run with a browser, in the middle of a test.
fn browsing(stage: &Stage) -> Started {
    let started = browser(stage).args("stays --exact").start();
    stage.until_lines("staying", 1);
    let browsers = stage.alive().iter().filter(|(_, command)| command.contains("remote-debugging")).count();
    assert!(browsers > 0, "{:?}", stage.alive());
    started
}

fn interrupted(stage: &Stage, ran: &Ran) {
    ran.exits(130).says(["Interrupted.\n", "did not run"]);
    assert_eq!(ran.events.0.last().expect("events")["interrupted"], true);
    stage.until_empty();
}

#[test]
fn an_interrupted_run_ends_all_that_it_started() {
    for signal in [Signal::INT, Signal::TERM, Signal::HUP] {
        let stage = Stage::with(2, &server("--child"));
        let started = busy(&stage);
        started.signal(signal);
        interrupted(&stage, &started.wait());
    }
}

#[test]
fn an_interrupted_run_ends_servers_that_do_not_want_to() {
    let command = "trap '' TERM INT HUP; sleep 1000 & exec $0 $1 --child";
    let stage = Stage::with(
        2,
        &format!(
            "[[service]]\nname = \"app\"\ncommand = [\"sh\", \"-c\", {command:?}, \"{{bin_dir}}/test-server\", \"{{port}}\"]\n\
             stop = {{ signal = \"SIGTERM\", grace = \"200ms\" }}\n"
        ),
    );
    let started = busy(&stage);
    started.signal(Signal::INT);
    interrupted(&stage, &started.wait());
}

#[test]
fn a_run_that_is_interrupted_while_servers_boot() {
    let stage = Stage::with(2, "[[service]]\nname = \"app\"\ncommand = [\"sleep\", \"1000\"]\n");
    let started = outcomes(&stage).args("pass::").start();
    until("the server is there", || {
        stage.alive().iter().any(|(_, command)| command.starts_with("sleep")).then_some(())
    });
    started.signal(Signal::TERM);
    interrupted(&stage, &started.wait());
}

#[test]
fn a_killed_run_ends_all_that_it_started() {
    let stage = Stage::with(2, &server("--child"));
    let started = busy(&stage);
    started.signal(Signal::KILL);
    let ran = started.wait_for_any_end();
    assert_eq!(ran.status.code(), None);
    stage.until_empty();
    // What happened before is known.
    assert_eq!(ran.events.of("attempt_started").filter(|event| event["test"] == "place::stays").count(), 1);
}

#[test]
fn a_killed_run_ends_servers_without_an_environment() {
    // They carry no mark, as helpers of browsers do that write over theirs: it is their group that ends with the run. That
    // they live is seen by their ports.
    let command = "command = [\"env\", \"-i\", \"{bin_dir}/test-server\", \"{port}\"]";
    let stage = Stage::with(
        1,
        &format!("[[service]]\nname = \"app\"\n{command}\nready = {{ http = \"/health\" }}\n"),
    );
    let started = outcomes(&stage).args("place::stays --exact").start();
    stage.until_lines("staying", 1);
    started.signal(Signal::KILL);
    started.wait_for_any_end();
    stage.until_empty();
}

#[test]
fn a_browser_ends_with_its_run() {
    let stage = browser_stage(1);
    let ran = browser(&stage).args("five::one anonymous").run();
    assert_eq!(profiles(ran.exits(0).run.as_ref().expect("a run")), [""; 0]);
}

#[test]
fn a_browser_ends_with_an_interrupted_run() {
    for signal in [Signal::INT, Signal::TERM] {
        let stage = browser_stage(1);
        let started = browsing(&stage);
        started.signal(signal);
        let ran = started.wait();
        interrupted(&stage, &ran);
        let run = ran.run.as_ref().expect("a run");
        until("the profile is gone", || profiles(run).is_empty().then_some(()));
    }
}

#[test]
fn a_browser_ends_with_a_killed_run() {
    let stage = browser_stage(1);
    let started = browsing(&stage);
    started.signal(Signal::KILL);
    let ran = started.wait_for_any_end();
    stage.until_empty();
    let run = ran.run.as_ref().expect("a run");
    until("the profile is gone", || profiles(run).is_empty().then_some(()));
}

/// How a run is ended from outside.
fn ends() -> [Signal; 4] {
    [Signal::INT, Signal::TERM, Signal::HUP, Signal::KILL]
}

#[test]
fn a_daemon_that_a_test_leaves_behind_ends_with_the_run() {
    let stage = Stage::with(1, "");
    // On a thread of the run itself, and as an editor asks for it.
    soak(&stage).args("leavers::daemon --exact --nocapture").run().exits(0);
    // At once, not only after a while: see the stage's end.
    assert_eq!(stage.lines("strays").len(), 1);
}

#[test]
fn a_daemon_ends_with_a_run_however_that_ends() {
    for signal in ends() {
        let stage = Stage::with(1, "");
        let started = soak(&stage).args("leavers::stays --exact").start();
        stage.until_lines("staying", 1);
        started.signal(signal);
        started.wait_for_any_end();
        stage.until_empty();
        assert_eq!(stage.lines("strays").len(), 1);
    }
}

#[test]
fn a_run_that_a_test_started_ends_with_the_run_around_it() {
    for signal in ends() {
        let stage = Stage::with(2, &server("--child"));
        let started = soak(&stage).args("leavers::run_in_a_run --exact").start();
        stage.until_lines("staying", 2);
        started.signal(signal);
        started.wait_for_any_end();
        stage.until_empty();
        assert_eq!(stage.lines("strays").len(), 1);
    }
}

#[test]
fn what_is_to_outlive_a_run_says_so() {
    let stage = Stage::with(1, "");
    soak(&stage).args("leavers::kept --exact").run().exits(0);
    let kept = stage.lines("kept").concat();
    let alive = stage.alive();
    assert_eq!(alive.iter().map(|(id, _)| id.to_string()).collect::<Vec<_>>(), [kept.as_str()], "{alive:?}");
    stage.kill_all();
    stage.until_empty();
}

#[test]
fn a_run_is_as_safe_after_its_warden_was_killed() {
    let stage = Stage::with(2, &server("--child"));
    let started = busy(&stage);
    let wardens = || -> Vec<u32> {
        let all = stage.alive().into_iter();
        all.filter(|(_, command)| command.contains("callboard-warden")).map(|(id, _)| id).collect()
    };
    let first = wardens();
    assert_eq!(first.len(), 1);
    stage.kill(first[0]);
    until("there is another warden", || (wardens().len() == 1 && wardens() != first).then_some(()));
    until("it is said", || started.events().of("notice").next().map(drop));
    started.signal(Signal::KILL);
    let ran = started.wait_for_any_end();
    stage.until_empty();
    let notices: Vec<_> = ran.events.of("notice").map(|notice| notice["text"].to_string()).collect();
    assert_eq!(notices, ["\"the warden of this run was ended by SIGKILL; another took its place\""]);
}
