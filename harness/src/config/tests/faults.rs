//! Every fault by its whole text: `faults.txt` has what was written and what is said about it.

use std::fmt::Write as _;

use super::{HUNTER2, parse};

struct Case<'a> {
    title: &'a str,
    environment: Vec<(&'a str, &'a str)>,
    text: String,
    expected: &'a str,
}

fn cases() -> Vec<Case<'static>> {
    let cases = include_str!("faults.txt").split("#### ").skip(1);
    let cases = cases.filter(|case| cfg!(feature = "mail-tls") || !case.starts_with("mail"));
    let cases = cases.map(|case| {
        let (title, rest) = case.split_once('\n').expect("a title");
        let (input, expected) = rest.split_once("====\n").expect("what is expected");
        let variable = |line: &'static str| line.strip_prefix("$ ")?.split_once('=');
        let environment = input.lines().filter_map(variable).collect();
        let text = input.split_inclusive('\n').filter(|line| !line.starts_with("$ ")).collect();
        Case { title, environment, text, expected: expected.trim_end() }
    });
    cases.collect()
}

#[test]
fn each_fault_says_what_where_and_what_instead() {
    let mut wrong = String::new();
    for case in cases() {
        let said = match parse(&case.text, &case.environment) {
            Ok(config) => format!("{config:?}"),
            Err(error) => error.to_string(),
        };
        if said != case.expected {
            writeln!(wrong, "#### {}\n{}====\n{said}\n", case.title, case.text).expect("memory");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn no_fault_shows_a_password() {
    let mut with_password = 0;
    for case in cases() {
        with_password += usize::from(case.text.contains(HUNTER2));
        let error = parse(&case.text, &case.environment).expect_err(case.title).to_string();
        assert!(!error.contains(HUNTER2), "{}: {error}", case.title);
    }
    assert!(with_password > 5);
}
