//! Set-up commands and services: when they start, what they are told, and what is said when they fail.

use std::process::{Command, Stdio};
use std::thread::available_parallelism;

use callboard_tests::Stage;

use super::{many, outcomes, server};

/// Lines of the log that all servers on the stage write, with this word after the port.
fn logged(stage: &Stage, word: &str) -> usize {
    stage
        .lines("server.log")
        .iter()
        .filter(|line| line.split_once(' ').is_some_and(|(_, what)| what == word))
        .count()
}

#[test]
fn one_test_starts_one_server() {
    let stage = Stage::with(4, &server(""));
    let ran = outcomes(&stage).args("service::asks --exact").run();
    assert_eq!(ran.exits(0).events.count("services_ready"), 1, "{ran}");
    assert_eq!(
        stage.lines("server.log"),
        [format!("{0} begins", stage.port(0)), format!("{0} ready", stage.port(0))]
    );
    let base = format!("http://127.0.0.1:{}", stage.port(0));
    assert_eq!(stage.lines("asked"), [format!("0 {base} {}", stage.port(0))]);
}

#[test]
fn a_server_serves_all_tests_of_its_slot() {
    let stage = Stage::with(2, &server(""));
    many(&stage).args("h5:: --workers 2!").run().exits(0);
    assert_eq!(logged(&stage, "begins"), 2);
}

#[test]
fn programs_are_told_where_they_are() {
    let stage = Stage::new();
    let smtp = stage.port(8);
    let told = r#"
[[setup]]
scope = "run"
command = ["sh", "-c", "echo $0 $KEY slot=${{CALLBOARD_SLOT-none}} $CALLBOARD_RUN_DIR $PWD >> told", "{slots}"]
env = { KEY = "of the run {{}}" }
[[setup]]
scope = "slot"
command = ["sh", "-c", "echo $0 $CALLBOARD_SLOT $CALLBOARD_PORT $CALLBOARD_PORT_SMTP $KEY >> told; ls -d $CALLBOARD_SLOT_DIR >> told", "{slot}"]
env = { KEY = "{port} {port.smtp} {slot_dir}" }
"#;
    stage.configure(4, &format!("[ports]\nsmtp = {smtp}\n{told}"));
    let ran = outcomes(&stage).args("pass::plain --slot 3").run();
    ran.exits(0);
    let run = ran.run.expect("a run").display().to_string();
    let (port, smtp) = (stage.port(3), smtp + 3);
    assert_eq!(
        stage.lines("told"),
        [
            format!("4 of the run {{}} slot=none {run} {}", stage.dir().display()),
            format!("3 3 {port} {smtp} {port} {smtp} {run}/slots/03"),
            format!("{run}/slots/03"),
        ]
    );
}

#[test]
fn a_set_up_of_the_run_happens_once_and_one_of_a_slot_in_each() {
    let setup = |scope: &str| {
        format!("[[setup]]\nscope = \"{scope}\"\ncommand = [\"sh\", \"-c\", \"echo {scope} >> told\"]\n")
    };
    let stage = Stage::with(3, &format!("{}{}", setup("slot"), setup("run")));
    let ran = many(&stage).args("h1:: --workers 3!").run();
    assert_eq!(ran.exits(0).events.leased().len(), 3);
    assert_eq!(stage.lines("told"), ["run", "slot", "slot", "slot"]);
}

#[test]
fn a_set_up_that_fails_is_told_with_its_last_lines() {
    for scope in ["run", "slot"] {
        let setup = format!(
            "[[setup]]\nscope = \"{scope}\"\ncommand = [\"sh\", \"-c\", \"seq 101 130; echo no table >&2; exit 4\"]\n"
        );
        let stage = Stage::with(4, &format!("{setup}{}", server("")));
        let ran = outcomes(&stage).args("pass::").run();
        ran.exits(3).says([
            "errored: set-up command `sh -c",
            "callboard.toml:4)",
            "4",
            "| 130\n",
            "| no table",
        ]);
        // Twenty lines, the last one included.
        assert!(ran.stdout.contains("| 112\n") && !ran.stdout.contains("| 111\n"), "{ran}");
        ran.says([": 0 passed, 4 errored (", "Nothing could be set up: "]);
        assert!(stage.lines("server.log").is_empty(), "a server was started");
    }
}

#[test]
fn a_server_that_exits_early_is_told_at_once_with_its_last_lines() {
    // It is not waited for until the start-up's time is over: that would be an hour.
    let stage = Stage::with(2, &format!("{}startup_timeout = \"1h\"\n", server("--exit-early")));
    let ran = outcomes(&stage).args("pass::").run();
    ran.exits(3).says([
        "errored: service `app` of slot ",
        "callboard.toml:4)",
        "7 before it was ready",
        "| early line 11\n",
        "| early line 30\n",
    ]);
    assert!(!ran.stdout.contains("early line 10\n"), "{ran}");
}

#[test]
fn a_program_that_is_not_there() {
    let stage = Stage::with(1, "[[service]]\nname = \"app\"\ncommand = [\"{bin_dir}/no-such-server\"]\n");
    let ran = outcomes(&stage).args("pass::plain").run();
    ran.exits(3).says(["cannot start service `app`", "no such file", "did you build it?"]);
}

