//! An experiment that is a whole run: tests in random order, wherever a slot is free.

use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::{Lab, LabError, lease, left};
use crate::config::When;
use crate::model::{Outcome, SlotId, TestId};
use crate::run::attempt::{self, Attempt, Companion, Done, Place};
use crate::run::plan;
use crate::run::shuffle;
use crate::slots::{Board, Need, Placement};

impl Lab {
    pub(super) async fn parallel(
        &mut self,
        experiment: u32,
        tests: &[TestId],
        workers: usize,
        seed: u64,
    ) -> Result<(), LabError> {
        let indices = tests.iter().map(|test| self.index(test)).collect::<Result<Vec<usize>, _>>()?;
        let mut needs = self.needs(&indices);
        for (need, draw) in needs.iter_mut().zip(shuffle::draws(seed)) {
            need.prefers = plan::preferred(&need.slots, workers, draw);
        }
        let order = shuffle::order(needs.len(), seed);
        let mut board = Board::new(needs, self.settings.config.slots.count, workers, order);
        let (sender, mut done) = mpsc::unbounded_channel();
        let mut running = JoinSet::new();
        let mut failure = None;
        loop {
            for test in board.hopeless() {
                let test = tests[test].clone();
                failure.get_or_insert(LabError::NoPlace {
                    test,
                    slot: SlotId(0),
                    why: "no slot is left for it".to_owned(),
                });
            }
            while !self.common.cancelled.is_cancelled()
                && let Some(placement) = board.next()
            {
                match self.start(experiment, &placement, &indices) {
                    Ok((attempt, place)) => {
                        let (common, sender) = (self.common.clone(), sender.clone());
                        running.spawn(async move {
                            // Nobody listens any more when the laboratory is gone.
                            let _ = sender.send(attempt::make(attempt, place, &common).await);
                        });
                    }
                    Err(reason) => {
                        self.lost.insert(placement.slot, reason);
                        board.unusable(placement.slot);
                    }
                }
            }
            if running.is_empty() {
                break;
            }
            let Some(ended) = done.recv().await else { break };
            running.join_next().await;
            self.end(ended, &mut board).await;
        }
        if self.common.cancelled.is_cancelled() {
            return Err(LabError::Interrupted);
        }
        failure.map_or(Ok(()), Err)
    }

    fn needs(&self, indices: &[usize]) -> Vec<Need> {
        let planned: Vec<_> = self.settings.plan.executed().collect();
        let usable: Vec<SlotId> = self.usable().collect();
        indices.iter().map(|&index| plan::need(planned[index].test, &self.settings.config, &usable)).collect()
    }

    fn start(
        &mut self,
        experiment: u32,
        placement: &Placement,
        indices: &[usize],
    ) -> Result<(Attempt, Place), String> {
        let index = indices[placement.test];
        let planned = self.settings.plan.executed().nth(index).ok_or("the test is not there")?;
        let (planned, deadline) = (planned.clone(), self.settings.deadline(planned));
        let companions = placement.companions.iter().map(|companion| {
            let is_held = self.held().any(|slot| slot == companion.slot);
            let lease = if is_held { None } else { Some(self.lease(companion.slot)?) };
            Ok(Companion { slot: companion.slot, lease })
        });
        let companions = companions.collect::<Result<Vec<_>, String>>()?;
        let place = if let Some(station) = self.stations.remove(&placement.slot) {
            Place::Up(Box::new(station))
        } else if let Some(resting) = self.resting.remove(&placement.slot) {
            Place::Resting(Box::new(resting))
        } else {
            let lease = self.lease(placement.slot)?;
            lease.check_ports().map_err(|foreign| foreign.to_string())?;
            Place::Leased(placement.slot, lease)
        };
        self.made[index] += 1;
        let attempt = Attempt {
            index: placement.test,
            test: planned.test,
            name: planned.name(),
            repetition: 1,
            number: self.made[index],
            deadline,
            companions,
            experiment: Some(experiment),
            slow_pages: self.slow_pages,
            gate: None,
        };
        Ok((attempt, place))
    }

    fn lease(&self, slot: SlotId) -> Result<crate::slots::Lease, String> {
        lease(&self.settings.leases, &self.settings.config, slot).map_err(|refusal| refusal.to_string())
    }

    async fn end(&mut self, done: Done, board: &mut Board) {
        let slot = done.slot;
        let outcome = done.result.as_ref().map(|result| result.outcome);
        match left(done).await {
            Ok(mut station) => {
                let is_fine = matches!(outcome, Some(Outcome::Passed | Outcome::Skipped));
                let resets = self.when == When::AfterEach || (self.when == When::AfterFailure && !is_fine);
                if !resets {
                    station.wear.spare();
                }
                self.stations.insert(slot, *station);
                board.finished(slot);
            }
            Err(reason) => {
                self.lost.insert(slot, reason);
                if outcome.is_some() { board.retired(slot) } else { board.unusable(slot) }
            }
        }
    }
}
