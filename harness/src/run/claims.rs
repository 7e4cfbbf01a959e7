//! The leases of a run: what a placed test needs and is not held yet, all of it or nothing; and how a test that needs
//! several slots comes by them among other runs.
//!
//! A run in which nothing runs keeps no slot that somebody else may wait for, but for the one that has the turn to
//! gather: it keeps what it has, and takes what comes free. Every other run has a test under way, or gives back what it
//! has. So nobody waits in a circle, and nobody who needs two slots waits behind an endless row of those who need one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::config::Config;
use crate::model::SlotId;
use crate::slots::{Board, Lease, Leases, Placement, Refusal, Turn, Turns};

/// How long a run that waits keeps idle slots: what it waits for often comes free at once, and bringing a slot up again
/// takes longer.
const KEEP_IDLE: Duration = Duration::from_millis(500);

/// After this long a wait for another run is worth a notice.
const NOTICE_WAIT: Duration = Duration::from_secs(3);

/// What a run holds, has asked for in vain, and waits for.
#[derive(Debug)]
pub(super) struct Claims {
    config: Arc<Config>,
    leases: Leases,
    turns: Turns,
    /// Who has the slots that could not be had, at the last look.
    held: BTreeMap<SlotId, Refusal>,
    /// Since when nothing runs while something waits, and whether that was told.
    waiting: Option<(Instant, bool)>,
    gathered: Option<Gathered>,
}

/// Slots that wait for others to come free.
#[derive(Debug)]
struct Gathered {
    _turn: Turn,
    leases: BTreeMap<SlotId, Lease>,
}

/// Why a placed test does not start, and which slot is in the way.
pub(super) enum Obstacle {
    /// Another run has it.
    Held(SlotId),
    /// A program that callboard did not start has ports of the slot where the test was to run.
    Foreign(String),
    /// It cannot be locked.
    Lost(SlotId, String),
}

impl Claims {
    pub(super) fn new(config: Arc<Config>, leases: Leases) -> Self {
        let turns = leases.turns(&config.file);
        Self { config, leases, turns, held: BTreeMap::new(), waiting: None, gathered: None }
    }

    pub(super) fn turns(&self) -> Turns {
        self.turns.clone()
    }

    /// Leases the cold slots of a placement.
    pub(super) fn claim(&mut self, placement: &Placement) -> Result<BTreeMap<SlotId, Lease>, Obstacle> {
        let main = placement.cold.then_some(placement.slot);
        let companions = placement.companions.iter().filter(|companion| companion.cold);
        let cold: BTreeSet<SlotId> =
            main.into_iter().chain(companions.map(|companion| companion.slot)).collect();
        let gathered = self.gathered.as_ref().map(|gathered| &gathered.leases);
        let is_gathered = |slot: &&SlotId| gathered.is_some_and(|leases| leases.contains_key(slot));
        let lacking: Vec<SlotId> = cold.iter().filter(|slot| !is_gathered(slot)).copied().collect();
        let mut leases = self.lease(&lacking)?;
        if let Some(gathered) = &mut self.gathered {
            leases.extend(gathered.leases.extract_if(.., |slot, _| cold.contains(slot)));
        }
        for (slot, lease) in &leases {
            if Some(*slot) != main {
                lease.await_the_killed();
            } else if let Err(refusal) = lease.check_ports() {
                return Err(Obstacle::Foreign(refusal.to_string()));
            }
        }
        self.held.retain(|slot, _| !leases.contains_key(slot));
        self.waiting = None;
        self.gathered = None;
        Ok(leases)
    }

    fn lease(&mut self, slots: &[SlotId]) -> Result<BTreeMap<SlotId, Lease>, Obstacle> {
        let ports = |slot: &SlotId| {
            let slot = *slot;
            self.config.all_ports(slot).map(move |port| (slot, port))
        };
        let ports = slots.iter().flat_map(ports);
        self.leases.try_lease(ports).map_err(|(slot, refusal)| match refusal {
            Refusal::Held { .. } => {
                self.held.insert(slot, refusal);
                Obstacle::Held(slot)
            }
            refusal => Obstacle::Lost(slot, refusal.to_string()),
        })
    }

    /// Whether slots were asked for in vain.
    pub(super) fn are_refused(&self) -> bool {
        !self.held.is_empty()
    }

    /// Who has what was asked for in vain.
    pub(super) fn holders(&self) -> String {
        self.held.values().map(ToString::to_string).collect::<Vec<_>>().join("; ")
    }

    /// Nothing runs, and something waits: for how long it has been so.
    pub(super) fn waits(&mut self) -> Duration {
        self.waiting.get_or_insert_with(|| (Instant::now(), false)).0.elapsed()
    }

    /// Whether the wait is worth a notice, and there was none yet.
    pub(super) fn is_to_be_told(&mut self) -> bool {
        let is_long = self.waits() > NOTICE_WAIT;
        self.waiting.as_mut().is_some_and(|(_, told)| is_long && !std::mem::replace(told, true))
    }

    /// What was refused may be free by now.
    pub(super) fn forget_refusals(&mut self) {
        self.held.clear();
    }

    /// Nobody waits any more.
    pub(super) fn give_up(&mut self) {
        self.gathered = None;
    }

    /// Nothing runs, and something waits: keeps these idle slots and takes what is free of what a test lacks,
    /// if there is such a test and it is this run's turn. Says whether the idle slots are to be given back instead.
    pub(super) fn gather(&mut self, board: &Board, idle: impl Iterator<Item = SlotId>) -> bool {
        let too_long = self.waits() > KEEP_IDLE;
        let Some(test) = board.wants_several() else { return too_long };
        let mut gathered = match self.gathered.take() {
            Some(gathered) => gathered,
            None => match self.turns.try_gather() {
                Ok(Some(turn)) => Gathered { _turn: turn, leases: BTreeMap::new() },
                Ok(None) => return too_long,
                Err(error) => {
                    tracing::warn!(%error, "the turn to gather slots could not be locked");
                    return too_long;
                }
            },
        };
        let mut has: BTreeSet<SlotId> = idle.chain(gathered.leases.keys().copied()).collect();
        while let Some((slot, leases)) = board.missing(test, &has).into_iter().find_map(|slot| {
            // In vain also where it cannot be locked at all: who places a test there is told so.
            Some((slot, self.lease(&[slot]).ok()?))
        }) {
            has.insert(slot);
            gathered.leases.extend(leases);
        }
        self.gathered = Some(gathered);
        false
    }
}
