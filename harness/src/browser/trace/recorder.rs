//! Who records an attempt, and whether anybody does.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::watch;

use super::PageTrace;
use crate::trace::{Bounds, Journal, Secrets, What};

/// How long snapshots may be on their way when the attempt is over.
const SETTLE: Duration = Duration::from_secs(1);

/// Whether the present attempt is recorded. A clone is the same one: sessions that live longer than an attempt ask each time.
#[derive(Clone, Default)]
pub(crate) struct Recording(Arc<Mutex<Option<Arc<Recorder>>>>);

/// Which attempt is recorded, and where.
#[derive(Debug, Clone)]
pub(crate) struct About {
    pub(crate) test: String,
    pub(crate) attempt: u32,
    /// The file of its trace and that of its film, if it has one: each is made when there is something to be written.
    pub(crate) trace: Option<PathBuf>,
    pub(crate) film: Option<PathBuf>,
    pub(crate) secrets: Secrets,
    /// The application's log.
    pub(crate) log: Option<PathBuf>,
}

/// Records an attempt.
pub(in crate::browser) struct Recorder {
    about: About,
    began: Instant,
    /// Nothing where there is none, or it could not be begun.
    trace: OnceLock<Option<Journal>>,
    film: OnceLock<Option<Journal>>,
    ids: AtomicU64,
    pages: AtomicU32,
    /// Of its pages.
    traces: Mutex<Vec<PageTrace>>,
    /// How many bytes of pictures there are in its trace, and in its film.
    pub(super) in_trace: AtomicUsize,
    pub(super) in_film: AtomicUsize,
    /// How many snapshots are on their way.
    pending: watch::Sender<usize>,
    /// Whether what is to be done soon is to be done now.
    hurry: watch::Sender<bool>,
}

/// A snapshot that is on its way.
pub(super) struct Pending(watch::Sender<usize>);

impl Drop for Pending {
    fn drop(&mut self) {
        self.0.send_modify(|pending| *pending -= 1);
    }
}

impl Recording {
    /// From now on an attempt is recorded.
    pub(crate) fn begin(&self, about: About) {
        let (pending, _) = watch::channel(0);
        *self.lock() = Some(Arc::new(Recorder {
            about,
            began: Instant::now(),
            trace: OnceLock::new(),
            film: OnceLock::new(),
            ids: AtomicU64::new(0),
            pages: AtomicU32::new(0),
            traces: Mutex::default(),
            in_trace: AtomicUsize::new(0),
            in_film: AtomicUsize::new(0),
            pending,
            hurry: watch::channel(false).0,
        }));
    }

    /// Who records now.
    pub(in crate::browser) fn current(&self) -> Option<Arc<Recorder>> {
        self.lock().clone()
    }

    /// Writes what happened outside of pages, if anything did on one.
    #[cfg_attr(not(feature = "mail"), expect(dead_code, reason = "only mail happens there"))]
    pub(crate) fn write_at(&self, at: Instant, what: What) {
        if let Some(recorder) = self.current().filter(|recorder| recorder.has_begun()) {
            recorder.write_at(at, what);
        }
    }

    /// Waits until what is on its way has come.
    pub(crate) async fn settle(&self) {
        let Some(recorder) = self.current() else { return };
        recorder.hurry.send_replace(true);
        let mut pending = recorder.pending.subscribe();
        let _ = tokio::time::timeout(SETTLE, pending.wait_for(|pending| *pending == 0)).await;
    }

