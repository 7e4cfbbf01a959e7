//! What people see: a live view on a terminal, plain lines in a log, the summary, and what GitHub reads of it.

use std::fs;
use std::io::Read as _;
use std::process::{Child, Command, Stdio};

use callboard_tests::{Consumer, Stage, until};
use rustix::process::{Pid, Signal, kill_process};

use super::watching::within;
use super::{outcomes, rough};

/// What begins a drawing, and what a terminal that is asked to hide its cursor would be sent.
const DRAWING: &str = "\u{1b}[?2026h";
const HIDDEN: &str = "\u{1b}[?25l";

/// The consumer with a terminal of its own.
fn on_terminal(stage: &Stage, consumer: Consumer, variables: &[(&str, &str)]) -> Command {
    let inner = consumer.env("CALLBOARD_OUTPUT", stage.dir().join("callboard")).into_command();
    let arguments: Vec<String> = inner.get_args().map(|argument| argument.display().to_string()).collect();
    let line = format!("exec {} {}", inner.get_program().display(), arguments.join(" "));
    let script = ["--quiet", "--return", "--flush", "--command", &line, "/dev/null"];
    let mut command = within("script", &script, &inner);
    command.env("TERM", "xterm-256color").env_remove("CI").env_remove("NO_COLOR").stdin(Stdio::null());
    command.envs(variables.iter().copied());
    command
}

/// What the terminal was sent until the consumer's end, and its exit code.
fn seen(stage: &Stage, line: &str, variables: &[(&str, &str)]) -> (String, Option<i32>) {
    let output = on_terminal(stage, outcomes(stage).args(line), variables)
        .output()
        .expect("`script` of util-linux runs");
    stage.until_empty();
    (String::from_utf8(output.stdout).expect("text"), output.status.code())
}

#[test]
fn on_a_terminal_there_is_a_live_view_and_failures_are_printed_as_they_come() {
    let stage = Stage::with(2, "");
    let (seen, code) = seen(&stage, "pass:: fail::by_new again::third", &[]);
    assert_eq!(code, Some(101), "{seen}");
    for text in [
        "Running 6 tests using 2 workers",
        "the list is empty",
        "1 of them flaky",
        "again::third_time_lucky (attempt 3, at first failed)",
    ] {
        assert!(seen.contains(text), "{text:?} is missing in:\n{seen}");
    }
    // The results are among them at no time; whoever wants them finds them.
    assert!(!seen.contains("test pass::plain") && !seen.contains("test result"), "{seen}");
    let list = fs::read_to_string(stage.dir().join("callboard/latest/list.log")).expect("the list");
    assert!(
        list.contains("test pass::plain") && list.contains("test result: FAILED. 5 passed; 1 failed"),
        "{list}"
    );
    // In the order in which it happened, and once.
    let failure = seen.find("---- fail::by_new ----").expect("the failure");
    assert!(failure < seen.find("6 tests in ").expect("the summary"), "{seen}");
    assert_eq!(seen.matches("the list is empty").count(), 1, "{seen}");
}

#[test]
fn the_live_view_shows_what_runs_and_a_killed_run_leaves_the_cursor() {
    for (signal, code) in [(Signal::INT, Some(130)), (Signal::KILL, None)] {
        let stage = Stage::with(2, "");
        let mut child = on_terminal(&stage, outcomes(&stage).args("place::stays --exact"), &[])
            .stdout(Stdio::piped())
            .spawn()
            .expect("`script` of util-linux runs");
        let mut sent = Sent::of(&mut child);
        stage.until_lines("staying", 1);
        sent.until("  place::stays");
        sent.until("0/1 ");
        // The run itself, and not its worker.
        let runs: Vec<_> = stage.alive().into_iter().filter(|(_, line)| is_run(line)).collect();
        let [(run, _)] = runs[..] else { panic!("{runs:?}") };
        let run = i32::try_from(run).ok().and_then(Pid::from_raw).expect("a process");
        kill_process(run, signal).expect("it lives");
        let status = child.wait().expect("it ends");
        if let Some(code) = code {
            assert_eq!(status.code(), Some(code));
        }
        let text = sent.into_all();
        assert!(text.contains(DRAWING) && !text.contains(HIDDEN), "{text}");
        stage.until_empty();
    }
}

