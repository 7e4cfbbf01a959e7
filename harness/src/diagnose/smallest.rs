//! The smallest schedule that makes a confirmed overlap happen again: which tests it takes, and then when they begin.
//!
//! What was confirmed is that a test fails beside one that is repeated all the while. For a person who looks for the reason, that is
//! many requests too many: one execution of each, so much apart, is what can be read in a log.

use std::collections::BTreeSet;

use super::analysis::{Analysis, Ended, plan};
use super::evidence::Asked;
use super::infer::{Arm, Class, Culprit, Docket, Ending, Experiment, Label, Observation, TestNo, Verdict};
use super::planner::{Answers, Batch};
use super::signature;
use super::words;
use crate::model::{Order, Schedule, SlotId};
use crate::story::AttemptStory;

/// As often as a schedule is tried, and how often it has to fail: then it does within five attempts in 99 of 100 cases.
const TRIES: u32 = 5;
const ENOUGH: u32 = 3;
/// As many distances between the two beginnings are tried at the most.
const DISTANCES: usize = 5;

impl Analysis {
    /// Looks for the smallest schedule of each confirmed overlap, as far as the budget goes.
    pub(super) async fn find_smallest(&mut self, docket: &mut Docket) -> Result<(), Ended> {
        for verdict in docket.verdicts() {
            if verdict.label != Label::Confirmed || verdict.belief.class().0 != Class::Overlap {
                continue;
            }
            let guilty = match verdict.culprit {
                Some(Culprit::Test { test }) => vec![test],
                _ => self.guilty_together(docket, &verdict).await?,
            };
            if let Some(schedule) = self.smallest_with(&verdict, &guilty).await? {
                let key = (verdict.belief.test, verdict.belief.signature.clone());
                self.smallest.insert(key, schedule);
            }
        }
        Ok(())
    }

    /// Those of several suspects that it takes together, where no single one does it; none where that is not found.
    async fn guilty_together(
        &mut self,
        docket: &mut Docket,
        verdict: &Verdict,
    ) -> Result<Vec<TestNo>, Ended> {
        let test = verdict.belief.test;
        let Some(mut search) = docket.search(test, &verdict.belief.signature) else { return Ok(Vec::new()) };
        while let Some(tests) = search.next() {
            let plan = plan(
                Some(test),
                Experiment::Beside { slot: SlotId(0), tests },
                self.experiments.roster.len(),
            );
            if self.is_late() || plan.cost > self.left() {
                return Ok(Vec::new());
            }
            let seen = self.perform(&[plan]).await?;
            let Some(failed) = failed(&seen, verdict) else { return Ok(Vec::new()) };
            search.observe(failed);
        }
        let sets = search.found().unwrap_or_default();
        Ok(sets.into_iter().min_by_key(Vec::len).unwrap_or_default())
    }

    async fn smallest_with(
        &mut self,
        verdict: &Verdict,
        guilty: &[TestNo],
    ) -> Result<Option<Schedule>, Ended> {
        let test = verdict.belief.test;
        let &[other] = guilty else {
            // When several begin is not searched for: they are repeated.
            let seed = self.experiments.seed;
            let beside = Experiment::Beside { slot: SlotId(0), tests: guilty.to_vec() };
            let places = self.experiments.places();
            return Ok(places.schedule(&beside, test, seed).filter(|_| !guilty.is_empty()));
        };
        for distance_us in self.distances(verdict, other) {
            let Some((schedule, slot)) = self.experiments.places().once_each(test, other, distance_us) else {
                return Ok(None);
            };
            let asked = Asked { test, slot, arm: Arm::Beside, side: None };
            let batch = Batch { schedule, answers: Answers::Of(vec![asked]), plans: Vec::new() };
            match self.repeats(&batch, verdict, distance_us).await? {
                Some(true) => return Ok(Some(batch.schedule)),
                Some(false) => {}
                None => return Ok(None),
            }
        }
        Ok(None)
    }

    /// Whether a schedule makes it fail again; nothing where the budget is spent before that is clear.
    async fn repeats(
        &mut self,
        batch: &Batch,
        verdict: &Verdict,
        distance_us: i64,
    ) -> Result<Option<bool>, Ended> {
        let Order::Rows { rows } = &batch.schedule.order else { return Ok(None) };
        let costs = rows.iter().map(|row| row.tests.len()).sum::<usize>();
        let purpose = words::distance(verdict.belief.test, distance_us, &self.experiments.roster);
        let (mut fails, mut passes) = (0, 0);
        while fails < ENOUGH && passes <= TRIES - ENOUGH {
            if self.is_late() || costs > self.left() {
                return Ok(None);
            }
            let spent = self.spent();
            let seen = self.experiments.make(batch, &purpose, spent).await?;
            match failed(&seen, verdict) {
                Some(true) => fails += 1,
                // What could not be made has not repeated it either.
                Some(false) | None => passes += 1,
            }
        }
        Ok(Some(fails >= ENOUGH))
    }

    /// By how much the test may begin after the other one, in microseconds, so that it fails: at the same moment, and as it was when it
    /// did fail. Only what was seen before this search: what an analysis does that goes on has to follow from the same.
    fn distances(&self, verdict: &Verdict, other: TestNo) -> Vec<i64> {
        let (roster, story, last) =
            (&self.experiments.roster, &self.experiments.story, self.experiments.last);
        let attempts_of = |test: TestNo| -> Vec<&AttemptStory> {
            let all =
                story.attempts().filter(|(known, _)| roster.number(known.planned.written()) == Some(test));
            let made = all.map(|(_, attempt)| attempt);
            made.filter(|attempt| attempt.experiment.is_some_and(|number| number <= last)).collect()
        };
        let others = attempts_of(other);
        let mut seen = BTreeSet::new();
        for attempt in attempts_of(verdict.belief.test) {
            let problem = attempt.end.as_ref().and_then(|end| end.problem.as_ref());
            if problem.is_none_or(|problem| signature::of(problem) != verdict.belief.signature) {
                continue;
            }
            let ended = attempt.ended_us(story);
            let meets = |other: &&&AttemptStory| {
                other.started_us < ended && other.ended_us(story) > attempt.started_us
            };
            seen.extend(others.iter().filter(meets).filter_map(|other| {
                i64::try_from(attempt.started_us).ok()?.checked_sub_unsigned(other.started_us)
            }));
        }
        spread(&seen)
    }
}

/// Whether the test failed in this way; nothing where it was not made.
fn failed(seen: &[Observation], verdict: &Verdict) -> Option<bool> {
    let of_it = seen.iter().rfind(|one| one.test == verdict.belief.test)?;
    Some(matches!(&of_it.ending, Ending::Failed(signature) if *signature == verdict.belief.signature))
}

/// No distance, which is the simplest, and then those in the middle of what was seen before those at its ends.
fn spread(seen: &BTreeSet<i64>) -> Vec<i64> {
    let seen: Vec<i64> = seen.iter().copied().filter(|distance| *distance != 0).collect();
    let at = |part: usize| seen.get(seen.len() * part / 8).copied();
    let mut chosen = vec![0];
    for distance in [4, 2, 6, 1].into_iter().filter_map(at) {
        if !chosen.contains(&distance) && chosen.len() < DISTANCES {
            chosen.push(distance);
        }
    }
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_tried_from_the_middle() {
        assert_eq!(spread(&BTreeSet::new()), [0]);
        assert_eq!(spread(&BTreeSet::from([-5])), [0, -5]);
        assert_eq!(spread(&(0..=80).collect()), [0, 41, 21, 61, 11]);
    }
}
