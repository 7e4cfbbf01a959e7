//! All questions together: when enough was looked for, which question is asked next, and what may be said of all of them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rand_core::{Rng, SeedableRng};
use rand_pcg::Pcg32;

use super::choose::{Experiment, Machine, Plan};
use super::evalue::e_bh;
use super::good_turing::new_per_run;
use super::hypothesis::Hypotheses;
use super::inquiry::{Caps, Inquiry, Next};
use super::label::{ALPHA, Belief, Verdict};
use super::observation::{Arm, Ending, Observation, Roster, TestNo};
use super::posterior::Elsewhere;
use super::sprt::Search;
use crate::model::SlotId;

/// How much may be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Budget {
    /// In executions of a test, all in all.
    pub(crate) executions: usize,
    /// Runs of the whole suite before single tests are looked at: at least.
    pub(crate) runs_at_least: usize,
    /// The same, at most.
    pub(crate) runs_at_most: usize,
}

impl Budget {
    /// So many suite-equivalents, of which up to six are runs of the whole suite.
    pub(crate) fn of(suites: usize, tests: usize) -> Self {
        Self { executions: suites * tests, runs_at_least: 5, runs_at_most: 6 }
    }
}

/// New failing tests in a run, so few that it does not pay to look for more.
const NEW_PER_RUN: f64 = 0.3;

/// What a confirmation is worth, in bits: so that one that is cheap comes before an experiment that tells little.
const CONFIRMED: f64 = 0.6;

/// What so long a series costs is the tests that come first, so those that fail come several times after them.
const TIMES: usize = 12;
/// How much that tells, in what one attempt does: what is known after the first is not told again.
const TIMES_TELL: f64 = 9.0;
/// Bits that an attempt has to be expected to tell to be part of a series.
const WORTH_A_PLACE: f64 = 0.01;

/// See the module's documentation.
#[derive(Debug)]
pub(crate) struct Docket {
    roster: Roster,
    all: Arc<Hypotheses>,
    budget: Budget,
    machine: Machine,
    kinship: BTreeMap<TestNo, Vec<f64>>,
    places: BTreeMap<TestNo, Vec<SlotId>>,
    /// What each test did, for questions that are not asked yet.
    seen: Vec<Vec<Observation>>,
    seconds: Vec<f64>,
    questions: BTreeMap<(TestNo, String), Inquiry>,
    runs: usize,
    failed_in_runs: BTreeMap<TestNo, usize>,
    spent: usize,
}

impl Docket {
    /// Of a suite on a machine.
    pub(crate) fn new(roster: Roster, budget: Budget, machine: Machine) -> Self {
        let tests = roster.len();
        Self {
            all: Arc::new(Hypotheses::new(&roster)),
            roster,
            budget,
            machine,
            kinship: BTreeMap::new(),
            places: BTreeMap::new(),
            seen: vec![Vec::new(); tests],
            seconds: vec![0.0; tests],
            questions: BTreeMap::new(),
            runs: 0,
            failed_in_runs: BTreeMap::new(),
            spent: 0,
        }
    }

    /// How much more than others each test is suspected to make `test` fail, by number; 1 for no more. It counts for questions
    /// that are asked from now on.
    pub(crate) fn set_kinship(&mut self, test: TestNo, kinship: Vec<f64>) {
        self.kinship.insert(test, kinship);
    }

    /// Where a test can run, if that is not in every slot. It counts for questions that are asked from now on.
    pub(crate) fn set_places(&mut self, test: TestNo, places: Vec<SlotId>) {
        self.places.insert(test, places);
    }

    /// Takes what the attempts of one experiment told: all tests of a run of the suite at once, or the test for which an
    /// experiment was made. In which order they are does not matter.
    pub(crate) fn observe(&mut self, observations: &[Observation]) {
        let known = |observation: &&Observation| observation.test.index() < self.roster.len();
        let observations: Vec<&Observation> = observations.iter().filter(known).collect();
        if observations.iter().any(|observation| observation.setting.arm == Arm::Parallel) {
            self.runs += 1;
            let failed = observations.iter().filter(|one| matches!(one.ending, Ending::Failed(_)));
            let failed: BTreeSet<TestNo> = failed.map(|one| one.test).collect();
            for test in failed {
                *self.failed_in_runs.entry(test).or_default() += 1;
            }
        }
        for observation in &observations {
            self.seconds[observation.test.index()] += observation.setting.seconds;
            if let Ending::Failed(signature) = &observation.ending {
                self.ask(observation.test, signature);
            }
        }
        for observation in observations {
            let of_test = (observation.test, String::new())..;
            for (_, question) in
                self.questions.range_mut(of_test).take_while(|((test, _), _)| *test == observation.test)
            {
                question.observe(observation);
            }
            self.seen[observation.test.index()].push(observation.clone());
        }
        self.look_elsewhere();
    }

