//! The further pages of a session: those that its pages opened.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::watch;

use super::Tab;
use crate::browser::arrivals::Arrival;
use crate::browser::route::Routes;

/// Those that have come to be so far, oldest first. A clone is the same.
#[derive(Debug, Clone, Default)]
pub(in crate::browser) struct Further {
    tabs: Arc<Mutex<Vec<Tab>>>,
    changed: watch::Sender<()>,
}

impl Further {
    /// Makes each page that arrives one that can be asked, and has its requests routed.
    pub(in crate::browser) fn welcome(mut arrivals: UnboundedReceiver<Arrival>, routes: Routes) -> Self {
        let further = Self::default();
        let welcomed = further.clone();
        tokio::spawn(async move {
            // Until the context is forgotten.
            while let Some(Arrival { page, target }) = arrivals.recv().await {
                // One that is closed before it is known is of no use to anybody.
                if let Ok(tab) = Tab::open(page, &target, routes.clone()).await {
                    welcomed.tabs.lock().unwrap_or_else(PoisonError::into_inner).push(tab);
                    welcomed.changed.send_replace(());
                }
            }
        });
        further
    }

    /// Those of them that are open.
    pub(in crate::browser) fn tabs(&self) -> Vec<Tab> {
        let mut tabs = self.tabs.lock().unwrap_or_else(PoisonError::into_inner);
        tabs.retain(|tab| !tab.is_closed());
        tabs.clone()
    }

    /// Waits for one of them that is as it is asked for.
    pub(in crate::browser) async fn find(&self, is_it: impl Fn(&Tab) -> bool) -> Option<Tab> {
        let mut changes = self.changed.subscribe();
        loop {
            if let Some(tab) = self.tabs().into_iter().find(&is_it) {
                return Some(tab);
            }
            changes.changed().await.ok()?;
        }
    }
}
