//! Programs of others on the ports of slots.

use std::net::TcpListener;

use callboard_tests::Stage;

use super::{outcomes, server};

fn listen(port: u16) -> TcpListener {
    TcpListener::bind(("127.0.0.1", port)).expect("the port is free")
}

#[test]
fn a_slot_whose_port_is_taken_is_left_out_with_a_notice() {
    let stage = Stage::with(3, &server(""));
    let stranger = listen(stage.port(0));
    let ran = outcomes(&stage).args("pass:: --workers 3").run();
    let port = format!("port {} is used by process {}", stage.port(0), std::process::id());
    ran.exits(0).complains(["notice: slot 0 is not used: ", &port]);
    assert!(!ran.events.leased().contains(&0), "{ran}");
    assert_eq!(ran.events.count("slot_skipped"), 1);
    drop(stranger);
}

#[test]
fn named_ports_are_looked_at_as_well() {
    let stage = Stage::new();
    stage.configure(2, &format!("[ports]\nsmtp = {}\n", stage.port(8)));
    let stranger = listen(stage.port(8));
    let ran = outcomes(&stage).args("pass::").run();
    let port = format!("port {} is used by ", stage.port(8));
    ran.exits(0).complains(["slot 0 is not used: ", &port]);
    assert_eq!(ran.events.leased(), [1]);
    drop(stranger);
}

#[test]
fn without_any_slot_every_test_is_errored_with_the_reason() {
    let stage = Stage::with(2, &server(""));
    let strangers = [listen(stage.port(0)), listen(stage.port(1))];
    let ran = outcomes(&stage).args("pass::").run();
    let port = format!("port {} is used by process", stage.port(1));
    ran.exits(3).says(["errored: no slot is free", "slot 0: port", &port, ": 0 passed, 4 errored ("]);
    assert_eq!(ran.stdout.matches("errored: no slot is free").count(), 4, "{ran}");
    assert!(stage.lines("server.log").is_empty());
    drop(strangers);
}

#[test]
fn a_pinned_test_without_its_slot_is_errored_and_the_others_run() {
    let stage = Stage::with(2, "");
    let stranger = listen(stage.port(0));
    let ran = outcomes(&stage).args("place::pinned_to_the_first pass::").run();
    ran.exits(101).says(["errored: no slot is free", ": 4 passed, 1 errored ("]);
    assert!(!ran.stdout.contains("Nothing could be set up"), "{ran}");
    drop(stranger);
}

#[test]
fn the_only_slot_that_may_be_used() {
    let stage = Stage::with(4, "");
    let ran = outcomes(&stage).args("pass:: --slot 2").run();
    assert_eq!(ran.exits(0).events.leased(), [2]);
    let stranger = listen(stage.port(2));
    let ran = outcomes(&stage).args("pass::plain --slot 2").run();
    ran.exits(3).says(["slot 2: port", "left out by --slot"]);
    drop(stranger);
}
