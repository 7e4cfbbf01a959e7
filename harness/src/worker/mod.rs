//! Executes attempts in one slot, one at a time: in a process of the slot's own, or inline, on a thread.
//!
//! The process is this executable once more, so whatever a test does to its process it does to nobody else's test. It does
//! in [`child`] what [`inline`] does here; [`wire`] is what both sides say to each other.

mod attempt;
mod child;
mod crash;
mod evidence;
mod inline;
mod link;
mod native;
mod output;
mod printed;
mod process;
mod traces;
mod wire;
mod wires;

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;

pub(crate) use child::{ARGUMENT, main as child_main};
use inline::{Inline, Order, trail};
pub(crate) use printed::OnOutput;
pub(crate) use process::{Process, Surroundings};

use crate::machine::run_out;
use crate::model::{Account, Outcome, Problem, TestId};
use crate::suite::{Cancelled, Furnishing, Test};
use crate::trail::{Standstill, Trail};

/// How long after its deadline a test may need to be given up. One that needs longer blocks its thread.
const NOTICE: Duration = Duration::from_secs(3);
/// How long evidence and tear-down may take then, before the worker is given up.
const GRACE: Duration = Duration::from_secs(15);

/// An attempt that is to be made.
#[derive(Debug, Clone)]
pub(crate) struct Task {
    pub(crate) test: &'static Test,
    /// What it is called: not as it is written where it is repeated.
    pub(crate) name: TestId,
    pub(crate) attempt: u32,
    pub(crate) deadline: Duration,
    /// The folder for what is worth keeping of the attempt.
    pub(crate) folder: PathBuf,
    /// The folder of the run.
    pub(crate) run: PathBuf,
    /// The accounts of other slots that the test may use, by how it asks for them: `instructor#2`.
    pub(crate) lent: BTreeMap<&'static str, Account>,
    /// What of it is recorded, and what is to be kept out besides passwords.
    pub(crate) recorded: Recorded,
    /// How many times slower the processor is for its pages, where that is more than once.
    pub(crate) slow_pages: u16,
}

/// What is recorded of an attempt.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Recorded {
    pub(crate) trace: bool,
    pub(crate) film: bool,
    /// The names of headers, fields and parameters that are masked besides the usual ones.
    pub(crate) mask: Vec<String>,
}

/// What an attempt came to.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum Made {
    Over(Report),
    /// The run ends before its time, and the attempt without a verdict.
    Cancelled,
}

/// How an attempt ended by itself.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Report {
    pub(crate) outcome: Outcome,
    pub(crate) problem: Option<Problem>,
    /// Why it was skipped.
    pub(crate) skipped: Option<String>,
    /// The names of the files that the test attached.
    pub(crate) attached: Vec<String>,
}

impl Made {
    /// It did not come to its own end.
    fn broken(problem: Problem, attached: Vec<String>) -> Self {
        Self::Over(Report { outcome: problem.outcome, problem: Some(problem), skipped: None, attached })
    }
}

/// The worker of a slot.
#[derive(Debug)]
pub(crate) enum Worker {
    Thread(Box<Thread>),
    Process(Box<Process>),
}

/// The worker cannot be used any more: its test does not come to an end.
#[derive(Debug)]
pub(crate) struct Stuck;

/// Counts the workers of a run: a number is never used twice.
#[derive(Debug, Clone, Default)]
pub(crate) struct Incarnations(Arc<AtomicU32>);

impl Incarnations {
    /// The next one has this number at least.
    pub(crate) fn skip(&self, to: u32) {
        self.0.fetch_max(to, Ordering::Relaxed);
    }

    fn next(&self) -> u32 {
        self.0.fetch_add(1, Ordering::Relaxed)
    }
}

impl Worker {
    /// Sees to it that the worker can make an attempt. Returns its incarnation.
    pub(crate) async fn ready(&mut self) -> io::Result<u32> {
        match self {
            Self::Thread(thread) => Ok(thread.incarnation),
            Self::Process(process) => process.ready().await,
        }
    }

    /// Makes an attempt, and waits for it.
    pub(crate) async fn execute(&mut self, task: Task, cancelled: &Cancelled) -> (Made, Result<(), Stuck>) {
        match self {
            Self::Thread(thread) => thread.execute(task, cancelled).await,
            Self::Process(process) => (process.execute(task, cancelled).await, Ok(())),
        }
    }

