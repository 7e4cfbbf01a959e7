//! What the attempts of a run tell, from its story alone: placement, overlaps, predecessors, load, signature.

use std::collections::BTreeMap;

use super::infer::{Arm, Ending, Observation, Roster, Setting, Side, TestNo};
use super::planner::Answers;
use super::signature;
use crate::model::{Outcome, SlotId};
use crate::story::{AttemptStory, ExperimentStory, SpanKind, Story, TestStory};

/// Why an experiment was made: which of its attempts answer a question, and how they are to be counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) test: TestNo,
    /// Where the test of the question ran.
    pub(super) slot: SlotId,
    pub(super) arm: Arm,
    pub(super) side: Option<Side>,
}

/// All attempts of a story in the order in which they began, with what is needed of each to see what it tells.
pub(super) struct Evidence<'a> {
    story: &'a Story,
    attempts: Vec<Seen<'a>>,
}

struct Seen<'a> {
    test: TestNo,
    attempt: &'a AttemptStory,
    slot: SlotId,
    from: u64,
    to: u64,
}

impl<'a> Evidence<'a> {
    /// Of a story whose tests are on this roster.
    pub(super) fn of(story: &'a Story, roster: &Roster) -> Self {
        let seen = |(test, attempt): (&TestStory, &'a AttemptStory)| {
            let from = attempt.started_us;
            let to = attempt.ended_us(story);
            Some(Seen {
                test: roster.number(test.planned.written())?,
                attempt,
                slot: attempt.slot?,
                from,
                to,
            })
        };
        let mut attempts: Vec<Seen> = story.attempts().filter_map(seen).collect();
        attempts.sort_by_key(|seen| (seen.from, seen.slot, seen.test));
        Self { story, attempts }
    }

    /// What the attempts of one experiment tell.
    pub(super) fn observations(&self, experiment: u32, answers: &Answers) -> Vec<Observation> {
        let of_it = self.attempts.iter().filter(|seen| seen.attempt.experiment == Some(experiment));
        match answers {
            Answers::Every(arm) => of_it.filter_map(|seen| self.observation(seen, *arm, None)).collect(),
            Answers::Of(asked) => {
                let answer = |asked: &Asked| {
                    // The last one: before it others of its row may have run, even the same test.
                    let last =
                        of_it.clone().rfind(|seen| seen.test == asked.test && seen.slot == asked.slot)?;
                    self.observation(last, asked.arm, asked.side)
                };
                asked.iter().filter_map(answer).collect()
            }
        }
    }

    /// What all attempts of a run tell that was none of experiments.
    pub(super) fn observations_of_run(&self) -> Vec<Observation> {
        let of_it = self.attempts.iter().filter(|seen| seen.attempt.experiment.is_none());
        of_it.filter_map(|seen| self.observation(seen, Arm::Parallel, None)).collect()
    }

    /// How many attempts were made for an experiment.
    pub(super) fn attempts_of(&self, experiment: u32) -> usize {
        self.attempts.iter().filter(|seen| seen.attempt.experiment == Some(experiment)).count()
    }

    /// The attempts of a test with what they came to, but for those on a machine that was kept busy.
    pub(super) fn calm_attempts(&self, test: TestNo) -> impl Iterator<Item = (Setting, Ending)> {
        let is_calm = |seen: &&Seen| {
            let number = seen.attempt.experiment;
            let of = self.story.experiments.iter().find(|one| Some(one.number) == number);
            of.is_none_or(|experiment| experiment.schedule.load == 0)
        };
        let of_it = self.attempts.iter().filter(move |seen| seen.test == test).filter(is_calm);
        // The arm decides nothing here.
        of_it
            .filter_map(|seen| self.observation(seen, Arm::Parallel, None))
            .map(|one| (one.setting, one.ending))
    }

    fn observation(&self, seen: &Seen<'_>, arm: Arm, side: Option<Side>) -> Option<Observation> {
        let end = seen.attempt.end.as_ref()?;
        let ending = match (end.outcome?, &end.problem) {
            (Outcome::Passed, _) => Ending::Passed,
            (Outcome::Skipped, _) => return None,
            (_, Some(problem)) => Ending::Failed(signature::of(problem)),
            (outcome, None) => Ending::Failed(outcome.to_string()),
        };
        Some(Observation { test: seen.test, setting: self.setting(seen, arm), ending, side })
    }

