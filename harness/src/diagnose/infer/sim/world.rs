//! Worlds with planted faults, in which suites run as callboard runs them.

use rand_core::{Rng, SeedableRng};
use rand_pcg::Pcg32;

use crate::diagnose::infer::hypothesis::NOISE;
use crate::diagnose::infer::{
    Arm, Class, Culprit, Ending, Experiment, Machine, Observation, Plan, Roster, Setting, TestNo,
};
use crate::model::{SlotId, TestId};

pub(super) const TESTS: usize = 58;
pub(super) const SLOTS: u16 = 16;
pub(super) const WORKERS: u16 = 10;

/// A source of chance that is the same for the same seed.
pub(super) struct Dice(Pcg32);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(Pcg32::seed_from_u64(seed))
    }

    /// From 0 to 1.
    pub(super) fn part(&mut self) -> f64 {
        f64::from(self.0.next_u32()) / 4_294_967_296.0
    }

    pub(super) fn is(&mut self, probability: f64) -> bool {
        self.part() < probability
    }

    pub(super) fn below(&mut self, end: usize) -> usize {
        self.0.next_u32() as usize % end.max(1)
    }

    pub(super) fn of<T: Copy>(&mut self, these: &[T]) -> T {
        these[self.below(these.len())]
    }

    pub(super) fn shuffle<T>(&mut self, these: &mut [T]) {
        for last in (1..these.len()).rev() {
            these.swap(last, self.below(last + 1));
        }
    }

    /// About normally distributed with mean 0 and deviation 1.
    pub(super) fn noise(&mut self) -> f64 {
        (0..12).map(|_| self.part()).sum::<f64>() - 6.0
    }
}

/// When a planted fault strikes.
#[derive(Debug, Clone)]
pub(super) enum When {
    Always,
    InSlot(u16),
    After(TestNo, bool),
    Without(TestNo, bool),
    Beside(TestNo),
    Crowd(u16),
    Busy(f64),
    /// Whoever runs: so many hits a second.
    Surroundings(f64),
    // What no hypothesis says:
    /// At least so many of these run at the same time.
    Group(Vec<TestNo>, usize),
    /// One of these runs at the same time.
    BesideAny(Vec<TestNo>),
    /// One of these ran before in the slot.
    AfterAny(Vec<TestNo>),
    /// Either.
    Either(Box<When>, Box<When>),
    /// So many seconds after the start of whatever it is started in.
    Late(f64),
    /// Always, at a rate that grows from nothing to twice its own while attempts are made.
    Drift,
}

/// A fault, and whom it hits.
#[derive(Debug, Clone)]
pub(super) struct Fault {
    /// Nobody in particular: surroundings.
    pub(super) victim: Option<TestNo>,
    pub(super) when: When,
    pub(super) rate: f64,
    /// What may be said of it without being wrong.
    pub(super) classes: Vec<Class>,
    /// Who may be named; who may not is wrong.
    pub(super) culprits: Vec<Culprit>,
    pub(super) is_in_model: bool,
}

/// What a world is made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Healthy,
    /// 16 faults as the hypotheses have them.
    Modelled,
    /// 16 faults, every second of which no hypothesis has.
    Strange,
    /// 16 as modelled, on a machine that others use as well.
    Unsteady,
}

pub(super) struct World {
    pub(super) roster: Roster,
    pub(super) faults: Vec<Fault>,
    seconds: Vec<f64>,
    dice: Dice,
    is_unsteady: bool,
    /// How busy others keep the machine now.
    others: f64,
    attempts: usize,
}

pub(super) fn machine() -> Machine {
    Machine { alone: 0.1, full: 0.9, throttled: 0.9, workers: WORKERS }
}

