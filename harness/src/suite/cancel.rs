//! The end of a run before its time: attempts are told, and end with their tear-down.

use tokio::sync::watch;

/// Tells attempts that the run is to end. Once said, it is said to all that ask later, too.
#[derive(Debug)]
pub(crate) struct Cancel(watch::Sender<bool>);

/// What attempts listen to. Clones hear the same.
#[derive(Debug, Clone)]
pub(crate) struct Cancelled(watch::Receiver<bool>);

impl Cancel {
    pub(crate) fn new() -> Self {
        Self(watch::Sender::new(false))
    }

    /// What to listen to.
    pub(crate) fn listener(&self) -> Cancelled {
        Cancelled(self.0.subscribe())
    }

    /// The run is to end.
    pub(crate) fn cancel(&self) {
        self.0.send_replace(true);
    }
}

impl Cancelled {
    /// What nobody cancels.
    pub(crate) fn never() -> Self {
        Cancel::new().listener()
    }

    /// Whether the run is to end.
    pub(crate) fn is_cancelled(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until the run is to end; for ever where nobody can say so any more.
    pub(crate) fn wait(&self) -> impl Future<Output = ()> + Send + use<> {
        let mut said = self.0.clone();
        async move {
            if said.wait_for(|said| *said).await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }
}
