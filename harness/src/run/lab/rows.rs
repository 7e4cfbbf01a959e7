//! Experiments that say what runs in which slot, and when.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;

use super::{Lab, LabError, lease, left};
use crate::model::{Row, SlotId, Start, assign};
use crate::run::attempt::{self, Attempt, Companion, Gate, Place};
use crate::run::plan::{self, Planned};
use crate::run::station::{Common, Station};
use crate::slots::{Leases, Need};

/// What the rows of an experiment tell each other.
struct Signals {
    /// For each row, how far it has come.
    stages: Vec<watch::Sender<Stage>>,
    /// For each row, which others begin beside it.
    beside: Vec<Vec<usize>>,
    /// Rows that do not repeat.
    finite: Vec<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Waits,
    /// Its first attempt could begin.
    Ready,
    Begun,
    Over,
}

impl Signals {
    fn of(rows: &[Row]) -> Arc<Self> {
        let beside = |row: usize| {
            let is_beside = |other: &Row| matches!(other.start, Start::Beside { row: of, .. } if of == row);
            (0..rows.len()).filter(|&other| is_beside(&rows[other])).collect()
        };
        Arc::new(Self {
            stages: rows.iter().map(|_| watch::Sender::new(Stage::Waits)).collect(),
            beside: (0..rows.len()).map(beside).collect(),
            finite: (0..rows.len()).filter(|&row| !rows[row].repeats).collect(),
        })
    }

    /// It has come so far, and never goes back.
    fn reach(&self, row: usize, stage: Stage) {
        self.stages[row].send_if_modified(|now| {
            let is_news = *now < stage;
            *now = stage.max(*now);
            is_news
        });
    }

    async fn wait(&self, row: usize, stage: Stage) {
        // The sender is ours: it is there.
        let _ = self.stages[row].subscribe().wait_for(|now| *now >= stage).await;
    }

    fn is_over(&self, row: usize) -> bool {
        *self.stages[row].borrow() == Stage::Over
    }

    /// Whether only rows that repeat are left.
    fn is_done(&self) -> bool {
        self.finite.iter().all(|&row| self.is_over(row))
    }
}

/// A row that is made.
struct Runner {
    number: usize,
    row: Row,
    experiment: u32,
    slow_pages: u16,
    /// Its tests, with their indices.
    tests: Vec<(usize, Planned, Duration, Need)>,
    made: Arc<Mutex<Vec<u32>>>,
    signals: Arc<Signals>,
    common: Arc<Common>,
    lender: Arc<Lender>,
}

/// Slots of which the accounts are lent to tests of others.
struct Lender {
    leases: Leases,
    free: Mutex<BTreeSet<SlotId>>,
    /// Those that are up, and so are leased already.
    up: BTreeSet<SlotId>,
}

impl Lab {
    /// Whether the rows make sense.
    pub(super) fn check(&self, rows: &[Row]) -> Result<(), LabError> {
        let mut slots = BTreeSet::new();
        if rows.iter().all(|row| row.repeats) || rows.iter().any(|row| row.tests.is_empty()) {
            return Err(LabError::Endless);
        }
        for (number, row) in rows.iter().enumerate() {
            if !slots.insert(row.slot) {
                return Err(LabError::Twice(row.slot));
            }
            match row.start {
                Start::After(other) if other >= number || rows[other].repeats => {
                    return Err(LabError::Circle(number));
                }
                Start::Beside { row: other, .. } if other >= number => return Err(LabError::Circle(number)),
                _ => {}
            }
            for test in &row.tests {
                let planned = self.index(test)?;
                let planned = self.settings.plan.executed().nth(planned).map(|planned| planned.test);
                let need = planned.map(|test| plan::need(test, &self.settings.config, &self.settings.usable));
                if need.is_some_and(|need| !need.slots.contains(&row.slot)) {
                    let why = "it is pinned elsewhere, the slot is not there or left out, or a role has no account in it";
                    return Err(LabError::NoPlace {
                        test: test.clone(),
                        slot: row.slot,
                        why: why.to_owned(),
                    });
                }
            }
        }
        Ok(())
    }

    pub(super) async fn rows(&mut self, experiment: u32, rows: &[Row]) -> Result<(), LabError> {
        let signals = Signals::of(rows);
        let made = Arc::new(Mutex::new(std::mem::take(&mut self.made)));
        let taken: BTreeSet<SlotId> = rows.iter().map(|row| row.slot).collect();
        let lender = Arc::new(Lender {
            leases: self.settings.leases.clone(),
            free: Mutex::new(self.usable().filter(|slot| !taken.contains(slot)).collect()),
            up: self.held().collect(),
        });
        let mut runners = JoinSet::new();
        let mut failure = None;
        for (number, row) in rows.iter().enumerate() {
            // Nobody waits for a row that cannot begin.
            let place = match self.place(row.slot).await {
                Ok(place) => place,
                Err(error) => {
                    signals.reach(number, Stage::Over);
                    failure.get_or_insert(error);
                    continue;
                }
            };
            let runner = self.runner(number, row, experiment, &signals, &made, &lender)?;
            runners.spawn(runner.run(place));
        }
        while let Some(ended) = runners.join_next().await {
            match ended {
                Ok((slot, Ok(station))) => drop(self.stations.insert(slot, *station)),
                Ok((slot, Err(reason))) => {
                    if reason != LabError::Interrupted.to_string() {
                        self.lost.insert(slot, reason.clone());
                    }
                    failure.get_or_insert(LabError::Slot { slot, reason });
                }
                // A panic here is ours; its slot ended with it.
                Err(_) => {}
            }
        }
        self.made = std::mem::take(&mut made.lock().unwrap_or_else(PoisonError::into_inner));
        failure.map_or(Ok(()), Err)
    }

