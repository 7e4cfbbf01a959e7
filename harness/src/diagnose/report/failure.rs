//! What is known of a test that failed in one way, as data.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::curve::{Curve, curve};
use super::kind::{FailureKind, kind_of};
use super::outlook::{Outlook, outlook};
use crate::diagnose::divergence::{Divergence, divergences, is_broken_invariant, sql_state};
use crate::diagnose::evidence::Evidence;
use crate::diagnose::infer::{
    Arm, Blame, Cause, Class, Culprit, Fresh, Interval, Label, Roster, Tally, Traits, Verdict,
    clopper_pearson,
};
use crate::diagnose::{signature, words};
use crate::model::{Location, Outcome, Problem, SlotId, TestId};
use crate::story::{AttemptStory, Story};

/// At this confidence intervals are told.
pub(super) const ALPHA: f64 = 0.05;

/// A test that failed in one way, and why.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Failure {
    pub(crate) test: TestId,
    /// What its failures have in common.
    pub(crate) signature: String,
    pub(crate) outcome: Outcome,
    /// Of one of the attempts.
    pub(crate) message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) location: Option<Location>,
    pub(crate) kind: FailureKind,
    #[serde(flatten)]
    pub(crate) label: Label,
    /// Classes with their probability, the most probable first.
    pub(crate) classes: Vec<(Class, f64)>,
    pub(crate) culprits: Vec<Accused>,
    /// The most probable single cause, in words after "it is".
    pub(crate) cause: String,
    /// Of a quick look, what was counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) first_look: Option<String>,
    pub(crate) parallel: Rate,
    /// Alone, in whichever slot.
    pub(crate) alone: Rate,
    pub(crate) arms: Vec<(Arm, Rate)>,
    /// With the cause and without it, on attempts that were made for nothing else.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) fresh: Option<Fresh>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) blame: Option<Blame>,
    /// By what failed attempts differ from all that passed, the earliest first: where it begins to go wrong.
    pub(crate) divergences: Vec<Divergence>,
    /// What it and the test that it is said to overlap with, or to follow, both wrote: `POST /api/courses`.
    pub(crate) shared_writes: Vec<String>,
    /// What databases said of themselves during failed attempts and during none that passed.
    pub(crate) sql_states: Vec<String>,
    /// Requests of failed attempts that were answered with an error, as often as that happened.
    pub(crate) page_errors: Vec<(String, u32)>,
    #[serde(flatten)]
    pub(crate) outlook: Outlook,
    /// How often it failed by how many attempts ran at once; nothing where that was always the same number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) curve: Option<Curve>,
    /// Other tests at which the same signature was seen.
    pub(crate) also_at: Vec<TestId>,
    /// Executions that were spent on it.
    pub(crate) spent: usize,
    /// What makes it happen again: a file of this name, beside the document.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) replay: Option<String>,
}

/// Whom the most probable class accuses.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Accused {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) test: Option<TestId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) slot: Option<SlotId>,
    /// Its part of the class, from 0 to 1.
    pub(crate) weight: f64,
}

/// Whom the class accuses, if one has the larger part of it.
pub(super) fn clear(culprits: &[Accused]) -> Option<&Accused> {
    const CLEAR: f64 = 0.5;
    culprits.first().filter(|accused| accused.weight >= CLEAR)
}

/// How often it failed.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Rate {
    pub(crate) failed: u32,
    pub(crate) attempts: u32,
    /// What the rate may be, at a confidence of .95 (Clopper and Pearson).
    pub(crate) interval: Interval,
}

impl Rate {
    pub(super) fn of(tally: Tally) -> Self {
        let interval = clopper_pearson(tally.failed, tally.attempts, ALPHA);
        Self { failed: tally.failed, attempts: tally.attempts, interval }
    }
}

impl Failure {
    /// The most probable class.
    pub(crate) fn class(&self) -> Class {
        self.classes.first().map_or(Class::OneOff, |(class, _)| *class)
    }

    /// Whether anything is said of its cause.
    pub(crate) fn is_claimed(&self) -> bool {
        matches!(self.label, Label::Confirmed | Label::Likely)
    }

    /// What of it was counted, in words.
    pub(super) fn first_look(&self) -> String {
        let tally = |rate: Rate| Tally { failed: rate.failed, attempts: rate.attempts };
        words::first_look(tally(self.parallel), tally(self.alone))
    }