impl World {
    pub(super) fn new(kind: Kind, seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let names = (0..TESTS).map(|n| TestId::new(format!("suite::t{n:02}"))).collect();
        let roster = Roster::new(names, SLOTS, WORKERS);
        let seconds = (0..TESTS).map(|_| 8.0 * (0.5 * dice.noise()).exp()).collect();
        let faults = match kind {
            Kind::Healthy => Vec::new(),
            Kind::Modelled | Kind::Unsteady => planted(&mut dice, 0),
            Kind::Strange => planted(&mut dice, 8),
        };
        Self { roster, faults, seconds, dice, is_unsteady: kind == Kind::Unsteady, others: 0.0, attempts: 0 }
    }

    /// Runs the whole suite, in random order, in as many slots as there are workers.
    pub(super) fn run_suite(&mut self, workers: u16) -> Vec<Observation> {
        self.weather();
        let mut order: Vec<usize> = (0..TESTS).collect();
        self.dice.shuffle(&mut order);
        let mut slots: Vec<u16> = (0..SLOTS).collect();
        self.dice.shuffle(&mut slots);
        // Free from when, and what ran there.
        let mut lanes: Vec<(f64, u16, Vec<TestNo>)> =
            slots.into_iter().take(usize::from(workers)).map(|slot| (0.0, slot, Vec::new())).collect();
        let mut made: Vec<(f64, f64, u16, TestNo, Vec<TestNo>)> = Vec::new();
        for index in order {
            lanes.sort_by(|a, b| a.0.total_cmp(&b.0));
            let took = self.seconds[index] * (0.15 * self.dice.noise()).exp();
            let (free, slot, before) = &mut lanes[0];
            let (start, test) = (*free + 0.2, number(index));
            made.push((start, start + took, *slot, test, before.clone()));
            before.push(test);
            *free = start + took;
        }
        made.iter().map(|one| self.attempt_of(one, &made)).collect()
    }

    fn attempt_of(
        &mut self,
        (start, end, slot, test, before_here): &(f64, f64, u16, TestNo, Vec<TestNo>),
        made: &[(f64, f64, u16, TestNo, Vec<TestNo>)],
    ) -> Observation {
        let took = end - start;
        let mut beside = Vec::new();
        let mut busy = 0.0;
        for (from, to, _, other, _) in made.iter().filter(|(.., other, _)| other != test) {
            let share = (to.min(*end) - from.max(*start)).max(0.0) / took;
            if share > 0.0 {
                beside.push((*other, share));
                busy += share;
            }
        }
        let before = made.iter().filter(|(_, to, ..)| to <= start).map(|(.., other, _)| *other).collect();
        let most = made
            .iter()
            .filter(|(from, ..)| (*start..*end).contains(from))
            .map(|(at, ..)| made.iter().filter(|(from, to, ..)| from <= at && at < to).count())
            .max();
        let load = self.load(busy);
        let setting = Setting {
            arm: Arm::Parallel,
            slot: SlotId(*slot),
            beside,
            before_here: before_here.clone(),
            before,
            load,
            in_flight: u16::try_from(most.unwrap_or(1)).unwrap(),
            seconds: took,
        };
        let ending = self.ending(*test, &setting, *start);
        Observation { test: *test, setting, ending, side: None }
    }

    /// Does what was planned.
    pub(super) fn make(&mut self, plan: &Plan) -> Vec<Observation> {
        let test = match (&plan.experiment, plan.test) {
            (Experiment::Suite { workers }, _) => return self.run_suite(*workers),
            (Experiment::Series { slot, first, then }, _) => return self.series(*slot, first, then),
            (_, test) => test.expect("an experiment for a test"),
        };
        self.weather();
        let took = self.seconds[test.index()] * (0.15 * self.dice.noise()).exp();
        let mut setting = plan.experiment.setting(machine(), took).expect("an experiment with one test");
        setting.load = match plan.experiment {
            Experiment::Loaded { .. } => (0.9 + 0.04 * self.dice.noise()).clamp(0.0, 1.0),
            _ => self.load(setting.beside.len() as f64),
        };
        let ending = self.ending(test, &setting, setting.before.len() as f64 * 8.0);
        vec![Observation { test, setting, ending, side: plan.side }]
    }

