//! What the inference is worth: how often it is right, how sure it is of it, and what that costs.

use std::collections::BTreeMap;

use super::world::{Kind, SLOTS, TESTS, WORKERS, World, machine};
use crate::diagnose::infer::{
    Budget, Class, Culprit, Docket, Ending, Experiment, Label, Observation, Plan, TestNo, Verdict,
};
use crate::model::SlotId;

/// Sums over worlds.
#[derive(Debug, Default, Clone)]
pub(super) struct Score {
    pub(super) worlds: u32,
    /// Questions about planted faults whose test failed in their way twice at least.
    pub(super) asked: u32,
    pub(super) claimed: u32,
    /// Claims, also about what was seen once or is noise.
    pub(super) claims: u32,
    pub(super) right: u32,
    pub(super) right_of_asked: u32,
    pub(super) confirmed: u32,
    pub(super) confirmed_wrong: u32,
    /// Where the class has a culprit and the rate is 30 % or more: right claims, and those that name whom it was.
    pub(super) with_culprit: u32,
    pub(super) culprit_right: u32,
    pub(super) named: u32,
    pub(super) named_right: u32,
    /// By tenth of the probability above one half: sum of probabilities, how many were right, how many.
    pub(super) bins: [(f64, u32, u32); 10],
    pub(super) spent: usize,
    /// What was wrong, for people.
    pub(super) misses: Vec<String>,
    /// By class and rate: asked, claimed, right.
    pub(super) by_class: BTreeMap<String, (u32, u32, u32)>,
}

impl Score {
    pub(super) fn add(&mut self, other: Self) {
        self.worlds += other.worlds;
        self.asked += other.asked;
        self.claimed += other.claimed;
        self.claims += other.claims;
        self.right += other.right;
        self.right_of_asked += other.right_of_asked;
        self.confirmed += other.confirmed;
        self.confirmed_wrong += other.confirmed_wrong;
        self.with_culprit += other.with_culprit;
        self.culprit_right += other.culprit_right;
        self.named += other.named;
        self.named_right += other.named_right;
        for (bin, more) in self.bins.iter_mut().zip(other.bins) {
            bin.0 += more.0;
            bin.1 += more.1;
            bin.2 += more.2;
        }
        self.spent += other.spent;
        self.misses.extend(other.misses);
        for (class, more) in other.by_class {
            let sum = self.by_class.entry(class).or_default();
            *sum = (sum.0 + more.0, sum.1 + more.1, sum.2 + more.2);
        }
    }

    /// The mean distance between how probable classes were said to be and how often they were right, over bins.
    pub(super) fn calibration_error(&self) -> f64 {
        let all: u32 = self.bins.iter().map(|bin| bin.2).sum();
        self.bins.iter().map(|(said, right, _)| (said - f64::from(*right)).abs()).sum::<f64>()
            / f64::from(all.max(1))
    }

    /// For people.
    pub(super) fn lines(&self) -> String {
        let percent = |of, all| format!("{:.1} % ({of} of {all})", 100.0 * part(of, all));
        let planted = 16 * self.worlds;
        [
            format!("  claims right {}", percent(self.right, self.claims)),
            format!("  of those that failed twice, claimed {}", percent(self.claimed, self.asked)),
            format!("  of those that failed twice, right {}", percent(self.right_of_asked, self.asked)),
            format!("  of all planted, right {}", percent(self.right_of_asked, planted)),
            format!("  confirmed {}", percent(self.confirmed, self.claims)),
            format!("  confirmed, but wrong {}", percent(self.confirmed_wrong, self.confirmed)),
            format!(
                "  culprit named and right, from 30 % on {}",
                percent(self.culprit_right, self.with_culprit)
            ),
            format!("  right of culprits named {}", percent(self.named_right, self.named)),
            format!("  calibration error {:.3}", self.calibration_error()),
            format!("  cost {:.1} SE", self.suites()),
        ]
        .join("\n")
    }

    pub(super) fn suites(&self) -> f64 {
        self.spent as f64 / TESTS as f64 / f64::from(self.worlds.max(1))
    }
}

pub(super) fn part(of: u32, all: u32) -> f64 {
    f64::from(of) / f64::from(all.max(1))
}

/// Diagnoses a world until nothing more is asked.
pub(super) fn diagnosed(world: &mut World, suites: usize) -> (Docket, Vec<Plan>) {
    let mut docket = Docket::new(world.roster.clone(), Budget::of(suites, TESTS), machine());
    let mut made = Vec::new();
    loop {
        let plans = docket.next(4);
        if plans.is_empty() {
            return (docket, made);
        }
        let seen: Vec<Observation> = plans.iter().flat_map(|plan| world.make(plan)).collect();
        docket.observe(&seen);
        made.extend(plans);
    }
}

pub(super) fn studied(world: &mut World, suites: usize) -> Score {
    let (mut docket, _) = diagnosed(world, suites);
    let mut score = Score { worlds: 1, spent: docket.spent(), ..Score::default() };
    for verdict in docket.verdicts() {
        judge(world, &verdict, &mut score);
    }
    score
}

