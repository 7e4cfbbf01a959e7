//! Several users of one role in one test: accounts of several slots, leased together, and nobody waits in a circle.

use std::net::TcpListener;

use callboard_tests::{Ran, Stage, Started, until};
use rustix::process::Signal;

use super::{outcomes, pairs, server};

const ROLES: &str = "[roles.student]\nusername = \"s{slot}\"\npassword = \"secret-s{slot}\"\n\
                     [roles.teacher]\nusername = \"t{slot}\"\npassword = \"secret-t{slot}\"\n";

fn stage(slots: u16) -> Stage {
    Stage::with(slots, ROLES)
}

/// Waits for all, which must have passed this many tests together.
fn all_pass(stage: &Stage, started: Vec<Started>, tests: usize) -> Vec<Ran> {
    let ran: Vec<Ran> = started.into_iter().map(Started::wait).collect();
    for ran in &ran {
        ran.exits(0);
    }
    assert_eq!(stage.lines("used").len(), tests);
    ran
}

#[test]
fn both_accounts_are_leased_and_nobody_elses() {
    for (slots, workers) in [(3, 1), (3, 2), (4, 4), (5, 8), (7, 3)] {
        let stage = stage(slots);
        let ran = pairs(&stage).args(&format!("pair:: single:: three exclusive --workers {workers}!")).run();
        ran.exits(0).says([": 26 passed ("]);
        assert_eq!(stage.lines("used").len(), 26, "{slots} slots, {workers} workers");
        // A companion is not brought up for its accounts: there are as many slots as tests at once.
        assert!(ran.events.leased().len() <= usize::from(slots).min(workers), "{ran}");
    }
}

#[test]
fn the_least_that_there_can_be() {
    let stage = stage(2);
    let ran = pairs(&stage).args("pair:: single:: another exclusive --workers 2!").run();
    ran.exits(0).says([": 26 passed ("]);
}

#[test]
fn events_and_messages_say_whose_accounts_were_used() {
    let stage = stage(3);
    let ran = pairs(&stage).args("fails").run();
    let started: Vec<_> = ran.exits(101).events.of("attempt_started").collect();
    assert_eq!((&started[0]["slot"], &started[0]["companions"][0]), (&0.into(), &2.into()));
    ran.says(["failed: s0 and … do not agree", "  in slot 0 (", ") as s0 and s2, attempt 1"]);
    let ran = pairs(&stage).args("single::a").run();
    assert!(ran.exits(0).events.of("attempt_started").all(|event| event["companions"].is_null()), "{ran}");
}

#[test]
fn a_retry_uses_other_accounts_where_there_are_others() {
    let stage = stage(4);
    pairs(&stage).args("the_second_time").run().exits(0);
    let mut accounts = stage.lines("attempts").join(" ");
    assert_eq!(accounts.len(), 7);
    for slot in ["0", "1", "2", "3"] {
        assert!(accounts.contains(slot), "{accounts}");
        accounts = accounts.replacen(slot, "", 1);
    }
}

#[test]
fn runs_at_once_do_not_wait_in_a_circle() {
    for (slots, runs) in [(2, 2), (3, 3), (5, 2)] {
        let stage = stage(slots);
        let start = || pairs(&stage).args("pair:: single:: --workers 4!").start();
        let started: Vec<_> = (0..runs).map(|_| start()).collect();
        all_pass(&stage, started, runs * 24);
    }
}

/// Each of two runs has the slot that the other one needs, and nothing else to do.
#[test]
fn two_runs_that_have_what_the_other_one_needs() {
    let stage = Stage::with(2, &format!("{ROLES}{}", server("")));
    let start = |tests: &str, go: &str| pairs(&stage).args(tests).env("CALLBOARD_TEST_GO", go).start();
    let guard = start("one_stays --slot 1", "guard-goes");
    stage.until_lines("staying", 1);
    // Its pair cannot have slot 1, so that it stays in slot 0 first; then the other run has slot 1 left.
    let one = start("one_stays pair::a", "go");
    stage.until_lines("staying", 2);
    stage.write("guard-goes", "");
    guard.wait().exits(0);
    let other = start("one_stays pair::b", "go");
    stage.until_lines("staying", 3);
    assert_eq!(stage.lines("staying"), ["s1", "s0", "s1"]);
    stage.write("go", "");
    all_pass(&stage, vec![one, other], 2);
}

/// One slot is free now, and the other one later: both together never are, where others want one of them.
#[test]
fn who_needs_two_slots_keeps_the_one_that_is_free_while_waiting_for_the_other() {
    let stage = stage(2);
    let stays = |slot: u16| {
        let go = format!("go-{slot}");
        let holder =
            pairs(&stage).args(&format!("one_stays --slot {slot}")).env("CALLBOARD_TEST_GO", go).start();
        stage.until_lines("staying", usize::from(slot) + 1);
        holder
    };
    let holders = [stays(0), stays(1)];
    let pair = pairs(&stage).args("pair::a --exact").start();
    stage.write("go-0", "");
    let lease = format!("leases/{}.lease", stage.port(0));
    let is_kept = || stage.lines(&lease).concat().contains(&format!("process {} ", pair.id()));
    until("the free slot is kept", || is_kept().then_some(()));
    let single = pairs(&stage).args("single::a --exact --slot 0").start();
    until("the single test is refused", || (single.events().count("notice") > 0).then_some(()));
    stage.write("go-1", "");
    all_pass(&stage, holders.into_iter().chain([pair, single]).collect(), 2);
    assert_eq!(stage.lines("used").last().map(String::as_str), Some("0 s0"));
}

