//! The laboratory of a diagnosis: attempts made exactly as an experiment says, in slots that stay warm from one experiment
//! to the next.
//!
//! It has no verdicts and no retries. What became of an attempt is among the events, as in every run.

mod load;
mod parallel;
mod rows;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

pub(crate) use load::{ARGUMENT as BUSY, main as busy_main};

use super::attempt::After;
use super::attempt::{Done, Place};
use super::engine::Settings;
use super::folder::FolderError;
use super::load::Load;
use super::station::{Common, Resting, Station};
use crate::config::{Config, When};
use crate::machine::{Boots, cores};
use crate::model::{Counts, Event, Order, Schedule, SlotId, TestId, micros};
use crate::process::Warden;
use crate::slots::{Leases, Refusal};
use crate::story::Story;
use crate::suite::Cancel;
use load::Busy;

/// How often a slot that another run has is asked for again.
const LOOK_AGAIN: Duration = Duration::from_millis(50);
/// How long everything may take to end when it is given up.
const PATIENCE: Duration = Duration::from_secs(20);

/// See the room's documentation.
pub(crate) struct Lab {
    settings: Settings,
    /// What the consumer's own runs do between two tests; experiments say it themselves.
    when: When,
    common: Arc<Common>,
    stations: BTreeMap<SlotId, Station>,
    /// Slots in which nothing has happened since all began anew, with what lives longer than that.
    resting: BTreeMap<SlotId, Resting>,
    /// Ends what lives longer than from one beginning to the next: browsers and drivers. Nobody where nothing does.
    warden: Option<Arc<Warden>>,
    /// Why slots cannot be used (any more).
    lost: BTreeMap<SlotId, String>,
    /// How many attempts of each test were made, by their index.
    made: Vec<u32>,
    experiments: u32,
    /// Whether anything was made since all began anew.
    is_used: bool,
    /// How many times slower the present experiment's pages are.
    slow_pages: u16,
    cancel: Cancel,
    /// What is asked of the machine is measured as long as it lives.
    _load: Load,
}

/// An experiment cannot be made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LabError {
    /// The experiment asks for a test that was not selected.
    #[error("there is no test `{0}`")]
    NoTest(TestId),
    /// The experiment asks for a slot that there is not, or that has not the accounts that the test needs.
    #[error("test `{test}` cannot run in slot {slot}: {why}")]
    NoPlace { test: TestId, slot: SlotId, why: String },
    /// The rows refer to each other in a way that never begins.
    #[error("row {0} waits for a row that is not before it")]
    Circle(usize),
    /// Rows that share a slot.
    #[error("two rows of an experiment are in slot {0}")]
    Twice(SlotId),
    /// Rows that have nothing to do, or nobody to wait for.
    #[error("an experiment needs a row that has tests and does not repeat")]
    Endless,
    /// The slot did not come up, or not again.
    #[error("slot {slot}: {reason}")]
    Slot { slot: SlotId, reason: String },
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The whole run is interrupted.
    #[error("interrupted")]
    Interrupted,
}

impl Lab {
    /// Opens a laboratory for the tests of these settings' plan. Nothing is started but the warden. Must be called on the run's
    /// runtime.
    ///
    /// # Errors
    ///
    /// The folder in which everything happens cannot be made.
    pub(crate) fn open(mut settings: Settings) -> Result<Self, FolderError> {
        let when = settings.config.reset;
        // Each slot has a snapshot to be reset to, whatever the consumer's own runs do.
        let mut config = (*settings.config).clone();
        config.reset = When::AfterEach;
        settings.config = Arc::new(config);
        settings.folder = settings.folder.with_ground()?;
        let cancel = Cancel::new();
        let mut common = common(&settings, &cancel);
        // Where this process carries a mark itself, all wardens end the same.
        let outlives = !settings.inline && settings.on_output.is_none();
        let warden = if outlives { another_warden(&common) } else { None };
        keep(&mut common, warden.as_ref(), &settings);
        let common = Arc::new(common);
        let load = Load::watch(settings.events.clone());
        let made = vec![0; settings.plan.executed().count()];
        Ok(Self {
            settings,
            when,
            common,
            stations: BTreeMap::new(),
            resting: BTreeMap::new(),
            warden,
            lost: BTreeMap::new(),
            made,
            experiments: 0,
            is_used: false,
            slow_pages: 0,
            cancel,
            _load: load,
        })
    }

