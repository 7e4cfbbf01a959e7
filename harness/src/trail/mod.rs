//! What a test tells while it runs: its steps, what it waits for, what it attaches, that it is skipped.
//!
//! A trail belongs to one attempt. It is found by way of the thread that the attempt runs on: a test, its helpers and
//! its fixtures need not hand it on. While the future of a step is polled, it is the current step, and so of steps
//! that go on at once (`join!`) each has its own parent.

mod attach;
mod attachments;
mod outcome;
mod skip;
mod standstill;
mod step;
#[cfg(test)]
mod tests;
pub(crate) mod waiting;

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::fmt;
use std::future::Future;
use std::path::PathBuf;
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

pub use attach::{AttachError, attach};
use attachments::Attachments;
use outcome::is_of_error;
pub(crate) use skip::Skip;
pub use skip::skip;
pub(crate) use standstill::Standstill;
pub use step::step;
use waiting::{After, Wait};

use crate::model::{Event, PageProblem, Problem, SentRequest, StepResult, TestId, micros};

/// What an attempt has told so far. Any thread may ask: a test that blocks its own can say nothing any more.
pub(crate) struct Trail {
    of: Of,
    /// How often a future of the attempt's own was polled: between two looks at the same number nothing was.
    polls: AtomicU64,
    state: Mutex<State>,
}

/// The folder of the attempt of this thread; nothing where no attempt is.
pub(crate) fn folder() -> Option<PathBuf> {
    here().map(|here| here.trail.of.folder.clone())
}

/// Whose trail it is, and where what it tells goes.
pub(crate) struct Of {
    pub(crate) test: TestId,
    pub(crate) attempt: u32,
    /// The folder of the attempt.
    pub(crate) folder: PathBuf,
    /// The folder of the run.
    pub(crate) run: PathBuf,
    pub(crate) emit: Box<dyn Fn(Event) + Send + Sync>,
    /// Takes passwords out of a text.
    pub(crate) mask: Box<dyn Fn(String) -> String + Send + Sync>,
}

#[derive(Default)]
struct State {
    last_step: u32,
    /// The steps that have begun and not ended, oldest first.
    open: Vec<Open>,
    /// The last steps that have ended.
    ended: VecDeque<EndedStep>,
    last_wait: u64,
    waits: Vec<Wait>,
    /// What ended last in no step.
    after: Option<After>,
    /// The step that returned an `Err` last.
    failed: Option<FailedStep>,
    attachments: Attachments,
    /// What failed beside the test itself, which went on.
    beside: Vec<Beside>,
    closed: bool,
}

/// Something failed, and the test went on.
#[derive(Clone)]
pub(crate) struct Beside {
    /// Whether it was an expectation that was meant to let it go on.
    pub(crate) softly: bool,
    pub(crate) problem: Problem,
}

/// A step that has begun and not ended.
struct Open {
    id: u32,
    parent: Option<u32>,
    title: Arc<str>,
    began: Instant,
    /// What ended last in it.
    after: Option<After>,
}

/// A step that has ended.
struct EndedStep {
    path: Vec<Arc<str>>,
    began: Instant,
    ended: Instant,
}

/// So many of them are remembered.
const ENDED: usize = 500;

/// A step that returned an `Err`, whose way up can be followed as long as nothing else is done.
struct FailedStep {
    path: Vec<Arc<str>>,
    /// The name of the type that it returned.
    returned: &'static str,
    /// See [`Trail::polls`].
    at: u64,
}

impl Trail {
    pub(crate) fn new(of: Of) -> Arc<Self> {
        Arc::new(Self { of, polls: AtomicU64::new(0), state: Mutex::default() })
    }

    /// The trail that this thread is on.
    pub(crate) fn of_this_thread() -> Option<Arc<Self>> {
        here().map(|here| here.trail)
    }

    /// From here on this thread is on this trail, until the result is dropped.
    pub(crate) fn enter(self: &Arc<Self>) -> Entered {
        enter(Some(Here { trail: self.clone(), step: None }))
    }

    /// The attempt is over: what is still open was cancelled, and what is told from now on is not heard.
    pub(crate) fn close(&self) {
        let left = {
            let mut state = self.lock();
            state.closed = true;
            std::mem::take(&mut state.open)
        };
        for step in left.into_iter().rev() {
            self.tell_end(&step, StepResult::Cancelled);
        }
    }

    /// What was attached, by the names of its files.
    pub(crate) fn attached(&self) -> Vec<String> {
        self.lock().attachments.names().map(str::to_owned).collect()
    }

    /// What failed beside the test itself, oldest first.
    pub(crate) fn failures_beside(&self) -> Vec<Beside> {
        self.lock().beside.clone()
    }

    /// Something went wrong on a page of the attempt.
    pub(crate) fn tell_page_problem(&self, problem: PageProblem) {
        self.tell(|test, attempt| Event::PageProblem { test, attempt, problem });
    }

    /// Something happened in the attempt.
    pub(crate) fn tell(&self, event: impl FnOnce(TestId, u32) -> Event) {
        (self.of.emit)(event(self.of.test.clone(), self.of.attempt));
    }

    /// What the pages of the attempt asked of servers.
    pub(crate) fn tell_requests(&self, requests: Vec<SentRequest>) {
        if requests.is_empty() {
            return;
        }
        (self.of.emit)(Event::RequestsSent {
            test: self.of.test.clone(),
            attempt: self.of.attempt,
            requests,
        });
    }