/// As nextest does it: a process a test.
#[test]
fn many_runs_of_one_test_each() {
    for slots in [2, 3] {
        let stage = stage(slots);
        let of =
            |module: &'static str| "abcdefgh".chars().map(move |test| format!("{module}::{test} --exact"));
        let started: Vec<_> =
            of("pair").chain(of("single")).map(|test| pairs(&stage).args(&test).start()).collect();
        all_pass(&stage, started, 16);
    }
}

#[test]
fn two_checkouts_whose_ports_overlap() {
    let stage = stage(3);
    // Slot 0 of the other has the port of slot 1 of this one; its accounts are its own.
    let base = stage.port(1);
    let roles = ROLES.replace("\"s{slot}\"", "\"other-s{slot}\"");
    let other =
        stage.write("other/callboard.toml", &format!("[slots]\ncount = 3\nbase_port = {base}\n{roles}"));
    let started = (0..4).map(|run| {
        let consumer = pairs(&stage).args("pair:: single::");
        if run % 2 == 0 { consumer.start() } else { consumer.env("CALLBOARD_CONFIG", &other).start() }
    });
    all_pass(&stage, started.collect(), 4 * 24);
}

#[test]
fn a_killed_run_frees_both() {
    let stage = stage(2);
    let holder = pairs(&stage).args("both_stay").start();
    stage.until_lines("staying", 1);
    holder.signal(Signal::KILL);
    assert!(holder.wait_for_any_end().status.code().is_none());
    pairs(&stage).args("pair::a --exact").run().exits(0);
    // The killed run's warden looks around for a moment longer.
    stage.until_empty();
}

#[test]
fn a_companion_is_waited_for_and_its_holder_named() {
    let stage = Stage::with(2, &format!("lease_timeout = \"200ms\"\n{ROLES}"));
    let holder = pairs(&stage).args("one_stays --slot 1").start();
    stage.until_lines("staying", 1);
    let ran = pairs(&stage).args("pair::a --exact").run();
    ran.exits(3).says(["errored: ", "slots.lease_timeout", &format!("process {}", holder.id())]);
    // It kept nothing.
    pairs(&stage).args("single::a --exact").run().exits(0);
    stage.write("go", "");
    holder.wait().exits(0);
}

#[test]
fn a_program_on_a_port_of_a_slot_does_not_touch_its_accounts() {
    let stage = Stage::with(2, &format!("{ROLES}{}", server("")));
    let stranger = TcpListener::bind(("127.0.0.1", stage.port(1))).expect("the port is free");
    // In any order: the slot is lost for tests before or after its account is used.
    for seed in 0..4 {
        let ran = pairs(&stage).args(&format!("pair:: single:: --workers 2 --shuffle-seed {seed}")).run();
        ran.exits(0).complains(["slot 1 is not used: "]);
        assert_eq!(ran.events.leased(), [0], "{ran}");
    }
    drop(stranger);
}

#[test]
fn one_account_is_too_few_and_said_before_anything_starts() {
    let refused = |stage: &Stage, tests: &str| {
        let ran = pairs(stage).args(tests).run();
        ran.exits(2).started_nothing();
        ran
    };
    let one_slot = stage(1);
    refused(&one_slot, "pair::a --exact").complains([
        "test `pair::a` (tests/consumers/pairs.rs:",
        "asks for `student`, `student#2`: the accounts of 2 slots at once, and there are not so many",
        "`student` has accounts in slot 0; there is 1 slot (slots.count in callboard.toml:2)",
    ]);
    let roles = ROLES.replace("\"secret-s{slot}\"\n", "\"secret-s{slot}\"\naccounts = 1\n");
    let one_account = Stage::with(4, &roles);
    let ran = refused(&one_account, "pair::a --exact");
    ran.complains(["add accounts", "`student` has accounts in slot 0; there are 4 slots"]);
    assert!(!ran.stderr.contains("secret-"), "{ran}");
    let two_slots = stage(2);
    refused(&two_slots, "three").complains(["`student#3`, `teacher#2`: the accounts of 3 slots"]);
}

#[test]
fn the_only_slots_that_may_be_used() {
    let stage = stage(4);
    let ran = pairs(&stage).args("pair::a --exact --slot 2").run();
    ran.exits(3).says([
        "errored: this test needs 2 slots at once, one to run in and others for `student#2`",
        "slots 0, 1, 3: left out by --slot",
        "slot 2: can be used",
    ]);
    let ran = pairs(&stage).args("pair::a --exact --slot 2 --slot 1").run();
    assert_eq!(ran.exits(0).events.leased(), [1]);
    assert_eq!(stage.lines("used"), ["1 s1 s2"]);
}

#[test]
fn tests_are_selected_by_role_whichever_account_it_is() {
    let stage = stage(3);
    let ran = pairs(&stage).args("--role teacher").run();
    assert_eq!(ran.exits(0).names(), ["another_places_student", "three"]);
}

/// A test that found its slot taken gets it when it is free, also when others got theirs meanwhile.
#[test]
fn a_refused_slot_is_asked_for_again_though_another_was_had() {
    let stage = Stage::with(3, "");
    let holder = outcomes(&stage).args("place::stays --exact --slot 2").start();
    stage.until_lines("staying", 1);
    // Two tests: the first is pinned to slot 2, the other one to slot 0.
    let waiter = outcomes(&stage).args("place::pinned --workers 1").start();
    until("the other test has passed", || waiter.events().count("test_finished").eq(&1).then_some(()));
    stage.write("go", "");
    holder.wait().exits(0);
    waiter.wait().exits(0);
}
