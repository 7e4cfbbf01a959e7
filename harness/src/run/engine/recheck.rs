//! What failed is tried once more when the others are over: alone where it failed, and alone in another slot, each brought back
//! to its first state before. Verdicts stay what they are.

use std::pin::pin;
use std::time::{Duration, Instant};

use tokio::sync::mpsc;

use super::{Engine, PATIENCE};
use crate::model::{Event, Outcome, SlotId, Trial, assign};
use crate::run::attempt::{self, After, Attempt, Companion, Done};
use crate::run::claims::Obstacle;
use crate::run::plan::{self, Planned};
use crate::run::tally::Failed;
use crate::slots::{Placement, PlacementCompanion};

/// So many tests are tried again.
const MOST: usize = 10;
/// After this time none is begun.
const LONGEST: Duration = Duration::from_mins(3);

/// How the run goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Then {
    /// In order.
    Ends,
    /// It was interrupted, and what was made ended in order.
    Interrupted,
    /// It was interrupted twice, or did not end.
    BreaksOff,
}

impl Engine {
    /// See the room's documentation.
    pub(super) async fn recheck(&mut self, interrupted: &mut mpsc::UnboundedReceiver<()>) -> Then {
        let failed = self.tally.failed();
        if failed.is_empty() {
            return Then::Ends;
        }
        let (count, all) = (failed.len().min(MOST), failed.len());
        let (began, of) = (Instant::now(), if count < all { format!(" of {all}") } else { String::new() });
        let (s, are) = if all == 1 { ("", "is") } else { ("s", "are") };
        self.common.notice(&format!(
            "{count}{of} test{s} that failed {are} tried once more, alone and in another slot (--no-verdict leaves this out)"
        ));
        for failed in failed.into_iter().take(MOST) {
            if began.elapsed() > LONGEST {
                self.common.notice(
                    "the other tests that failed are not tried once more: that has taken long enough",
                );
                break;
            }
            let mut trials = Vec::new();
            for (number, slot) in (failed.attempts + 1..).zip(self.where_to(&failed)) {
                match self.try_once(&failed, slot, number, interrupted).await {
                    Ok(trial) => trials.extend(trial),
                    Err(then) => return then,
                }
            }
            let test = self.tally.tests()[failed.index].name();
            self.common.events.emit(Event::Rechecked { test, trials });
        }
        Then::Ends
    }

    /// Where it failed, and another slot where it can run, rather one that is up.
    fn where_to(&self, failed: &Failed) -> Vec<SlotId> {
        let need = self.need(failed.index);
        let is_usable = |slot: &SlotId| !self.lost.contains_key(slot);
        let others = need.slots.iter().copied().filter(|slot| *slot != failed.slot && is_usable(slot));
        let other = others.min_by_key(|slot| (!self.stations.contains_key(slot), *slot));
        Some(failed.slot).filter(is_usable).into_iter().chain(other).collect()
    }

    fn need(&self, index: usize) -> crate::slots::Need {
        plan::need(self.tally.tests()[index].test, &self.settings.config, &self.settings.usable)
    }

    /// One attempt in this slot, brought back to its first state, while nothing else runs. Nothing where it could not be made.
    async fn try_once(
        &mut self,
        failed: &Failed,
        slot: SlotId,
        number: u32,
        interrupted: &mut mpsc::UnboundedReceiver<()>,
    ) -> Result<Option<Trial>, Then> {
        let (attempt, place) = match self.prepare(failed, slot, number).await {
            Ok(prepared) => prepared,
            Err(reason) => {
                let test = self.tally.tests()[failed.index].name();
                self.common.notice(&format!("`{test}` is not tried once more in slot {slot}: {reason}"));
                return Ok(None);
            }
        };
        let common = self.common.clone();
        let mut making = pin!(attempt::make(attempt, place, &common));
        let done = tokio::select! {
            done = &mut making => done,
            Some(()) = interrupted.recv() => {
                self.cancel.cancel();
                return Err(tokio::select! {
                    done = &mut making => {
                        self.put_away(done);
                        Then::Interrupted
                    }
                    Some(()) = interrupted.recv() => Then::BreaksOff,
                    () = tokio::time::sleep(PATIENCE) => Then::BreaksOff,
                });
            }
        };
        Ok(self.put_away(done).map(|(outcome, message)| Trial { attempt: number, slot, outcome, message }))
    }

