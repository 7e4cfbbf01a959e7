//! What is asked of the machine, told again and again: without it nobody could say afterwards whether a test that was too
//! slow had been alone on the machine.

use std::time::Duration;

use tokio::task::JoinHandle;

use super::events::Events;
use crate::machine::Gauge;
use crate::model::Event;

/// How often it is told. A run of an hour has 3,600 such events, of a hundred bytes each.
const EVERY: Duration = Duration::from_secs(1);

/// Tells of it until it is dropped. A run that is over within a moment says nothing.
#[derive(Debug)]
pub(super) struct Load(JoinHandle<()>);

impl Load {
    /// Begins to measure. Must be called on the run's runtime.
    pub(super) fn watch(events: Events) -> Self {
        Self(tokio::spawn(async move {
            let mut gauge = Gauge::new();
            let mut ticks = tokio::time::interval(EVERY);
            ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
            // The first tick is at once.
            ticks.tick().await;
            loop {
                ticks.tick().await;
                events.emit(Event::MachineMeasured { pressure: gauge.read() });
            }
        }))
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.0.abort();
    }
}
