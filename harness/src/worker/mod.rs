//! Executes attempts in one slot, one at a time: inline, on a thread of the slot's own.
//!
//! A thread and not a task, so that a test which blocks delays no other slot, and so that what tests hold
//! across an `await` need not be `Send`.

mod attempt;
mod evidence;

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};

use crate::machine::run_out;
use crate::model::{Account, Outcome, Problem};
use crate::suite::{Furnishing, Home, TestEntry};
use crate::trail::{Standstill, Trail};

/// How long after its deadline a test may need to notice it, tear-down included, before its worker is given up.
const GRACE: Duration = Duration::from_secs(15);

/// An attempt that is to be made.
#[derive(Debug, Clone)]
pub(crate) struct Task {
    pub(crate) test: &'static TestEntry,
    pub(crate) deadline: Duration,
    /// The folder for what is worth keeping of an attempt that did not pass.
    pub(crate) folder: PathBuf,
    /// The accounts of other slots that the test may use, by how it asks for them: `instructor#2`.
    pub(crate) lent: BTreeMap<&'static str, Account>,
    /// What it tells while it runs.
    pub(crate) trail: Arc<Trail>,
}

/// What an attempt came to.
#[derive(Debug, Clone)]
pub(crate) struct Report {
    pub(crate) outcome: Outcome,
    pub(crate) problem: Option<Problem>,
    /// Why it was skipped.
    pub(crate) skipped: Option<String>,
}

/// The worker of a slot.
#[derive(Debug)]
pub(crate) struct Worker {
    incarnation: u32,
    orders: mpsc::UnboundedSender<Order>,
    ended: oneshot::Receiver<()>,
}

#[derive(Debug)]
struct Order {
    task: Task,
    begun: oneshot::Sender<()>,
    report: oneshot::Sender<Report>,
}

/// The worker cannot be used any more: its test does not come to an end.
#[derive(Debug)]
pub(crate) struct Stuck(pub(crate) Problem);

impl Worker {
    /// Starts the worker of a slot. Incarnations are counted over the run and never used twice.
    pub(crate) fn start(incarnation: u32, furnishing: Furnishing) -> io::Result<Self> {
        let (orders, mut received) = mpsc::unbounded_channel::<Order>();
        let (ending, ended) = oneshot::channel();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let name = format!("callboard slot {}", furnishing.slot.id());
        std::thread::Builder::new().name(name).spawn(move || {
            let home = Home::new(furnishing);
            let work = async {
                while let Some(Order { task, begun, report }) = received.recv().await {
                    // The run is gone when nobody takes the report.
                    let _ = report.send(attempt::execute(&home, &task, begun).await);
                }
                home.tear_down().await;
            };
            tokio::task::LocalSet::new().block_on(&runtime, work);
            drop(runtime);
            let _ = ending.send(());
        })?;
        Ok(Self { incarnation, orders, ended })
    }

    /// Which worker of the run this is.
    pub(crate) fn incarnation(&self) -> u32 {
        self.incarnation
    }

    /// Makes an attempt, and waits for it.
    pub(crate) async fn execute(&self, task: Task) -> Result<Report, Stuck> {
        let (deadline, trail) = (task.deadline, task.trail.clone());
        let (begun, has_begun) = oneshot::channel();
        let (report, mut reported) = oneshot::channel();
        if self.orders.send(Order { task, begun, report }).is_err() {
            return Err(gone());
        }
        let too_long = async {
            // A set-up has limits of its own, and then there is nothing to count from.
            if has_begun.await.is_err() {
                std::future::pending::<()>().await;
            }
            run_out(deadline).await;
            tokio::time::sleep(GRACE).await;
        };
        tokio::select! {
            biased;
            report = &mut reported => report.map_err(|_| gone()),
            () = too_long => Err(stuck(deadline, &trail)),
        }
    }

    /// Lets the worker end what it holds, and waits for that.
    pub(crate) async fn stop(self) {
        drop(self.orders);
        let _ = tokio::time::timeout(GRACE, self.ended).await;
    }
}

fn stuck(deadline: Duration, trail: &Trail) -> Stuck {
    let Standstill { text, steps } = trail.standstill();
    let stands = if text.is_empty() { text } else { format!(", {text}") };
    let message = format!(
        "the test did not end within {deadline:?}, nor did it yield within {GRACE:?} after that: it blocks its thread{stands}. \
         Its slot is not used again in this run"
    );
    Stuck(Problem { outcome: Outcome::TimedOut, message, location: None, steps })
}

fn gone() -> Stuck {
    Stuck(Problem {
        outcome: Outcome::Crashed,
        message: "the thread of the slot's worker ended during the test".to_owned(),
        location: None,
        steps: Vec::new(),
    })
}