fn is_run(line: &str) -> bool {
    line.split(' ').next().is_some_and(|program| program.ends_with("consumer-outcomes"))
        && !line.contains("--callboard-worker")
}

/// What a terminal is sent, as it comes.
struct Sent {
    output: std::process::ChildStdout,
    text: String,
}

impl Sent {
    fn of(child: &mut Child) -> Self {
        Self { output: child.stdout.take().expect("its output"), text: String::new() }
    }

    /// Reads on until this is among it.
    fn until(&mut self, text: &str) {
        until(&format!("the terminal shows {text:?}"), || {
            let mut piece = [0; 4096];
            let read = self.output.read(&mut piece).expect("its output");
            self.text.push_str(&String::from_utf8_lossy(&piece[..read]));
            self.text.contains(text).then_some(())
        });
    }

    fn into_all(mut self) -> String {
        let mut rest = Vec::new();
        self.output.read_to_end(&mut rest).expect("its output");
        self.text.push_str(&String::from_utf8_lossy(&rest));
        self.text
    }
}

#[test]
fn where_nobody_watches_there_are_plain_lines() {
    let stage = Stage::with(2, "");
    for variables in [[("TERM", "dumb")], [("CI", "true")]] {
        let (seen, code) = seen(&stage, "pass::plain", &variables);
        assert_eq!(code, Some(0), "{seen}");
        assert!(seen.contains("test pass::plain ... ") && !seen.contains(DRAWING), "{seen}");
    }
    // Somebody who asks at the terminal, or lets tests print, wants nothing drawn over it.
    let (seen, _) = seen(&stage, "pass:: --nocapture --reporter line", &[]);
    assert!(!seen.contains(DRAWING) && seen.contains("4 passed"), "{seen}");
}

#[test]
fn colors_are_asked_for_or_refused() {
    let stage = Stage::with(1, "");
    let on_terminal =
        |line: &str, variables: &[(&str, &str)]| seen(&stage, line, variables).0.contains("\u{1b}[3");
    assert!(on_terminal("pass::plain", &[]));
    assert!(!on_terminal("pass::plain", &[("NO_COLOR", "1")]));
    assert!(!on_terminal("pass::plain --color never", &[]));
    assert!(on_terminal("pass::plain --color always", &[("NO_COLOR", "1")]));
    let in_log = |consumer: Consumer| consumer.run().stdout.contains("\u{1b}[3");
    let plain = || outcomes(&stage).args("pass::plain");
    assert!(
        !in_log(plain())
            && in_log(plain().env("CLICOLOR_FORCE", "1"))
            && in_log(plain().args("--color always"))
    );
    assert!(!in_log(plain().env("CLICOLOR_FORCE", "1").env("NO_COLOR", "1")));
}

#[test]
fn reporters_in_a_log() {
    let stage = Stage::with(2, "");
    let run = |reporter: &str| outcomes(&stage).args("fail::by_new pass:: --reporter").args(reporter).run();
    let list = run("list");
    assert_eq!(list.exits(101).results().len(), 5, "{list}");

    let line = run("line");
    line.exits(101).says([
        "Running 5 tests",
        "---- fail::by_new ----\nthread 'fail::by_new' panicked at ",
        "80% (4/5) in ",
    ]);
    assert!(line.results().is_empty() && !line.stdout.contains('\u{1b}'), "{line}");

    let dot = run("dot");
    let dots = dot
        .exits(101)
        .stdout
        .lines()
        .find(|line| line.contains('F') && line.contains('.'))
        .unwrap_or_default();
    assert_eq!(dots.len(), 5, "{dot}");
    dot.says(["---- fail::by_new ----", "80% (4/5) in "]);

    let quiet = run("quiet");
    quiet.exits(101).says(["---- fail::by_new ----", "the list is empty", "5 tests in ", "Events, logs"]);
    assert!(quiet.stdout.starts_with("---- fail::by_new") && !quiet.stdout.contains("80%"), "{quiet}");

    outcomes(&stage)
        .args("pass:: --reporter loud")
        .run()
        .exits(2)
        .started_nothing()
        .complains(["loud", "line, list, dot, quiet"]);
    let both = outcomes(&stage).args("pass:: --reporter line --format json").run();
    both.exits(2).started_nothing().complains(["--reporter", "--format"]);
}

