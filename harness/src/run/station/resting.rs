//! A slot between two beginnings: what tests can change has ended, and the rest waits.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::{Common, Station, StationError, start_services};
use crate::model::{Account, Role};
use crate::run::browser::Keeper;
use crate::run::reset::Wear;
use crate::slots::{Lease, Slot};
use crate::worker::Worker;

/// A slot of which all that tests can change has ended, and nothing else.
pub(in crate::run) struct Resting {
    slot: Slot,
    accounts: BTreeMap<Role, Account>,
    worker: Worker,
    browser: Arc<Keeper>,
    lease: Lease,
}

impl Resting {
    pub(in crate::run) fn slot(&self) -> &Slot {
        &self.slot
    }

    /// Brings the slot up again, as if it had never been up.
    pub(in crate::run) async fn wake(self, common: &Common) -> Result<Station, StationError> {
        let services = match start_services(&self.slot, common).await {
            Ok(services) => services,
            Err(error) => {
                self.close().await;
                return Err(error);
            }
        };
        let Self { slot, accounts, mut worker, browser, lease } = self;
        if let Worker::Process(process) = &mut worker {
            process.begin_anew(services.app().clone(), common.warden.clone());
        }
        common.came_up.fetch_add(1, Ordering::Relaxed);
        Ok(Station {
            slot,
            accounts,
            services,
            worker,
            wear: Wear::default(),
            browser,
            // It is the process's.
            #[cfg(feature = "mail")]
            mail: None,
            lease,
        })
    }

    /// Ends what is left.
    pub(in crate::run) async fn close(self) {
        let Self { worker, browser, lease: _lease, .. } = self;
        tokio::join!(worker.stop(), browser.close());
    }
}

impl Station {
    /// Ends all that a test may have changed or started, and keeps what none can have: the lease, the browser, the driver. A worker
    /// that is no process is not kept either, and with it nothing.
    pub(in crate::run) async fn rest(mut self) -> Option<Resting> {
        if matches!(self.worker, Worker::Thread(_)) || self.worker.renew().await.is_err() {
            self.close().await;
            return None;
        }
        let Self { slot, accounts, services, worker, browser, lease, .. } = self;
        services.stop().await;
        Some(Resting { slot, accounts, worker, browser, lease })
    }
}
