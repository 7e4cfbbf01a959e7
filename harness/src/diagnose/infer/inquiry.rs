//! One question: why does this test fail in this way?

use std::collections::BTreeMap;
use std::sync::Arc;

use super::belief::{by_weight, culprits, remaining};
use super::choose::{Candidates, Experiment, Machine, Plan, information};
use super::evalue::Tally;
use super::hypothesis::{Cause, Class, Culprit, Hypotheses, NOISE, Place};
use super::interval::{clopper_pearson, upper_bound_of_none};
use super::label::{ALPHA, Belief, LIKELY, Label, NAMED, SURE, Verdict};
use super::observation::{Arm, Ending, Observation, Setting, Side, TestNo};
use super::posterior::{Elsewhere, Evidence, Posterior};
use super::sprt::Search;
use super::trial::Trial;
use crate::model::SlotId;

/// What one question may cost, in executions of a test.
#[derive(Debug, Clone, Copy)]
pub(super) struct Caps {
    /// Until it is clear what it is.
    pub(super) adapt: usize,
    /// The same where only one failure was ever seen.
    pub(super) once: usize,
    /// All in all.
    pub(super) all: usize,
}

/// Below this many bits for a test execution an experiment is not worth it.
const WORTH: f64 = 2e-4;
/// What is so probably noise is not asked about any further.
const NOISE_ENOUGH: f64 = 0.95;

/// See the module's documentation.
#[derive(Debug)]
pub(super) struct Inquiry {
    all: Arc<Hypotheses>,
    test: TestNo,
    signature: String,
    log_priors: Vec<f64>,
    evidence: Evidence,
    arms: BTreeMap<Arm, Tally>,
    seconds: f64,
    spent: usize,
    turn: usize,
    trial: Option<Trial>,
    trials: i32,
    // As long as nothing new was seen:
    found: Option<Posterior>,
    belief: Option<Belief>,
    telling: Option<(Experiment, f64)>,
    elsewhere: Elsewhere,
    /// The setting of its attempt in the last run of the suite.
    last_run: Option<Setting>,
}

/// What a question needs.
pub(super) enum Next {
    /// To find out what it is.
    Adapt(Plan),
    /// To confirm what it seems to be.
    Confirm(Plan),
    /// Nothing more: it is answered, or cannot be.
    Nothing,
}

impl Inquiry {
    pub(super) fn new(all: &Arc<Hypotheses>, test: TestNo, signature: &str, kinship: &[f64]) -> Self {
        Self {
            all: Arc::clone(all),
            test,
            signature: signature.to_owned(),
            log_priors: all.log_priors(test, kinship),
            evidence: Evidence::new(all),
            arms: BTreeMap::new(),
            seconds: 0.0,
            spent: 0,
            turn: test.index(),
            trial: None,
            trials: 0,
            found: None,
            belief: None,
            telling: None,
            elsewhere: Elsewhere::default(),
            last_run: None,
        }
    }

    /// The test can run in these slots and in no other, so no other can be what makes it fail.
    pub(super) fn runs_only_in(&mut self, slots: &[SlotId]) {
        for slot in (0..self.all.slots).filter(|slot| !slots.iter().any(|one| one.index() == *slot)) {
            self.log_priors[self.all.slot(slot)] = f64::NEG_INFINITY;
        }
        self.forget();
    }

    /// Takes an attempt. Other tests' attempts say nothing here, nor do failures of another kind.
    pub(super) fn observe(&mut self, observation: &Observation) {
        let failed = match &observation.ending {
            Ending::Passed => false,
            Ending::Failed(signature) if *signature == self.signature => true,
            Ending::Failed(_) => return,
        };
        if observation.test != self.test {
            return;
        }
        self.forget();
        self.evidence.add(&self.all, &observation.setting, failed);
        self.arms.entry(observation.setting.arm).or_default().add(failed);
        self.seconds += observation.setting.seconds;
        if observation.setting.arm == Arm::Parallel {
            self.last_run = Some(observation.setting.clone());
        }
        if let (Some(side), Some(trial)) = (observation.side, &mut self.trial) {
            trial.observe(side, failed);
        }
    }

    /// What the other tests say of the surroundings.
    pub(super) fn set_elsewhere(&mut self, elsewhere: Elsewhere) {
        let now = self.elsewhere;
        if now.hits == elsewhere.hits && (elsewhere.hits == 0 || elsewhere.seconds < now.seconds * 1.02) {
            return;
        }
        self.forget();
        self.elsewhere = elsewhere;
    }

    /// Something new was seen.
    fn forget(&mut self) {
        self.found = None;
        self.belief = None;
        self.telling = None;
    }

    pub(super) fn signature(&self) -> &str {
        &self.signature
    }

    pub(super) fn failed(&self) -> u32 {
        self.evidence.failed
    }

    /// An experiment is made for this question, at this price.
    pub(super) fn charge(&mut self, cost: usize) {
        self.spent += cost;
        self.turn += 1;
        // It would be another slot's turn.
        self.telling = None;
    }

