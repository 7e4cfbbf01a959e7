//! The engine of a run: places tests in slots, as many at once as may be, until each has its verdict.

mod ending;
mod recheck;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::attempt::{self, After, Done};
use super::claims::{Claims, Obstacle};
use super::events::Events;
use super::folder::RunFolder;
use super::load::Load;
use super::no_slot;
use super::plan::{Demand, Plan, Planned};
use super::pressure::Throttle;
use super::station::{Common, OnNotice, OnStarted, Station};
use super::tally::{Next, OnVerdict, Tally};
use super::verdict::End;
use crate::config::{Config, Workers};
use crate::machine::{Boots, cores};
use crate::model::{Event, SlotId, micros};
use crate::slots::{Board, Leases, Placement};
use crate::suite::{Cancel, Suite};
use crate::worker::OnOutput;
use recheck::Then;

/// How often a slot that another run has is asked for again. A lock in the file system tells nobody when it
/// becomes free.
const LOOK_AGAIN: Duration = Duration::from_millis(50);
/// How long everything may take to end when a run is interrupted, before it is ended the hard way.
const PATIENCE: Duration = Duration::from_secs(20);
/// As many slots may fail to come up, before any did, until the rest is not tried.
const FALSE_STARTS: u32 = 2;

/// What a run is made of.
pub(crate) struct Settings {
    pub(crate) config: Arc<Config>,
    pub(crate) suite: &'static Suite,
    pub(crate) plan: Plan,
    pub(crate) demand: Demand,
    pub(crate) folder: RunFolder,
    pub(crate) events: Events,
    pub(crate) leases: Leases,
    /// The slots that the command line leaves to this run.
    pub(crate) usable: Vec<SlotId>,
    pub(crate) bin_dir: PathBuf,
    pub(crate) workers: Workers,
    /// `--retries`, which is above what a test or the file says.
    pub(crate) retries: Option<u32>,
    /// `--timeout`, `--sign-in-timeout` and `--fixture-timeout`, which are so, too.
    pub(crate) timeout: Option<Duration>,
    pub(crate) sign_in_timeout: Option<Duration>,
    pub(crate) fixture_timeout: Option<Duration>,
    /// When so many tests have failed for good, nothing more is started.
    pub(crate) max_failures: Option<usize>,
    /// Is shown each notice.
    pub(crate) on_notice: OnNotice,
    pub(crate) on_started: OnStarted,
    /// Is shown what tests print, as they do.
    pub(crate) on_output: Option<OnOutput>,
    /// Tests run on threads of this process, and not in processes of their own.
    pub(crate) inline: bool,
    /// What failed is tried once more, alone, when the others are over.
    pub(crate) rechecks: bool,
    /// A slot is given back as soon as no test waits for it: of an audit, each slot is used once.
    pub(crate) frees_slots: bool,
    /// Is told each verdict, of the test with this index among those that are executed.
    pub(crate) on_verdict: OnVerdict,
}

impl Settings {
    /// How long an attempt of this test may take.
    pub(super) fn deadline(&self, planned: &Planned) -> Duration {
        self.timeout.or(planned.test.entry.timeout).unwrap_or(self.config.tests.timeout)
    }
}

/// A run that goes on.
pub(crate) struct Engine {
    settings: Settings,
    common: Arc<Common>,
    tally: Tally,
    board: Board,
    throttle: Throttle,
    claims: Claims,
    stations: BTreeMap<SlotId, Station>,
    /// The attempts that are made now.
    attempts: JoinSet<()>,
    /// Slots that are being closed.
    closing: JoinSet<()>,
    /// Why slots are not used (any more).
    lost: BTreeMap<SlotId, String>,
    /// How many slots did not come up.
    false_starts: u32,
    /// Why the first test that found no place found none; of interest where no slot ever came up.
    never_up: Option<String>,
    cancel: Cancel,
    /// As many tests had failed for good when something was left out because of that.
    stopped_after: Option<usize>,
}

