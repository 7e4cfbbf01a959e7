//! What is said in the end, and no more than is known.

use serde::{Deserialize, Serialize};

use super::choose::Experiment;
use super::evalue::Tally;
use super::hypothesis::{Cause, Class, Culprit};
use super::interval::Interval;
use super::observation::{Arm, TestNo};

/// From this on a class is confirmed, if fresh data say so as well.
pub(crate) const SURE: f64 = 0.99;
/// From this on somebody is named as the culprit.
pub(crate) const NAMED: f64 = 0.9;
/// From this on a class is told as what is likely.
pub(crate) const LIKELY: f64 = 0.8;
/// How much of what is told as confirmed may be wrong, on average.
pub(crate) const ALPHA: f64 = 0.05;

/// What is believed of the failures of one test, as it stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Belief {
    /// Whose failures.
    pub(crate) test: TestNo,
    /// In which way it fails.
    pub(crate) signature: String,
    /// All classes with their probability, in sum 1, the most probable first.
    pub(crate) classes: Vec<(Class, f64)>,
    /// Those whom the first class accuses, with their part of it, the most suspected first; at most ten.
    pub(crate) culprits: Vec<(Culprit, f64)>,
    /// The most probable single causes with their probability, at most ten.
    pub(crate) causes: Vec<(Cause, f64)>,
    /// With which probability the first of them makes an attempt fail that is exposed to it.
    pub(crate) rate: f64,
    /// What was seen, by kind of experiment.
    pub(crate) arms: Vec<(Arm, Tally)>,
}

impl Belief {
    /// The most probable class, and how probable it is.
    pub(crate) fn class(&self) -> (Class, f64) {
        self.classes.first().copied().unwrap_or((Class::OneOff, 1.0))
    }

    /// Whom it accuses, and with which part of its probability.
    pub(crate) fn culprit(&self) -> (Culprit, f64) {
        self.culprits.first().copied().unwrap_or((Culprit::Nobody, 1.0))
    }

    /// All attempts.
    pub(crate) fn tally(&self) -> Tally {
        self.arms.iter().fold(Tally::default(), |sum, (_, one)| Tally {
            failed: sum.failed + one.failed,
            attempts: sum.attempts + one.attempts,
        })
    }
}

/// How sure it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "label", rename_all = "snake_case")]
pub(crate) enum Label {
    /// The class has a posterior of at least .99, and fresh data reject that it has nothing to do with it.
    Confirmed,
    /// The class has a posterior of at least .80.
    Likely,
    /// Several classes remain.
    Undetermined {
        /// Those that make up .95 together, the most probable first.
        remaining: Vec<(Class, f64)>,
        /// What would tell most about which of them it is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        would_decide: Option<Experiment>,
    },
    /// Nothing that was tried made it fail again, or no more often than noise.
    NotReproduced {
        /// What its rate is at the most, at a confidence of .95.
        at_most: f64,
    },
}

/// The answer to one question: why this test fails in this way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Verdict {
    /// How sure it is.
    #[serde(flatten)]
    pub(crate) label: Label,
    /// What is believed.
    pub(crate) belief: Belief,
    /// Whom it accuses, where it is at least .90 of the class.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) culprit: Option<Culprit>,
    /// With and without the cause, on fresh data: what was counted, and the interval of the rate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) fresh: Option<Fresh>,
    /// What was spent on it, in executions of a test.
    pub(crate) spent: usize,
}

/// What fresh data say.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Fresh {
    /// With the cause.
    pub(crate) with: Tally,
    /// What the rate may be with the cause. As exact as an interval is whose number of runs was not fixed before.
    pub(crate) with_rate: Interval,
    /// Without it; nothing was done without a cause that is always there.
    pub(crate) without: Tally,
    /// What the rate may be without it.
    pub(crate) without_rate: Interval,
    /// The natural logarithm of the e-value.
    pub(crate) log_e: f64,
}

