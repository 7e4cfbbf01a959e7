//! The command line, as libtest has it, and what is printed.

use callboard_tests::{Ran, Stage};

use super::{many, outcomes};

#[test]
fn a_list_has_names_and_nothing_else_and_starts_nothing() {
    // No configuration, no folder of leases.
    let stage = Stage::new();
    let ran = outcomes(&stage).args("--list --format terse").run();
    ran.exits(0).started_nothing();
    assert_eq!(ran.stderr, "");
    let names: Vec<&str> = ran.stdout.lines().map(|line| line.strip_suffix(": test").expect(line)).collect();
    assert!(names.is_sorted(), "{names:?}");
    assert!(names.contains(&"fail::by_assert") && names.contains(&"attributes::ignored"), "{names:?}");
    assert!(!stage.dir().join("leases").exists());

    let many = many(&stage).args("--list --format terse").run();
    assert_eq!(many.exits(0).stdout.lines().count(), 1000);
}

#[test]
fn the_list_of_ignored_tests_has_only_these() {
    let stage = Stage::new();
    let ran = outcomes(&stage).args("--list --format terse --ignored").run();
    assert_eq!(
        ran.exits(0).stdout,
        "attributes::ignored: test\nattributes::ignored_and_failing: test\n\
         attributes::ignored_for_a_reason: test\ntext::ignored_for_signs: test\n"
    );
}

#[test]
fn a_list_is_filtered() {
    let stage = Stage::new();
    let list = |line: &str| outcomes(&stage).args("--list --format terse").args(line).run().stdout;
    assert_eq!(list("pass::plain --exact"), "pass::plain: test\n");
    assert_eq!(list("plain --exact"), "");
    assert_eq!(list("pass:: --skip with_ --skip asyn"), "pass::plain: test\n");
    assert_eq!(list("pass:: --skip pass::plain --exact"), "");
    assert_eq!(list("--tag slow"), "pass::with_string: test\n");
    assert_eq!(list("--role admin"), "cast::as_both: test\n");
    assert_eq!(list("attributes:: --exclude-should-panic --skip ignored"), "attributes::prints: test\n");
}

#[test]
fn a_filter_that_nothing_matches_starts_nothing_and_is_no_failure() {
    let stage = Stage::new();
    let ran = outcomes(&stage).args("no_such_test").run();
    ran.exits(0).started_nothing().says(["running 0 tests", "0 passed"]);
    assert!(!stage.dir().join("leases").exists());
    outcomes(&stage).args("--bench").run().exits(0).started_nothing();
    // All that are left are ignored: these are shown.
    let ran = outcomes(&stage).args("attributes::ignored").run();
    ran.exits(0).started_nothing().says(["ignored (needs a printer)"]);
}

#[test]
fn header_lines_and_summary() {
    let stage = Stage::with(3, "");
    let ran = outcomes(&stage).args("pass:: attributes::ignored_for --workers 2!").run();
    ran.exits(0).says([
        "Running 4 tests using 2 workers\n",
        "test attributes::ignored_for_a_reason ... ignored (needs a printer)\n",
        "5 tests in ",
        ": 4 passed, 1 skipped (2 workers, 2 slots)\n",
        "\nReport: ",
        "Events, logs and what failing tests left: ",
    ]);
    assert_eq!(ran.results().iter().filter(|(_, word)| *word == "ok").count(), 4, "{ran}");
    assert!(ran.stdout.starts_with("Running"), "{ran}");
    let folder = ran.stdout.lines().last().and_then(|line| line.rsplit(' ').next());
    assert!(stage.dir().join(folder.unwrap_or_default()).join("events.jsonl").is_file(), "{ran}");

    let one = outcomes(&stage).args("pass::plain").run();
    one.exits(0).says(["Running 1 test using 1 worker\n", "1 test in ", ": 1 passed (1 worker, 1 slot)"]);
}

#[test]
fn workers_above_the_slots_are_capped_with_a_notice() {
    let stage = Stage::with(2, "");
    let ran = outcomes(&stage).args("pass:: --workers 9").run();
    ran.exits(0).says(["using 2 workers"]).complains(["9 workers asked for", "2 slots", "callboard.toml:2"]);
}

#[test]
fn threads_are_workers() {
    let stage = Stage::with(4, "");
    outcomes(&stage).args("pass:: --test-threads 1").run().exits(0).says(["using 1 worker\n"]);
    outcomes(&stage).args("pass:: --test-threads=3").run().exits(0).says(["using 3 workers\n"]);
    let by_variable = || outcomes(&stage).env("RUST_TEST_THREADS", "3");
    by_variable().args("pass::").run().exits(0).says(["using 3 workers\n"]);
    by_variable().args("pass:: --test-threads 2").run().exits(0).says(["using 2 workers\n"]);
    let ran = outcomes(&stage).args("pass::").env("RUST_TEST_THREADS", "some").run();
    ran.exits(2).started_nothing().complains(["RUST_TEST_THREADS", "some"]);
}

#[test]
fn one_worker_runs_in_the_order_of_names() {
    let stage = Stage::with(2, "");
    let ran = many(&stage).args("h3:: --workers 1").run();
    let started = ran.exits(0).events.started();
    assert_eq!(started.len(), 100);
    assert!(started.is_sorted(), "{started:?}");
    assert_eq!(ran.events.leased(), [0]);
}

