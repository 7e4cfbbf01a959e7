//! The processes that tests run in: what a test does to its own is nobody else's affair.

use std::collections::BTreeSet;

use callboard_tests::{Ran, Stage};
use rustix::process::Signal;

use super::failures::failure;
use super::rough;

/// The workers of all attempts, in the order in which these began.
fn workers(ran: &Ran) -> Vec<u64> {
    ran.events.of("attempt_started").filter_map(|event| event["worker"].as_u64()).collect()
}

#[test]
fn whatever_ends_its_process_costs_that_attempt_alone() {
    let stage = Stage::with(1, "");
    let ran = rough(&stage).args("ends::").run();
    ran.exits(101).says(["8 tests in ", ": 0 passed, 8 crashed ("]);
    for (test, why) in [
        ("by_abort", "was ended by SIGABRT during the test"),
        (
            "by_exit_in_a_step",
            "exited with status 0 during the test: something in the test ended its process",
        ),
        ("by_abort_with_a_child_that_holds_all_it_had", "was ended by SIGABRT during the test"),
        ("by_status", "exited with status 7 during the test"),
        ("by_signal", "was ended by SIGKILL during the test"),
        ("by_stack_overflow", "was ended by SIGABRT during the test"),
        ("by_segmentation_fault", "was ended by SIGSEGV during the test"),
        ("by_lack_of_memory", "was ended by SIGABRT during the test"),
    ] {
        let text = failure(&ran, &format!("ends::{test}"));
        let whole = format!("crashed: the worker process of the slot {why}");
        assert!(text.contains(&whole), "{test}: {text}");
        assert!(
            text.starts_with(&format!("thread 'ends::{test}' panicked at tests/consumers/rough.rs:")),
            "{text}"
        );
    }
    assert!(failure(&ran, "ends::by_abort").ends_with("\n  it printed:\nlast words"), "{ran}");
    ran.says(["has overflowed its stack", "memory allocation of "]);
    assert!(
        failure(&ran, "ends::by_exit_in_a_step").contains("in step \"says good bye\" > \"and goes\""),
        "{ran}"
    );
    assert_eq!(ran.events.of("step_finished").filter(|event| event["result"] == "cancelled").count(), 2);
    assert_eq!(workers(&ran).into_iter().collect::<BTreeSet<_>>().len(), 8);
    assert_eq!(ran.events.leased(), [0]);
    stage.until_empty();
}

#[test]
fn a_crash_is_tried_again_as_any_failure_is() {
    let stage = Stage::with(1, "");
    let ran = rough(&stage).args("ends::by_status --retries 2").run();
    ran.exits(101).says([": 0 passed, 1 crashed ("]);
    let outcomes: Vec<_> = ran.events.of("attempt_finished").map(|event| event["outcome"].clone()).collect();
    assert_eq!(outcomes, ["crashed"; 3]);
}

#[test]
fn what_a_test_leaves_in_its_process_is_not_there_for_the_next() {
    let stage = Stage::with(1, "");
    let ran = rough(&stage).args("leaves:: --test-threads 1").run();
    ran.exits(101).says([": 3 passed, 1 failed ("]);
    assert!(failure(&ran, "leaves::d_prints_all_the_same").ends_with("it printed:\nheard"), "{ran}");
    let workers = workers(&ran);
    assert!(workers[0] < workers[1], "it is another process after {workers:?}");
}

#[test]
fn a_test_that_hangs_is_ended_wherever_it_hangs() {
    let stage = Stage::with(3, "");
    let ran = rough(&stage).args("hangs::in_").run();
    ran.exits(101).says([": 0 passed, 3 timed out ("]);
    let in_a_loop = failure(&ran, "hangs::in_a_loop");
    assert!(
        in_a_loop.contains("it blocks its thread. Its worker process was ended\nits thread was here:"),
        "{ran}"
    );
    assert!(in_a_loop.contains("hangs::_::in_a_loop\n      at "), "{in_a_loop}");
    let in_the_kernel = failure(&ran, "hangs::in_the_kernel");
    assert!(in_the_kernel.contains("hangs::_::in_the_kernel\n      at "), "{in_the_kernel}");
    let in_tear_down = failure(&ran, "hangs::in_its_own_tear_down");
    assert!(in_tear_down.contains("the tear-down did not end within 15s"), "{in_tear_down}");
    assert!(in_tear_down.contains("consumer_rough::block::"), "{in_tear_down}");
}

#[test]
fn a_set_up_that_blocks_its_thread_is_ended_too() {
    let stage = Stage::with(1, "");
    let ran = rough(&stage).args("hangs::before --fixture-timeout 1s --sign-in-timeout 1s").run();
    ran.exits(101).says([": 0 passed, 1 timed out ("]);
    let text = failure(&ran, "hangs::before_it_begins");
    assert!(
        text.contains("the set-up of the test blocks its thread. Its worker process was ended"),
        "{text}"
    );
    assert!(text.contains("consumer_rough::parked\n      at "), "{text}");
}

#[test]
fn an_interrupted_run_cancels_its_tests_and_lets_them_tear_down() {
    let stage = Stage::with(1, "");
    let started = rough(&stage).args("hangs::until").start();
    stage.until_lines("waiting", 1);
    started.signal(Signal::INT);
    let ran = started.wait();
    ran.exits(130).says(["Interrupted.\n", "1 did not run"]);
    assert_eq!(stage.lines("torn-down"), ["yes"]);
    assert_eq!(ran.events.count("attempt_cancelled"), 1);
    assert_eq!(ran.events.count("attempt_finished"), 0);
}

#[test]
fn a_test_that_cannot_be_cancelled_is_ended_with_the_run() {
    let stage = Stage::with(1, "");
    let started = rough(&stage).args("hangs::and_cannot").start();
    stage.until_lines("blocked", 1);
    started.signal(Signal::TERM);
    let ran = started.wait();
    ran.exits(130).says(["Interrupted.\n", "1 did not run"]);
    assert_eq!(ran.events.count("attempt_cancelled"), 1);
}

#[test]
fn a_second_signal_ends_the_run_at_once() {
    let stage = Stage::with(1, "");
    let started = rough(&stage).args("hangs::and_cannot").start();
    stage.until_lines("blocked", 1);
    started.signal(Signal::INT);
    started.signal(Signal::TERM);
    let ran = started.wait();
    ran.exits(130).says(["Interrupted.\n"]);
    // Nobody has waited for the test to be cancelled, which this one never is.
    assert_eq!(ran.events.count("attempt_cancelled"), 0);
}

#[test]
fn a_worker_is_no_command_for_people() {
    let stage = Stage::new();
    let ran = rough(&stage).args("--callboard-worker").run();
    ran.exits(2).complains(["--callboard-worker is how a run starts its workers, and not for use by hand"]);
}