    /// `earlier` is a run whose attempts count as well.
    pub(super) fn of(
        verdict: &Verdict,
        evidence: &Evidence<'_>,
        roster: &Roster,
        story: &Story,
        earlier: Option<&Story>,
    ) -> Self {
        let belief = &verdict.belief;
        let name = |test| roster.name(test).cloned().unwrap_or_else(|| TestId::new("?"));
        let test = name(belief.test);
        let seen = Attempts::of(&test, &belief.signature, story, earlier);
        let problem = seen.failed.first().and_then(|attempt| problem_of(attempt));
        let also_at = also_at(&belief.signature, &test, story);
        let total = |arms: &[Arm]| {
            let of = belief.arms.iter().filter(|(arm, _)| arms.contains(arm));
            Rate::of(of.fold(Tally::default(), |sum, (_, tally)| Tally {
                failed: sum.failed + tally.failed,
                attempts: sum.attempts + tally.attempts,
            }))
        };
        let accused = belief.culprits.iter().filter_map(|(culprit, weight)| {
            let (test, slot) = match culprit {
                Culprit::Test { test } => (Some(name(*test)), None),
                Culprit::Slot { slot } => (None, Some(*slot)),
                Culprit::Nobody | Culprit::Many => return None,
            };
            Some(Accused { test, slot, weight: *weight })
        });
        let culprits: Vec<Accused> = accused.collect();
        let suspect = clear(&culprits).and_then(|accused| accused.test.as_ref());
        let traits = seen.traits(verdict, roster, story);
        let cause = belief.causes.first().map_or(Cause::OneOff, |(cause, _)| *cause);
        let outcome = problem.map_or(Outcome::Failed, |problem| problem.outcome);
        let mut failure = Self {
            kind: kind_of(outcome, problem.map_or("", |problem| &problem.message), verdict.claim()),
            signature: belief.signature.clone(),
            outcome,
            message: problem.map(|problem| problem.message.clone()).unwrap_or_default(),
            location: problem.and_then(|problem| problem.location.clone()),
            label: verdict.label.clone(),
            classes: belief.classes.clone(),
            cause: words::cause_of(cause, roster),
            first_look: None,
            parallel: total(&[Arm::Parallel]),
            alone: total(&[Arm::Isolated, Arm::InSlot]),
            arms: belief.arms.iter().map(|(arm, tally)| (*arm, Rate::of(*tally))).collect(),
            fresh: verdict.fresh,
            blame: verdict.blame(traits),
            divergences: divergences(&seen.failed, &seen.passed),
            shared_writes: suspect.map(|suspect| seen.shared_writes(suspect, story)).unwrap_or_default(),
            sql_states: seen.sql_states(),
            page_errors: seen.page_errors(),
            outlook: Outlook::default(),
            curve: curve(evidence, belief.test, &belief.signature),
            culprits,
            also_at,
            spent: verdict.spent,
            replay: None,
            test,
        };
        failure.outlook = outlook(&failure, cause, traits, roster);
        failure
    }
}

/// What a test did in all its attempts: those that failed in one way, and those that passed.
struct Attempts<'a> {
    test: &'a TestId,
    failed: Vec<&'a AttemptStory>,
    passed: Vec<&'a AttemptStory>,
}

impl<'a> Attempts<'a> {
    fn of(test: &'a TestId, signature: &str, story: &'a Story, earlier: Option<&'a Story>) -> Self {
        let all = story.attempts().chain(earlier.into_iter().flat_map(Story::attempts));
        let all = all.filter(|(known, _)| known.planned.written() == test);
        let all: Vec<&AttemptStory> = all.map(|(_, attempt)| attempt).collect();
        let is_failed = |attempt: &&AttemptStory| {
            problem_of(attempt).is_some_and(|said| signature::of(said) == signature)
        };
        let is_passed = |attempt: &&AttemptStory| {
            attempt.end.as_ref().is_some_and(|end| end.outcome == Some(Outcome::Passed))
        };
        let failed = all.iter().copied().filter(is_failed).collect();
        Self { test, failed, passed: all.into_iter().filter(is_passed).collect() }
    }

