//! The end of a run: in order, of an interrupted one, and at once.

use tokio::sync::mpsc;

use super::Engine;
use crate::run::attempt::Done;

impl Engine {
    /// Tells the attempts to end, and waits until they have.
    pub(super) async fn cancel(&mut self, done: &mut mpsc::UnboundedReceiver<Done>) {
        self.cancel.cancel();
        // Each attempt says in the end what became of it.
        while !self.attempts.is_empty() {
            tokio::select! {
                Some(done) = done.recv() => self.finish(done),
                Some(_) = self.attempts.join_next() => {}
            }
        }
        while let Ok(done) = done.try_recv() {
            self.finish(done);
        }
    }

    /// Ends all without waiting for anything in order.
    pub(super) async fn break_off(&mut self) {
        // What these were about to start, or have started, ends with them.
        self.attempts.shutdown().await;
        self.closing.shutdown().await;
        self.stations.clear();
        self.end_of_run().await;
    }

    /// Ends all in order.
    pub(super) async fn stop(&mut self, in_hurry: bool) {
        self.give_back();
        while self.closing.join_next().await.is_some() {}
        self.common.studio.close(in_hurry).await;
        self.end_of_run().await;
    }

    async fn end_of_run(&self) {
        self.common.services.stop_run().await;
        // It is empty, unless somebody was killed.
        let _ = std::fs::remove_dir(self.common.folder.output());
        if let Some(warden) = &self.common.warden {
            // Not left to the last handle's drop: a test that never ends may have one.
            warden.end();
        }
    }
}
