//! All services of a slot, or of the run.

use std::path::Path;
use std::sync::Arc;

use super::error::ServiceError;
use super::plan::Plan;
use super::service::Running;
use crate::process::Warden;

/// The services that were started together, in order.
#[derive(Debug, Default)]
pub(super) struct Crew(Vec<Running>);

impl Crew {
    /// Runs the set-up commands one after the other, then starts the services one after the other,
    /// each when the one before is ready. When one fails, those before it are stopped again.
    pub(super) async fn start(plan: Plan, warden: Option<&Arc<Warden>>) -> Result<Self, ServiceError> {
        for job in plan.setups {
            job.run(warden).await?;
        }
        let mut crew = Self::default();
        for job in plan.services {
            match job.start(warden).await {
                Ok(running) => crew.0.extend(running),
                Err(error) => {
                    crew.stop().await;
                    return Err(error);
                }
            }
        }
        Ok(crew)
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// An error when one of them has ended.
    pub(super) fn check(&self) -> Result<(), ServiceError> {
        self.0.iter().try_for_each(Running::check)
    }

    /// The names and log files of those that callboard started.
    pub(super) fn logs(&self) -> impl Iterator<Item = (&str, &Path)> {
        self.0.iter().map(|running| (running.name(), running.log()))
    }

    /// Stops them, the last one first.
    pub(super) async fn stop(&self) {
        for running in self.0.iter().rev() {
            running.stop().await;
        }
    }
}
