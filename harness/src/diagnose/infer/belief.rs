//! From the probabilities of single causes to those of classes and culprits.

use std::collections::BTreeMap;

use super::hypothesis::{Class, Culprit, GENERAL, Hypotheses};
use super::posterior::Posterior;
use crate::model::SlotId;

/// The most probable first; those that are as probable in their own order.
pub(super) fn by_weight<T: Ord>(a: &(T, f64), b: &(T, f64)) -> std::cmp::Ordering {
    b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0))
}

/// Whom a class accuses, with their parts of it.
pub(super) fn culprits(
    all: &Hypotheses,
    found: &Posterior,
    class: Class,
    weight: f64,
) -> Vec<(Culprit, f64)> {
    let mut parts: BTreeMap<Culprit, f64> = BTreeMap::new();
    for (&cause, &part) in all.causes.iter().zip(&found.weight).filter(|(cause, _)| cause.class() == class) {
        *parts.entry(cause.culprit()).or_default() += part;
    }
    if class == Class::Slot {
        share_of_sets(all, found, &mut parts);
    }
    // What is ruled out accuses nobody.
    parts.retain(|_, part| *part > 0.0);
    let mut parts: Vec<(Culprit, f64)> =
        parts.into_iter().map(|(culprit, part)| (culprit, part / weight.max(f64::MIN_POSITIVE))).collect();
    parts.sort_by(by_weight);
    parts.truncate(10);
    parts
}

/// A set of slots accuses each slot that is surely in it; so one wrong slot is named also while others may be wrong, too.
fn share_of_sets(all: &Hypotheses, found: &Posterior, parts: &mut BTreeMap<Culprit, f64>) {
    let set = found.weight[GENERAL.len() - 1];
    let several = found.in_set.iter().filter(|member| **member > 0.5).count() > 1;
    if several {
        return;
    }
    for (slot, member) in (0..).zip(&found.in_set).take(all.slots) {
        if *member > 0.5 {
            *parts.entry(Culprit::Slot { slot: SlotId(slot) }).or_default() += set;
            parts.remove(&Culprit::Many);
        }
    }
}

/// The most probable classes that make up .95 together.
pub(super) fn remaining(classes: &[(Class, f64)]) -> Vec<(Class, f64)> {
    let mut sum = 0.0;
    let mut left = Vec::new();
    for &(class, weight) in classes {
        left.push((class, weight));
        sum += weight;
        if sum >= 0.95 {
            break;
        }
    }
    left
}
