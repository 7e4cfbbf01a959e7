//! From what the inference wants to know to what is made in the laboratory: pure.

use std::collections::BTreeSet;

use super::evidence::Asked;
use super::infer::{Arm, Cause, Experiment, Place, Plan, Roster, TestNo};
use crate::model::{Order, Row, Schedule, SlotId, Start, TestId};

/// What the planner knows of the suite.
pub(super) struct Places<'a> {
    pub(super) roster: &'a Roster,
    /// For each test by its number, where it can run.
    pub(super) slots: &'a [Vec<SlotId>],
    /// How many processes make the machine busy.
    pub(super) busy: u16,
    /// How many times slower pages are then.
    pub(super) slow_pages: u16,
}

/// Which attempts of an experiment are observations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Answers {
    /// All of them, made in this kind of experiment.
    Every(Arm),
    /// The last one of each of these.
    Of(Vec<Asked>),
}

/// An experiment that can be made, for one or several questions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Batch {
    pub(super) schedule: Schedule,
    /// Whose last attempts answer; of a run of the suite, and of a series, every attempt does.
    pub(super) answers: Answers,
    /// Whose plans these are, by their places in what was asked for.
    pub(super) plans: Vec<usize>,
}

impl Places<'_> {
    /// Puts plans into as few experiments as their slots allow. Everything begins anew before each: what happened before
    /// would be one of the things that may explain what happens. What makes the machine busy, or
    /// is a run of the suite, is alone. A plan that cannot be made is left out.
    pub(super) fn batches(&self, plans: &[Plan], seed: u64) -> Vec<Batch> {
        let mut batches: Vec<Batch> = Vec::new();
        for (number, plan) in plans.iter().enumerate() {
            if let Experiment::Suite { workers } = plan.experiment {
                let tests = self.roster.numbers().filter_map(|test| self.name(test)).collect();
                let workers = usize::from(workers);
                let order = Order::Parallel { tests, workers, seed };
                let schedule = Schedule { fresh: true, load: 0, slow_pages: 0, order };
                batches.push(Batch { schedule, answers: Answers::Every(Arm::Parallel), plans: vec![number] });
                continue;
            }
            if let Experiment::Series { slot, first, then } = &plan.experiment {
                batches.extend(self.series(*slot, first.iter().chain(then), number));
                continue;
            }
            let is_alone = matches!(plan.experiment, Experiment::Loaded { .. });
            let open = batches.iter_mut().filter(|batch| !is_alone && batch.schedule.load == 0);
            let joined = open.into_iter().any(|batch| self.join(batch, plan, number, seed));
            if joined {
                continue;
            }
            let (load, slow_pages) = if is_alone { (self.busy, self.slow_pages) } else { (0, 0) };
            let order = Order::Rows { rows: Vec::new() };
            let schedule = Schedule { fresh: true, load, slow_pages, order };
            let mut batch = Batch { schedule, answers: Answers::Of(Vec::new()), plans: Vec::new() };
            if self.join(&mut batch, plan, number, seed) {
                batches.push(batch);
            }
        }
        batches
    }

    /// All of these that can run there, one after the other. Each attempt answers for itself.
    fn series<'t>(
        &self,
        slot: SlotId,
        tests: impl Iterator<Item = &'t TestNo>,
        number: usize,
    ) -> Option<Batch> {
        let tests: Vec<TestNo> = tests.copied().filter(|test| self.can_run(*test, slot)).collect();
        let row = Row { slot, tests: self.names(&tests)?, start: Start::Ready, repeats: false };
        let schedule =
            Schedule { fresh: true, load: 0, slow_pages: 0, order: Order::Rows { rows: vec![row] } };
        let answers = Answers::Every(Arm::Sequence);
        (!tests.is_empty()).then_some(Batch { schedule, answers, plans: vec![number] })
    }

    /// What makes a failure happen again that has this cause, as far as one experiment can.
    pub(super) fn replay(&self, test: TestNo, cause: Cause, seed: u64) -> Option<Schedule> {
        let slot = *self.slots.get(test.index())?.first()?;
        let after = |other| Experiment::After { slot, tests: vec![other] };
        let experiment = match cause {
            Cause::Slot { slot } => Experiment::InSlot { slot },
            Cause::Beside { test } => Experiment::Beside { slot, tests: vec![test] },
            Cause::After { test, place: Place::Here } => after(test),
            Cause::After { test: other, place: Place::Anywhere } => {
                Experiment::AfterElsewhere { slot, test: other, other: SlotId(slot.0 + 1) }
            }
            Cause::Crowd { in_flight } => {
                let others = self.roster.numbers().filter(|other| *other != test);
                Experiment::Beside { slot, tests: others.take(usize::from(in_flight) - 1).collect() }
            }
            Cause::Aged { tests } => {
                let others =
                    self.roster.numbers().filter(|other| *other != test && self.can_run(*other, slot));
                Experiment::After { slot, tests: others.take(usize::from(tests)).collect() }
            }
            Cause::Busy { .. } => Experiment::Loaded { slot },
            Cause::Deterministic | Cause::Random | Cause::Without { .. } => Experiment::Isolated { slot },
            Cause::OneOff | Cause::Surroundings | Cause::Slots => return None,
        };
        self.schedule(&experiment, test, seed)
    }

    /// An experiment by itself.
    pub(super) fn schedule(&self, experiment: &Experiment, test: TestNo, seed: u64) -> Option<Schedule> {
        let (rows, _) = self.rows(experiment, test, &BTreeSet::new(), 0, seed)?;
        let is_loaded = matches!(experiment, Experiment::Loaded { .. });
        let (load, slow_pages) = if is_loaded { (self.busy, self.slow_pages) } else { (0, 0) };
        Some(Schedule { fresh: true, load, slow_pages, order: Order::Rows { rows } })
    }

    /// A test and another one, each once; the test begins so much later, in microseconds, or earlier where that is negative. With the
    /// slot of the test.
    pub(super) fn once_each(
        &self,
        test: TestNo,
        other: TestNo,
        distance_us: i64,
    ) -> Option<(Schedule, SlotId)> {
        let mut taken = BTreeSet::new();
        let slot = self.place(test, SlotId(0), &mut taken)?;
        let beside = self.place(other, SlotId(0), &mut taken)?;
        let row =
            |slot, test| Some(Row { slot, tests: self.names(&[test])?, start: Start::Ready, repeats: false });
        let mut rows = vec![row(beside, other)?, row(slot, test)?];
        if distance_us < 0 {
            rows.reverse();
        }
        rows[1].start = Start::Beside { row: 0, delay_us: distance_us.unsigned_abs() };
        Some((Schedule { fresh: true, load: 0, slow_pages: 0, order: Order::Rows { rows } }, slot))
    }

    /// Adds the rows of a plan, where its slots are free. Says whether it could.
    fn join(&self, batch: &mut Batch, plan: &Plan, number: usize, seed: u64) -> bool {
        let (Order::Rows { rows }, Answers::Of(asked)) = (&mut batch.schedule.order, &mut batch.answers)
        else {
            return false;
        };
        let Some(test) = plan.test else { return false };
        let taken: BTreeSet<SlotId> = rows.iter().map(|row| row.slot).collect();
        let Some((added, arm)) = self.rows(&plan.experiment, test, &taken, rows.len(), seed) else {
            return false;
        };
        let Some(slot) = added.last().map(|row| row.slot) else { return false };
        rows.extend(added);
        asked.push(Asked { test, slot, arm, side: plan.side });
        batch.plans.push(number);
        true
    }

    /// The rows of an experiment, the one of its test last, and its arm.
    fn rows(
        &self,
        experiment: &Experiment,
        test: TestNo,
        taken: &BTreeSet<SlotId>,
        first: usize,
        seed: u64,
    ) -> Option<(Vec<Row>, Arm)> {
        let mut taken = taken.clone();
        let alone = |slot, tests: Vec<TestId>| Row { slot, tests, start: Start::Ready, repeats: false };
        Some(match experiment {
            Experiment::Suite { .. } | Experiment::Series { .. } => return None,
            Experiment::Isolated { slot } => {
                (vec![alone(self.place(test, *slot, &mut taken)?, self.names(&[test])?)], Arm::Isolated)
            }
            Experiment::Loaded { slot } => {
                (vec![alone(self.place(test, *slot, &mut taken)?, self.names(&[test])?)], Arm::Loaded)
            }
            Experiment::InSlot { slot } => {
                let is_possible = self.slots.get(test.index())?.contains(slot) && !taken.contains(slot);
                is_possible.then(|| Some((vec![alone(*slot, self.names(&[test])?)], Arm::InSlot)))??
            }
            Experiment::After { slot, tests } => {
                let all: Vec<TestNo> = tests.iter().copied().chain([test]).collect();
                let fits = |slot: &SlotId| {
                    all.iter().all(|test| self.can_run(*test, *slot)) && !taken.contains(slot)
                };
                let slot = Some(*slot).filter(fits).or_else(|| self.any_slot().find(fits))?;
                let arm = if tests.len() == 1 { Arm::AfterHere } else { Arm::Sequence };
                (vec![alone(slot, self.names(&all)?)], arm)
            }
            Experiment::AfterElsewhere { slot, test: before, other } => {
                let other = self.place(*before, *other, &mut taken)?;
                let slot = self.place(test, *slot, &mut taken)?;
                let after = Row { start: Start::After(first), ..alone(slot, self.names(&[test])?) };
                (vec![alone(other, self.names(&[*before])?), after], Arm::AfterElsewhere)
            }
            Experiment::Beside { slot, tests } => {
                // Its own place first: it may have fewer.
                let own = self.place(test, *slot, &mut taken)?;
                let mut rows = Vec::new();
                for (number, other) in tests.iter().enumerate() {
                    let slot = self.place(*other, SlotId(slot.0 + 1), &mut taken)?;
                    let start =
                        if number == 0 { Start::Ready } else { Start::Beside { row: first, delay_us: 0 } };
                    rows.push(Row { slot, tests: self.names(&[*other])?, start, repeats: true });
                }
                let start = Start::Beside { row: first, delay_us: jitter(seed) };
                rows.push(Row { start, ..alone(own, self.names(&[test])?) });
                (rows, if tests.len() == 1 { Arm::Beside } else { Arm::Pool })
            }
        })
    }

    /// A free slot where the test can run: this one, or the next one after it.
    fn place(&self, test: TestNo, wished: SlotId, taken: &mut BTreeSet<SlotId>) -> Option<SlotId> {
        let free = |slot: &SlotId| self.can_run(test, *slot) && !taken.contains(slot);
        let from = self.any_slot().filter(|slot| *slot >= wished);
        let found = from.chain(self.any_slot()).find(free)?;
        taken.insert(found);
        Some(found)
    }

    fn can_run(&self, test: TestNo, slot: SlotId) -> bool {
        self.slots.get(test.index()).is_some_and(|slots| slots.contains(&slot))
    }

    fn any_slot(&self) -> impl Iterator<Item = SlotId> + use<> {
        (0..self.roster.slots()).map(SlotId)
    }

    fn name(&self, test: TestNo) -> Option<TestId> {
        self.roster.name(test).cloned()
    }

    fn names(&self, tests: &[TestNo]) -> Option<Vec<TestId>> {
        tests.iter().map(|test| self.name(*test)).collect()
    }
}

