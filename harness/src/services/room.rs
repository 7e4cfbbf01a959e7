//! Who starts what when: the run's own once, a slot's when it is used, and no more at once than may boot.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::OnceCell;
use tokio::time::Instant;

use super::App;
use super::crew::Crew;
use super::error::ServiceError;
use super::plan::{FromConfig, Plan, Planner, SetupJob};
use super::reset::{Way, on_files};
use super::snapshot::Files;
use crate::config::Config;
use crate::machine::Boots;
use crate::model::{ResetHow, SlotId};
use crate::process::Warden;
use crate::slots::Slot;

/// How long after its last connection was closed a process may still count as alive, and how often it is looked.
const LAST_BREATH: Duration = Duration::from_millis(200);
const LOOK: Duration = Duration::from_millis(5);

/// The set-up commands and services of a run, and those of its slots. Cheap to clone: all clones are
/// the same.
#[derive(Clone)]
pub(crate) struct Services {
    shared: Arc<Shared>,
}

struct Shared {
    planner: Box<dyn Planner>,
    warden: Option<Arc<Warden>>,
    /// A slot (or the run) waits for its turn to boot, and holds it until all of it is ready.
    boots: Boots,
    run: OnceCell<Result<Crew, ServiceError>>,
}

impl Services {
    /// Starts nothing yet. `run_dir` and `bin_dir` are what the placeholders of these names stand for.
    pub(crate) fn new(
        config: Arc<Config>,
        run_dir: PathBuf,
        bin_dir: PathBuf,
        boots: Boots,
        warden: Option<Arc<Warden>>,
    ) -> Self {
        Self::planned(Box::new(FromConfig { config, run_dir, bin_dir }), boots, warden)
    }

    pub(super) fn planned(planner: Box<dyn Planner>, boots: Boots, warden: Option<Arc<Warden>>) -> Self {
        Self { shared: Arc::new(Shared { planner, warden, boots, run: OnceCell::new() }) }
    }

    /// Starts what belongs to the run, once: whoever comes meanwhile or later waits for the same
    /// outcome, also where that is an error. What of it has ended since is started again.
    pub(crate) async fn start_run(&self) -> Result<(), ServiceError> {
        let run = self.shared.run.get_or_init(|| self.boot(self.shared.planner.for_run())).await;
        run.as_ref().map_err(Clone::clone)?.revive().await
    }

    /// Starts what belongs to a slot, after what belongs to the run. The slot's folder is made here; where it is there
    /// already, its set-up begins on what that began on the first time: no files but the logs.
    pub(crate) async fn start_slot(&self, slot: &Slot) -> Result<SlotServices, ServiceError> {
        self.start_run().await?;
        if let Err(source) = tokio::fs::create_dir_all(slot.dir()).await {
            return Err(ServiceError::Folder { path: slot.dir().to_owned(), source: Arc::new(source) });
        }
        let id = slot.id();
        let plan = self.shared.planner.for_slot(slot);
        let files = Files::new(slot.dir(), plan.logs());
        let left = files.clone();
        on_files("remove the earlier files", id, move || left.clear()).await?;

        let _boot = self.shared.boots.next().await;
        let has_set_up = !plan.setups.is_empty();
        self.set_up(plan.setups).await?;
        let resets = plan.services.iter().map(|job| &job.reset);
        let warden = self.shared.warden.clone();
        let way = if self.shared.planner.resets() {
            Way::prepare(resets, has_set_up, &files, id, warden.clone()).await
        } else {
            Way::Nothing
        };
        let crew = Crew::start(plan.services, warden).await?;
        Ok(SlotServices { slot: id, app: self.shared.planner.app(slot), crew, way, services: self.clone() })
    }

    /// Stops what belongs to the run, the last one first. To be called when all slots are stopped.
    pub(crate) async fn stop_run(&self) {
        if let Some(Ok(crew)) = self.shared.run.get() {
            crew.stop().await;
        }
    }

    async fn boot(&self, plan: Plan) -> Result<Crew, ServiceError> {
        let _boot = self.shared.boots.next().await;
        self.set_up(plan.setups).await?;
        Crew::start(plan.services, self.shared.warden.clone()).await
    }

    /// Runs set-up commands one after the other.
    async fn set_up(&self, setups: Vec<SetupJob>) -> Result<(), ServiceError> {
        for job in setups {
            job.run(self.shared.warden.as_ref()).await?;
        }
        Ok(())
    }
}

impl fmt::Debug for Services {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Services").field("run", &self.shared.run).finish_non_exhaustive()
    }
}

/// What runs for one slot. Dropping it kills it.
#[derive(Debug)]
pub(crate) struct SlotServices {
    slot: SlotId,
    app: App,
    crew: Crew,
    way: Way,
    services: Services,
}

impl SlotServices {
    /// The application as the tests of the slot see it.
    pub(crate) fn app(&self) -> &App {
        &self.app
    }

    /// An error when one of the services that the slot needs has ended, the run's own included.
    pub(crate) fn check(&self) -> Result<(), ServiceError> {
        if let Some(Ok(run)) = self.services.shared.run.get() {
            run.check()?;
        }
        self.check_own()
    }

    /// The same, for whoever has seen something go wrong: a process closes its connections before the system
    /// counts it as ended, so a test may know of the end before we do.
    pub(crate) async fn check_after_trouble(&self) -> Result<(), ServiceError> {
        let deadline = Instant::now() + LAST_BREATH;
        loop {
            let checked = self.check();
            if checked.is_err() || self.crew.is_empty() || Instant::now() >= deadline {
                return checked;
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// An error when one of the slot's own services has ended.
    pub(crate) fn check_own(&self) -> Result<(), ServiceError> {
        self.crew.check()
    }

    /// How a reset brings the slot back to what it was when its first test began; `None` where a test can change nothing that
    /// a reset would bring back.
    pub(crate) fn reset_how(&self) -> Option<ResetHow> {
        self.way.how()
    }

    /// Why the slot, which should be reset, cannot be.
    pub(crate) fn why_no_reset(&self) -> Option<&ServiceError> {
        match &self.way {
            Way::Lacking(error) => Some(error),
            _ => None,
        }
    }

    /// Brings the slot back. When that fails, it is of no use any more. Services of the run are left alone.
    pub(crate) async fn reset(&self) -> Result<(), ServiceError> {
        let _boot = self.services.shared.boots.next().await;
        self.way.go(&self.crew, self.slot).await
    }

    /// The names and log files of the slot's own services.
    pub(crate) fn logs(&self) -> impl Iterator<Item = (&str, &Path)> {
        self.crew.logs()
    }

    /// Stops them, the last one first.
    pub(crate) async fn stop(self) {
        self.crew.stop().await;
        // There may be many files to remove. It can only fail by a bug that has told of itself.
        let _ = tokio::task::spawn_blocking(move || drop(self.way)).await;
    }
}