impl Engine {
    /// Everything is decided, nothing started. Must be called on the run's runtime.
    pub(crate) fn new(mut settings: Settings) -> Self {
        let Demand { needs, order } = std::mem::take(&mut settings.demand);
        let mut board = Board::new(needs, settings.config.slots.count, settings.workers.number, order);
        let boots = Boots::new(cores());
        let throttle = Throttle::new(settings.workers, boots.clone(), &mut board, settings.events.clone());
        let on_verdict = std::mem::replace(&mut settings.on_verdict, Box::new(|_, _| {}));
        let tally = Tally::new(&settings.plan, settings.events.clone(), on_verdict);
        let claims = Claims::new(settings.config.clone(), settings.leases.clone());
        let cancel = Cancel::new();
        let common = Common::new(&settings, boots, claims.turns(), cancel.listener());
        Self {
            tally,
            board,
            throttle,
            claims,
            common: Arc::new(common),
            settings,
            stations: BTreeMap::new(),
            attempts: JoinSet::new(),
            closing: JoinSet::new(),
            lost: BTreeMap::new(),
            false_starts: 0,
            never_up: None,
            cancel,
            stopped_after: None,
        }
    }

    /// Runs all tests to their verdicts, or until `interrupted` says something, and ends all that was started. When it says
    /// something once more, all is ended at once.
    pub(crate) async fn run(mut self, mut interrupted: mpsc::UnboundedReceiver<()>) -> End {
        let (sender, mut done) = mpsc::unbounded_channel();
        let load = Load::watch(self.common.events.clone());
        self.tally.tell_ignored(&self.settings.plan);
        let was_interrupted = loop {
            while let Some(placement) = self.next() {
                self.start(placement, &sender);
            }
            self.throttle.note(&self.board);
            if self.board.is_done() {
                break false;
            }
            tokio::select! {
                Some(done) = done.recv() => {
                    while self.attempts.try_join_next().is_some() {}
                    while self.closing.try_join_next().is_some() {}
                    self.finish(done);
                }
                () = tokio::time::sleep(LOOK_AGAIN), if self.claims.are_refused() => self.look_again(),
                () = self.throttle.window() => self.throttle.decide(&mut self.board),
                Some(()) = interrupted.recv() => break true,
            }
        };
        let then = if self.settings.rechecks && !was_interrupted {
            self.recheck(&mut interrupted).await
        } else {
            Then::Ends
        };
        let was_interrupted = was_interrupted || then != Then::Ends;
        if then == Then::BreaksOff {
            self.break_off().await;
        } else if was_interrupted {
            let orderly = async {
                self.cancel(&mut done).await;
                self.stop(true).await;
            };
            let is_orderly = tokio::select! {
                () = orderly => true,
                Some(()) = interrupted.recv() => false,
                () = tokio::time::sleep(PATIENCE) => false,
            };
            if !is_orderly {
                self.break_off().await;
            }
        } else {
            self.stop(false).await;
        }
        drop(load);
        self.throttle.tell_used();
        self.common.events.emit(Event::RunFinished {
            counts: self.tally.counts(&self.settings.plan),
            took_us: micros(self.common.events.elapsed()),
            interrupted: was_interrupted,
            stopped_after: self.stopped_after,
        });
        let never_up = self.never_up.take().filter(|_| !self.ever_up());
        End { interrupted: was_interrupted, never_up }
    }

    /// What starts next. Before that, what can never start is judged.
    fn next(&mut self) -> Option<Placement> {
        self.drop_hopeless();
        if self.too_many_failed() {
            self.leave_out_the_rest();
        }
        self.board.next()
    }

    /// Starts a placed test, unless a slot that it needs cannot be had.
    fn start(&mut self, placement: Placement, sender: &mpsc::UnboundedSender<Done>) {
        let mut leases = match self.claims.claim(&placement) {
            Ok(leases) => leases,
            Err(obstacle) => return self.put_back(&placement, obstacle),
        };
        let Placement { test, slot, companions, .. } = placement;
        let companions = companions.into_iter().map(|companion| attempt::Companion {
            slot: companion.slot,
            lease: leases.remove(&companion.slot),
        });
        let companions = companions.collect();
        let place = if let Some(station) = self.stations.remove(&slot) {
            attempt::Place::Up(Box::new(station))
        } else {
            let port = self.settings.config.port(slot);
            self.common.events.emit(Event::SlotLeased { slot, port });
            attempt::Place::Leased(slot, leases.remove(&slot).unwrap_or_default())
        };
        let planned = &self.tally.tests()[test];
        let attempt = attempt::Attempt {
            index: test,
            test: planned.test,
            name: planned.name(),
            repetition: planned.repetition.as_ref().map_or(1, |repetition| repetition.number),
            number: self.tally.next_attempt(test),
            deadline: self.settings.deadline(planned),
            companions,
            experiment: None,
            slow_pages: 0,
            gate: None,
        };
        let (common, sender) = (self.common.clone(), sender.clone());
        self.attempts.spawn(async move {
            let done = attempt::make(attempt, place, &common).await;
            // The engine is gone when the run was interrupted.
            let _ = sender.send(done);
        });
    }