/// How much later than its company a test begins, in microseconds: of all orders of magnitude from a thousandth of a second to one
/// second, because nobody knows how far apart the two moments are that must not meet. A third begin at the same moment.
fn jitter(seed: u64) -> u64 {
    const MOST: f64 = 1_000.0;
    let draw = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 33;
    if draw.is_multiple_of(3) {
        return 0;
    }
    #[expect(clippy::cast_precision_loss, reason = "31 bits")]
    let part = (draw % 10_007) as f64 / 10_007.0;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most a million")]
    let micros = (1_000.0 * MOST.powf(part)) as u64;
    micros
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnose::infer::Side;

    fn roster() -> Roster {
        let tests = ["a", "b", "c", "d"].map(TestId::new).to_vec();
        Roster::new(tests, 4, 2)
    }

    fn plan(test: u16, experiment: Experiment) -> Plan {
        Plan {
            test: Some(TestNo(test)),
            cost: experiment.cost(4),
            experiment,
            information: 0.1,
            believed: None,
            side: Some(Side::With),
        }
    }

    fn batches(plans: &[Plan]) -> Vec<Batch> {
        let every: Vec<SlotId> = (0..4).map(SlotId).collect();
        let slots = vec![every.clone(), every.clone(), vec![SlotId(2)], every];
        let roster = roster();
        Places { roster: &roster, slots: &slots, busy: 6, slow_pages: 2 }.batches(plans, 7)
    }

    fn rows(batch: &Batch) -> Vec<(u16, String, bool)> {
        let Order::Rows { rows } = &batch.schedule.order else { panic!("rows") };
        let row = |row: &Row| {
            let tests: Vec<&str> = row.tests.iter().map(TestId::as_str).collect();
            (row.slot.0, tests.join(" "), row.repeats)
        };
        rows.iter().map(row).collect()
    }

    #[test]
    fn experiments_on_different_slots_are_made_at_once() {
        let plans = [
            plan(0, Experiment::Isolated { slot: SlotId(1) }),
            plan(1, Experiment::Isolated { slot: SlotId(1) }),
            plan(2, Experiment::Isolated { slot: SlotId(0) }),
        ];
        let batches = batches(&plans);
        assert_eq!(batches.len(), 2);
        // Where the third could run, the second is.
        assert_eq!(rows(&batches[0]), [(1, "a".into(), false), (2, "b".into(), false)]);
        assert_eq!(rows(&batches[1]), [(2, "c".into(), false)]);
        assert_eq!(batches[0].plans, [0, 1]);
        assert!(batches.iter().all(|batch| batch.schedule.fresh));
    }

    #[test]
    fn who_is_looked_at_runs_last_and_beside_it_others_repeat() {
        let batches =
            batches(&[plan(2, Experiment::Beside { slot: SlotId(0), tests: vec![TestNo(0), TestNo(3)] })]);
        assert_eq!(rows(&batches[0]), [(1, "a".into(), true), (3, "d".into(), true), (2, "c".into(), false)]);
        let asked = Asked { test: TestNo(2), slot: SlotId(2), arm: Arm::Pool, side: Some(Side::With) };
        assert_eq!(batches[0].answers, Answers::Of(vec![asked]));
    }

    #[test]
    fn a_series_is_a_row_of_its_own_in_which_every_attempt_answers() {
        let series = Experiment::Series {
            slot: SlotId(1),
            first: vec![TestNo(0), TestNo(2)],
            then: vec![TestNo(1), TestNo(3), TestNo(1)],
        };
        let plans =
            [Plan { test: None, ..plan(0, series) }, plan(3, Experiment::Isolated { slot: SlotId(0) })];
        let batches = batches(&plans);
        // The third cannot run there.
        assert_eq!(rows(&batches[0]), [(1, "a b d b".into(), false)]);
        assert_eq!(batches[0].answers, Answers::Every(Arm::Sequence));
        assert_eq!((batches.len(), &*batches[1].plans), (2, &[1][..]));
    }

    #[test]
    fn of_two_that_run_once_each_the_later_one_waits_for_the_other() {
        let (roster, slots) = (roster(), vec![vec![SlotId(0), SlotId(1)]; 4]);
        let places = Places { roster: &roster, slots: &slots, busy: 6, slow_pages: 2 };
        let arranged = |distance_us| {
            let (schedule, slot) = places.once_each(TestNo(0), TestNo(1), distance_us).unwrap();
            let Order::Rows { rows } = schedule.order else { panic!("no rows") };
            assert_eq!(slot, SlotId(0));
            assert!(rows.iter().all(|row| !row.repeats));
            let names: Vec<_> = rows.iter().map(|row| row.tests[0].to_string()).collect();
            (names.concat(), rows[0].start, rows[1].start)
        };
        let beside = |delay_us| Start::Beside { row: 0, delay_us };
        assert_eq!(arranged(700), ("ba".to_owned(), Start::Ready, beside(700)));
        assert_eq!(arranged(-700), ("ab".to_owned(), Start::Ready, beside(700)));
        assert!(
            Places { slots: &vec![vec![SlotId(0)]; 4], ..places }
                .once_each(TestNo(0), TestNo(1), 0)
                .is_none()
        );
    }

    #[test]
    fn a_busy_machine_is_nobody_elses_surroundings() {
        let plans = [
            plan(0, Experiment::Loaded { slot: SlotId(0) }),
            plan(1, Experiment::Isolated { slot: SlotId(1) }),
            plan(3, Experiment::After { slot: SlotId(3), tests: vec![TestNo(2)] }),
        ];
        let batches = batches(&plans);
        assert_eq!(batches.iter().map(|batch| batch.schedule.load).collect::<Vec<_>>(), [6, 0]);
        assert_eq!(rows(&batches[1]), [(1, "b".into(), false), (2, "c d".into(), false)]);
    }

    #[test]
    fn the_delays_are_of_all_orders_of_magnitude() {
        let delays: Vec<u64> = (0..300).map(jitter).collect();
        assert!(delays.iter().all(|delay| *delay <= 1_000_000));
        for (low, high) in [(0, 1), (1_000, 10_000), (10_000, 100_000), (100_000, 1_000_000)] {
            assert!(
                delays.iter().filter(|delay| (low..high).contains(*delay)).count() > 20,
                "{low} to {high}"
            );
        }
    }
}
