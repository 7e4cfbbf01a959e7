//! How many programs may boot at once: those of a slot, or a browser.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::{Semaphore, SemaphorePermit};

/// Permits to boot. Cheap to clone: all clones are the same.
///
/// A server and a browser ask more of a machine while they start than at any time afterwards, and those that start
/// together are all late. So who boots holds its permit until it is ready, and the first are ready early.
#[derive(Debug, Clone)]
pub(crate) struct Boots(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    permits: Semaphore,
    /// How many have ever had a permit: what was measured while this changed is a boot, too.
    begun: AtomicUsize,
    ended: AtomicUsize,
}

/// The right to boot, until it is dropped.
#[derive(Debug)]
pub(crate) struct Boot<'a> {
    boots: &'a Shared,
    _permit: Option<SemaphorePermit<'a>>,
}

impl Boots {
    /// For so many at once.
    pub(crate) fn new(at_once: usize) -> Self {
        let permits = Semaphore::new(at_once.max(1));
        Self(Arc::new(Shared { permits, begun: AtomicUsize::new(0), ended: AtomicUsize::new(0) }))
    }

    /// Waits for the right to boot. Who has waited longest is next.
    pub(crate) async fn next(&self) -> Boot<'_> {
        // Never closed, so it is never an error; without a permit, nothing worse than haste would follow.
        let permit = self.0.permits.acquire().await.ok();
        self.0.begun.fetch_add(1, Ordering::Relaxed);
        Boot { boots: &self.0, _permit: permit }
    }

    /// How many have begun, and how many of them are ready or given up.
    pub(crate) fn counts(&self) -> (usize, usize) {
        let ended = self.0.ended.load(Ordering::Relaxed);
        (self.0.begun.load(Ordering::Relaxed), ended)
    }
}

impl Drop for Boot<'_> {
    fn drop(&mut self) {
        self.boots.ended.fetch_add(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[test]
    fn the_next_boots_when_one_is_ready() {
        let boots = Boots::new(2);
        let first = boots.next().now_or_never().unwrap();
        let _second = boots.next().now_or_never().unwrap();
        assert!(boots.next().now_or_never().is_none());
        assert_eq!(boots.counts(), (2, 0));
        drop(first);
        let _third = boots.next().now_or_never().expect("the first is ready");
        assert_eq!(boots.counts(), (3, 1));
    }

    #[test]
    fn one_may_always_boot() {
        assert!(Boots::new(0).next().now_or_never().is_some());
    }
}