    pub(super) fn found(&mut self) -> &Posterior {
        let evidence = &self.evidence;
        let (all, priors, elsewhere) = (&self.all, &self.log_priors, self.elsewhere);
        self.found.get_or_insert_with(|| evidence.posterior(all, priors, elsewhere))
    }

    /// What is believed now.
    pub(super) fn belief(&mut self) -> Belief {
        if let Some(belief) = &self.belief {
            return belief.clone();
        }
        let belief = self.new_belief();
        self.belief = Some(belief.clone());
        belief
    }

    fn new_belief(&mut self) -> Belief {
        let all = Arc::clone(&self.all);
        let found = self.found().clone();
        let mut classes: BTreeMap<Class, f64> = BTreeMap::new();
        let mut causes: Vec<(Cause, f64)> = Vec::new();
        let mut best = (0, 0.0);
        for (place, (&cause, &weight)) in all.causes.iter().zip(&found.weight).enumerate() {
            *classes.entry(cause.class()).or_default() += weight;
            if weight > best.1 {
                best = (place, weight);
            }
            if weight > 1e-6 {
                causes.push((cause, weight));
            }
        }
        let mut classes: Vec<(Class, f64)> = classes.into_iter().collect();
        classes.sort_by(by_weight);
        causes.sort_by(by_weight);
        let (class, weight) = classes.first().copied().unwrap_or((Class::OneOff, 1.0));
        let culprits = culprits(&all, &found, class, weight);
        let rate = match all.causes.get(best.0) {
            Some(Cause::Surroundings) => (found.rate[best.0] * self.mean_seconds()).min(1.0),
            Some(Cause::OneOff) => NOISE,
            _ => found.rate[best.0],
        };
        causes.truncate(10);
        let arms = self.arms.iter().map(|(&arm, &tally)| (arm, tally)).collect();
        Belief { test: self.test, signature: self.signature.clone(), classes, culprits, causes, rate, arms }
    }

    fn mean_seconds(&self) -> f64 {
        self.seconds / f64::from((self.evidence.failed + self.evidence.passed).max(1))
    }

    /// How much another run of the suite is expected to tell, in bits: as much as the last one would have, once more.
    pub(super) fn information_of_run(&mut self) -> f64 {
        let Some(setting) = self.last_run.clone() else { return 0.0 };
        let all = Arc::clone(&self.all);
        information(&all, self.found(), &setting)
    }

    /// How much an attempt after these in the same slot is expected to tell, in bits.
    pub(super) fn information_after(&mut self, before: &[TestNo], machine: Machine) -> f64 {
        let seconds = self.mean_seconds();
        let (all, turn) = (Arc::clone(&self.all), self.turn);
        let found = self.found();
        let slot = Candidates { all: &all, found, room: 1, turn }.calm_slot();
        let tests = before.iter().copied().filter(|test| *test != self.test).collect();
        let setting = Experiment::After { slot, tests }.setting(machine, seconds);
        setting.map_or(0.0, |setting| information(&all, self.found(), &setting))
    }

    /// What is best done next. `enough` is the logarithm of the e-value that ends a confirmation.
    pub(super) fn next(&mut self, caps: Caps, machine: Machine, enough: f64) -> Next {
        if self.spent >= caps.all {
            return Next::Nothing;
        }
        let belief = self.belief();
        let (class, weight) = belief.class();
        let (culprit, part) = belief.culprit();
        let is_clear = weight >= SURE && (culprit == Culprit::Nobody || part >= NAMED);
        let adapt = if self.evidence.failed < 2 { caps.once } else { caps.adapt };
        let is_over = is_clear || self.spent >= adapt;
        if class == Class::OneOff && (weight >= NOISE_ENOUGH || self.spent >= adapt) {
            return Next::Nothing;
        }
        if is_over {
            return if weight >= SURE { self.confirm(&belief, machine, enough) } else { Next::Nothing };
        }
        match self.most_telling(machine) {
            Some((experiment, bits)) if bits / experiment.cost(self.all.tests) as f64 >= WORTH => {
                Next::Adapt(self.plan(experiment, bits, &belief, None))
            }
            _ if weight >= SURE => self.confirm(&belief, machine, enough),
            _ => Next::Nothing,
        }
    }

    fn plan(&self, experiment: Experiment, information: f64, belief: &Belief, side: Option<Side>) -> Plan {
        let cost = experiment.cost(self.all.tests);
        let believed = belief.causes.first().map(|(cause, _)| *cause);
        Plan { test: Some(self.test), experiment, cost, information, believed, side }
    }

