//! How the services of a slot are brought back to what they were when its first test began.

use std::sync::Arc;

use super::copy::FileError;
use super::crew::Crew;
use super::error::ServiceError;
use super::plan::ResetJob;
use super::snapshot::{Files, Snapshot};
use crate::model::{ResetHow, SlotId};
use crate::process::Warden;

/// What a slot has for its resets.
#[derive(Debug)]
pub(super) enum Way {
    /// Nothing that a test could change.
    Nothing,
    /// A command of each service that needs it.
    Commands,
    /// A copy of its files.
    Files(Arc<Snapshot>),
    /// Nothing, because the copy could not be made.
    Lacking(ServiceError),
}

impl Way {
    /// Finds out what a slot with these services needs, between its set-up and the start of its services, and keeps its files
    /// where that is it.
    pub(super) async fn prepare<'a>(
        resets: impl Iterator<Item = &'a ResetJob>,
        has_set_up: bool,
        files: &Files,
        slot: SlotId,
        warden: Option<Arc<Warden>>,
    ) -> Self {
        match how(resets, has_set_up) {
            None => Self::Nothing,
            Some(ResetHow::Command) => Self::Commands,
            Some(ResetHow::Restore) => {
                let files = files.clone();
                match on_files("keep the files", slot, move || files.keep(warden)).await {
                    Ok(snapshot) => Self::Files(Arc::new(snapshot)),
                    Err(error) => Self::Lacking(error),
                }
            }
        }
    }

    /// Brings the services, which run, back. Nothing is said of what they are where that fails.
    pub(super) async fn go(&self, crew: &Crew, slot: SlotId) -> Result<(), ServiceError> {
        match self {
            Self::Nothing | Self::Lacking(_) => Ok(()),
            Self::Commands => crew.run_resets().await,
            Self::Files(snapshot) => {
                // Also those with a command of their own: nobody knows whose files the folder has, and no service
                // may find its files changed while it runs.
                crew.stop().await;
                let snapshot = snapshot.clone();
                on_files("restore the files", slot, move || snapshot.restore()).await?;
                crew.start_again().await
            }
        }
    }

    /// How it would be done, if anything is to be done.
    pub(super) fn how(&self) -> Option<ResetHow> {
        match self {
            Self::Nothing | Self::Lacking(_) => None,
            Self::Commands => Some(ResetHow::Command),
            Self::Files(_) => Some(ResetHow::Restore),
        }
    }
}

/// How services that are reset in these ways are reset together.
fn how<'a>(resets: impl Iterator<Item = &'a ResetJob>, has_set_up: bool) -> Option<ResetHow> {
    let mut of_all = None;
    let mut has_services = false;
    for reset in resets {
        has_services = true;
        match reset {
            ResetJob::Restart => return Some(ResetHow::Restore),
            ResetJob::Command(_) => of_all = Some(ResetHow::Command),
            ResetJob::Unneeded => {}
        }
    }
    // What was set up is there for the tests themselves where no service needs it.
    let is_for_tests = has_set_up && !has_services;
    of_all.or(is_for_tests.then_some(ResetHow::Restore))
}

/// Does something to the files of a slot, which may take its time, where it holds up nobody.
pub(super) async fn on_files<T: Send + 'static>(
    doing: &'static str,
    slot: SlotId,
    work: impl FnOnce() -> Result<T, FileError> + Send + 'static,
) -> Result<T, ServiceError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done.map_err(|source| ServiceError::Files { doing, slot, source: Arc::new(source) }),
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // The runtime ends, and with it who waits here.
            Err(_) => std::future::pending().await,
        },
    }
}
