//! What follows from an analysis: categories, what is to be learnt, what to do first.

use std::fmt::Write;

use super::{cause, escaped};
use crate::diagnose::infer::{Blame, Class};
use crate::diagnose::report::document::Document;
use crate::diagnose::report::failure::Failure;

const CATEGORIES: [(&str, &[Class]); 6] = [
    ("Application bugs, or data that is missing everywhere", &[Class::Deterministic]),
    ("Data or accounts of single slots", &[Class::Slot]),
    ("Concurrency: only when others run at the same time", &[Class::Overlap]),
    ("Order: what one test leaves, another one finds", &[Class::Order, Class::Brittle]),
    ("Timing: only on a busy machine", &[Class::Load]),
    ("Chance and surroundings", &[Class::Random, Class::Surroundings]),
];

/// Which kinds of causes there are, with how many tests each.
pub(super) fn categories(document: &Document, text: &mut String) {
    if document.failures.is_empty() {
        return;
    }
    let _ = writeln!(text, "---\n\n## Failure Categories\n");
    let mut number = 0;
    for (title, classes) in CATEGORIES {
        let of_it: Vec<&Failure> = document
            .failures
            .iter()
            .filter(|failure| failure.is_claimed() && classes.contains(&failure.class()))
            .collect();
        if of_it.is_empty() {
            continue;
        }
        number += 1;
        let s = if of_it.len() == 1 { "" } else { "s" };
        let _ = writeln!(text, "### Category {number}: {title} ({} test{s})\n", of_it.len());
        for failure in of_it {
            let _ = writeln!(text, "* `{}`: {}", escaped(failure.test.as_str()), escaped(&cause(failure)));
        }
        let _ = writeln!(text);
    }
}

/// What the failures that have a claim come to, one sentence for each thing that is so.
pub(super) fn insights(document: &Document, text: &mut String) {
    let claimed: Vec<&Failure> = document.failures.iter().filter(|failure| failure.is_claimed()).collect();
    if claimed.is_empty() {
        return;
    }
    let _ = writeln!(text, "---\n\n## Key Insights\n");
    let names = |is: &dyn Fn(&Failure) -> bool| -> Vec<String> {
        let of_it = claimed.iter().filter(|failure| is(failure));
        of_it.map(|failure| format!("`{}`", escaped(failure.test.as_str()))).collect()
    };
    let mut number = 0;
    let mut say = |title: &str, tests: Vec<String>, sentence: &str| {
        if !tests.is_empty() {
            number += 1;
            let _ = writeln!(text, "### {number}. {title} ({} of {})\n", tests.len(), claimed.len());
            let _ = writeln!(text, "{sentence}: {}.\n", tests.join(", "));
        }
    };
    say(
        "Bugs of the product",
        names(&|one| one.blame == Some(Blame::Product)),
        "Confirmed between different accounts, with an error of the server's own, and not made by a busy machine alone",
    );
    say(
        "Found by running in parallel, and by nothing else",
        names(&|one| one.class() == Class::Overlap && one.alone.failed == 0 && one.alone.attempts > 0),
        "Alone, each of these passed every time",
    );
    say(
        "Visible without running anything in parallel",
        names(&|one| one.alone.failed > 0),
        "These failed alone as well",
    );
    say(
        "Faults of the tests' own surroundings",
        names(&|one| {
            one.blame == Some(Blame::Isolation)
                || matches!(one.class(), Class::Slot | Class::Order | Class::Brittle)
        }),
        "Accounts, data or order of the tests decide, not what a user meets",
    );
    let open = document.failures.len() - claimed.len();
    if open > 0 {
        let s = if open == 1 { "" } else { "s" };
        let _ = writeln!(text, "Of {open} more failure{s} nothing is claimed.\n");
    }
}

/// What to do about it, in which order.
pub(super) fn recommendations(document: &Document, text: &mut String) {
    let claimed: Vec<&Failure> = document.failures.iter().filter(|failure| failure.is_claimed()).collect();
    if claimed.is_empty() {
        return;
    }
    let _ = writeln!(text, "---\n\n## Recommendations\n");
    let advice: [(&str, &[Class], &str); 5] = [
        (
            "what fails always",
            &[Class::Deterministic, Class::Slot],
            "can be seen at any time, with one test in one slot: the cheapest to mend. Where another slot or a fresh seed cures it, the data is wrong; else the application or the test is",
        ),
        (
            "what fails only beside others",
            &[Class::Overlap],
            "users do the same things at the same moment. A `group` for both tests would make the suite pass, and hide it",
        ),
        (
            "what one test leaves for another",
            &[Class::Order, Class::Brittle],
            "each test should make what it needs, and the slot be reset in between (`[reset] when = \"after-each\"`), unless users would trip over it as well",
        ),
        (
            "what fails on a busy machine",
            &[Class::Load],
            "wait for what the page shows when it is ready, not for as long as it takes at home",
        ),
        (
            "what fails by chance",
            &[Class::Random, Class::Surroundings],
            "look at the first difference between an attempt that passed and one that failed (`--trace retain-on-failure`)",
        ),
    ];
    let mut priority = 0;
    for (what, classes, how) in advice {
        let of_it: Vec<String> = claimed
            .iter()
            .filter(|failure| classes.contains(&failure.class()))
            .map(|failure| format!("`{}`", escaped(failure.test.as_str())))
            .collect();
        if of_it.is_empty() {
            continue;
        }
        priority += 1;
        let _ = writeln!(text, "### Priority {priority}: {what}\n\n{}: {how}.\n", of_it.join(", "));
    }
}