    fn setting(&self, seen: &Seen<'_>, arm: Arm) -> Setting {
        let own = seen.to.saturating_sub(seen.from).max(1);
        let mut beside: BTreeMap<TestNo, u64> = BTreeMap::new();
        let (mut here, mut anywhere) = (Vec::new(), Vec::new());
        let (world, reset) = (self.world_began(seen), self.slot_was_reset(seen));
        let mut moments = Vec::new();
        for other in &self.attempts {
            if std::ptr::eq(other, seen) {
                continue;
            }
            if other.to <= seen.from {
                if other.from >= world {
                    anywhere.push(other.test);
                }
                if other.slot == seen.slot && other.from >= reset {
                    here.push(other.test);
                }
            } else if other.from < seen.to {
                let shared = other.to.min(seen.to) - other.from.max(seen.from);
                *beside.entry(other.test).or_default() += shared;
                moments.push((other.from.max(seen.from), 1_i32));
                moments.push((other.to.min(seen.to), -1));
            }
        }
        for known in [&mut here, &mut anywhere] {
            known.sort_unstable();
            known.dedup();
        }
        #[expect(clippy::cast_precision_loss, reason = "microseconds of a test")]
        let beside =
            beside.into_iter().map(|(test, shared)| (test, (shared as f64 / own as f64).min(1.0))).collect();
        Setting {
            arm,
            slot: seen.slot,
            beside,
            before_here: here,
            before: anywhere,
            load: self.load(seen),
            in_flight: most_at_once(moments),
            #[expect(clippy::cast_precision_loss, reason = "microseconds of a test")]
            seconds: own as f64 / 1e6,
        }
    }

    /// When what all slots share was begun anew for the last time before this attempt.
    fn world_began(&self, seen: &Seen<'_>) -> u64 {
        let experiments = self.story.experiments.iter().rev();
        let mut fresh = experiments.filter(|one| one.schedule.fresh && one.started_us <= seen.from);
        fresh.next().map_or(0, |one| one.started_us)
    }

    /// When its slot was as it should be for the last time before this attempt.
    fn slot_was_reset(&self, seen: &Seen<'_>) -> u64 {
        let spans = self.story.lanes.get(&seen.slot).map_or(&[][..], |lane| lane.spans.as_slice());
        let resets = spans.iter().filter(|span| matches!(span.kind, SpanKind::Reset | SpanKind::Services));
        let ends = resets.filter_map(|span| span.to_us).filter(|end| *end <= seen.from);
        ends.max().unwrap_or(0)
    }

    /// In which part of its time some task waited for a core: what was measured in the seconds that it ran in. What was measured after
    /// the end of its experiment does not count: while an analysis is made it is not known then, and one that goes on has to see
    /// the same.
    fn load(&self, seen: &Seen<'_>) -> f64 {
        const SECOND: u64 = 1_000_000;
        let (mut sum, mut weight) = (0.0, 0.0);
        let experiment = |one: &&ExperimentStory| Some(one.number) == seen.attempt.experiment;
        let experiment = self.story.experiments.iter().find(experiment);
        let known = experiment.and_then(|one| one.end.as_ref()).map_or(u64::MAX, |(end, _)| *end);
        for load in self.story.loads.iter().filter(|load| load.at_us <= known) {
            let shared =
                load.at_us.min(seen.to).saturating_sub(load.at_us.saturating_sub(SECOND).max(seen.from));
            if let Some(cpu) = load.pressure.cpu.filter(|_| shared > 0) {
                #[expect(clippy::cast_precision_loss, reason = "less than a second")]
                let shared = shared as f64;
                sum += cpu * shared;
                weight += shared;
            }
        }
        if weight > 0.0 { sum / weight } else { 0.0 }
    }
}

/// The most attempts that ran at once, the one itself included, from when others began and ended.
fn most_at_once(mut moments: Vec<(u64, i32)>) -> u16 {
    // Who ends at a moment makes room for who begins then.
    moments.sort_unstable();
    let (mut now, mut most) = (1_i32, 1_i32);
    for (_, change) in moments {
        now += change;
        most = most.max(now);
    }
    u16::try_from(most).unwrap_or(u16::MAX)
}
