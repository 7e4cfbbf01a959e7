//! What is done between two tests in a slot: what one left is gone for the next, and what has ended is there again.

use callboard_tests::{Ran, Stage, until};
use rustix::process::{Pid, Signal, kill_process};

use super::resets;

/// A stage with the application, whose notes are in the slot's folder and begin with what a set-up command put there.
fn stage(slots: u16, reset: &str, of_service: &str) -> Stage {
    let stage = Stage::with(
        slots,
        &format!(
            "{reset}\n[[setup]]\nscope = \"slot\"\n\
             command = [\"sh\", \"-c\", \"echo seeded > $CALLBOARD_SLOT_DIR/notes; echo $CALLBOARD_SLOT >> set-up\"]\n\
             [[service]]\nname = \"app\"\n\
             command = [\"{{bin_dir}}/test-server\", \"{{port}}\", \"--log\", \"server.log\", \"--data\", \"{{slot_dir}}/notes\"]\n\
             ready = {{ http = \"/health\" }}\n{of_service}\n"
        ),
    );
    stage.write("seed", "seeded\n");
    stage
}

/// A reset command of the application: a line of shell.
fn command(line: &str) -> String {
    format!("reset = {{ command = [\"sh\", \"-c\", \"{line}\"] }}")
}

/// How often the application was started.
fn starts(stage: &Stage) -> usize {
    stage.lines("server.log").iter().filter(|line| line.ends_with(" begins")).count()
}

/// Of each reset: after which test, why and how.
fn told(ran: &Ran) -> Vec<(&str, &str, &str)> {
    ran.events
        .of("slot_reset")
        .map(|event| {
            let text = |key: &str| event[key].as_str().unwrap_or_else(|| panic!("no {key} in {event}"));
            assert!(event["slot"].is_u64() && event["took_us"].as_u64() > Some(0), "{event}");
            (text("after"), text("why"), text("how"))
        })
        .collect()
}

#[test]
fn after_a_failure_the_slot_is_what_it_was() {
    let stage = stage(1, "", "");
    let ran = resets(&stage).args("notes").run();
    ran.exits(101).says([": 2 passed, 1 failed ("]);
    assert_eq!(
        stage.lines("seen"),
        ["a: 0 taken, seeded", "b: 0 taken, seeded", "c: 1 taken, seeded note, a file left"]
    );
    assert_eq!(told(&ran), [("notes::a_fails", "after_failure", "restore")]);
    // The files were kept, not made again; and the copy is gone with the slot.
    assert_eq!((stage.lines("set-up").len(), starts(&stage)), (1, 2));
    let slots = std::fs::read_dir(ran.run.as_ref().expect("a run").join("slots")).expect("the slots");
    let names: Vec<_> = slots.flatten().map(|slot| slot.file_name()).collect();
    assert_eq!(names, ["00"]);
}

#[test]
fn a_reset_counts_in_no_test_and_is_not_made_for_nobody() {
    let stage = stage(1, "[reset]\nwhen = \"after-each\"", "");
    let ran = resets(&stage).args("notes").run();
    // Not after the last one.
    let why = "after_each";
    assert_eq!(told(&ran), [("notes::a_fails", why, "restore"), ("notes::b_passes", why, "restore")]);
    assert_eq!(ran.exits(101).events.count("services_ready"), 1);
    // No attempt is under way while it is made.
    let mut under_way = 0;
    for event in &ran.events.0 {
        match event["event"].as_str() {
            Some("attempt_started") => under_way += 1,
            Some("attempt_finished") => under_way -= 1,
            Some("slot_reset") => assert_eq!(under_way, 0),
            _ => {}
        }
    }
}

#[test]
fn after_each_test_or_never_as_the_file_the_environment_and_the_command_line_say() {
    let seen = |file: &str, environment: &str, arguments: &str| {
        let stage = stage(1, &format!("[reset]\nwhen = \"{file}\""), "");
        let ran =
            resets(&stage).args(&format!("notes {arguments}")).env("CALLBOARD_RESET", environment).run();
        ran.exits(101);
        (stage.lines("seen"), ran.events.count("slot_reset"))
    };
    let each = (["a", "b", "c"].map(|test| format!("{test}: 0 taken, seeded")).to_vec(), 2);
    let never = [
        "a: 0 taken, seeded",
        "b: 1 taken, seeded note, a file left",
        "c: 2 taken, seeded note note, a file left",
    ];
    let never = (never.map(str::to_owned).to_vec(), 0);
    assert_eq!(seen("after-each", "", ""), each);
    assert_eq!(seen("never", "", ""), never);
    assert_eq!(seen("after-each", "never", ""), never);
    assert_eq!(seen("after-each", "never", "--reset after-each"), each);
}