    fn put_back(&mut self, placement: &Placement, obstacle: Obstacle) {
        match obstacle {
            Obstacle::Held(held) => self.board.elsewhere(placement.slot, held),
            Obstacle::Foreign(reason) => {
                self.lose(placement.slot, &reason);
                self.board.unusable(placement.slot);
            }
            Obstacle::Lost(slot, reason) => {
                self.lose(slot, &reason);
                self.board.lost(placement.slot, slot);
            }
        }
    }

    fn finish(&mut self, done: Done) {
        let slot = done.slot;
        match done.after {
            After::Fine(station) => {
                self.board.finished(slot);
                if self.settings.frees_slots && self.board.demand(slot) == 0 {
                    self.board.given_back(slot);
                    self.closing.spawn(station.close());
                } else {
                    self.stations.insert(slot, *station);
                }
            }
            After::NotUp { reason, whole_run } => {
                self.lose(slot, &reason);
                self.board.unusable(slot);
                self.false_starts += 1;
                if whole_run || (!self.ever_up() && self.false_starts >= FALSE_STARTS) {
                    self.never_up.get_or_insert_with(|| reason.clone());
                    for test in self.board.give_up() {
                        self.tally.error_out(test, &reason);
                    }
                }
                return;
            }
            After::GivenUp => {}
            After::Worn { station, reason } => {
                self.closing.spawn(station.close());
                self.lose(slot, &reason);
                self.board.retired(slot);
            }
            After::Stuck { station, reason } => {
                self.closing.spawn(station.abandon());
                self.lose(slot, &reason);
                self.board.retired(slot);
            }
        }
        let Some(result) = done.result else { return };
        self.throttle.finished(result.took, &mut self.board);
        let configured = self.tally.tests()[done.index].test.entry.retries;
        let configured = configured.unwrap_or(self.settings.config.tests.retries);
        match self.tally.judge(done.index, result, self.settings.retries.unwrap_or(configured)) {
            Next::Again => self.board.again(done.index),
            Next::Over => {}
        }
    }

    fn too_many_failed(&self) -> bool {
        self.settings.max_failures.is_some_and(|most| self.tally.failures() >= most)
    }

    /// What waits will not run; what waits to be tried again has failed for good.
    fn leave_out_the_rest(&mut self) {
        for test in self.board.give_up() {
            self.stopped_after.get_or_insert(self.tally.failures());
            self.tally.leave_out(test);
        }
    }

    fn drop_hopeless(&mut self) {
        for test in self.board.hopeless() {
            let Settings { config, usable, .. } = &self.settings;
            let reason = no_slot::reason(self.tally.tests()[test].test, config, usable, &self.lost);
            self.never_up.get_or_insert_with(|| reason.clone());
            self.tally.error_out(test, &reason);
        }
    }

    fn lose(&mut self, slot: SlotId, reason: &str) {
        self.lost.insert(slot, reason.to_owned());
        self.common.events.emit(Event::SlotSkipped { slot, reason: reason.to_owned() });
        let first = reason.lines().next().unwrap_or_default();
        self.common.notice(&format!("slot {slot} is not used: {first}"));
    }

    /// Another run has slots that tests of this one wait for.
    fn look_again(&mut self) {
        if self.board.is_stuck() {
            let limit = self.settings.config.slots.lease_timeout;
            if self.claims.waits() > limit {
                let holders = self.claims.holders();
                let reason = format!("waited {limit:?} (slots.lease_timeout) for a slot: {holders}");
                self.never_up.get_or_insert_with(|| reason.clone());
                for test in self.board.give_up() {
                    self.tally.error_out(test, &reason);
                }
                return self.claims.give_up();
            }
            if self.claims.is_to_be_told() {
                self.common.notice(&format!("waiting for a slot: {}", self.claims.holders()));
            }
            if self.claims.gather(&self.board, self.stations.keys().copied()) {
                self.give_back();
            }
        }
        self.claims.forget_refusals();
        self.board.look_again();
    }

    /// Ends what is idle, so that other runs can have its slots.
    fn give_back(&mut self) {
        for (slot, station) in std::mem::take(&mut self.stations) {
            self.board.given_back(slot);
            self.closing.spawn(station.close());
        }
    }

    /// Whether any slot came up, also one that runs its first test now.
    fn ever_up(&self) -> bool {
        self.common.came_up.load(Ordering::Relaxed) > 0
    }
}
