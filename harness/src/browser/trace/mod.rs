//! What is recorded of the pages of an attempt: what is done with them and what they show before and after that.
//!
//! Nothing here lets the test wait. The question for a snapshot is on its way before the one of the action, and is answered before
//! it; pictures are those that the browser draws anyway.

mod film;
mod heard;
mod recorder;

use std::collections::HashSet;
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
use super::witness::Listening;
use crate::trace::{Cut, What};
use crate::trail::current_steps;

/// So long after something was done it is looked what it led to, unless something else is done before: then there is a
/// snapshot anyway.
const SOON: Duration = Duration::from_millis(10);
/// What is read of a page changes nothing: one as young as this will do.
const YOUNG_TO_READ: Duration = Duration::from_millis(500);
/// So often it is looked at what was heard of a page, at most: it is looked through from its beginning.
const EARS: Duration = Duration::from_millis(500);
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
    hears: OnceLock<Listening>,
    state: Mutex<State>,
    pictures: Mutex<film::Pictures>,
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
    /// What was heard of the page and is recorded, and when it was looked at last.
    heard: HashSet<u64>,
    listened: Option<Instant>,
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
        Self(Arc::new(Inner {
            recording,
            label,
            tab: OnceLock::new(),
            hears: OnceLock::new(),
            state: Mutex::default(),
            pictures: Mutex::default(),
        }))
    }

    /// Of another page of the same session, `tab`: what is heard of that the session's first one records with its own.
    pub(in crate::browser) fn of_another(&self, tab: &Tab) -> Self {
        let other = Self::new(self.0.recording.clone(), format!("{}, another page", self.0.label));
        let _ = other.0.tab.set(tab.clone());
        film::listen(&other, tab.page());
        let _ = other.recorder();
        other
    }

    /// This is the page.
    pub(in crate::browser) fn of(&self, tab: &Tab) {
        let _ = self.0.tab.set(tab.clone());
        film::listen(self, tab.page());
        let _ = self.0.hears.set(heard::listen(&Arc::downgrade(&self.0), tab.witness(), tab.page()));
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
        // Of the empty page that a session begins with there is nothing to be seen.
        let is_first = kind == "goto" && self.state().number == 0;
        if !is_first && (!reads || self.is_old()) {
            self.snapshot(steps.clone()).await;
        }
        let Some(doing) = self.begin(kind, what, location) else { return work.await };
        self.state().inside += 1;
        let inside = Inside(self);
        let result = work.await;
        drop(inside);
        let error = result.as_ref().err().map(ToString::to_string);
        let failed = error.is_some();
        doing.ended(error, 1);
        if failed {
            self.snapshot(steps).await;
        } else if kind == "goto" {
            // What follows may only read.
            self.snapshot(None).await;
        } else if !reads {
            self.snapshot_soon();
        }
        result
    }

    /// Records a call of the driver, unless it is part of what is recorded anyway.
    pub(in crate::browser) fn begin_call(&self, what: &str) -> Option<Doing> {
        if self.is_idle() { self.begin("driver", what, None) } else { None }
    }

    /// Whether nothing goes on of which the calls of the driver are only parts.
    pub(in crate::browser) fn is_idle(&self) -> bool {
        self.state().inside == 0
    }

    fn is_old(&self) -> bool {
        self.state().asked.is_none_or(|asked| asked.elapsed() > YOUNG_TO_READ)
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

    /// Asks for a snapshot a moment later, unless another one was asked for by then.
    pub(in crate::browser) fn snapshot_soon(&self) {
        let Some((recorder, _)) = self.recorder().filter(|(recorder, _)| recorder.is_traced()) else {
            return;
        };
        let (trace, number) = (self.clone(), self.state().number);
        let pending = recorder.pending();
        tokio::spawn(async move {
            tokio::select! {
                () = tokio::time::sleep(SOON) => {}
                () = recorder.hurried() => {}
            }
            if trace.state().number == number {
                trace.snapshot(None).await;
            }
            drop(pending);
        });
    }

    /// Asks for a snapshot, with the elements marked that the steps find. The question is on its way when this returns; nobody
    /// waits for the answer.
    pub(in crate::browser) async fn snapshot(&self, steps: Option<Value>) {
        let (Some((recorder, page)), Some(tab)) = (self.recorder(), self.0.tab.get().cloned()) else {
            return;
        };
        if !recorder.is_traced() {
            return;
        }
        let at = Instant::now();
        let (number, is_whole) = {
            let mut state = self.state();
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
            "secrets": recorder.secrets(),
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

    /// Records what was heard of the page since it was looked at last.
    fn write_heard(&self, recorder: &Recorder, is_end: bool) {
        let (Some(tab), Some(_hears)) = (self.0.tab.get(), self.0.hears.get()) else { return };
        if !recorder.is_traced() {
            return;
        }
        let mut state = self.state();
        let now = Instant::now();
        if !is_end && state.listened.is_some_and(|at| at + EARS > now) {
            return;
        }
        state.listened = Some(now);
        heard::write_rest(recorder, tab.witness(), &mut state.heard, is_end);
    }

    /// Who records now, and as which this page is known there.
    fn recorder(&self) -> Option<(Arc<Recorder>, u32)> {
        // What is done until there is a page is not the test's.
        let tab = self.0.tab.get()?;
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
        let page = recorder.add_page(&self.0.label, self);
        *state = State { known: Some((recorder.clone(), page)), ..State::default() };
        state.is_broken = true;
        drop(state);
        film::start(self, &recorder, tab.page());
        Some((recorder, page))
    }

    /// Whoever recorded does so no more.
    fn forget(&self) {
        self.state().known = None;
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
        self.trace.write_heard(&self.recorder, false);
    }

    /// Whether it was begun for the attempt that goes on.
    pub(in crate::browser) fn is_current(&self) -> bool {
        self.trace.0.recording.current().is_some_and(|current| Arc::ptr_eq(&current, &self.recorder))
    }
}