#[test]
fn a_reset_command_runs_while_its_service_lives() {
    let stage = stage(1, "", &command("cp seed $CALLBOARD_SLOT_DIR/notes; echo reset on $0 {port}"));
    let ran = resets(&stage).args("notes").run();
    ran.exits(101);
    assert_eq!(told(&ran), [("notes::a_fails", "after_failure", "command")]);
    // What only the command could do away with, and what it did not.
    assert_eq!(stage.lines("seen")[1], "b: 1 taken, seeded, a file left");
    assert_eq!(starts(&stage), 1);
    let log = ran.run.as_ref().expect("a run").join("slots/00/reset.log");
    assert_eq!(std::fs::read_to_string(log).expect("the log"), format!("reset on sh {}\n", stage.port(0)));
}

#[test]
fn services_of_which_one_has_no_command_are_all_restored() {
    let second = "[[service]]\nname = \"second\"\ncommand = [\"sh\", \"-c\", \"echo up; exec sleep 1000\"]\n\
                  ready = { log = \"up\" }\n";
    let stage = stage(1, "", &format!("{}\n{second}", command("echo reset >> $CALLBOARD_SLOT_DIR/notes")));
    let ran = resets(&stage).args("notes").run();
    assert_eq!(told(&ran), [("notes::a_fails", "after_failure", "restore")]);
    // Its command had its turn on the files as they were.
    assert_eq!(stage.lines("seen")[1], "b: 0 taken, seeded reset");
    assert_eq!(starts(&stage), 2);
    let stage = self::stage(
        1,
        "",
        &format!("{}\n{second}reset = \"none\"\n", command("cp seed $CALLBOARD_SLOT_DIR/notes")),
    );
    let ran = resets(&stage).args("notes").run();
    assert_eq!(told(&ran), [("notes::a_fails", "after_failure", "command")]);
    assert_eq!(starts(&stage), 1);
}

#[test]
fn services_that_keep_nothing_are_left_alone() {
    let stage = stage(1, "", "reset = \"none\"");
    let ran = resets(&stage).args("notes").run();
    assert!(told(&ran).is_empty());
    assert_eq!(stage.lines("seen")[1], "b: 1 taken, seeded note, a file left");
}

#[test]
fn a_slot_whose_reset_fails_is_opened_afresh() {
    let stage = stage(1, "", &command("echo no way; exit 3"));
    let ran = resets(&stage).args("notes").run();
    ran.exits(101).says([": 2 passed, 1 failed ("]).complains([
        "slot 0 could not be reset: reset command `sh -c echo no way; exit 3` of service `app` of slot 0, port ",
        "callboard.toml:8) exited with status 3\n",
        "| no way\n",
        "slot 0 is opened afresh",
    ]);
    assert!(told(&ran).is_empty());
    assert_eq!(stage.lines("seen")[1], "b: 0 taken, seeded");
    assert_eq!((stage.lines("set-up").len(), starts(&stage)), (2, 2));
}

#[test]
fn a_slot_that_can_be_neither_reset_nor_opened_is_retired_with_the_reason() {
    let once = "[[setup]]\nscope = \"slot\"\ncommand = [\"mkdir\", \"opened-{slot}\"]";
    let stage = stage(2, once, &command("exit 3"));
    let ran = resets(&stage).args("notes --workers 1").run();
    ran.exits(101).says([": 2 passed, 1 failed ("]).complains([
        "slot 0 could not be reset: ",
        "slot 0 is not used: set-up command `mkdir opened-0` of slot 0, port ",
    ]);
    assert_eq!(ran.events.count("slot_skipped"), 1);
    assert_eq!(ran.events.leased(), [0, 1]);
    assert_eq!(stage.lines("seen")[1], "b: 0 taken, seeded");
}

#[test]
fn a_reset_that_does_not_end_is_given_up_or_ends_with_the_run() {
    let line = "echo $$ >> resetting; exec sleep 1000";
    let timeout = command(line).replace("] }", "], timeout = \"300ms\" }");
    let stage = stage(1, "", &timeout);
    let ran = resets(&stage).args("notes").run();
    ran.exits(101).says([": 2 passed, 1 failed ("]).complains([
        "slot 0 could not be reset: reset command `sh -c ",
        "was not done within its `timeout` of 300ms, and was ended",
    ]);

    let stage = self::stage(1, "", &command(line));
    let run = resets(&stage).args("notes").start();
    stage.until_lines("resetting", 1);
    run.signal(Signal::INT);
    // The end of the stage looks for what is left.
    assert_eq!(run.wait().exits(130).events.count("slot_reset"), 0);
}

#[test]
fn of_a_run_that_is_killed_no_copy_of_files_stays() {
    let stage = stage(1, "", "");
    let run = resets(&stage).args("turns::is_held").start();
    stage.until_lines("seen", 1);
    let slots = stage.dir().join("out-0/callboard/latest/slots");
    assert!(slots.join("00.seeded/notes").exists());
    run.signal(Signal::KILL);
    run.wait_for_any_end();
    until("the copy is gone", || (!slots.join("00.seeded").exists()).then_some(()));
    assert!(slots.join("00/notes").exists());
    stage.until_empty();
}