    /// Goes on where the laboratory of an earlier run was stopped: nothing gets a number that something has there.
    pub(crate) fn go_on(&mut self, story: &Story) {
        self.experiments = story.experiments.iter().map(|one| one.number).max().unwrap_or_default();
        for (index, planned) in self.settings.plan.executed().enumerate() {
            let attempts = story.test(&planned.test.id).map_or(&[][..], |test| &test.attempts);
            self.made[index] = attempts.iter().map(|attempt| attempt.number).max().unwrap_or_default();
        }
        let workers = story.attempts().filter_map(|(_, attempt)| attempt.worker).max();
        self.common.incarnations.skip(workers.map_or(0, |last| last + 1));
        // What was under way did not end by itself, and goes on no more.
        for (test, attempt) in story.attempts().filter(|(_, attempt)| attempt.end.is_none()) {
            let Some(slot) = attempt.slot else { continue };
            self.tell(Event::AttemptCancelled {
                test: test.planned.test.clone(),
                attempt: attempt.number,
                slot,
                took_us: story.last_us.saturating_sub(attempt.started_us),
            });
        }
    }

    /// Adds to the events what happened beside the experiments.
    pub(crate) fn tell(&self, event: Event) {
        self.common.events.emit(event);
    }

    /// What tells the attempts of this laboratory to end.
    pub(crate) fn cancel(&self) {
        self.cancel.cancel();
    }

    /// Slots that can be used, as far as is known.
    pub(crate) fn usable(&self) -> impl Iterator<Item = SlotId> {
        self.settings.usable.iter().copied().filter(|slot| !self.lost.contains_key(slot))
    }

    /// Makes an experiment, and returns its number.
    ///
    /// # Errors
    ///
    /// It makes no sense, or was not made wholly. What was made is among the events all the same.
    pub(crate) async fn perform(&mut self, purpose: &str, schedule: &Schedule) -> Result<u32, LabError> {
        self.experiments += 1;
        let (experiment, began) = (self.experiments, Instant::now());
        self.common.events.emit(Event::ExperimentStarted {
            experiment,
            purpose: purpose.to_owned(),
            schedule: schedule.clone(),
        });
        let result = self.make(experiment, schedule).await;
        self.common.events.emit(Event::ExperimentFinished {
            experiment,
            took_us: micros(began.elapsed()),
            failure: result.as_ref().err().map(ToString::to_string),
        });
        result.map(|()| experiment)
    }

    async fn make(&mut self, experiment: u32, schedule: &Schedule) -> Result<(), LabError> {
        match &schedule.order {
            Order::Rows { rows } => self.check(rows)?,
            Order::Parallel { tests, .. } => {
                tests.iter().try_for_each(|test| self.index(test).map(drop))?;
            }
        }
        if schedule.fresh {
            self.begin_anew().await?;
        }
        self.is_used = true;
        self.slow_pages = schedule.slow_pages;
        let _busy = Busy::start(schedule.load, &self.common);
        match &schedule.order {
            Order::Rows { rows } => self.rows(experiment, rows).await,
            Order::Parallel { tests, workers, seed } => {
                self.parallel(experiment, tests, *workers, *seed).await
            }
        }
    }

    /// Ends everything that a test may have changed or started, and begins with set-up, services and slots as if there had been no
    /// experiment. Browsers and drivers stay: each session is a context of its own, which ended with its worker.
    async fn begin_anew(&mut self) -> Result<(), LabError> {
        if !std::mem::take(&mut self.is_used) {
            return Ok(());
        }
        self.rest_stations().await;
        self.common.services.stop_run().await;
        if let Some(warden) = &self.common.warden {
            warden.end();
        }
        let kept: Vec<PathBuf> =
            self.resting.values().map(|resting| resting.slot().dir().to_owned()).collect();
        self.settings.folder.clear_ground(&kept)?;
        let incarnations = self.common.incarnations.clone();
        let mut common = Common::new(
            &self.settings,
            Boots::new(cores()),
            self.common.turns.clone(),
            self.cancel.listener(),
        );
        common.incarnations = incarnations;
        keep(&mut common, self.warden.as_ref(), &self.settings);
        self.common = Arc::new(common);
        // What kept a slot from being used may be over.
        self.lost.clear();
        Ok(())
    }

    /// Lets the slots rest, as many as are at work in a run of the suite; closes the others.
    async fn rest_stations(&mut self) {
        if self.warden.is_none() {
            return self.close_stations().await;
        }
        let mut resting = tokio::task::JoinSet::new();
        for (slot, station) in std::mem::take(&mut self.stations) {
            resting.spawn(async move { (slot, station.rest().await) });
        }
        while let Some(rested) = resting.join_next().await {
            if let Ok((slot, Some(rested))) = rested {
                self.resting.insert(slot, rested);
            }
        }
        while self.resting.len() > self.settings.workers.number.max(1)
            && let Some((_, last)) = self.resting.pop_last()
        {
            last.close().await;
        }
    }