    /// The experiment with the most bits for each test execution; of equals the first.
    fn most_telling(&mut self, machine: Machine) -> Option<(Experiment, f64)> {
        if self.telling.is_some() {
            return self.telling.clone();
        }
        let seconds = self.mean_seconds();
        let (all, turn) = (Arc::clone(&self.all), self.turn);
        let found = self.found();
        let candidates = Candidates { all: &all, found, room: room(machine), turn };
        let mut best: Option<(Experiment, f64, f64)> = None;
        for experiment in candidates.experiments() {
            let Some(setting) = experiment.setting(machine, seconds) else { continue };
            let bits = information(&all, found, &setting);
            let worth = bits / experiment.cost(all.tests) as f64;
            if best.as_ref().is_none_or(|(_, _, most)| worth > *most * (1.0 + 1e-9)) {
                best = Some((experiment, bits, worth));
            }
        }
        self.telling = best.map(|(experiment, bits, _)| (experiment, bits));
        self.telling.clone()
    }

    /// The next attempt of the comparison on fresh data, until that says enough.
    fn confirm(&mut self, belief: &Belief, machine: Machine, enough: f64) -> Next {
        if belief.class().0 == Class::Surroundings {
            // Nothing that can be done brings them about.
            return Next::Nothing;
        }
        let (all, turn) = (Arc::clone(&self.all), self.turn);
        let found = self.found();
        let candidates = Candidates { all: &all, found, room: room(machine), turn };
        let (fresh, slot) = (Trial::new(belief, &candidates), candidates.calm_slot());
        if self.trial.as_ref().is_none_or(|trial| !trial.is_about(belief)) {
            self.trials += 1;
            self.trial = Some(fresh);
        }
        let discount = self.discount();
        match &self.trial {
            Some(trial) if trial.log_e() + discount < enough => {
                let (side, experiment) = trial.wanted(slot);
                Next::Confirm(self.plan(experiment, 0.0, belief, Some(side)))
            }
            _ => Next::Nothing,
        }
    }

    /// What the e-value of the n-th trial of a question counts: the first .9 of it, each further one a tenth of the one
    /// before, so that all together are an e-value.
    fn discount(&self) -> f64 {
        0.9_f64.ln() - f64::from(self.trials - 1) * 10_f64.ln()
    }

    /// What fresh data say of what is believed now, as the logarithm of an e-value; no evidence is 0.
    pub(super) fn log_e(&mut self) -> f64 {
        let belief = self.belief();
        let discount = self.discount();
        match &self.trial {
            Some(trial) if trial.is_about_class(&belief) => trial.log_e() + discount,
            _ => 0.0,
        }
    }

    /// How many test executions a confirmation is likely to cost: what costs least is confirmed first.
    pub(super) fn confirming_costs(&mut self) -> f64 {
        let rate = self.belief().rate.max(0.02);
        let block = self.trial.as_ref().map_or(4.0, |trial| trial.block_costs(self.all.tests));
        block * (1.0 + 2.0 / rate)
    }

    /// The answer, if no more is asked. `is_rejected` says whether e-BH over all questions rejects that the cause has
    /// nothing to do with it.
    pub(super) fn verdict(&mut self, is_rejected: bool, machine: Machine) -> Verdict {
        let belief = self.belief();
        let (class, weight) = belief.class();
        let label = match class {
            Class::OneOff if weight >= LIKELY => Label::NotReproduced { at_most: self.at_most() },
            _ if weight >= SURE && is_rejected => Label::Confirmed,
            _ if weight >= LIKELY => Label::Likely,
            _ => Label::Undetermined {
                remaining: remaining(&belief.classes),
                would_decide: self.most_telling(machine).map(|(experiment, _)| experiment),
            },
        };
        let culprit = match belief.culprit() {
            (Culprit::Nobody, _) => None,
            (culprit, part) => (part >= NAMED).then_some(culprit),
        };
        let discount = self.discount();
        let fresh = self.trial.as_ref().map(|trial| trial.fresh(discount));
        Verdict { label, belief, culprit, fresh, spent: self.spent }
    }

    /// Of what was never seen to fail again: the bound of the attempts after the first failure. Of what was, Clopper and
    /// Pearson's upper limit.
    fn at_most(&self) -> f64 {
        let (failed, attempts) = (self.evidence.failed, self.evidence.failed + self.evidence.passed);
        if failed <= 1 {
            return upper_bound_of_none(attempts - failed, ALPHA);
        }
        clopper_pearson(failed, attempts, 2.0 * ALPHA).high
    }

    /// A search for those that are guilty together, where the class is clear, has culprits, and none of them alone is
    /// one: among those that are suspected most.
    pub(super) fn search(&mut self, machine: Machine) -> Option<Search> {
        let belief = self.belief();
        let (class, weight) = belief.class();
        if weight < SURE || belief.culprit().1 >= NAMED && belief.culprit().0 != Culprit::Many {
            return None;
        }
        let (all, turn) = (Arc::clone(&self.all), self.turn);
        let found = self.found();
        let candidates = Candidates { all: &all, found, room: room(machine), turn };
        let suspects = match class {
            // No more than there are places beside it.
            Class::Overlap => candidates.company().into_iter().take(candidates.room).collect(),
            Class::Order | Class::Brittle => candidates.predecessors(Place::Here),
            _ => return None,
        };
        Some(Search::new(suspects, belief.rate))
    }
}

fn room(machine: Machine) -> usize {
    usize::from(machine.workers.saturating_sub(1)).max(1)
}