#[test]
fn notices_are_on_the_standard_error_whoever_reports() {
    let stage = Stage::with(2, "");
    for reporter in ["list", "line", "quiet", "dot"] {
        let ran = outcomes(&stage).args("pass:: --workers 9 --reporter").args(reporter).run();
        ran.exits(0).complains(["notice: 9 workers asked for"]);
        assert_eq!(ran.stderr.matches("9 workers").count(), 1, "{ran}");
    }
}

#[test]
fn a_logfile_has_the_list_and_whoever_watches_the_rest() {
    let stage = Stage::with(1, "");
    let file = stage.dir().join("log.txt");
    let ran = outcomes(&stage)
        .args("pass::plain --reporter line --logfile")
        .args(&file.display().to_string())
        .run();
    ran.exits(0).says(["1 test in "]);
    assert!(fs::read_to_string(file).expect("the log file").contains("test pass::plain ... ok"));
}

#[test]
fn the_summary_says_how_a_failed_test_runs_again() {
    let stage = Stage::with(4, "");
    let ran = outcomes(&stage).args("fail::by_new pass:: --workers 4!").run();
    let slot = ran.exits(101).events.slots_of("fail::by_new")[0];
    let again = format!("-- --exact fail::by_new --slot {slot}\n");
    ran.says([&format!(
        "Again, in the same slot:\n    cargo test -p callboard-tests --test consumer_outcomes {again}"
    )]);
    // What it says runs that test, there.
    let arguments = again.trim_start_matches("-- ").trim_end().to_owned();
    let once_more = outcomes(&stage).args(&arguments).run();
    assert_eq!(once_more.exits(101).events.slots_of("fail::by_new"), [slot]);
    assert_eq!(once_more.names(), ["fail::by_new"]);

    let by_program =
        outcomes(&stage).args("fail::by_new").env("CALLBOARD_COMMAND", "cargo xtask e2e -p shop").run();
    by_program.exits(101).says(["    cargo xtask e2e -p shop --exact fail::by_new --slot "]);
}

#[test]
fn earlier_attempts_are_told_with_the_last() {
    let stage = Stage::with(2, "");
    for reporter in ["list", "line"] {
        let ran = outcomes(&stage).args("again::never --reporter").args(reporter).run();
        ran.exits(101).says([
            "attempt 2 of 2, after ",
            "\n  attempt 1, in slot ",
            ": failed: no luck at all\n    at tests/consumers/outcomes/again.rs:17:9\n",
        ]);
    }
}

#[test]
fn github_reads_annotations_and_groups() {
    let stage = Stage::with(1, "");
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let root = fs::canonicalize(root).expect("the workspace");
    let on_github =
        |consumer: Consumer<'_>| consumer.env("GITHUB_ACTIONS", "true").env("GITHUB_WORKSPACE", &root).run();
    let ran = on_github(outcomes(&stage).args("fail::by_assert"));
    ran.exits(101).says([
        "\n::error file=tests/consumers/outcomes/fail.rs,line=18,col=5,title=fail%3A%3Aby_assert (failed)::assertion `left == right` failed: \
         guests at the table%0A  left: 2%0A right: 3\n",
    ]);
    for reporter in ["list", "line"] {
        let ran = on_github(rough(&stage).args("prints::c_itself --reporter").args(reporter));
        let (_, printed) = ran.exits(101).stdout.split_once("\n::group::it printed\n").expect("a group");
        let (printed, _) = printed.split_once("\n::endgroup::\n").expect("its end");
        assert!(printed.contains("from c"), "{ran}");
    }
    // Whoever reads JSON reads nothing else.
    let json = on_github(outcomes(&stage).args("fail::by_assert -Zunstable-options --format json"));
    assert!(!json.exits(101).stdout.contains("::error") && !json.stdout.contains("::group"), "{json}");
}