/// What else is known of a confirmed failure, from what its attempts left.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Traits {
    /// The two that overlap use different accounts.
    pub(crate) has_different_accounts: bool,
    /// It was tried whether a busy machine alone makes it fail, and it does not.
    pub(crate) is_not_load: bool,
    /// A response of the server was 5xx, or something was broken that must always hold.
    pub(crate) is_seen_in_server: bool,
}

/// Whose fault it is, as far as that may be said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Blame {
    /// A real bug of the product.
    Product,
    /// Two tests share what each should have for itself.
    Isolation,
    /// A wait that is too short, or for the wrong thing.
    WeakWait,
}

impl Verdict {
    /// Whose fault it is. Nothing is said of what is not confirmed, nor where one of the conditions is missing.
    pub(crate) fn blame(&self, traits: Traits) -> Option<Blame> {
        if self.label != Label::Confirmed {
            return None;
        }
        match self.belief.class().0 {
            Class::Overlap if !traits.has_different_accounts => Some(Blame::Isolation),
            Class::Overlap if traits.is_not_load && traits.is_seen_in_server => Some(Blame::Product),
            Class::Load if !traits.is_seen_in_server => Some(Blame::WeakWait),
            _ => None,
        }
    }

    /// Whether a class is claimed.
    pub(crate) fn claim(&self) -> Option<Class> {
        matches!(self.label, Label::Confirmed | Label::Likely).then(|| self.belief.class().0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(class: Class, label: Label) -> Verdict {
        let belief = Belief {
            test: TestNo(1),
            signature: "the dialog stayed open".to_owned(),
            classes: vec![(class, 0.995)],
            culprits: vec![(Culprit::Test { test: TestNo(4) }, 0.97)],
            causes: vec![(Cause::Beside { test: TestNo(4) }, 0.96)],
            rate: 0.5,
            arms: vec![(Arm::Parallel, Tally { failed: 3, attempts: 9 })],
        };
        Verdict { label, belief, culprit: None, fresh: None, spent: 40 }
    }

    const ALL: Traits = Traits { has_different_accounts: true, is_not_load: true, is_seen_in_server: true };

    #[test]
    fn the_product_is_blamed_only_if_every_condition_holds() {
        let confirmed = verdict(Class::Overlap, Label::Confirmed);
        assert_eq!(confirmed.blame(ALL), Some(Blame::Product));
        assert_eq!(confirmed.blame(Traits { is_not_load: false, ..ALL }), None);
        assert_eq!(confirmed.blame(Traits { is_seen_in_server: false, ..ALL }), None);
        let same = Traits { has_different_accounts: false, ..ALL };
        assert_eq!(confirmed.blame(same), Some(Blame::Isolation));
        assert_eq!(verdict(Class::Overlap, Label::Likely).blame(ALL), None);
        assert_eq!(verdict(Class::Order, Label::Confirmed).blame(ALL), None);
    }

    #[test]
    fn load_with_a_healthy_server_is_a_weak_wait() {
        let confirmed = verdict(Class::Load, Label::Confirmed);
        assert_eq!(confirmed.blame(Traits { is_seen_in_server: false, ..ALL }), Some(Blame::WeakWait));
        assert_eq!(confirmed.blame(ALL), None);
    }

    #[test]
    fn a_verdict_is_plain_data() {
        let remaining = vec![(Class::Order, 0.6), (Class::Brittle, 0.4)];
        let would_decide = Some(Experiment::After { slot: crate::model::SlotId(2), tests: vec![TestNo(4)] });
        for label in [
            Label::Confirmed,
            Label::NotReproduced { at_most: 0.2 },
            Label::Undetermined { remaining, would_decide },
        ] {
            let verdict = verdict(Class::Overlap, label);
            let line = serde_json::to_string(&verdict).expect("JSON");
            assert_eq!(serde_json::from_str::<Verdict>(&line).expect(&line), verdict);
        }
    }
}