    /// The titles of the steps that were under way so many microseconds after this moment, the outermost first: of several at
    /// once those of the latest.
    pub(crate) fn steps_at(&self, since: Instant, at_us: u64) -> Vec<String> {
        let Some(at) = since.checked_add(Duration::from_micros(at_us)) else { return Vec::new() };
        let state = self.lock();
        let open = state.open.iter().map(|open| (open.began, None, state.path(Some(open.id))));
        let ended = state.ended.iter().map(|ended| (ended.began, Some(ended.ended), ended.path.clone()));
        let under_way = ended
            .chain(open)
            .filter(|(began, ended, _)| *began <= at && ended.is_none_or(|ended| at <= ended));
        let latest = under_way.max_by_key(|(began, ..)| *began);
        latest.map(|(.., path)| path.iter().map(ToString::to_string).collect()).unwrap_or_default()
    }

    fn tell_end(&self, step: &Open, result: StepResult) {
        (self.of.emit)(Event::StepFinished {
            test: self.of.test.clone(),
            attempt: self.of.attempt,
            step: step.id,
            result,
            took_us: micros(step.began.elapsed()),
        });
    }

    fn polled(&self) {
        self.polls.fetch_add(1, Ordering::Relaxed);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// The titles from the outermost step to this one.
    fn path(&self, step: Option<u32>) -> Vec<Arc<str>> {
        let mut path = Vec::new();
        let mut next = step;
        while let Some(open) = next.and_then(|id| self.open.iter().find(|open| open.id == id)) {
            path.push(open.title.clone());
            next = open.parent;
        }
        path.reverse();
        path
    }

    /// Where it is noted what ended last in this step.
    fn after_of(&mut self, step: Option<u32>) -> &mut Option<After> {
        match step.and_then(|id| self.open.iter_mut().find(|open| open.id == id)) {
            Some(open) => &mut open.after,
            None => &mut self.after,
        }
    }
}

impl fmt::Debug for Trail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Trail").field("test", &self.of.test).finish_non_exhaustive()
    }
}

/// The steps in which an error comes to be that is made here and now: those that are current, or, when a step
/// has just returned an `Err` and nothing was done since, those of that one. `error` is the name of the error's type,
/// if it is the very error that the step returned.
pub(crate) fn steps_of_error(error: Option<&str>) -> Vec<String> {
    let Some(Here { trail, step }) = here() else { return Vec::new() };
    // A panic asks, too, wherever it comes from.
    let Ok(state) = trail.state.try_lock() else { return Vec::new() };
    let current = state.path(step);
    let failed = state.failed.as_ref().filter(|failed| {
        failed.at == trail.polls.load(Ordering::Relaxed)
            && failed.path.starts_with(&current)
            && error.is_none_or(|error| is_of_error(failed.returned, error))
    });
    let path = failed.map_or(current, |failed| failed.path.clone());
    path.iter().map(ToString::to_string).collect()
}

/// Something was expected softly and does not hold: the attempt of this thread has failed, but goes on. Whether there is one.
pub(crate) fn failed_softly(message: String, location: &'static std::panic::Location<'static>) -> bool {
    failed(message, location, true)
}

/// Something that the test has others call failed: the attempt of this thread has failed, but goes on. Whether there is one.
pub(crate) fn failed_beside(message: String, location: &'static std::panic::Location<'static>) -> bool {
    failed(message, location, false)
}

fn failed(message: String, location: &'static std::panic::Location<'static>, softly: bool) -> bool {
    let Some(Here { trail, step }) = here() else { return false };
    let mut state = trail.lock();
    let steps = state.path(step).iter().map(ToString::to_string).collect();
    let problem = Problem { steps, ..Problem::failed(message, Some(location.into())) };
    state.beside.push(Beside { softly, problem });
    true
}

/// The titles of the steps that are current, the outermost first.
pub(crate) fn current_steps() -> Vec<String> {
    let Some(Here { trail, step: Some(step) }) = here() else { return Vec::new() };
    let path = trail.lock().path(Some(step));
    path.iter().map(ToString::to_string).collect()
}

/// Polls the test's own future, and says so to those who ask.
pub(crate) async fn own<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    std::future::poll_fn(|context| {
        let _own = Own(IS_OWN.replace(true));
        if let Some(here) = here() {
            here.trail.polled();
        }
        future.as_mut().poll(context)
    })
    .await
}

/// Whether what asks is part of the test's own future, so that the test can be ended by unwinding.
fn is_own() -> bool {
    IS_OWN.get()
}

/// The place on a trail where the thread is.
#[derive(Clone)]
struct Here {
    trail: Arc<Trail>,
    step: Option<u32>,
}

thread_local! {
    static HERE: RefCell<Option<Here>> = const { RefCell::new(None) };
    static IS_OWN: Cell<bool> = const { Cell::new(false) };
}

fn here() -> Option<Here> {
    // What a thread still holds at its end may ask after its last words.
    HERE.try_with(|here| here.try_borrow().ok()?.clone()).ok().flatten()
}

fn enter(here: Option<Here>) -> Entered {
    Entered(HERE.try_with(|now| now.replace(here)).ok().flatten())
}

/// Leads back to where the thread was before.
pub(crate) struct Entered(Option<Here>);

impl Drop for Entered {
    fn drop(&mut self) {
        let _ = HERE.try_with(|now| now.replace(self.0.take()));
    }
}

struct Own(bool);

impl Drop for Own {
    fn drop(&mut self) {
        IS_OWN.set(self.0);
    }
}