    /// Asks why a test fails in this way, if nobody has so far, of all that it ever did.
    fn ask(&mut self, test: TestNo, signature: &str) {
        let key = (test, signature.to_owned());
        if self.questions.contains_key(&key) {
            return;
        }
        let kinship = self.kinship.get(&test).map_or(&[][..], Vec::as_slice);
        let mut question = Inquiry::new(&self.all, test, signature, kinship);
        if let Some(places) = self.places.get(&test) {
            question.runs_only_in(places);
        }
        for observation in &self.seen[test.index()] {
            question.observe(observation);
        }
        self.questions.insert(key, question);
    }

    /// Tells each question how often the other tests failed in its way. One test counts twice at most: what fails always is
    /// hit by no surroundings.
    fn look_elsewhere(&mut self) {
        let seconds: f64 = self.seconds.iter().sum();
        let mut hits: BTreeMap<String, (u32, u32)> = BTreeMap::new();
        for question in self.questions.values() {
            let (all, tests) = hits.entry(question.signature().to_owned()).or_default();
            *all += question.failed().min(2);
            *tests += 1;
        }
        for ((test, signature), question) in &mut self.questions {
            let (all, tests) = hits.get(signature).copied().unwrap_or((question.failed().min(2), 1));
            let elsewhere = Elsewhere {
                hits: all - question.failed().min(2),
                tests: tests - 1,
                seconds: seconds - self.seconds[test.index()],
            };
            question.set_elsewhere(elsewhere);
        }
    }

    /// So much may be done from now on, in executions of a test from the beginning.
    pub(crate) fn allow(&mut self, executions: usize) {
        self.budget.executions = executions;
    }

    /// What was spent so far, in executions of a test.
    pub(crate) fn spent(&self) -> usize {
        self.spent
    }

    /// What is best done next: at most `at_once` experiments, each for another test, so that they may be made at the same
    /// time. They count as made. Nothing if all is known that can be, or the budget is spent.
    ///
    /// First runs of the suite, until a further one would hardly show a new failing test. Then what tells most for its
    /// costs, or another run if that tells more of all questions together. At last confirmations, the cheapest first.
    pub(crate) fn next(&mut self, at_once: usize) -> Vec<Plan> {
        if self.wants_run() {
            let information = self.information_of_run();
            let plan = self.run(information);
            self.spent += plan.as_ref().map_or(0, |plan| plan.cost);
            return plan.into_iter().collect();
        }
        let enough = self.enough();
        let caps = self.caps();
        let mut plans = Vec::new();
        for (key, question) in &mut self.questions {
            match question.next(caps, self.machine, enough) {
                Next::Adapt(plan) => plans.push((plan.information / plan.cost as f64, key.clone(), plan)),
                Next::Confirm(plan) => {
                    plans.push((CONFIRMED / question.confirming_costs(), key.clone(), plan));
                }
                Next::Nothing => {}
            }
        }
        if let Some(shared) = self.shared(&plans) {
            self.spent += shared.cost;
            return vec![shared];
        }
        // The sort is stable, and they are in the order of names.
        plans.sort_by(|a, b| b.0.total_cmp(&a.0));
        let mut tests = BTreeSet::new();
        let mut chosen = Vec::new();
        for (_, key, plan) in plans {
            let is_affordable = self.spent + plan.cost <= self.budget.executions;
            if chosen.len() < at_once.max(1) && is_affordable && tests.insert(key.0) {
                self.spent += plan.cost;
                if let Some(question) = self.questions.get_mut(&key) {
                    question.charge(plan.cost);
                }
                chosen.push(plan);
            }
        }
        chosen
    }

    /// What tells more of several questions together than the best plan for one does, for what it costs.
    fn shared(&mut self, plans: &[(f64, (TestNo, String), Plan)]) -> Option<Plan> {
        let open: Vec<_> = plans.iter().filter(|(_, _, plan)| plan.side.is_none()).cloned().collect();
        let best = plans.iter().map(|(worth, ..)| *worth).fold(0.0, f64::max);
        if open.is_empty() {
            return None;
        }
        let information = self.information_of_run();
        let worth = |plan: &Plan| plan.information / plan.cost.max(1) as f64;
        let plans = self.run(information).into_iter().chain(self.series(&open));
        plans.max_by(|a, b| worth(a).total_cmp(&worth(b))).filter(|plan| worth(plan) > best)
    }