    /// What pages complained of in failed attempts, with how often.
    fn page_errors(&self) -> Vec<(String, u32)> {
        let mut errors: BTreeMap<String, u32> = BTreeMap::new();
        for error in self.failed.iter().flat_map(|attempt| &attempt.page_problems) {
            let said = error.request.as_ref().map_or_else(
                || error.text.clone(),
                |request| {
                    let status =
                        request.status.map_or_else(|| error.text.clone(), |status| status.to_string());
                    format!("{} {}: {status}", request.method, path_of(&request.url))
                },
            );
            *errors.entry(said).or_default() += error.times;
        }
        errors.into_iter().collect()
    }

    /// See [`Failure::sql_states`].
    fn sql_states(&self) -> Vec<String> {
        let of = |attempts: &[&AttemptStory]| -> BTreeSet<String> {
            let texts = attempts.iter().flat_map(|attempt| {
                let pages = attempt.page_problems.iter().map(|problem| problem.text.as_str());
                attempt.trouble.iter().map(String::as_str).chain(pages)
            });
            texts.filter_map(sql_state).collect()
        };
        of(&self.failed).difference(&of(&self.passed)).cloned().collect()
    }

    /// What both wrote at the same time, or at any where they never ran at once.
    fn shared_writes(&self, other: &TestId, story: &Story) -> Vec<String> {
        let of = |attempts: &mut dyn Iterator<Item = &AttemptStory>| -> BTreeSet<String> {
            let sent = attempts.flat_map(|attempt| attempt.requests.clone());
            sent.filter(crate::model::SentRequest::is_write).map(|one| one.target()).collect()
        };
        let others = story.attempts().filter(|(known, _)| known.planned.written() == other);
        let its = of(&mut others.map(|(_, attempt)| attempt));
        let own = of(&mut self.failed.iter().chain(&self.passed).copied());
        own.intersection(&its).cloned().collect()
    }

    /// What the attempts left that decides whose fault it is.
    fn traits(&self, verdict: &Verdict, roster: &Roster, story: &Story) -> Traits {
        let loaded = verdict.belief.arms.iter().find(|(arm, _)| *arm == Arm::Loaded);
        let culprit = match verdict.culprit {
            Some(Culprit::Test { test }) => roster.name(test),
            _ => None,
        };
        Traits {
            // A test beside itself has the accounts of two slots.
            has_different_accounts: culprit
                .is_none_or(|culprit| culprit == self.test || !share_an_account(story, culprit, self.test)),
            is_not_load: loaded.is_some_and(|(_, tally)| tally.attempts > 0 && tally.failed == 0),
            is_seen_in_server: self.has_server_error()
                || self.sql_states().iter().any(|state| is_broken_invariant(state)),
        }
    }

    /// Whether a failed attempt was answered with a 5xx that no attempt was which passed.
    fn has_server_error(&self) -> bool {
        let of = |attempts: &[&AttemptStory]| -> BTreeSet<String> {
            let sent = attempts.iter().flat_map(|attempt| &attempt.requests);
            let bad = sent.filter(|one| one.status.is_some_and(|status| (500..600).contains(&status)));
            bad.map(|one| format!("{} {:?}", one.target(), one.status)).collect()
        };
        of(&self.failed).difference(&of(&self.passed)).next().is_some()
    }
}

fn problem_of(attempt: &AttemptStory) -> Option<&Problem> {
    attempt.end.as_ref()?.problem.as_ref()
}

/// Which other tests failed in the same way.
fn also_at(signature: &str, test: &TestId, story: &Story) -> Vec<TestId> {
    let same =
        |attempt: &AttemptStory| problem_of(attempt).is_some_and(|said| signature::of(said) == signature);
    let others = story.tests.iter().filter(|other| other.planned.written() != test);
    let others = others.filter(|other| other.attempts.iter().any(same));
    let mut names: Vec<TestId> = others.map(|other| other.planned.written().clone()).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// Whether attempts of the two ever used the same account at the same time.
fn share_an_account(story: &Story, one: &TestId, other: &TestId) -> bool {
    let of = |test: &TestId| -> Vec<&AttemptStory> {
        let attempts = story.attempts().filter(|(known, _)| known.planned.written() == test);
        attempts.map(|(_, attempt)| attempt).collect()
    };
    let others = of(other);
    of(one).iter().any(|a| {
        others.iter().any(|b| {
            a.started_us < b.ended_us(story)
                && b.started_us < a.ended_us(story)
                && a.accounts.iter().any(|account| b.accounts.contains(account))
        })
    })
}

/// The path of an address.
fn path_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.find('/').map_or("/", |at| &rest[at..])
}
