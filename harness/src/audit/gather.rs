//! What the accounts have answered, from the story of the run.

use std::collections::{BTreeMap, BTreeSet};

use super::checks::{Check, Checks, SIGN_IN};
use super::compare::{Answer, Question, Whose};
use crate::model::{Finding, PageProblem, Role, SlotId};
use crate::story::{AttemptStory, Story};

/// All that was asked, and what could not be.
#[derive(Debug, Default)]
pub(crate) struct Gathered {
    pub(super) questions: Vec<Question>,
    /// Slots in which checks could not be made (or not to their end), and why.
    pub(super) not_done: BTreeMap<SlotId, String>,
}

/// Under this name the errors of a page are compared, where they are no failure.
const PAGE_ERRORS: &str = "errors on its pages";

/// See the module.
pub(crate) fn gather(checks: &Checks, story: &Story) -> Gathered {
    let mut gathered = Gathered::default();
    let mut asked: BTreeMap<(&Role, &str), Vec<(Whose, &AttemptStory)>> = BTreeMap::new();
    let mut shut_out: BTreeSet<(&Role, SlotId)> = BTreeSet::new();
    for check in checks.iter() {
        match made(check, story) {
            Ok(attempt) => {
                if check.name == SIGN_IN && failure(attempt).is_some() {
                    shut_out.insert((&check.role, check.slot));
                }
                let whose = whose(check, checks, attempt);
                asked.entry((&check.role, &check.name)).or_default().push((whose, attempt));
            }
            Err(why) => drop(gathered.not_done.entry(check.slot).or_insert(why)),
        }
    }
    // Signing in comes before what is seen then.
    let mut asked: Vec<_> = asked.into_iter().collect();
    asked.sort_by_key(|((role, check), _)| (*role, *check != SIGN_IN, *check));
    for ((role, check), mut attempts) in asked {
        // Whoever cannot sign in has been told of already.
        attempts.retain(|(whose, _)| check == SIGN_IN || !shut_out.contains(&(role, whose.slot)));
        questions(&mut gathered.questions, role, check, &attempts);
    }
    gathered
}

/// The attempt of a check that was made to its end.
fn made<'a>(check: &Check, story: &'a Story) -> Result<&'a AttemptStory, String> {
    let attempt = story.test(check.id()).and_then(|test| test.attempts.last());
    let end = attempt.and_then(|attempt| Some((attempt, attempt.end.as_ref()?)));
    match end {
        Some((attempt, end)) if attempt.slot.is_some() && end.outcome.is_some() => Ok(attempt),
        // It found no place.
        Some((_, end)) => Err(match &end.problem {
            Some(problem) => problem.message.clone(),
            None => "the run ended before".to_owned(),
        }),
        None => Err("the run ended before".to_owned()),
    }
}

fn whose(check: &Check, checks: &Checks, attempt: &AttemptStory) -> Whose {
    let account = checks.accounts.get(&(check.role.clone(), check.slot));
    Whose {
        slot: check.slot,
        username: account.map(|account| account.username().to_owned()).unwrap_or_default(),
        base_url: attempt.base_url.clone(),
    }
}

fn failure(attempt: &AttemptStory) -> Option<String> {
    let end = attempt.end.as_ref()?;
    let problem = end.problem.as_ref()?;
    let words = problem.message.lines().map(str::trim).find(|line| !line.is_empty());
    Some(format!("{}: {}", problem.outcome.word(), words.unwrap_or_default()))
}

/// What one check asks: whether it comes to its end, and then each thing that it finds.
fn questions(all: &mut Vec<Question>, role: &Role, check: &str, attempts: &[(Whose, &AttemptStory)]) {
    let question = |finding: Option<&str>, answers| Question {
        role: role.clone(),
        check: check.to_owned(),
        finding: finding.map(str::to_owned),
        answers,
    };
    let ended = attempts.iter().map(|(whose, attempt)| {
        let answer = failure(attempt).map_or(Answer::Ended, Answer::Failed);
        (whose.clone(), answer)
    });
    all.push(question(None, ended.collect()));
    let good: Vec<_> = attempts.iter().filter(|(_, attempt)| failure(attempt).is_none()).collect();
    let names: BTreeSet<&str> = good
        .iter()
        .flat_map(|(_, attempt)| attempt.findings.iter())
        .flat_map(|findings| findings.iter().map(|(name, _)| name))
        .collect();
    for name in names {
        let answers = good.iter().map(|(whose, attempt)| {
            let found = attempt.findings.as_ref().and_then(|findings| findings.get(name));
            (whose.clone(), found.cloned().map_or(Answer::NotSaid, Answer::Found))
        });
        all.push(question(Some(name), answers.collect()));
    }
    if good.iter().any(|(_, attempt)| !attempt.page_problems.is_empty()) {
        let answers = good.iter().map(|(whose, attempt)| {
            let problems: BTreeSet<String> = attempt.page_problems.iter().map(in_short).collect();
            (whose.clone(), Answer::Found(Finding::from(problems)))
        });
        all.push(question(Some(PAGE_ERRORS), answers.collect()));
    }
}

fn in_short(problem: &PageProblem) -> String {
    problem.text.lines().next().unwrap_or_default().trim().to_owned()
}
