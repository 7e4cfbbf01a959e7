//! One set-up command: run, and done well or not.

use std::sync::Arc;
use std::time::Duration;

use super::error::{Excerpt, ServiceError};
use super::plan::SetupJob;
use crate::config::Signal;
use crate::process::{Group, Warden};

/// How long a command that took too long has to end in its own way.
const GRACE: Duration = Duration::from_secs(1);

impl SetupJob {
    /// Runs it to its end. What it leaves behind in its process group is ended too.
    pub(super) async fn run(self, warden: Option<&Arc<Warden>>) -> Result<(), ServiceError> {
        let Self { subject, launch, timeout } = self;
        let group = match Group::spawn(&launch, warden) {
            Ok(group) => group,
            Err(source) => return Err(ServiceError::Spawn { subject, source: Arc::new(source) }),
        };
        match tokio::time::timeout(timeout, group.exited()).await {
            Ok(exit) if exit.success() => Ok(()),
            Ok(exit) => Err(ServiceError::SetupFailed { subject, exit, log: Excerpt::of(&group) }),
            Err(_) => {
                group.stop(Signal::Term, GRACE).await;
                Err(ServiceError::SetupTimedOut { subject, timeout, log: Excerpt::of(&group) })
            }
        }
    }
}
