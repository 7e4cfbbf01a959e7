//! The further pages of a session: those that its pages opened.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::mpsc::UnboundedReceiver;

use super::Tab;
use crate::browser::arrivals::Arrival;
use crate::browser::witness::Witness;

/// Those that have come to be so far, oldest first. A clone is the same.
#[derive(Debug, Clone, Default)]
pub(in crate::browser) struct Further(Arc<Mutex<Vec<Tab>>>);

impl Further {
    /// Makes each page that arrives one that can be asked, and has the witness follow it.
    pub(in crate::browser) fn welcome(mut arrivals: UnboundedReceiver<Arrival>, witness: Witness) -> Self {
        let further = Self::default();
        let welcomed = further.clone();
        tokio::spawn(async move {
            // Until the context is forgotten.
            while let Some(Arrival { page, target }) = arrivals.recv().await {
                // One that is closed before it is known is of no use to anybody.
                if let Ok(tab) = Tab::open(page, &target, witness.clone()).await {
                    welcomed.0.lock().unwrap_or_else(PoisonError::into_inner).push(tab);
                }
            }
        });
        further
    }

    /// Those of them that are open.
    pub(in crate::browser) fn tabs(&self) -> Vec<Tab> {
        let mut tabs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tabs.retain(|tab| !tab.is_closed());
        tabs.clone()
    }
}