    /// Gives the attempts to come a worker that knows nothing of those before. The one before ends what it holds.
    pub(crate) async fn renew(&mut self) -> io::Result<()> {
        match self {
            Self::Thread(thread) => thread.renew().await,
            Self::Process(process) => {
                process.renew().await;
                Ok(())
            }
        }
    }

    /// The same, but for the sign-ins, which the next worker is told where this one is a process.
    pub(crate) async fn retire(&mut self) -> io::Result<()> {
        match self {
            Self::Thread(thread) => thread.renew().await,
            Self::Process(process) => {
                process.retire().await;
                Ok(())
            }
        }
    }

    /// Lets the worker end what it holds, and waits for that.
    pub(crate) async fn stop(self) {
        match self {
            Self::Thread(thread) => thread.inline.stop(GRACE).await,
            Self::Process(process) => process.stop().await,
        }
    }
}

/// A worker in the process of the run.
pub(crate) struct Thread {
    furnishing: Furnishing,
    inline: Inline,
    incarnation: u32,
    incarnations: Incarnations,
}

impl std::fmt::Debug for Thread {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Thread").field("incarnation", &self.incarnation).finish_non_exhaustive()
    }
}

impl Thread {
    pub(crate) fn start(furnishing: Furnishing, incarnations: &Incarnations) -> io::Result<Self> {
        let inline = Inline::start(furnishing.clone(), || {}, || {})?;
        let (incarnation, incarnations) = (incarnations.next(), incarnations.clone());
        Ok(Self { furnishing, inline, incarnation, incarnations })
    }

    async fn renew(&mut self) -> io::Result<()> {
        let next = Self::start(self.furnishing.clone(), &self.incarnations)?;
        std::mem::replace(self, next).inline.stop(GRACE).await;
        Ok(())
    }

    async fn execute(&self, task: Task, cancelled: &Cancelled) -> (Made, Result<(), Stuck>) {
        let accounts = self.furnishing.accounts.values().chain(task.lent.values());
        let passwords = accounts.map(|account| account.password().to_owned()).collect();
        let observer = self.furnishing.on_event.clone();
        let trail = trail(&task, passwords, move |event| observer(event));
        let (begun, has_begun) = oneshot::channel();
        let (ending, is_ending) = oneshot::channel();
        let (report, mut reported) = oneshot::channel();
        let deadline = task.deadline;
        self.inline.order(Order {
            task,
            trail: trail.clone(),
            cancelled: cancelled.clone(),
            // Who asked may have given up.
            begun: Box::new(move || {
                let _ = begun.send(());
            }),
            ending: Box::new(move || {
                let _ = ending.send(());
            }),
            made: Box::new(move |made, _| drop(report.send(made))),
        });
        let too_long = async {
            // A set-up has limits of its own, and then there is nothing to count from.
            if has_begun.await.is_err() {
                std::future::pending::<()>().await;
            }
            let unnoticed = async {
                run_out(deadline).await;
                tokio::time::sleep(NOTICE).await;
            };
            tokio::select! {
                Ok(()) = is_ending => tokio::time::sleep(GRACE).await,
                () = unnoticed => {}
            }
        };
        let cancelled_too_long = async {
            cancelled.wait().await;
            tokio::time::sleep(NOTICE).await;
        };
        let result = tokio::select! {
            biased;
            made = &mut reported => match made {
                Ok(made) => (made, Ok(())),
                Err(_) => (gone(&trail), Err(Stuck)),
            },
            () = too_long => (stuck(deadline, &trail), Err(Stuck)),
            () = cancelled_too_long => (Made::Cancelled, Err(Stuck)),
        };
        trail.close();
        result
    }
}

fn stuck(deadline: Duration, trail: &Trail) -> Made {
    let standstill = trail.standstill();
    let message = format!("{}. Its slot is not used again in this run", blocked(deadline, &standstill));
    let problem = Problem { outcome: Outcome::TimedOut, message, location: None, steps: standstill.steps };
    Made::broken(problem, trail.attached())
}

fn gone(trail: &Trail) -> Made {
    let message = "the thread of the slot's worker ended during the test".to_owned();
    let problem = Problem { outcome: Outcome::Crashed, message, location: None, steps: Vec::new() };
    Made::broken(problem, trail.attached())
}

/// What there is to say of a test that did not notice its deadline.
fn blocked(deadline: Duration, Standstill { text, .. }: &Standstill) -> String {
    let stands = if text.is_empty() { String::new() } else { format!(", {text}") };
    format!(
        "the test did not end within {deadline:?}, nor did it yield within {NOTICE:?} after that: it blocks its thread{stands}"
    )
}
