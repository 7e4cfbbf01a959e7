//! Attempts on a thread of the slot's own.
//!
//! A thread and not a task, so that a test which blocks delays no other slot, and so that what tests hold
//! across an `await` need not be `Send`.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{mpsc, oneshot};

use super::{Made, Task, attempt};
use crate::model::{Event, masked};
use crate::suite::{Cancelled, Furnishing, Home};
use crate::trail::{Of, Trail};

/// The thread, and how to give it orders.
#[derive(Debug)]
pub(super) struct Inline {
    orders: mpsc::UnboundedSender<Order>,
    ended: oneshot::Receiver<()>,
    pulse: Pulse,
}

/// An attempt that is to be made, and who is told how it goes on.
pub(super) struct Order {
    pub(super) task: Task,
    pub(super) trail: Arc<Trail>,
    pub(super) cancelled: Cancelled,
    /// The test's own time begins to count.
    pub(super) begun: Box<dyn FnOnce() + Send>,
    /// The test is over, or was given up; what follows is evidence and tear-down.
    pub(super) ending: Box<dyn FnOnce() + Send>,
    /// All is over. Whether fixtures live on is said, too.
    pub(super) made: Box<dyn FnOnce(Made, Rest) + Send>,
}

/// When the thread was last free to do something else than its test.
#[derive(Debug, Clone)]
pub(super) struct Pulse(Arc<Mutex<Instant>>);

impl Pulse {
    fn new() -> Self {
        Self(Arc::new(Mutex::new(Instant::now())))
    }

    async fn beat(self) {
        loop {
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
            tokio::time::sleep(BEAT).await;
        }
    }

    /// For how long the thread has been blocked, up to a beat.
    pub(super) fn still(&self) -> Duration {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).elapsed()
    }
}

/// How often a thread that is free says so.
const BEAT: Duration = Duration::from_millis(500);

/// What an attempt leaves in the slot.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rest {
    /// Fixtures that live as long as the slot.
    pub(super) has_fixtures: bool,
}

impl Inline {
    /// Starts the thread. `at_start` is called on it, and `when_idle` whenever it is about to wait.
    pub(super) fn start(
        furnishing: Furnishing,
        at_start: impl FnOnce() + Send + 'static,
        when_idle: impl Fn() + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let (orders, mut received) = mpsc::unbounded_channel::<Order>();
        let (ending, ended) = oneshot::channel();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .thread_name("callboard pool")
            .on_thread_park(when_idle)
            .build()?;
        let pulse = Pulse::new();
        let beating = pulse.clone();
        let name = format!("callboard slot {}", furnishing.slot.id());
        std::thread::Builder::new().name(name).spawn(move || {
            at_start();
            let home = Home::new(furnishing);
            let work = async {
                tokio::task::spawn_local(beating.beat());
                while let Some(order) = received.recv().await {
                    let Order { task, trail, cancelled, begun, ending, made } = order;
                    let result = attempt::execute(&home, &task, &trail, &cancelled, begun, ending).await;
                    made(result, Rest { has_fixtures: home.has_fixtures() });
                }
                home.tear_down().await;
            };
            tokio::task::LocalSet::new().block_on(&runtime, work);
            drop(runtime);
            let _ = ending.send(());
        })?;
        Ok(Self { orders, ended, pulse })
    }

    /// Tells whether the thread is blocked.
    pub(super) fn pulse(&self) -> &Pulse {
        &self.pulse
    }

    /// Gives an order. It is lost where the thread has ended.
    pub(super) fn order(&self, order: Order) {
        let _ = self.orders.send(order);
    }

    /// Lets the thread end what it holds, and waits for that.
    pub(super) async fn stop(self, limit: Duration) {
        drop(self.orders);
        let _ = tokio::time::timeout(limit, self.ended).await;
    }

    /// The same, on a thread that may wait. It takes as long as it takes.
    pub(super) fn stop_blocking(self) {
        drop(self.orders);
        let _ = self.ended.blocking_recv();
    }
}

/// The trail of an attempt. What it tells goes among the events; no password does.
pub(super) fn trail(
    task: &Task,
    passwords: Vec<String>,
    emit: impl Fn(Event) + Send + Sync + 'static,
) -> Arc<Trail> {
    Trail::new(Of {
        test: task.name.clone(),
        attempt: task.attempt,
        folder: task.folder.clone(),
        run: task.run.clone(),
        emit: Box::new(emit),
        mask: Box::new(move |text| masked(text, passwords.iter().map(String::as_str))),
    })
}