#[test]
fn a_server_that_is_never_ready() {
    let text = "[[service]]\nname = \"app\"\ncommand = [\"sleep\", \"1000\"]\nstartup_timeout = \"300ms\"\n";
    let stage = Stage::with(1, text);
    let ran = outcomes(&stage).args("pass::plain").run();
    ran.exits(3).says(["was not ready within its `startup_timeout` of 300ms", "nobody listens on port"]);
}

#[test]
fn no_more_boot_at_once_than_there_are_cores() {
    let cores = available_parallelism().map_or(1, usize::from);
    let slots = u16::try_from(cores + 3).unwrap_or(u16::MAX).min(16);
    let stage = Stage::with(slots, &server("--slow"));
    let ran = many(&stage).args(&format!("h6:: --workers {slots}!")).run();
    assert_eq!(ran.exits(0).events.leased().len(), usize::from(slots));
    let mut booting = 0_usize;
    for line in stage.lines("server.log") {
        booting = if line.ends_with("begins") { booting + 1 } else { booting - 1 };
        assert!(booting <= cores, "{:#?}", stage.lines("server.log"));
    }
}

#[test]
fn a_service_of_the_run_is_one_for_all() {
    let stage = Stage::new();
    let port = stage.port(20);
    let of_run = format!(
        "[[service]]\nname = \"back\"\nscope = \"run\"\nport = {port}\n\
         command = [\"{{bin_dir}}/test-server\", \"{port}\", \"--log\", \"{{config_dir}}/server.log\"]\n"
    );
    stage.configure(3, &format!("{of_run}{}", server("")));
    many(&stage).args("h2:: --workers 3!").run().exits(0);
    let begun: Vec<_> =
        stage.lines("server.log").into_iter().filter(|line| line.ends_with("begins")).collect();
    assert_eq!(begun.len(), 4, "{begun:?}");
    // It is ready before any slot's service begins.
    assert_eq!(begun[0], format!("{port} begins"));
}

#[test]
fn an_application_that_runs_elsewhere_is_shared_by_all_slots() {
    let stage = Stage::new();
    let port = stage.port(20);
    stage.configure(2, &format!("[[service]]\nname = \"app\"\nurl = \"http://127.0.0.1:{port}\"\n"));
    let mut server = Command::new(env!("CARGO_BIN_EXE_test-server"));
    let mut server = server.arg(port.to_string()).stdout(Stdio::null()).spawn().expect("the server starts");
    let ran = outcomes(&stage).args("service::asks --workers 2!").run();
    let still_there = server.try_wait().expect("its own child").is_none();
    server.kill().expect("it is there");
    server.wait().expect("it is there");
    ran.exits(0);
    assert!(still_there, "callboard ended what it did not start");
    let asked = stage.lines("asked");
    assert_eq!(asked.len(), 2);
    for line in &asked {
        assert!(line.ends_with(&format!(" http://127.0.0.1:{port} {port}")), "{asked:?}");
    }
}

#[test]
fn an_application_elsewhere_that_is_not_there() {
    let stage = Stage::new();
    let port = stage.port(20);
    let text = format!(
        "[[service]]\nname = \"app\"\nurl = \"http://127.0.0.1:{port}\"\nstartup_timeout = \"300ms\"\n"
    );
    stage.configure(2, &text);
    let ran = outcomes(&stage).args("pass::").run();
    ran.exits(3).says(["service `app`", "is not there", "start it, or give it a `command`"]);
}

#[test]
fn a_service_that_dies_in_a_test_is_the_surroundings_fault_and_the_run_goes_on() {
    let stage = Stage::with(1, &server(""));
    // In the order of names, in the only slot.
    let ran = outcomes(&stage).args("service:: pass:: --workers 1").run();
    ran.exits(101).says([
        ": 6 passed, 1 errored (",
        "errored: service `app` of slot 0",
        "9 while it was needed",
        "| asked for /die\n    | told to die\n",
        "and the test: the application hung up",
    ]);
    assert_eq!(ran.events.outcome("service::a_breaks_it"), "errored");
    // Another server for the tests after it.
    assert_eq!(logged(&stage, "begins"), 2);
}

#[test]
fn the_log_of_a_failing_test_has_what_its_services_said_meanwhile() {
    let stage = Stage::with(1, &server(""));
    let ran = outcomes(&stage).args("service::").run();
    let attempt = ran.exits(101).run.as_ref().expect("a run").join("tests/service.a_breaks_it/attempt-1");
    let log = std::fs::read_to_string(attempt.join("server.log")).expect("the log");
    assert_eq!(log, "asked for /die\ntold to die\n");
}

#[test]
fn a_server_that_ignores_the_signal_is_gone_after_the_run_with_its_children() {
    let stage = Stage::new();
    let command = "trap '' TERM; sleep 1000 & exec $0 $1 --child --log server.log";
    stage.configure(
        1,
        &format!(
            "[[service]]\nname = \"app\"\ncommand = [\"sh\", \"-c\", {command:?}, \"{{bin_dir}}/test-server\", \"{{port}}\"]\n\
             stop = {{ signal = \"SIGTERM\", grace = \"200ms\" }}\n"
        ),
    );
    // The end of the test looks for what is left, and for the port.
    outcomes(&stage).args("pass::").run().exits(0);
    assert_eq!(logged(&stage, "ready"), 1);
}
