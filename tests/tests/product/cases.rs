//! Cases: rows that are tests of their own.

use super::failures::failure;
use super::{authoring, authoring_stage};

#[test]
fn rows_are_listed_by_their_names() {
    let stage = authoring_stage(1, "");
    let ran = authoring(&stage).args("--list --format terse cases::lists_courses cases::depends").run();
    assert_eq!(
        ran.exits(0).stdout,
        "cases::depends::here: test\ncases::depends::here_too: test\ncases::lists_courses::archived: test\n\
         cases::lists_courses::case_3: test\ncases::lists_courses::draft: test\n"
    );
}

#[test]
fn each_row_has_its_values_and_its_role() {
    let stage = authoring_stage(1, "");
    let ran = authoring(&stage).args("cases::lists_courses cases::as_each").run();
    ran.exits(0).says(["5 passed; 0 failed"]);
    let sorted = |name: &str| {
        let mut lines = stage.lines(name);
        lines.sort_unstable();
        lines
    };
    assert_eq!(sorted("listed"), ["admin0 all 7", "instructor0 archived 0", "instructor0 draft 3"]);
    assert_eq!(sorted("each"), ["admin", "instructor"]);
    let of_admin = authoring(&stage).args("--role admin --skip skips::").run();
    assert_eq!(of_admin.exits(0).names(), ["cases::as_each::second", "cases::lists_courses::case_3"]);
}

#[test]
fn a_row_is_selected_by_its_name() {
    let stage = authoring_stage(1, "");
    let run = |line: &str| authoring(&stage).args(line).run();
    let draft = run("cases::lists_courses::draft --exact --nocapture --include-ignored");
    assert_eq!(draft.exits(0).results(), [("cases::lists_courses::draft", "ok")]);
    run("cases::lists_courses --exact").exits(0).started_nothing().says(["running 0 tests"]);
    assert_eq!(run("cases::lists_courses:: --skip case_3").exits(0).names().len(), 2);
}

#[test]
fn a_row_is_tried_again_by_itself_with_values_made_anew() {
    let stage = authoring_stage(2, "");
    let ran = authoring(&stage).args("cases::is_tried_again --workers 1").run();
    ran.exits(0).says([": 2 passed, 1 of them flaky ("]);
    assert_eq!(ran.events.slots_of("cases::is_tried_again::lucky").len(), 1);
    assert_eq!(ran.events.slots_of("cases::is_tried_again::unlucky").len(), 3);
    assert_eq!(stage.lines("values").len(), 3);
}

#[test]
fn a_row_without_a_place_of_its_own_fails_at_its_line() {
    let stage = authoring_stage(1, "");
    let ran = authoring(&stage).args("cases::is_not_zero cases::panics").run();
    ran.exits(101).says([": 2 passed, 3 failed ("]);
    for (row, line) in
        [("is_not_zero::bad", "28:9"), ("is_not_zero::worse", "29:9"), ("panics::in_value", "76:18")]
    {
        let text = failure(&ran, &format!("cases::{row}"));
        let first = text.lines().next().unwrap_or_default();
        assert!(first.starts_with(&format!("thread 'cases::{row}' panicked at ")), "{text}");
        assert!(first.ends_with(&format!("authoring/cases.rs:{line}:")), "{text}");
    }
}

#[test]
fn ignored_rows_are_shown_each() {
    let stage = authoring_stage(1, "");
    let ran = authoring(&stage).args("cases::ignored").run();
    assert_eq!(ran.exits(0).started_nothing().results().len(), 2);
    ran.says(["test cases::ignored::one ... ignored (all of it)\n"]);
    assert_eq!(authoring(&stage).args("cases::ignored --ignored").run().exits(0).names().len(), 2);
}