    fn runner(
        &self,
        number: usize,
        row: &Row,
        experiment: u32,
        signals: &Arc<Signals>,
        made: &Arc<Mutex<Vec<u32>>>,
        lender: &Arc<Lender>,
    ) -> Result<Runner, LabError> {
        let mut tests = Vec::new();
        for test in &row.tests {
            let index = self.index(test)?;
            if let Some(planned) = self.settings.plan.executed().nth(index) {
                let need = plan::need(planned.test, &self.settings.config, &self.settings.usable);
                tests.push((index, planned.clone(), self.settings.deadline(planned), need));
            }
        }
        Ok(Runner {
            number,
            row: row.clone(),
            experiment,
            slow_pages: self.slow_pages,
            tests,
            made: made.clone(),
            signals: signals.clone(),
            common: self.common.clone(),
            lender: lender.clone(),
        })
    }
}

impl Runner {
    /// Makes the row, and returns the slot as it is afterwards.
    async fn run(self, place: Place) -> (SlotId, Result<Box<Station>, String>) {
        let (slot, number, signals) = (self.row.slot, self.number, self.signals.clone());
        let ended = self.make(place).await;
        signals.reach(number, Stage::Over);
        (slot, ended)
    }

    async fn make(self, place: Place) -> Result<Box<Station>, String> {
        if let Start::After(other) = self.row.start {
            self.signals.wait(other, Stage::Over).await;
        }
        let mut place = Some(place);
        let mut station: Option<Box<Station>> = None;
        loop {
            for at in 0..self.tests.len() {
                let here = match (station.take(), place.take()) {
                    (Some(mut station), _) => {
                        if self.row.repeats && self.signals.is_done() {
                            return Ok(station);
                        }
                        // What the test before has left is what the experiment is about.
                        station.wear.spare();
                        Place::Up(station)
                    }
                    (None, Some(place)) => place,
                    (None, None) => return Err(LabError::Interrupted.to_string()),
                };
                let is_first = matches!(here, Place::Leased(..) | Place::Resting(_))
                    || *self.signals.stages[self.number].borrow() == Stage::Waits;
                let gate = is_first.then(|| self.gate());
                let (attempt, lent) = self.attempt(at, gate)?;
                let done = attempt::make(attempt, here, &self.common).await;
                self.lender.give_back(lent);
                let is_interrupted = done.result.is_none();
                let after = left(done).await?;
                if is_interrupted {
                    return Ok(after);
                }
                station = Some(after);
            }
            if !self.row.repeats {
                return station.ok_or_else(|| LabError::Endless.to_string());
            }
        }
    }

    /// What the first attempt of the row waits for when its slot is ready.
    fn gate(&self) -> Gate {
        let (signals, number, start) = (self.signals.clone(), self.number, self.row.start);
        Gate(Box::pin(async move {
            signals.reach(number, Stage::Ready);
            for &other in &signals.beside[number] {
                signals.wait(other, Stage::Ready).await;
            }
            if let Start::Beside { row, delay_us } = start {
                signals.wait(row, Stage::Begun).await;
                tokio::time::sleep(Duration::from_micros(delay_us)).await;
            }
            signals.reach(number, Stage::Begun);
        }))
    }

    fn attempt(&self, at: usize, gate: Option<Gate>) -> Result<(Attempt, Vec<SlotId>), String> {
        let (index, planned, deadline, need) = &self.tests[at];
        let companions = self.lender.lend(need, &self.common)?;
        let lent = companions.iter().map(|companion| companion.slot).collect();
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        made[*index] += 1;
        let attempt = Attempt {
            index: *index,
            test: planned.test,
            name: planned.name(),
            repetition: 1,
            number: made[*index],
            deadline: *deadline,
            companions,
            experiment: Some(self.experiment),
            slow_pages: self.slow_pages,
            gate,
        };
        Ok((attempt, lent))
    }
}

impl Lender {
    /// Slots for the companions of a test.
    fn lend(&self, need: &Need, common: &Common) -> Result<Vec<Companion>, String> {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let seekers = need
            .companions
            .iter()
            .map(|slots| slots.iter().copied().filter(|slot| free.contains(slot)).collect());
        let slots: Option<Vec<SlotId>> = assign(&seekers.collect::<Vec<Vec<SlotId>>>()).into_iter().collect();
        let slots = slots.ok_or("no slot is left whose accounts the test could use besides")?;
        let companion = |&slot: &SlotId| {
            let lease = if self.up.contains(&slot) {
                None
            } else {
                Some(lease(&self.leases, &common.config, slot).map_err(|refusal| refusal.to_string())?)
            };
            Ok(Companion { slot, lease })
        };
        let companions = slots.iter().map(companion).collect::<Result<Vec<_>, String>>()?;
        for slot in &slots {
            free.remove(slot);
        }
        Ok(companions)
    }

    fn give_back(&self, slots: Vec<SlotId>) {
        self.free.lock().unwrap_or_else(PoisonError::into_inner).extend(slots);
    }
}