    /// The attempt is over, and why it did not pass. All is written when this returns.
    pub(crate) async fn end(&self, problem: Option<String>) {
        let Some(recorder) = self.current() else { return };
        // They know it, and it knows them.
        let traces = std::mem::take(&mut *recorder.traces.lock().unwrap_or_else(PoisonError::into_inner));
        for trace in &traces {
            trace.write_heard(&recorder, true);
            trace.write_held(&recorder);
        }
        *self.lock() = None;
        for trace in &traces {
            trace.forget();
        }
        if recorder.has_begun() {
            recorder.write(What::Over { problem });
            let _ = tokio::task::spawn_blocking(move || recorder.begun().for_each(Journal::end)).await;
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Arc<Recorder>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Recording {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Recording")
    }
}

impl Recorder {
    pub(in crate::browser) fn write(&self, what: What) {
        self.write_at(Instant::now(), what);
    }

    pub(in crate::browser) fn write_at(&self, at: Instant, what: What) {
        // What is done is told below a film.
        let in_film =
            matches!(what, What::Page { .. } | What::Action { .. } | What::Ended { .. } | What::Over { .. });
        if in_film && let Some(film) = self.film() {
            film.write_at(at, what.clone());
        }
        if let Some(trace) = self.trace() {
            trace.write_at(at, what);
        }
    }

    /// Writes a picture into the trace.
    pub(super) fn write_picture(&self, at: Instant, page: u32, data: String) {
        self.in_trace.fetch_add(data.len(), Ordering::Relaxed);
        if let Some(trace) = self.trace() {
            trace.write_at(at, What::Picture { page, data });
        }
    }

    /// Writes a picture into the film.
    pub(super) fn film_picture(&self, at: Instant, page: u32, data: String) {
        self.in_film.fetch_add(data.len(), Ordering::Relaxed);
        if let Some(film) = self.film() {
            film.write_at(at, What::Picture { page, data });
        }
    }

    /// Whether there is to be a trace.
    pub(super) fn is_traced(&self) -> bool {
        self.about.trace.is_some()
    }

    /// Whether there is to be a film.
    pub(super) fn is_filmed(&self) -> bool {
        self.about.film.is_some()
    }

    /// A moment as records have it.
    pub(in crate::browser) fn micros(&self, at: Instant) -> u64 {
        self.trace().map_or(0, |trace| trace.micros(at))
    }

    /// Whether it was there already.
    pub(super) fn has_seen(&self, at: Instant) -> bool {
        self.began <= at
    }

    pub(super) fn next_id(&self) -> u64 {
        self.ids.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// There is another page. Returns its number.
    pub(super) fn add_page(&self, label: &str, trace: &PageTrace) -> u32 {
        self.traces.lock().unwrap_or_else(PoisonError::into_inner).push(trace.clone());
        let page = self.pages.fetch_add(1, Ordering::Relaxed) + 1;
        self.write(What::Page { page, label: label.to_owned() });
        page
    }

    pub(super) fn masked_names(&self) -> &[String] {
        self.about.secrets.names()
    }

    /// Passwords in the forms that they have. They go to where the harness's own script runs, of which the page sees
    /// nothing, because there they are found in the whole document for nothing.
    pub(super) fn secrets(&self) -> &[String] {
        self.about.secrets.values()
    }

    pub(super) fn pending(&self) -> Pending {
        self.pending.send_modify(|pending| *pending += 1);
        Pending(self.pending.clone())
    }

    /// Waits until what is to be done soon is to be done now.
    pub(super) async fn hurried(&self) {
        let _ = self.hurry.subscribe().wait_for(|hurry| *hurry).await;
    }

    fn has_begun(&self) -> bool {
        self.begun().next().is_some()
    }

    /// What there is to be ended.
    fn begun(&self) -> impl Iterator<Item = &Journal> {
        [&self.trace, &self.film].into_iter().filter_map(|journal| journal.get()?.as_ref())
    }

    fn trace(&self) -> Option<&Journal> {
        let begin = || self.begin(self.about.trace.as_ref()?, self.about.log.clone(), Bounds::TRACE);
        self.trace.get_or_init(begin).as_ref()
    }

    fn film(&self) -> Option<&Journal> {
        let begin = || self.begin(self.about.film.as_ref()?, None, Bounds::FILM);
        self.film.get_or_init(begin).as_ref()
    }

    fn begin(&self, file: &Path, log: Option<PathBuf>, most: Bounds) -> Option<Journal> {
        let About { test, attempt, secrets, .. } = self.about.clone();
        let started = jiff::Timestamp::now().to_string();
        let first = What::Begun { format: 1, test, attempt, started };
        let begun = Journal::begin(file, first, secrets, log, most);
        let tell = |error: &std::io::Error| {
            tracing::warn!(%error, file = %file.display(), "the attempt is not recorded");
        };
        begun.inspect_err(tell).ok()
    }
}