    fn series(&mut self, slot: SlotId, first: &[TestNo], then: &[TestNo]) -> Vec<Observation> {
        self.weather();
        let mut before: Vec<TestNo> = Vec::new();
        let mut start = 0.0;
        let mut seen = Vec::new();
        for &test in first.iter().chain(then) {
            let seconds = self.seconds[test.index()] * (0.15 * self.dice.noise()).exp();
            let setting = Setting {
                arm: Arm::Sequence,
                slot,
                beside: Vec::new(),
                before_here: before.clone(),
                before: before.clone(),
                load: self.load(0.0),
                in_flight: 1,
                seconds,
            };
            let ending = self.ending(test, &setting, start);
            seen.push(Observation { test, setting, ending, side: None });
            before.push(test);
            start += seconds;
        }
        seen
    }

    fn weather(&mut self) {
        if self.is_unsteady {
            self.others = (0.8 * self.others + 0.15 * self.dice.noise()).clamp(-0.1, 0.6);
        }
    }

    fn load(&mut self, others: f64) -> f64 {
        (0.1 + 0.09 * others + self.others + 0.03 * self.dice.noise()).clamp(0.0, 1.0)
    }

    fn ending(&mut self, test: TestNo, setting: &Setting, start: f64) -> Ending {
        self.attempts += 1;
        let age = self.attempts as f64 / 1200.0;
        for (number, fault) in self.faults.iter().enumerate() {
            if fault.victim.is_some_and(|victim| victim != test) {
                continue;
            }
            let probability = match &fault.when {
                When::Surroundings(rate) => 1.0 - (-rate * setting.seconds).exp(),
                When::Drift => (2.0 * fault.rate * age).min(1.0),
                when => fault.rate * strength(when, setting, start),
            };
            if self.dice.is(probability) {
                return Ending::Failed(format!("fault {number}"));
            }
        }
        // What has no reason looks different each time, or nearly.
        let looks = self.dice.below(12);
        if self.dice.is(NOISE) { Ending::Failed(format!("noise {looks}")) } else { Ending::Passed }
    }
}

/// How much a fault may strike: an overlap strikes where the two critical moments meet, which a long overlap makes
/// probable.
fn strength(when: &When, setting: &Setting, start: f64) -> f64 {
    let share =
        |test: &TestNo| setting.beside.iter().find(|(other, _)| other == test).map_or(0.0, |(_, s)| *s);
    let meets = |share: f64| (share * 2.5).min(1.0);
    let holds = |is: bool| f64::from(u8::from(is));
    match when {
        When::Always | When::Drift | When::Surroundings(_) => 1.0,
        When::InSlot(slot) => holds(setting.slot.0 == *slot),
        When::After(test, here) => holds(before(setting, *here).contains(test)),
        When::Without(test, here) => holds(!before(setting, *here).contains(test)),
        When::Beside(test) => meets(share(test)),
        When::Crowd(least) => holds(setting.in_flight >= *least),
        When::Busy(least) => holds(setting.load >= *least),
        When::Group(tests, least) => holds(tests.iter().filter(|test| share(test) > 0.2).count() >= *least),
        When::BesideAny(tests) => meets(tests.iter().map(share).fold(0.0, f64::max)),
        When::AfterAny(tests) => holds(tests.iter().any(|test| setting.before_here.contains(test))),
        When::Either(one, other) => strength(one, setting, start).max(strength(other, setting, start)),
        When::Late(least) => holds(start >= *least),
    }
}

fn before(setting: &Setting, here: bool) -> &[TestNo] {
    if here { &setting.before_here } else { &setting.before }
}

fn number(index: usize) -> TestNo {
    TestNo(u16::try_from(index).unwrap())
}

