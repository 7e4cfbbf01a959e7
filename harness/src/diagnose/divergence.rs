//! Where attempts that failed began to differ from those that passed: steps, pages, requests, what the server logged.
//!
//! What all attempts of a test have in common explains nothing. What failed attempts have and none that passed has is where to
//! look, and of that the earliest: the rest is what came of it.

use std::collections::BTreeMap;

use serde::Serialize;

use super::signature;
use crate::model::{StepResult, is_write};
use crate::story::AttemptStory;

/// So many differences are told.
const MOST: usize = 6;

/// Something by which attempts that failed differ from all that passed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Divergence {
    pub(crate) at: Where,
    /// What happened, or did not, without what differs from attempt to attempt: `GET /api/dashboard: 409`.
    pub(crate) what: String,
    /// How long after the beginning of an attempt, in microseconds: the median of those that failed, or of those that passed for what the failed ones
    /// lack. Nothing where that is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) at_us: Option<u64>,
    /// In how many of the failed attempts it is so.
    pub(crate) in_failed: u32,
    /// How many failed attempts were looked at.
    pub(crate) failed: u32,
    /// How many attempts were looked at that passed: it is so in none of them.
    pub(crate) passed: u32,
}

/// Where attempts differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Where {
    /// A step of the test failed.
    Step,
    /// A request had another answer, or was made at all.
    Request,
    /// A page had another problem.
    Page,
    /// The server logged it.
    Log,
    /// Those that passed made a request that the failed ones did not.
    Missing,
}

impl Where {
    /// The words in front of what happened.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Step => "the step fails",
            Self::Request => "the request",
            Self::Page => "on a page",
            Self::Log => "in the server's log",
            Self::Missing => "what is not asked for",
        }
    }
}

/// By what the attempts that failed differ from all that passed, the earliest first. Nothing where none passed: there is nothing to
/// compare with.
pub(super) fn divergences(failed: &[&AttemptStory], passed: &[&AttemptStory]) -> Vec<Divergence> {
    if failed.is_empty() || passed.is_empty() {
        return Vec::new();
    }
    let marks_of = |attempts: &[&AttemptStory]| attempts.iter().map(|one| marks(one)).collect::<Vec<_>>();
    let (in_failed, in_passed) = (marks_of(failed), marks_of(passed));
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    let found = |at: Where, what: &str, with: &[Marks], without: &[Marks], least: usize| {
        let key = (at, what.to_owned());
        let times: Vec<Option<u64>> = with.iter().filter_map(|marks| marks.get(&key).copied()).collect();
        let is_in_none = without.iter().all(|marks| !marks.contains_key(&key));
        (times.len() >= least && is_in_none).then(|| (times.len(), median(times)))
    };
    let signs = |all: &[Marks]| {
        let mut signs: Vec<(Where, String)> = all.iter().flat_map(|marks| marks.keys().cloned()).collect();
        signs.sort_unstable();
        signs.dedup();
        signs
    };
    let mut told = Vec::new();
    for (at, what) in signs(&in_failed) {
        // What a few of them have explains the others not.
        if let Some((times, at_us)) = found(at, &what, &in_failed, &in_passed, failed.len().div_ceil(2)) {
            let (in_failed, failed, passed) = (count(times), count(failed.len()), count(passed.len()));
            told.push(Divergence { at, what, at_us, in_failed, failed, passed });
        }
    }
    // What all that passed asked for and no failed one did is what did not come to be: told where nothing else is.
    if told.is_empty() {
        for (at, what) in signs(&in_passed).into_iter().filter(|(at, _)| *at == Where::Request) {
            if let Some((_, at_us)) = found(at, &what, &in_passed, &in_failed, passed.len()) {
                let (failed, passed) = (count(failed.len()), count(passed.len()));
                told.push(Divergence { at: Where::Missing, what, at_us, in_failed: failed, failed, passed });
            }
        }
    }
    told.sort_by(|a, b| {
        let rank = |one: &Divergence| (one.at_us.is_none(), one.at_us, one.at);
        rank(a).cmp(&rank(b)).then_with(|| a.what.cmp(&b.what))
    });
    told.truncate(MOST);
    told
}

