//! Slots among several runs: never two in one, and free as soon as their holder is dead.

use std::collections::BTreeSet;

use callboard_tests::{Ran, Stage, until};
use rustix::process::Signal;

use super::{outcomes, server};

/// Every run found its slots' ports free, and had the slots that it had in turn with the others.
fn all_passed(stage: &Stage, runs: &[Ran], tests: usize) {
    for ran in runs {
        ran.exits(0);
    }
    assert_eq!(stage.lines("occupied").len(), runs.len() * tests);
}

#[test]
fn eight_runs_at_once_never_share_a_port() {
    let stage = Stage::new();
    stage.configure(4, &format!("workers = \"4!\"\n[ports]\nsmtp = {}\n", stage.port(8)));
    let started: Vec<_> = (0..8).map(|_| outcomes(&stage).args("place::occupies").start()).collect();
    let ran: Vec<_> = started.into_iter().map(callboard_tests::Started::wait).collect();
    all_passed(&stage, &ran, 8);
    for ran in &ran {
        // A slot is taken when somebody else gave it back, and none is lost to a run of our own.
        assert_eq!(ran.events.count("slot_skipped"), 0, "{ran}");
    }
}

#[test]
fn two_checkouts_whose_ports_overlap_never_share_one() {
    let stage = Stage::with(4, "workers = \"4!\"\n");
    // Slot 0 of the other has the port of slot 2 of this one.
    let base = stage.port(2);
    let other = stage.write(
        "other/callboard.toml",
        &format!("[slots]\ncount = 4\nbase_port = {base}\nworkers = \"4!\"\n"),
    );
    let started: Vec<_> = (0..4)
        .flat_map(|_| {
            let of_other = outcomes(&stage).env("CALLBOARD_CONFIG", &other).current_dir("other");
            [outcomes(&stage).args("place::occupies").start(), of_other.args("place::occupies").start()]
        })
        .collect();
    let ran: Vec<_> = started.into_iter().map(callboard_tests::Started::wait).collect();
    all_passed(&stage, &ran, 8);
    let ports: BTreeSet<_> =
        stage.lines("occupied").iter().filter_map(|line| Some(line.split_once(' ')?.1.to_owned())).collect();
    assert!(ports.len() > 1, "{ports:?}");
}

#[test]
fn a_run_waits_for_the_slot_of_another_and_takes_it_when_it_is_free() {
    let stage = Stage::with(1, &server(""));
    let holder = outcomes(&stage).args("place::stays --exact").start();
    stage.until_lines("staying", 1);
    let waiter = outcomes(&stage).args("service::asks --exact").start();
    let holder_is_named = format!("process {}", holder.id());
    until("the waiting run says for whom it waits", || {
        let notices = waiter.events().of("notice").map(ToString::to_string).collect::<String>();
        notices.contains(&holder_is_named).then_some(())
    });
    stage.write("go", "");
    holder.wait().exits(0);
    let ran = waiter.wait();
    assert_eq!(ran.exits(0).events.leased(), [0]);
}

#[test]
fn the_wait_for_a_slot_has_an_end() {
    let stage = Stage::with(1, "lease_timeout = \"200ms\"\n");
    let holder = outcomes(&stage).args("place::stays --exact").start();
    stage.until_lines("staying", 1);
    let ran = outcomes(&stage).args("pass::plain").run();
    let process = format!("process {}", holder.id());
    ran.exits(3).says(["errored: ", "slots.lease_timeout", &process]);
    stage.write("go", "");
    holder.wait().exits(0);
}

#[test]
fn a_killed_run_frees_its_slots_at_once() {
    let stage = Stage::with(2, &server(""));
    let holder = outcomes(&stage).args("place::stays --workers 2!").start();
    stage.until_lines("staying", 2);
    holder.signal(Signal::KILL);
    assert!(holder.wait_for_any_end().status.code().is_none());
    // Without a pause: what the killed run's server does on the port is over when the slot is used.
    let ran = outcomes(&stage).args("service::asks --exact").run();
    assert_eq!(ran.exits(0).events.leased(), [0], "{ran}");
    assert_eq!(ran.events.count("slot_skipped"), 0, "{ran}");
    // The killed run's warden looks around for a moment longer.
    stage.until_empty();
}

#[test]
fn the_folder_of_leases_is_the_same_for_all_by_default() {
    let stage = Stage::with(1, "");
    let run = |test: &str| outcomes(&stage).without_env("CALLBOARD_LEASE_DIR").args(test);
    // Whatever TMPDIR says: two shells of one user often differ in it.
    let holder = run("place::stays --exact").env("TMPDIR", stage.dir()).start();
    stage.until_lines("staying", 1);
    let waiter = run("pass::plain").start();
    until("the other run is noticed", || (waiter.events().count("notice") > 0).then_some(()));
    stage.write("go", "");
    holder.wait().exits(0);
    waiter.wait().exits(0);
}