fn judge(world: &World, verdict: &Verdict, score: &mut Score) {
    let belief = &verdict.belief;
    let number = belief.signature.strip_prefix("fault ").and_then(|number| number.parse::<usize>().ok());
    let fault = number.map(|number| &world.faults[number]);
    let truth: &[Class] = fault.map_or(&[Class::OneOff], |fault| &fault.classes);
    let (class, weight) = belief.class();
    let is_right = truth.contains(&class);
    let failed = belief.tally().failed;
    let claim = verdict.claim();
    if let Some(fault) = fault.filter(|_| failed >= 2) {
        score.asked += 1;
        score.claimed += u32::from(claim.is_some());
        score.right_of_asked += u32::from(claim.is_some() && is_right);
        let name = format!("{:?} {:?} {}", fault.classes, name_of(&format!("{:?}", fault.when)), fault.rate);
        let sum = score.by_class.entry(name).or_default();
        *sum =
            (sum.0 + 1, sum.1 + u32::from(claim.is_some()), sum.2 + u32::from(claim.is_some() && is_right));
    }
    if failed >= 2 || claim.is_some() {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is between 0 and 9")]
        let bin = ((weight * 10.0) as usize).min(9);
        score.bins[bin].0 += weight;
        score.bins[bin].1 += u32::from(is_right);
        score.bins[bin].2 += 1;
    }
    if claim.is_some() {
        score.claims += 1;
        score.right += u32::from(is_right);
    }
    if verdict.label == Label::Confirmed {
        score.confirmed += 1;
        score.confirmed_wrong += u32::from(!is_right);
    }
    let mut is_named_right = true;
    if let Some(fault) = fault.filter(|fault| claim.is_some() && is_right && !fault.culprits.is_empty()) {
        let named = verdict.culprit.filter(|culprit| *culprit != Culprit::Nobody);
        is_named_right = named.is_some_and(|named| fault.culprits.contains(&named));
        if fault.rate >= 0.3 && fault.is_in_model {
            score.with_culprit += 1;
            score.culprit_right += u32::from(is_named_right);
            score.named += u32::from(named.is_some());
            score.named_right += u32::from(named.is_some() && is_named_right);
        }
    }
    let is_missed = failed >= 2 && claim.is_none();
    if claim.is_some() && (!is_right || !is_named_right) || is_missed {
        score.misses.push(format!(
            "{:?}: {} {class:?} {weight:.3} culprit {:?}, failed {failed} of {}, spent {}, e {:.1}; {:?}",
            fault.map(|fault| (&fault.when, fault.rate)),
            name_of(&format!("{:?}", verdict.label)),
            belief.culprits.first(),
            belief.tally().attempts,
            verdict.spent,
            verdict.fresh.map_or(0.0, |fresh| fresh.log_e),
            belief
                .causes
                .iter()
                .take(4)
                .map(|(cause, weight)| (cause, (weight * 1e3).round() / 1e3))
                .collect::<Vec<_>>(),
        ));
    }
}

fn name_of(shown: &str) -> String {
    shown.split([' ', '(', '{']).next().unwrap_or_default().to_owned()
}

/// What people do: `k` runs of everything in parallel, and everything `k` times alone; then what fails always is deterministic,
/// what fails in both is random, what fails only in parallel in one slot again and again is that slot's fault, else an overlap, and
/// what fails only alone misses a set-up.
pub(super) fn baseline(world: &mut World, k: u32) -> Score {
    let mut seen: BTreeMap<(TestNo, String), Seen> = BTreeMap::new();
    let mut note = |observation: &Observation, alone: bool| {
        let Ending::Failed(signature) = &observation.ending else { return };
        let entry = seen.entry((observation.test, signature.clone())).or_default();
        if alone {
            entry.alone += 1;
        } else {
            entry.parallel += 1;
            entry.slots.push(observation.setting.slot);
        }
    };
    for _ in 0..k {
        for observation in world.run_suite(WORKERS) {
            note(&observation, false);
        }
        for test in world.roster.clone().numbers() {
            let slot = SlotId((test.0 + u16::try_from(k).unwrap_or(0)) % SLOTS);
            let experiment = Experiment::Isolated { slot };
            let plan =
                Plan { test: Some(test), experiment, cost: 1, information: 0.0, believed: None, side: None };
            for observation in world.make(&plan) {
                note(&observation, true);
            }
        }
    }
    let mut score = Score { worlds: 1, spent: 2 * TESTS * k as usize, ..Score::default() };
    for ((_, signature), seen) in seen {
        let number = signature.strip_prefix("fault ").and_then(|number| number.parse::<usize>().ok());
        let Some(number) = number.filter(|_| seen.parallel + seen.alone >= 2) else { continue };
        let class = seen.class(k);
        score.asked += 1;
        score.right_of_asked += u32::from(world.faults[number].classes.contains(&class));
    }
    score
}

#[derive(Default)]
struct Seen {
    parallel: u32,
    alone: u32,
    slots: Vec<SlotId>,
}

impl Seen {
    fn class(&self, k: u32) -> Class {
        let is_one_slot = self.slots.len() > 1 && self.slots.iter().all(|slot| *slot == self.slots[0]);
        match (self.parallel, self.alone) {
            (parallel, alone) if parallel == k && alone == k => Class::Deterministic,
            (0, _) => Class::Brittle,
            (_, 0) if is_one_slot => Class::Slot,
            (_, 0) => Class::Overlap,
            _ => Class::Random,
        }
    }
}

/// Worlds of a kind, with these seeds.
pub(super) fn over(kind: Kind, seeds: impl Iterator<Item = u64>, suites: usize) -> Score {
    let mut sum = Score::default();
    for seed in seeds {
        sum.add(studied(&mut World::new(kind, seed), suites));
    }
    sum
}