    /// Ends everything, and with it the run, which may be before its time. Where slots and services had their files is removed, if
    /// nobody `wants_logs` of them to see why something could not be made.
    pub(crate) async fn close(mut self, interrupted: bool, wants_logs: bool) {
        let orderly = async {
            self.close_stations().await;
            self.common.services.stop_run().await;
        };
        // What is not over by then, the warden ends.
        let _ = tokio::time::timeout(PATIENCE, orderly).await;
        let _ = std::fs::remove_dir(self.common.folder.output());
        let ground = self.settings.folder.ground();
        if let (Some(warden), true, Ok(ground)) =
            (&self.common.warden_of_browsers, wants_logs, std::path::absolute(ground))
        {
            warden.forget_dir(&ground);
        }
        for warden in self.common.warden.iter().chain(&self.warden) {
            warden.end();
        }
        if !wants_logs {
            // Where there is no warden, or none that removes folders.
            let _ = std::fs::remove_dir_all(ground);
        }
        self.common.events.emit(Event::RunFinished {
            // Tests have no verdicts here.
            counts: Counts::default(),
            took_us: micros(self.common.events.elapsed()),
            interrupted,
            stopped_after: None,
        });
    }

    async fn close_stations(&mut self) {
        let mut closing = tokio::task::JoinSet::new();
        for (_, station) in std::mem::take(&mut self.stations) {
            closing.spawn(station.close());
        }
        for (_, resting) in std::mem::take(&mut self.resting) {
            closing.spawn(resting.close());
        }
        while closing.join_next().await.is_some() {}
        // An analysis waits for no video.
        self.common.studio.close(true).await;
    }

    /// The place of a slot, leased where it is not up. Waits for one that another run has.
    async fn place(&mut self, slot: SlotId) -> Result<Place, LabError> {
        if let Some(station) = self.stations.remove(&slot) {
            return Ok(Place::Up(Box::new(station)));
        }
        if let Some(resting) = self.resting.remove(&slot) {
            return Ok(Place::Resting(Box::new(resting)));
        }
        let refused = |reason: String| LabError::Slot { slot, reason };
        if let Some(reason) = self.lost.get(&slot) {
            return Err(refused(reason.clone()));
        }
        let until = Instant::now() + self.settings.config.slots.lease_timeout;
        loop {
            match lease(&self.settings.leases, &self.settings.config, slot) {
                Ok(lease) => {
                    if let Err(foreign) = lease.check_ports() {
                        self.lost.insert(slot, foreign.to_string());
                        return Err(refused(foreign.to_string()));
                    }
                    let port = self.settings.config.port(slot);
                    self.common.events.emit(Event::SlotLeased { slot, port });
                    return Ok(Place::Leased(slot, lease));
                }
                Err(held @ Refusal::Held { .. }) if Instant::now() >= until => {
                    return Err(refused(held.to_string()));
                }
                Err(Refusal::Held { .. }) => tokio::time::sleep(LOOK_AGAIN).await,
                Err(refusal) => {
                    self.lost.insert(slot, refusal.to_string());
                    return Err(refused(refusal.to_string()));
                }
            }
        }
    }

    /// Slots that this laboratory holds.
    fn held(&self) -> impl Iterator<Item = SlotId> {
        self.stations.keys().chain(self.resting.keys()).copied()
    }

    fn index(&self, test: &TestId) -> Result<usize, LabError> {
        let found = self.settings.plan.executed().position(|planned| planned.test.id == *test);
        found.ok_or_else(|| LabError::NoTest(test.clone()))
    }
}

fn common(settings: &Settings, cancel: &Cancel) -> Common {
    let turns = settings.leases.turns(&settings.config.file);
    Common::new(settings, Boots::new(cores()), turns, cancel.listener())
}

/// Lets this warden end the browsers, and remove the ground should the run be killed; or the warden of the beginning.
fn keep(common: &mut Common, warden: Option<&Arc<Warden>>, settings: &Settings) {
    common.warden_of_browsers = warden.cloned().or(common.warden.clone());
    if let (Some(warden), Ok(ground)) =
        (&common.warden_of_browsers, std::path::absolute(settings.folder.ground()))
    {
        warden.watch_dir(&ground);
    }
}

/// A warden beside the one of a beginning; without it browsers end with each.
fn another_warden(common: &Common) -> Option<Arc<Warden>> {
    let (events, on_notice) = (common.events.clone(), common.on_notice.clone());
    let notice = move |text: &str| {
        events.emit(Event::Notice { text: text.to_owned() });
        on_notice(text);
    };
    Warden::start(notice).ok().map(Arc::new)
}

fn lease(leases: &Leases, config: &Config, slot: SlotId) -> Result<crate::slots::Lease, Refusal> {
    let ports = config.all_ports(slot).map(|port| (slot, port));
    let mut got = leases.try_lease(ports).map_err(|(_, refusal)| refusal)?;
    Ok(got.remove(&slot).unwrap_or_default())
}

/// The station after an attempt, if there still is one; else why not.
async fn left(done: Done) -> Result<Box<Station>, String> {
    match done.after {
        After::Fine(station) => Ok(station),
        After::NotUp { reason, .. } => Err(reason),
        After::GivenUp => Err(LabError::Interrupted.to_string()),
        After::Worn { station, reason } => {
            station.close().await;
            Err(reason)
        }
        After::Stuck { station, reason } => {
            station.abandon().await;
            Err(reason)
        }
    }
}
