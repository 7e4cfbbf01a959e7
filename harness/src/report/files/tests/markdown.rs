use super::super::markdown::{Column, render};
use super::{HOSTILE, RUN, hostile, run};

/// Every row of a table has the cells that its head has, and no text of a test is anything but code.
pub(super) fn check(text: &str) {
    let cells = |line: &str| line.matches('|').count();
    let mut head = None;
    for line in text.lines() {
        if !line.starts_with('|') {
            head = None;
            continue;
        }
        let expected = *head.get_or_insert_with(|| cells(line));
        assert_eq!(cells(line), expected, "{line}\nin\n{text}");
    }
    let outside: String = text
        .split("<code>")
        .map(|part| part.split_once("</code>").map_or(part, |(_, after)| after))
        .flat_map(|part| part.split('`').step_by(2))
        .collect();
    let outside = outside.replace("<br>", "");
    assert!(!outside.contains(['<', '@', '[', '\\']), "{outside}");
    let ends = text.trim_end().lines().next_back().unwrap_or_default();
    assert!(ends.starts_with("- "), "it ends with its conclusion: {ends}");
}

#[test]
fn a_run_of_everything() {
    let text = render(&run(RUN).1, &[], usize::MAX);
    check(&text);
    insta::assert_snapshot!(text);
}

#[test]
fn nothing_that_is_said_breaks_a_table() {
    let text = render(&run(&hostile(RUN)).1, &[], usize::MAX);
    check(&text);
    assert!(!text.contains("<script") && HOSTILE.contains("<script"), "{text}");
    // Of what can stand in code as it is, nothing is lost.
    let events = RUN.replace("instructor::saves", "<script>alert(1)</script> *é日🦀* [x](y) @octocat #1");
    let text = render(&run(&events).1, &[], usize::MAX);
    check(&text);
    assert!(text.contains("`<script>alert(1)</script> *é日🦀* [x](y) @octocat #1`"), "{text}");
}

#[test]
fn a_diagnosis_can_add_what_it_knows() {
    let alone = Column {
        title: "Fails Individually?",
        cell: &|test| {
            if test.attempts.len() > 1 { "✅ YES".to_owned() } else { "❌ NO (PASSES)".to_owned() }
        },
    };
    let text = render(&run(RUN).1, &[alone], usize::MAX);
    check(&text);
    assert!(text.contains("| Test Name | Result | Fails Individually? | Failure Type |"), "{text}");
    assert!(text.contains("| `admin::deletes` | ❌ failed, 2 attempts | ✅ YES |"), "{text}");
}

#[test]
fn where_there_is_no_room_it_says_how_much_is_missing() {
    let failed = |number: usize| {
        format!(
            "{{\"at_us\":9,\"event\":\"attempt_finished\",\"test\":\"many::t{number}\",\"attempt\":1,\"outcome\":\"failed\",\"problem\":{{\"outcome\":\"failed\",\"message\":\"{}\"}},\"took_us\":1}}\n{{\"at_us\":9,\"event\":\"test_finished\",\"test\":\"many::t{number}\",\"outcome\":\"failed\",\"flaky\":false,\"attempts\":1}}\n",
            "no ".repeat(100)
        )
    };
    let events = format!("{}\n{}", RUN.lines().next().unwrap(), (0..1000).map(failed).collect::<String>());
    let text = render(&run(&events).1, &[], 64 << 10);
    check(&text);
    assert!(text.len() < 64 << 10 && text.len() > 32 << 10, "{}", text.len());
    let rows = text.lines().filter(|line| line.starts_with("| `many")).count();
    assert!(text.contains(&format!("There is no room for {} more.", 1000 - rows)), "{rows}");
    assert!(text.contains("0% (0/1000) pass rate"));
}

#[test]
fn all_of_nearly_all_is_not_all() {
    let one = |number: usize, outcome: &str| {
        format!(
            "{{\"at_us\":9,\"event\":\"test_finished\",\"test\":\"t{number}\",\"outcome\":\"{outcome}\",\"flaky\":false,\"attempts\":1}}\n"
        )
    };
    let passed: String = (0..999).map(|number| one(number, "passed")).collect();
    let events = format!("{}\n{passed}{}", RUN.lines().next().unwrap(), one(999, "failed"));
    assert!(render(&run(&events).1, &[], usize::MAX).contains("99% (999/1000) pass rate"));
}