#[test]
fn what_lives_as_long_as_the_slot_ends_before_its_reset() {
    let stage = stage(1, "", "");
    resets(&stage).args("shelves").run().exits(101);
    assert_eq!(
        stage.lines("seen"),
        [
            "index of: 0 taken, seeded",
            "clearing: 1 taken, seeded note",
            "end of the index",
            "b: 0 taken, seeded",
            "index of: 0 taken, seeded",
            "clearing: 0 taken, seeded",
            "end of the index",
        ]
    );
}

#[test]
fn a_service_that_died_between_tests_costs_none_of_them() {
    let stage = stage(2, "", "");
    let holder = resets(&stage).args("turns::is_held --slot 0").start();
    stage.until_lines("seen", 1);
    let run = resets(&stage).args("notes::c_looks turns::is_passed --slot 1").start();
    until("the first test is over", || (run.events().count("attempt_finished") == 1).then_some(()));
    let port = format!("test-server {}", stage.port(1));
    let (server, _) =
        stage.alive().into_iter().find(|(_, command)| command.contains(&port)).expect("a server");
    let id = i32::try_from(server).ok().and_then(Pid::from_raw).expect("a process");
    kill_process(id, Signal::KILL).expect("it is there");
    let folder = format!("/proc/{server}");
    until("its end is known", || (!std::path::Path::new(&folder).exists()).then_some(()));
    stage.write("go", "");

    let ran = run.wait();
    ran.exits(0).says([": 2 passed ("]).complains([
        "of slot 1, a service has ended: service `app` of slot 1, port ",
        "was ended by SIGKILL while it was needed\n",
        "slot 1 is opened afresh",
    ]);
    assert_eq!(stage.lines("seen")[2], "passed: 0 taken, seeded");
    holder.wait().exits(0);
}

#[test]
fn a_service_that_dies_in_a_test_that_passes_is_told_all_the_same() {
    let stage = stage(1, "", "");
    let ran = resets(&stage).args("deaths::a deaths::b deaths::c").run();
    ran.exits(101).says([
        ": 1 passed, 2 errored (",
        "errored: service `app` of slot 0, port ",
        "exited with status 9 while it was needed\n  the last it wrote to ",
        "| asked for /die\n    | told to die\n",
        "and the test: it hung up",
    ]);
    assert_eq!(ran.events.outcome("deaths::a_kills_it"), "errored");
    assert_eq!(starts(&stage), 3);
}

#[test]
fn after_three_deaths_in_a_row_the_slot_is_retired_and_the_run_goes_on() {
    let stage = stage(2, "", "");
    let ran = resets(&stage).args("deaths::a deaths::b deaths::d deaths::f --workers 1").run();
    ran.exits(101).says([": 1 passed, 3 errored ("]).complains([
        "slot 0 is not used: a service died in 3 attempts in a row, the last time service `app` of slot 0, port ",
    ]);
    assert_eq!(ran.events.slots_of("deaths::f_finds_it_well"), [1]);
    assert_eq!(ran.events.leased(), [0, 1]);
}

#[test]
fn a_service_of_the_run_that_dies_is_started_again_for_all() {
    let stage = Stage::new();
    let port = stage.port(20);
    let back = format!(
        "[[service]]\nname = \"back\"\nscope = \"run\"\nport = {port}\n\
         command = [\"{{bin_dir}}/test-server\", \"{port}\", \"--log\", \"server.log\"]\n"
    );
    stage.configure(1, &back);
    stage.write("back", &format!("127.0.0.1:{port}"));
    let ran = resets(&stage).args("shared").run();
    ran.exits(101).says([": 1 passed, 1 errored (", "errored: service `back` (", "9 while it was needed"]);
    assert_eq!(ran.events.outcome("shared::b_finds_it_well"), "passed");
    assert_eq!(starts(&stage), 2);
}

#[test]
fn a_service_of_the_run_that_does_not_come_again_ends_the_run_with_the_reason() {
    let stage = Stage::new();
    let port = stage.port(20);
    let once = "mkdir once || exit 4; exec $0 $1";
    stage.configure(
        3,
        &format!(
            "[[service]]\nname = \"back\"\nscope = \"run\"\nport = {port}\n\
             command = [\"sh\", \"-c\", \"{once}\", \"{{bin_dir}}/test-server\", \"{port}\"]\n"
        ),
    );
    stage.write("back", &format!("127.0.0.1:{port}"));
    let ran = resets(&stage).args("shared --workers 1").run();
    ran.exits(101).says([
        ": 0 passed, 2 errored (",
        "errored: service `back` (",
        "status 4 before it was ready",
    ]);
}

#[test]
fn a_test_that_leaves_its_service_alive_sets_the_count_back() {
    let stage = stage(1, "", "");
    let ran = resets(&stage).args("deaths").run();
    ran.exits(101).says([": 2 passed, 4 errored ("]);
    assert_eq!(ran.events.count("slot_skipped"), 0);
}