/// What happened in an attempt, and when first, in microseconds since it began.
type Marks = BTreeMap<(Where, String), Option<u64>>;

fn marks(attempt: &AttemptStory) -> Marks {
    let mut marks = Marks::new();
    let mut add = |at: Where, what: String, at_us: Option<u64>| {
        let first = marks.entry((at, what)).or_insert(at_us);
        *first = (*first).min(at_us).or(*first);
    };
    for step in &attempt.steps {
        if let Some((StepResult::Failed, took_us)) = step.end {
            let at_us = step.started_us.saturating_sub(attempt.started_us) + took_us;
            add(Where::Step, format!("\"{}\"", signature::normal(&step.title)), Some(at_us));
        }
    }
    for request in &attempt.requests {
        let status = request.status.map_or_else(|| "no answer".to_owned(), |status| status.to_string());
        add(Where::Request, format!("{}: {status}", request.target()), Some(request.at_us));
    }
    for problem in &attempt.page_problems {
        // What has an answer is among the requests.
        if problem.request.as_ref().is_some_and(|one| one.status.is_some() || is_write(&one.method)) {
            continue;
        }
        let said = problem.text.lines().next().unwrap_or_default();
        add(
            Where::Page,
            format!("{}: {}", problem.kind.words(), signature::normal(said)),
            Some(problem.at_us),
        );
    }
    for line in &attempt.trouble {
        add(Where::Log, signature::normal(line), None);
    }
    marks
}

fn median(times: Vec<Option<u64>>) -> Option<u64> {
    let mut times: Vec<u64> = times.into_iter().flatten().collect();
    times.sort_unstable();
    times.get(times.len() / 2).copied()
}

/// What a database says of itself in a line: `SQLSTATE 40P01`, or the condition in words.
pub(super) fn sql_state(line: &str) -> Option<String> {
    const WORDS: [(&str, &str); 9] = [
        ("violates unique constraint", "SQLSTATE 23505 (unique constraint)"),
        ("violates foreign key constraint", "SQLSTATE 23503 (foreign key constraint)"),
        ("violates check constraint", "SQLSTATE 23514 (check constraint)"),
        ("violates not-null constraint", "SQLSTATE 23502 (not-null constraint)"),
        ("could not serialize access", "SQLSTATE 40001 (serialization failure)"),
        ("deadlock", "SQLSTATE 40P01 (deadlock)"),
        ("unique constraint failed", "SQLITE_CONSTRAINT (unique constraint)"),
        ("constraint failed", "SQLITE_CONSTRAINT"),
        ("database is locked", "SQLITE_BUSY"),
    ];
    let upper = line
        .split("SQLSTATE")
        .nth(1)
        .map(|rest| rest.trim_start_matches([' ', ':', '=', '[', '(', '"', '\'']));
    let code: Option<String> =
        upper.map(|rest| rest.chars().take_while(char::is_ascii_alphanumeric).collect());
    if let Some(code) = code.filter(|code| code.len() == 5) {
        return Some(format!("SQLSTATE {code}"));
    }
    let small = line.to_lowercase();
    WORDS.iter().find(|(words, _)| small.contains(words)).map(|(_, state)| (*state).to_owned())
}

