//! What is recorded of the pages of an attempt: what is done with them and what they show before and after that.
//!
//! Nothing here lets the test wait. The question for a snapshot is on its way before the one of the action, and is answered before
//! it; pictures are those that the browser draws anyway.

mod film;
mod recorder;

use std::future::poll_fn;
use std::panic::Location;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::Poll;
use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::{Value, json};

pub(in crate::browser) use self::recorder::Recorder;
pub(crate) use self::recorder::{About, Recording};
use super::tab::Tab;
use crate::trace::{Cut, What};
use crate::trail::current_steps;

/// A snapshot as young as this is also the one before what is done next.
const YOUNG: Duration = Duration::from_millis(10);
/// What is read of a page changes nothing: one as young as this will do.
const YOUNG_TO_READ: Duration = Duration::from_millis(500);
/// How long a page may take for a snapshot. One that is busy has none.
const SNAPSHOT: Duration = Duration::from_secs(2);

/// What is recorded of one page, whichever attempt it is in. A clone is the same one.
#[derive(Clone)]
pub(in crate::browser) struct PageTrace(Arc<Inner>);

struct Inner {
    recording: Recording,
    /// Whose page it is.
    label: String,
    tab: OnceLock<Tab>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// The recorder that knows of this page, and as which.
    known: Option<(Arc<Recorder>, u32)>,
    /// Of the last snapshot.
    number: u64,
    asked: Option<Instant>,
    /// The one before was lost: the next has to be whole.
    is_broken: bool,
    /// What goes on, of which the calls of the driver are only parts.
    inside: u32,
}

/// Something that goes on in a page.
pub(in crate::browser) struct Doing {
    trace: PageTrace,
    recorder: Arc<Recorder>,
    id: u64,
}

/// What the script tells of a document.
#[derive(Deserialize)]
struct Told {
    base: Option<u64>,
    before: usize,
    text: String,
    after: usize,
    url: String,
    width: f64,
    height: f64,
}

impl PageTrace {
    pub(in crate::browser) fn new(recording: Recording, label: String) -> Self {
        Self(Arc::new(Inner { recording, label, tab: OnceLock::new(), state: Mutex::default() }))
    }

    /// This is the page.
    pub(in crate::browser) fn of(&self, tab: &Tab) {
        let _ = self.0.tab.set(tab.clone());
        film::listen(self, tab.page());
        // From its first moment on, if somebody records.
        let _ = self.recorder();
    }

    /// Records what is done by a future, and what the page looks like before and after it. `steps` find the element.
    pub(in crate::browser) async fn around<T, E: std::fmt::Display>(
        &self,
        kind: &'static str,
        what: &str,
        location: Option<&'static Location<'static>>,
        steps: Option<Value>,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        if self.recorder().is_none() {
            return work.await;
        }
        let reads = kind == "read";
        self.snapshot(steps.clone(), if reads { YOUNG_TO_READ } else { YOUNG }).await;
        let Some(doing) = self.begin(kind, what, location) else { return work.await };
        self.state().inside += 1;
        let inside = Inside(self);
        let result = work.await;
        drop(inside);
        let error = result.as_ref().err().map(ToString::to_string);
        let is_read = reads && error.is_none();
        doing.ended(error, 1);
        if !is_read {
            self.snapshot(steps, Duration::ZERO).await;
        }
        result
    }

    /// Records a call of the driver, unless it is part of what is recorded anyway.
    pub(in crate::browser) fn begin_call(&self, what: &str) -> Option<Doing> {
        if self.state().inside > 0 { None } else { self.begin("driver", what, None) }
    }

    fn begin(
        &self,
        kind: &'static str,
        what: &str,
        location: Option<&'static Location<'static>>,
    ) -> Option<Doing> {
        let (recorder, page) = self.recorder()?;
        let id = recorder.next_id();
        recorder.write(What::Action {
            id,
            page,
            kind,
            what: what.to_owned(),
            steps: current_steps(),
            file: location.map(Location::file),
            line: location.map(Location::line),
        });
        Some(Doing { trace: self.clone(), recorder, id })
    }

    /// Asks for a snapshot, unless there is one as young as this. The question is on its way when this returns; nobody
    /// waits for the answer.
    pub(in crate::browser) async fn snapshot(&self, steps: Option<Value>, young: Duration) {
        let (Some((recorder, page)), Some(tab)) = (self.recorder(), self.0.tab.get().cloned()) else {
            return;
        };
        let at = Instant::now();
        let (number, is_whole) = {
            let mut state = self.state();
            if state.asked.is_some_and(|asked| asked + young > at) {
                return;
            }
            state.asked = Some(at);
            state.number += 1;
            (state.number, std::mem::take(&mut state.is_broken))
        };
        let request = json!({
            "operation": "snapshot",
            "number": number,
            "whole": is_whole,
            "steps": steps,
            "mask": recorder.masked_names(),
        });
        let (trace, pending) = (self.clone(), recorder.pending());
        let mut asking = Box::pin(async move {
            let told = tab.ask(&tab.main_frame(), &request, SNAPSHOT).await;
            let told = told.ok().and_then(|told| serde_json::from_value::<Told>(told).ok());
            let Some(Told { base, before, text, after, url, width, height }) = told else {
                trace.state().is_broken = true;
                return;
            };
            let cut = Cut { base, before, text, after };
            recorder.write_at(at, What::Snapshot { page, number, url, width, height, cut });
            drop(pending);
        });
        // Polled once, it has sent its question.
        let is_pending = poll_fn(|context| Poll::Ready(asking.as_mut().poll(context).is_pending())).await;
        if is_pending {
            tokio::spawn(asking);
        }
    }

    /// Who records now, and as which this page is known there.
    fn recorder(&self) -> Option<(Arc<Recorder>, u32)> {
        let recorder = self.0.recording.current();
        let mut state = self.state();
        let Some(recorder) = recorder else {
            state.known = None;
            return None;
        };
        if let Some((known, page)) = &state.known
            && Arc::ptr_eq(known, &recorder)
        {
            return Some((recorder, *page));
        }
        let page = recorder.add_page(&self.0.label);
        *state = State { known: Some((recorder.clone(), page)), ..State::default() };
        state.is_broken = true;
        drop(state);
        if let Some(tab) = self.0.tab.get() {
            film::start(tab.page());
        }
        Some((recorder, page))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Until it is dropped, calls of the driver are part of something else.
struct Inside<'a>(&'a PageTrace);

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.inside = state.inside.saturating_sub(1);
    }
}

impl Doing {
    /// It is over, for the so many-th time in a row.
    pub(in crate::browser) fn ended(&self, error: Option<String>, times: u32) {
        self.recorder.write(What::Ended { id: self.id, error, times });
    }

    /// Whether it was begun for the attempt that goes on.
    pub(in crate::browser) fn is_current(&self) -> bool {
        self.trace.0.recording.current().is_some_and(|current| Arc::ptr_eq(&current, &self.recorder))
    }
}
