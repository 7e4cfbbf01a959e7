//! All services of a slot, or of the run.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use super::error::ServiceError;
use super::plan::{ResetJob, ServiceJob, SetupJob};
use super::service::Running;
use crate::process::Warden;

/// The services that belong together, in the order in which they start.
#[derive(Debug, Default)]
pub(super) struct Crew {
    members: Vec<Member>,
    warden: Option<Arc<Warden>>,
    /// Held while dead ones are started again; why that failed, if it did.
    reviving: tokio::sync::Mutex<Option<ServiceError>>,
}

#[derive(Debug)]
struct Member {
    job: ServiceJob,
    /// Since it was ready; nothing for one that runs elsewhere.
    running: Mutex<Option<Arc<Running>>>,
}

impl Crew {
    /// Starts the services one after the other, each when the one before is ready. When one fails, those before it are
    /// stopped again.
    pub(super) async fn start(
        jobs: Vec<ServiceJob>,
        warden: Option<Arc<Warden>>,
    ) -> Result<Self, ServiceError> {
        let member = |job| Member { job, running: Mutex::default() };
        let members = jobs.into_iter().map(member).collect();
        let crew = Self { members, warden, reviving: tokio::sync::Mutex::default() };
        for member in &crew.members {
            if let Err(error) = member.start(crew.warden.as_ref()).await {
                crew.stop().await;
                return Err(error);
            }
        }
        Ok(crew)
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// An error when one of them has ended.
    pub(super) fn check(&self) -> Result<(), ServiceError> {
        self.members.iter().try_for_each(Member::check)
    }

    /// Starts those again that have ended. Whoever comes meanwhile waits for the same, and who comes after a start that
    /// failed gets its error: it is not tried by each of many slots.
    pub(super) async fn revive(&self) -> Result<(), ServiceError> {
        let mut failed = self.reviving.lock().await;
        if let Some(error) = &*failed {
            return Err(error.clone());
        }
        for member in self.members.iter().filter(|member| member.check().is_err()) {
            if let Err(error) = member.start(self.warden.as_ref()).await {
                *failed = Some(error.clone());
                return Err(error);
            }
        }
        Ok(())
    }

    /// Runs the reset commands of those that have one, one after the other.
    pub(super) async fn run_resets(&self) -> Result<(), ServiceError> {
        for member in &self.members {
            member.run_reset(self.warden.as_ref()).await?;
        }
        Ok(())
    }

    /// Starts all of them once more after a stop. A reset command runs as soon as its service is ready, for what that
    /// keeps may not be among the files that were restored, and those after it may read it when they start.
    pub(super) async fn start_again(&self) -> Result<(), ServiceError> {
        for member in &self.members {
            member.start(self.warden.as_ref()).await?;
            member.run_reset(self.warden.as_ref()).await?;
        }
        Ok(())
    }

    /// The names and log files of those that callboard started.
    pub(super) fn logs(&self) -> impl Iterator<Item = (&str, &Path)> {
        self.members.iter().filter_map(|Member { job, .. }| Some((&*job.name, &*job.launch.as_ref()?.log)))
    }

    /// Stops them, the last one first.
    pub(super) async fn stop(&self) {
        for member in self.members.iter().rev() {
            if let Some(running) = member.running() {
                running.stop().await;
            }
        }
    }
}

impl Member {
    async fn start(&self, warden: Option<&Arc<Warden>>) -> Result<(), ServiceError> {
        let running = self.job.clone().start(warden).await?;
        *self.running.lock().unwrap_or_else(PoisonError::into_inner) = running.map(Arc::new);
        Ok(())
    }

    async fn run_reset(&self, warden: Option<&Arc<Warden>>) -> Result<(), ServiceError> {
        let ResetJob::Command(job) = &self.job.reset else { return Ok(()) };
        SetupJob::run(job.clone(), warden).await
    }

    fn check(&self) -> Result<(), ServiceError> {
        self.running().map_or(Ok(()), |running| running.check())
    }

    fn running(&self) -> Option<Arc<Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