/// Whether such a state says that something was not as it must always be.
pub(super) fn is_broken_invariant(state: &str) -> bool {
    state.contains("constraint") || state.contains("CONSTRAINT") || state.starts_with("SQLSTATE 23")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{PageProblem, PageProblemKind, SentRequest};
    use crate::story::StepStory;

    fn attempt(requests: &[(&str, u16, u64)]) -> AttemptStory {
        let request = |(target, status, at_us): &(&str, u16, u64)| {
            let (method, path) = target.split_once(' ').unwrap();
            let (method, path) = (method.to_owned(), path.to_owned());
            SentRequest { method, path, status: Some(*status), at_us: *at_us, times: 1 }
        };
        AttemptStory { requests: requests.iter().map(request).collect(), ..AttemptStory::new(1, 1_000) }
    }

    fn told(failed: &[AttemptStory], passed: &[AttemptStory]) -> Vec<String> {
        let (failed, passed): (Vec<_>, Vec<_>) = (failed.iter().collect(), passed.iter().collect());
        let said = divergences(&failed, &passed);
        said.iter()
            .map(|one| format!("{} {} {}/{}", one.at.words(), one.what, one.in_failed, one.failed))
            .collect()
    }

    #[test]
    fn the_earliest_that_no_passed_attempt_has_comes_first() {
        let mut failed =
            attempt(&[("POST /a", 201, 5), ("POST /register", 500, 900), ("GET /dashboard", 409, 300)]);
        failed.steps.push(StepStory {
            id: 1,
            parent: None,
            title: "registers as 7".to_owned(),
            started_us: 1_400,
            end: Some((StepResult::Failed, 2_000)),
        });
        failed.trouble.push("12:01 ERROR database is locked".to_owned());
        let passed = attempt(&[("POST /a", 201, 9), ("POST /register", 201, 400)]);
        assert_eq!(
            told(&[failed.clone(), failed], &[passed]),
            [
                "the request GET /dashboard: 409 2/2",
                "the request POST /register: 500 2/2",
                "the step fails \"registers as #\" 2/2",
                "in the server's log #:# ERROR database is locked 2/2"
            ]
            .map(|line| line.replace("#:#", &signature::normal("12:01")))
        );
    }

    #[test]
    fn what_few_failed_attempts_have_or_a_passed_one_too_is_no_difference() {
        let (odd, usual) = (attempt(&[("GET /odd", 500, 1)]), attempt(&[("GET /usual", 404, 1)]));
        let failed = [odd, usual.clone(), usual.clone()];
        assert_eq!(told(&failed, std::slice::from_ref(&usual)), Vec::<String>::new());
        assert_eq!(told(&failed, &[]), Vec::<String>::new());
    }

    #[test]
    fn what_did_not_come_to_be_is_told_where_nothing_else_is() {
        let passed = [attempt(&[("POST /a", 201, 5), ("POST /b", 201, 9)]), attempt(&[("POST /a", 201, 5)])];
        assert_eq!(told(&[attempt(&[])], &passed), ["what is not asked for POST /a: 201 1/1"]);
    }

    #[test]
    fn a_page_has_its_problems_and_requests_with_an_answer_are_told_once() {
        let mut failed = attempt(&[("GET /x", 409, 1)]);
        failed.page_problems.push(PageProblem {
            kind: PageProblemKind::Exception,
            text: "TypeError: row 7 is undefined".to_owned(),
            page: String::new(),
            source: None,
            stack: Vec::new(),
            request: None,
            at_us: 4,
            times: 1,
            steps: Vec::new(),
        });
        assert_eq!(
            told(&[failed], &[attempt(&[])]),
            ["the request GET /x: 409 1/1", "on a page exception: TypeError: row # is undefined 1/1"]
        );
    }

    #[test]
    fn databases_say_what_is_wrong() {
        for (line, state) in [
            ("[SQLSTATE 40P01] deadlock detected", Some("SQLSTATE 40P01")),
            ("SQLSTATE=23505", Some("SQLSTATE 23505")),
            (
                "duplicate key value violates unique constraint \"u\"",
                Some("SQLSTATE 23505 (unique constraint)"),
            ),
            (
                "ERROR database: UNIQUE constraint failed: users.email",
                Some("SQLITE_CONSTRAINT (unique constraint)"),
            ),
            ("ERROR database: database is locked", Some("SQLITE_BUSY")),
            ("WARN mail was refused", None),
        ] {
            assert_eq!(sql_state(line).as_deref(), state, "{line}");
        }
        assert!(
            is_broken_invariant("SQLSTATE 23505 (unique constraint)")
                && is_broken_invariant("SQLSTATE 23514")
        );
        assert!(!is_broken_invariant("SQLITE_BUSY") && !is_broken_invariant("SQLSTATE 40P01"));
    }
}