    /// Those whose failures are not clear, after all others or after half of them.
    fn series(&mut self, open: &[(f64, (TestNo, String), Plan)]) -> Vec<Plan> {
        let failing: BTreeSet<TestNo> = open.iter().map(|(_, (test, _), _)| *test).collect();
        let mut others: Vec<TestNo> = self.roster.numbers().filter(|test| !failing.contains(test)).collect();
        let mut chance = Pcg32::seed_from_u64(self.spent as u64);
        for last in (1..others.len()).rev() {
            others.swap(last, chance.next_u32() as usize % (last + 1));
        }
        let slot = SlotId(u16::try_from(self.spent % usize::from(self.roster.slots())).unwrap_or(0));
        let mut plans = Vec::new();
        for size in [others.len(), others.len() / 2, others.len() / 4] {
            let first = others[..size].to_vec();
            let mut told: BTreeMap<TestNo, f64> = BTreeMap::new();
            for (_, key, _) in open {
                if let Some(question) = self.questions.get_mut(key) {
                    *told.entry(key.0).or_default() += question.information_after(&first, self.machine);
                }
            }
            told.retain(|_, bits| *bits > WORTH_A_PLACE);
            let once: Vec<TestNo> = told.keys().copied().collect();
            let information = told.values().sum::<f64>() * TIMES_TELL;
            let experiment = Experiment::Series { slot, first, then: once.repeat(TIMES) };
            let cost = experiment.cost(self.roster.len());
            if self.spent + cost <= self.budget.executions {
                plans.push(Plan { test: None, experiment, cost, information, believed: None, side: None });
            }
        }
        plans
    }

    fn run(&mut self, information: f64) -> Option<Plan> {
        let experiment = Experiment::Suite { workers: self.roster.workers() };
        let cost = experiment.cost(self.roster.len());
        if self.spent + cost > self.budget.executions {
            return None;
        }
        Some(Plan { test: None, experiment, cost, information, believed: None, side: None })
    }

    fn information_of_run(&mut self) -> f64 {
        self.questions.values_mut().map(Inquiry::information_of_run).sum()
    }

    fn wants_run(&self) -> bool {
        let once = self.failed_in_runs.values().filter(|runs| **runs == 1).count();
        let fits = self.spent + self.roster.len() <= self.budget.executions;
        fits && (self.runs < self.budget.runs_at_least
            || self.runs < self.budget.runs_at_most && new_per_run(once, self.runs) > NEW_PER_RUN)
    }

    /// e-BH needs more of each question the fewer of them are answered. This many it will be at least.
    fn enough(&mut self) -> f64 {
        let asked = self.questions.len().max(1) as f64;
        let sure = self.questions.values_mut().map(|question| question.belief().class());
        let sure = sure.filter(|(class, weight)| {
            *weight >= super::label::SURE && !matches!(class, super::hypothesis::Class::OneOff)
        });
        (asked / (ALPHA * sure.count().max(1) as f64)).ln()
    }

    fn caps(&self) -> Caps {
        let suite = self.roster.len().max(20);
        Caps { adapt: 2 * suite, once: 30, all: 4 * suite }
    }

    /// What is believed of every question, in the order of names.
    pub(crate) fn beliefs(&mut self) -> Vec<Belief> {
        self.questions.values_mut().map(Inquiry::belief).collect()
    }

    /// A search for several culprits of a failure whose class is clear, where no single one is.
    pub(crate) fn search(&mut self, test: TestNo, signature: &str) -> Option<Search> {
        let machine = self.machine;
        self.questions.get_mut(&(test, signature.to_owned()))?.search(machine)
    }

    /// The answers, in the order of names.
    pub(crate) fn verdicts(&mut self) -> Vec<Verdict> {
        let log_e: Vec<f64> = self.questions.values_mut().map(Inquiry::log_e).collect();
        let rejected = e_bh(&log_e, ALPHA);
        let machine = self.machine;
        self.questions
            .values_mut()
            .zip(rejected)
            .map(|(question, is_rejected)| question.verdict(is_rejected, machine))
            .collect()
    }
}
