//! Between two attempts in a slot: what has ended is started again, and what a test may have changed is brought back.
//!
//! It is done just before the next attempt, and not after the one that made it necessary: after the last one in a slot
//! nobody needs it.

use std::time::Instant;

use super::station::{Common, Station, StationError};
use crate::config::When;
use crate::model::{Event, Outcome, ResetWhy, TestId, chain, micros};

/// As many attempts in a row may end with a dead service before the slot is retired.
const DEATHS: u32 = 3;

/// What was done to a slot since it was as it should be.
#[derive(Debug, Default)]
pub(super) struct Wear {
    /// After which test it is to be reset, and why.
    due: Option<(TestId, ResetWhy)>,
    /// In how many attempts in a row, up to the last one, a service died.
    deaths: u32,
}

impl Wear {
    /// An attempt is over.
    pub(super) fn note(&mut self, test: &TestId, outcome: Outcome, when: When, died: bool) {
        self.deaths = if died { self.deaths + 1 } else { 0 };
        let why = match (when, outcome) {
            (When::Never, _) | (When::AfterFailure, Outcome::Passed | Outcome::Skipped) => return,
            (When::AfterFailure, _) => ResetWhy::AfterFailure,
            (When::AfterEach, _) => ResetWhy::AfterEach,
        };
        self.due = Some((test.clone(), why));
    }

    /// It is to be as for a first test, because this one is tried once more.
    pub(super) fn require_reset(&mut self, test: &TestId) {
        self.due = Some((test.clone(), ResetWhy::BeforeTrial));
    }

    /// What the last test has left stays.
    pub(super) fn spare(&mut self) {
        self.due = None;
    }

    /// Why nothing more is tried here, after the last of too many deaths in a row.
    pub(super) fn worn_out(&self, last: &str) -> Option<String> {
        let is_worn_out = self.deaths >= DEATHS;
        is_worn_out.then(|| format!("a service died in {DEATHS} attempts in a row, the last time {last}"))
    }
}

impl Station {
    /// Makes the slot fit for the next attempt. Where it cannot be, it is closed.
    pub(super) async fn freshen(mut self: Box<Self>, common: &Common) -> Result<Box<Self>, StationError> {
        // What all slots share is not this slot's to end and to begin anew.
        if let Err(error) = common.services.start_run().await {
            self.close().await;
            return Err(StationError::Run(error));
        }
        let slot = self.slot.id();
        if let Err(dead) = self.services.check_own() {
            return self
                .open_afresh(&format!("of slot {slot}, a service has ended: {}", chain(&dead)), common)
                .await;
        }
        if let Err(error) = self.reset(common).await {
            return self
                .open_afresh(&format!("slot {slot} could not be reset: {}", chain(&error)), common)
                .await;
        }
        if let Err(error) = self.renew_browser().await {
            self.close().await;
            return Err(error);
        }
        Ok(self)
    }

    /// Puts another browser in the place of one that has served enough. The worker ends first, and tears down what lived as
    /// long as the slot, while the browser is there in which it may have sessions. Who has signed in is still known.
    async fn renew_browser(&mut self) -> Result<(), StationError> {
        let Some(spent) = self.browser.spent().await else { return Ok(()) };
        let began = Instant::now();
        self.worker.retire().await.map_err(StationError::Worker)?;
        self.browser.renew(spent, began).await;
        Ok(())
    }

    /// Brings the slot back to the state in which its first test found it, where that is due.
    async fn reset(&mut self, common: &Common) -> Result<(), StationError> {
        let (Some((after, why)), Some(how)) = (self.wear.due.take(), self.services.reset_how()) else {
            return Ok(());
        };
        let began = Instant::now();
        // Fixtures and sign-ins were made on the state that goes now. Whether a kept sign-in still holds nobody can tell
        // in advance: an application that counts its sessions may even take it for somebody else's.
        self.replace_worker().await?;
        self.services.reset().await.map_err(StationError::Slot)?;
        // A command may have been the end of what it was to reset.
        self.services.check_own().map_err(StationError::Slot)?;
        let (slot, took_us) = (self.slot.id(), micros(began.elapsed()));
        common.events.emit(Event::SlotReset { slot, after, why, how, took_us });
        Ok(())
    }

    /// Ends all of it and opens it again, as if it had never been up.
    async fn open_afresh(self: Box<Self>, why: &str, common: &Common) -> Result<Box<Self>, StationError> {
        common.notice(&format!("{why}\nslot {} is opened afresh", self.slot.id()));
        let (id, deaths) = (self.slot.id(), self.wear.deaths);
        let lease = self.end().await;
        let mut station = Self::open(id, lease, common).await?;
        station.wear.deaths = deaths;
        Ok(Box::new(station))
    }
}