/// 16 faults of different tests, of which the last `strange` are such as no hypothesis says.
fn planted(dice: &mut Dice, strange: usize) -> Vec<Fault> {
    let mut tests: Vec<TestNo> = (0..TESTS).map(number).collect();
    dice.shuffle(&mut tests);
    let (victims, others) = tests.split_at(16);
    let first = dice.below(10);
    let mut faults: Vec<Fault> = (0..16 - strange)
        .map(|n| {
            let rate = dice.of(&[0.1, 0.3, 0.5, 1.0]);
            modelled(dice, victims[n], others, (first + n) % 10, rate)
        })
        .collect();
    let first = dice.below(6);
    faults.extend((0..strange).map(|n| strange_one(dice, victims[15 - n], others, (first + n) % 6)));
    faults
}

fn modelled(dice: &mut Dice, victim: TestNo, others: &[TestNo], kind: usize, rate: f64) -> Fault {
    let other = dice.of(others);
    let slot = u16::try_from(dice.below(usize::from(SLOTS))).unwrap();
    let here = dice.is(0.5);
    let test = vec![Culprit::Test { test: other }];
    let (when, class, culprits) = match kind {
        0 => (When::Always, Class::Deterministic, Vec::new()),
        1 => (When::Always, Class::Random, Vec::new()),
        2 => (When::InSlot(slot), Class::Slot, vec![Culprit::Slot { slot: SlotId(slot) }]),
        3 => (When::After(other, true), Class::Order, test),
        4 => (When::After(other, false), Class::Order, test),
        5 => (When::Without(other, here), Class::Brittle, test),
        6 | 7 => (When::Beside(other), Class::Overlap, test),
        8 => (When::Crowd(3 + u16::try_from(dice.below(6)).unwrap()), Class::Overlap, vec![Culprit::Many]),
        _ => (When::Busy(0.35 + 0.45 * dice.part()), Class::Load, Vec::new()),
    };
    let rate = match kind {
        0 => 1.0,
        // At random, and always, is no random fault.
        1 => dice.of(&[0.1, 0.3, 0.5]),
        _ => rate,
    };
    Fault { victim: Some(victim), when, rate, classes: vec![class], culprits, is_in_model: true }
}

fn strange_one(dice: &mut Dice, victim: TestNo, others: &[TestNo], kind: usize) -> Fault {
    let mut others = others.to_vec();
    dice.shuffle(&mut others);
    let culprits =
        |count: usize| others[..count].iter().map(|&test| Culprit::Test { test }).collect::<Vec<_>>();
    let rate = dice.of(&[0.3, 0.5, 1.0]);
    let (when, rate, classes, mut accused) = match kind {
        0 => (When::Group(others[..8].to_vec(), 2), rate, vec![Class::Overlap], culprits(8)),
        1 => {
            let either =
                When::Either(Box::new(When::Beside(others[0])), Box::new(When::After(others[1], true)));
            (either, rate, vec![Class::Overlap, Class::Order], culprits(2))
        }
        2 => (When::Drift, 0.3, vec![Class::Random], Vec::new()),
        // Late in a run is late in its slot: many tests ran before it.
        3 => (When::Late(25.0), rate, vec![Class::Order], Vec::new()),
        4 => (When::BesideAny(others[..3].to_vec()), rate, vec![Class::Overlap], culprits(3)),
        _ => (When::AfterAny(others[..3].to_vec()), rate, vec![Class::Order], culprits(3)),
    };
    accused.push(Culprit::Many);
    Fault { victim: Some(victim), when, rate, classes, culprits: accused, is_in_model: false }
}

/// The same hit whoever runs: so many hits a second, in a world that is healthy otherwise.
pub(super) fn with_surroundings(seed: u64, rate: f64) -> World {
    let mut world = World::new(Kind::Healthy, seed);
    world.faults.push(Fault {
        victim: None,
        when: When::Surroundings(rate),
        rate: 1.0,
        classes: vec![Class::Surroundings],
        culprits: Vec::new(),
        is_in_model: true,
    });
    world
}
