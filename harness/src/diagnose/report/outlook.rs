//! What a verdict means: for whoever uses the product, for the suite, and for the verdict itself if more were known.

use serde::Serialize;

use super::failure::{Failure, clear};
use crate::diagnose::divergence::Where;
use crate::diagnose::infer::{Blame, Cause, Class, Culprit, Label, Roster, Traits};
use crate::diagnose::words;

/// What follows from what was measured, in sentences.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Outlook {
    /// Who meets it, and when. Nothing where no cause is claimed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) impact: Option<String>,
    /// What would make another verdict of it.
    pub(crate) would_change: Vec<String>,
    /// What would keep the suite from failing so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) avoid: Option<Avoid>,
}

/// A way around a failure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Avoid {
    pub(crate) how: String,
    /// What nobody sees any more then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) hides: Option<String>,
}

/// Of a failure that is known but for this.
pub(super) fn outlook(failure: &Failure, cause: Cause, traits: Traits, roster: &Roster) -> Outlook {
    Outlook {
        impact: failure.is_claimed().then(|| impact(failure, cause)),
        would_change: would_change(failure, traits, roster),
        avoid: failure.is_claimed().then(|| avoid(failure, cause, roster)).flatten(),
    }
}

/// What a person meets: the first answer of a server that failed attempts have and none that passed, else what the test said.
fn seen(failure: &Failure) -> String {
    let mut answers = failure.divergences.iter().filter(|one| one.at == Where::Request);
    match answers.next() {
        Some(answer) => {
            format!("`{}` (in {} of {} failed attempts)", answer.what, answer.in_failed, answer.failed)
        }
        None => format!("\"{}\"", failure.message.lines().next().unwrap_or_default()),
    }
}

fn impact(failure: &Failure, cause: Cause) -> String {
    let seen = seen(failure);
    let accused = clear(&failure.culprits).and_then(|accused| accused.test.as_ref());
    match (failure.class(), accused) {
        (Class::Overlap, Some(other)) => match failure.shared_writes.first() {
            Some(target) => format!("two who send `{target}` at the same moment: one of them meets {seen}"),
            None => {
                format!("who does what this test does while somebody does what `{other}` does meets {seen}")
            }
        },
        (Class::Overlap, None) => match cause {
            Cause::Crowd { in_flight } => {
                format!("when {in_flight} people are at work at once, one of them meets {seen}")
            }
            _ => format!("who does this while others are at work meets {seen}"),
        },
        (Class::Deterministic, _) => {
            format!("whoever does what this test does, with such data, always meets {seen}")
        }
        (Class::Slot, _) => {
            let slot = clear(&failure.culprits).and_then(|accused| accused.slot);
            let which = slot.map_or_else(|| "some slots".to_owned(), |slot| format!("slot {slot}"));
            format!("only the accounts and the data of {which} meet {seen}")
        }
        (Class::Order, Some(other)) => format!("who comes after what `{other}` does meets {seen}"),
        (Class::Order, None) => format!("who comes after enough others meets {seen}"),
        (Class::Brittle, other) => {
            let other = other.map_or_else(|| "another one".to_owned(), |other| format!("`{other}`"));
            format!("who comes before what {other} does meets {seen}")
        }
        (Class::Load, _) => format!("on a busy machine this meets {seen}"),
        (Class::Random | Class::Surroundings | Class::OneOff, _) => {
            format!("now and then, whoever else is at work, this meets {seen}")
        }
    }
}

fn would_change(failure: &Failure, traits: Traits, roster: &Roster) -> Vec<String> {
    match &failure.label {
        Label::Confirmed => {
            let mut told = Vec::new();
            if let Some(fresh) = &failure.fresh {
                let (with, without) = (fresh.with, fresh.without);
                told.push(if without.attempts == 0 {
                    format!("attempts of the same kind that pass (so far {} of {} failed)", with.failed, with.attempts)
                } else {
                    format!(
                        "attempts with the cause that pass, or without it that fail (so far {} of {} with it and {} of {} without it failed)",
                        with.failed, with.attempts, without.failed, without.attempts
                    )
                });
            }
            told.extend(what_the_product_is_not_blamed_for(failure, traits));
            told
        }
        Label::Likely => vec![format!(
            "more attempts with the cause and without it: a probability of 99 % and fresh data that agree make it confirmed (now {:.0} %)",
            100.0 * failure.classes.first().map_or(0.0, |(_, weight)| *weight)
        )],
        Label::Undetermined { would_decide, .. } => {
            let experiment = would_decide.as_ref().map(|experiment| words::how(experiment, roster));
            vec![experiment.map_or_else(
                || "more attempts; no single experiment tells enough by itself".to_owned(),
                |how| format!("the test once more, {how}: that tells most"),
            )]
        }
        Label::NotReproduced { .. } => {
            vec!["one more failure: run the suite more often, or with more workers".to_owned()]
        }
    }
}

/// The conditions of a bug of the product that are not met, of a confirmed overlap.
fn what_the_product_is_not_blamed_for(failure: &Failure, traits: Traits) -> Vec<String> {
    let mut told = Vec::new();
    if failure.class() != Class::Overlap || failure.blame.is_some() {
        return told;
    }
    if !traits.is_seen_in_server {
        told.push("an answer of 5xx, or a constraint that is violated, in failed attempts alone: it would be called a bug of the product".to_owned());
    }
    if !traits.is_not_load {
        told.push(
            "attempts alone on a busy machine, all of which pass: that it is not load would be shown"
                .to_owned(),
        );
    }
    told
}

fn avoid(failure: &Failure, cause: Cause, roster: &Roster) -> Option<Avoid> {
    let bug = || match failure.blame {
        Some(Blame::Isolation) => None,
        Some(Blame::Product) => {
            Some("the bug of the product stays, and no test shows it any more".to_owned())
        }
        _ => Some("if it is the product's bug, no test shows it any more".to_owned()),
    };
    let is_clear = clear(&failure.culprits).is_some();
    match (failure.class(), cause.culprit()) {
        (Class::Overlap, Culprit::Test { test }) if is_clear => Some(Avoid {
            how: match failure.blame {
                Some(Blame::Isolation) => {
                    format!("an account for each of `{}` and `{}`", failure.test, words::name(test, roster))
                }
                _ => format!(
                    "`group = \"{}\"` on `{}` and on `{}`: tests of a group never run at once",
                    group(failure),
                    failure.test,
                    words::name(test, roster)
                ),
            },
            hides: bug(),
        }),
        (Class::Overlap, _) => Some(Avoid {
            how: format!("`exclusive` on `{}`: it then runs alone", failure.test),
            hides: bug(),
        }),
        (Class::Order, _) => Some(Avoid {
            how: "`[reset] when = \"after-each\"`: each test finds its slot as it was seeded".to_owned(),
            hides: Some("users have no reset between them: what one leaves, the next one finds".to_owned()),
        }),
        (Class::Load, _) => Some(Avoid {
            how: "fewer `--workers`, or a longer `expect_timeout`".to_owned(),
            hides: Some("users have busy machines as well".to_owned()),
        }),
        _ => None,
    }
}

/// A name for a group: what both write, or who fails.
fn group(failure: &Failure) -> String {
    let last = |text: &str, at: char| {
        text.rsplit(at).find(|part| !part.is_empty() && !part.starts_with('{')).map(str::to_owned)
    };
    let of_write = failure.shared_writes.first().and_then(|target| last(target.split(' ').nth(1)?, '/'));
    of_write.or_else(|| last(failure.test.as_str(), ':')).unwrap_or_else(|| "together".to_owned())
}