#[test]
fn a_seed_gives_the_same_order_again() {
    let stage = Stage::with(2, "");
    let order = |line: &str| {
        let ran = many(&stage).args("h1::t1 h2::t2 --workers 1").args(line).run();
        ran.exits(0);
        let seed = ran.events.0[0]["shuffle_seed"].as_u64();
        (ran.events.started().iter().map(ToString::to_string).collect::<Vec<_>>(), seed, ran.stdout)
    };
    let (first, seed, shown) = order("--shuffle");
    let seed = seed.expect("a shuffled run has a seed");
    assert!(!first.is_sorted(), "{first:?}");
    assert!(shown.contains(&format!("--shuffle-seed {seed}")), "{shown}");
    let (again, _, _) = order(&format!("--shuffle --shuffle-seed {seed}"));
    assert_eq!(first, again);
    let (with_seed_alone, _, _) = order(&format!("--shuffle-seed={seed}"));
    assert_eq!(first, with_seed_alone);
    let (other, _, _) = order(&format!("--shuffle-seed {}", seed + 1));
    assert_ne!(first, other);
    let (by_name, none, _) = order("");
    assert!(by_name.is_sorted() && none.is_none(), "{by_name:?}");
}

#[test]
fn quietly_a_character_a_test() {
    let stage = Stage::with(2, "");
    let ran = many(&stage).args("h0::t0 -q").run();
    let dots = ran.exits(0).stdout.lines().find(|line| line.contains('.')).unwrap_or_default();
    assert_eq!(dots, "..........", "{ran}");
    assert!(ran.names().is_empty() && !ran.stdout.contains("Running"), "{ran}");
}

#[test]
fn results_go_to_a_logfile() {
    let stage = Stage::with(2, "");
    let file = stage.dir().join("log.txt");
    let ran = outcomes(&stage).args("pass::plain --logfile").args(&file.display().to_string()).run();
    ran.exits(0);
    let log = std::fs::read_to_string(file).expect("the log file");
    assert!(log.contains("test pass::plain"), "{log}");
    assert_eq!(ran.stdout, "");
}

#[test]
fn colors_when_they_are_asked_for() {
    let stage = Stage::with(2, "");
    let ran = outcomes(&stage).args("pass::plain --color always").run();
    assert!(ran.exits(0).stdout.contains("\u{1b}["), "{ran}");
    let ran = outcomes(&stage).args("pass::plain").run();
    assert!(!ran.exits(0).stdout.contains("\u{1b}["), "{ran}");
}

#[test]
fn the_time_of_each_test_when_it_is_asked_for() {
    let stage = Stage::with(2, "");
    let run = |line: &str| {
        let tests = "pass:: fail::by_new fail::by_panic attributes::ignored -Z unstable-options";
        outcomes(&stage).args(tests).args(line).run()
    };
    // As libtest has it: in the line of each test, and nowhere else anything but what is printed without.
    let (timed, plain) = (run("--report-time"), run(""));
    let time = |line: &str| {
        let time = line.rsplit_once(" <").and_then(|(_, time)| time.strip_suffix("s>"));
        time.is_some_and(|time| {
            time.parse::<f64>().is_ok_and(|_| time.split_once('.').is_some_and(|(_, rest)| rest.len() == 3))
        })
    };
    for line in
        timed.exits(101).stdout.lines().filter(|line| line.starts_with("test ") && line.contains(" ... "))
    {
        assert_eq!(time(line), !line.contains(" ... ignored"), "{line}");
    }
    let results = |ran: &Ran| {
        let lines = ran.stdout.lines().filter(|line| line.starts_with("test ") || line.starts_with("----"));
        let known = |line: &str| {
            let line = line.split_once("; finished in ").map_or(line, |(line, _)| line);
            line.split_once(" <").map_or(line, |(line, _)| line).to_owned()
        };
        lines.map(known).collect::<std::collections::BTreeSet<_>>()
    };
    assert_eq!(results(&timed), results(&plain));
    assert!(!timed.stdout.contains("Time of each test"), "{timed}");
    // Where tests have no lines.
    let dots = run("--report-time --reporter dot");
    let (_, list) = dots.exits(101).stdout.split_once("Time of each test:\n").expect("a list");
    let mut list = list.lines().take_while(|line| !line.is_empty());
    assert!(list.any(|line| line.ends_with(" ms  pass::plain")), "{dots}");
}

#[test]
fn help_names_the_options_and_starts_nothing() {
    let stage = Stage::new();
    let ran = outcomes(&stage).args("--help").run();
    ran.exits(0).started_nothing().says(["--exact", "--workers", "--retries", "--slot", "--shuffle-seed"]);
    ran.says(["--repeat-each <N>", "--max-failures <N>", "-x, --fail-fast", "--last-failed"]);
}

#[test]
fn a_wrong_command_line_is_explained_and_starts_nothing() {
    let stage = Stage::with(2, "");
    for (line, word) in [
        ("--nonsense", "--nonsense"),
        ("--test-threads 0", "--test-threads"),
        ("--workers many", "many"),
        ("--workers 0!", "exactly so many"),
        ("--workers x!", "`!` after it"),
        ("--format xml", "xml"),
        ("--shard 1", "--shard"),
    ] {
        outcomes(&stage).args(line).run().exits(2).started_nothing().complains([word]);
    }
    let ran = outcomes(&stage).args("pass:: --slot 7").run();
    ran.exits(2).started_nothing().complains(["slot 7", "0 to 1"]);
}

#[test]
fn a_tag_or_a_slot_selects() {
    let stage = Stage::with(4, "");
    let ran = outcomes(&stage).args("--tag smoke --slot 3").run();
    assert_eq!(ran.exits(0).names(), ["pass::with_result", "pass::with_string"]);
    assert_eq!(ran.events.leased(), [3]);
}