    async fn prepare(
        &mut self,
        failed: &Failed,
        slot: SlotId,
        number: u32,
    ) -> Result<(Attempt, attempt::Place), String> {
        let Planned { test, repetition, .. } = self.tally.tests()[failed.index].clone();
        let companions = self.companions(failed.index, slot)?;
        let cold = !self.stations.contains_key(&slot);
        let placement = Placement { test: failed.index, slot, cold, companions: companions.clone() };
        let mut leases = self.claims.claim(&placement).map_err(|obstacle| match obstacle {
            Obstacle::Held(slot) => format!("another run has slot {slot}"),
            Obstacle::Foreign(reason) | Obstacle::Lost(_, reason) => reason,
        })?;
        let companions = companions
            .into_iter()
            .map(|companion| Companion { slot: companion.slot, lease: leases.remove(&companion.slot) });
        let companions = companions.collect();
        let place = match self.stations.remove(&slot) {
            Some(mut station) if station.services.reset_how().is_some() => {
                station.wear.require_reset(&failed.name);
                attempt::Place::Up(Box::new(station))
            }
            // What cannot be reset is opened afresh, and begins as for the first test.
            Some(station) => attempt::Place::Leased(slot, station.end().await),
            None => {
                let port = self.settings.config.port(slot);
                self.common.events.emit(Event::SlotLeased { slot, port });
                attempt::Place::Leased(slot, leases.remove(&slot).unwrap_or_default())
            }
        };
        let planned = &self.tally.tests()[failed.index];
        let attempt = Attempt {
            index: failed.index,
            test,
            name: planned.name(),
            repetition: repetition.map_or(1, |repetition| repetition.number),
            number,
            deadline: self.settings.deadline(planned),
            companions,
            experiment: None,
            slow_pages: 0,
            gate: None,
        };
        Ok((attempt, place))
    }

    /// Slots whose accounts it uses besides.
    fn companions(&self, index: usize, slot: SlotId) -> Result<Vec<PlacementCompanion>, String> {
        let is_free = |other: &SlotId| *other != slot && !self.lost.contains_key(other);
        let need = self.need(index);
        let seekers =
            need.companions.iter().map(|slots| slots.iter().copied().filter(is_free).collect::<Vec<_>>());
        let slots: Option<Vec<SlotId>> = assign(&seekers.collect::<Vec<_>>()).into_iter().collect();
        let slots = slots.ok_or("no slot is left whose accounts it could use besides")?;
        let is_cold = |slot: &SlotId| !self.stations.contains_key(slot);
        Ok(slots.into_iter().map(|slot| PlacementCompanion { slot, cold: is_cold(&slot) }).collect())
    }

    /// What it came to, of an attempt that was made; and what became of the slot.
    fn put_away(&mut self, done: Done) -> Option<(Outcome, Option<String>)> {
        let slot = done.slot;
        match done.after {
            After::Fine(station) => drop(self.stations.insert(slot, *station)),
            After::NotUp { reason, .. } => self.lose(slot, &reason),
            After::GivenUp => {}
            After::Worn { station, reason } => {
                self.closing.spawn(station.close());
                self.lose(slot, &reason);
            }
            After::Stuck { station, reason } => {
                self.closing.spawn(station.abandon());
                self.lose(slot, &reason);
            }
        }
        let result = done.result?;
        Some((result.outcome, result.problem.map(|problem| problem.message)))
    }
}
