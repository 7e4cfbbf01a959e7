//! What a page looked like: the pictures that the browser draws anyway, small, and not more of them than can be kept.

use std::sync::atomic::Ordering;
use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{PageTrace, Recorder};
use crate::browser::cdp::{Page, text};

/// Pictures of one kind.
struct Kind {
    /// In pixels, at most; and in hundredths.
    size: (u32, u32),
    quality: u32,
    /// After a picture there is none for so long: each costs the browser some milliseconds. Where nothing changes there is none
    /// anyway.
    pause: Duration,
    /// With each of so many bytes the pause is twice as long as before: what moves for minutes is seen to its end.
    part: usize,
}

const OF_TRACE: Kind =
    Kind { size: (560, 420), quality: 35, pause: Duration::from_millis(200), part: 600_000 };
const OF_FILM: Kind =
    Kind { size: (800, 600), quality: 60, pause: Duration::from_millis(100), part: 2_000_000 };
const MOST_DOUBLINGS: usize = 6;

/// So many pictures the browser sends before one of them was acknowledged. What it draws after that, nobody sees.
const AHEAD: u32 = 3;

impl Kind {
    fn pause_after(&self, bytes: usize) -> Duration {
        self.pause * (1 << (bytes / self.part).min(MOST_DOUBLINGS))
    }
}

/// The pictures of a page that are on their way.
#[derive(Default)]
pub(super) struct Pictures {
    /// Counts how often the browser was asked for them.
    asked: u64,
    unacknowledged: u32,
    /// When the last one was written into the trace, and what came too early after it.
    traced: Option<Instant>,
    held: Option<(Instant, String)>,
}

/// Has the browser send pictures of the page, until nobody records. It begins with one of what is there.
pub(super) fn start(trace: &PageTrace, recorder: &Recorder, page: &Page) {
    let Kind { size: (width, height), quality, .. } = if recorder.is_filmed() { OF_FILM } else { OF_TRACE };
    let mut pictures = trace.pictures();
    pictures.asked += 1;
    pictures.unacknowledged = 0;
    let how = json!({ "format": "jpeg", "quality": quality, "maxWidth": width, "maxHeight": height });
    // One that goes on already would only go on.
    page.notify("Page.stopScreencast", &json!({}));
    page.notify("Page.startScreencast", &how);
}

/// Takes the pictures.
pub(super) fn listen(trace: &PageTrace, page: &Page) {
    let (trace, own) = (Arc::downgrade(&trace.0), page.clone());
    page.listen(move |method, params| {
        if method != "Page.screencastFrame" {
            return;
        }
        let Some(trace) = trace.upgrade().map(PageTrace) else { return };
        let Some((recorder, number)) = trace.recorder() else {
            return own.notify("Page.stopScreencast", &json!({}));
        };
        let pause = trace.take_picture(&recorder, number, text(params, "data"));
        let (asked, is_last) = {
            let mut pictures = trace.pictures();
            pictures.unacknowledged += 1;
            (pictures.asked, pictures.unacknowledged == AHEAD)
        };
        let next = Next { trace, page: own.clone(), asked, is_last, picture: params["sessionId"].clone() };
        tokio::spawn(next.after(recorder, pause));
    });
}

/// What follows a picture.
struct Next {
    trace: PageTrace,
    page: Page,
    asked: u64,
    /// The browser sends none after it.
    is_last: bool,
    picture: Value,
}

impl Next {
    async fn after(self, recorder: Arc<Recorder>, pause: Duration) {
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = recorder.hurried() => {}
        }
        let mut pictures = self.trace.pictures();
        if pictures.asked != self.asked {
            return;
        }
        if self.is_last {
            drop(pictures);
            // An acknowledgement would bring the next change, and not what was drawn meanwhile and stays.
            return start(&self.trace, &recorder, &self.page);
        }
        if pictures.unacknowledged < AHEAD {
            pictures.unacknowledged -= 1;
            drop(pictures);
            self.page.notify("Page.screencastFrameAck", &json!({ "sessionId": self.picture }));
        }
    }
}

impl PageTrace {
    /// Writes a picture to where it is wanted. Returns for how long there need be none.
    fn take_picture(&self, recorder: &Recorder, page: u32, data: String) -> Duration {
        let now = Instant::now();
        let of_trace = OF_TRACE.pause_after(recorder.in_trace.load(Ordering::Relaxed));
        if !recorder.is_filmed() {
            recorder.write_picture(now, page, data);
            return of_trace;
        }
        if recorder.is_traced() {
            let mut pictures = self.pictures();
            if pictures.traced.is_none_or(|traced| traced + of_trace <= now) {
                (pictures.traced, pictures.held) = (Some(now), None);
                recorder.write_picture(now, page, data.clone());
            } else {
                pictures.held = Some((now, data.clone()));
            }
        }
        recorder.film_picture(now, page, data);
        OF_FILM.pause_after(recorder.in_film.load(Ordering::Relaxed))
    }

    /// Writes into the trace how the page stayed.
    pub(super) fn write_held(&self, recorder: &Recorder) {
        let page = self.state().known.as_ref().map(|(_, page)| *page);
        let held = self.pictures().held.take();
        if let (Some(page), Some((at, data))) = (page, held) {
            recorder.write_picture(at, page, data);
        }
    }

    fn pictures(&self) -> MutexGuard<'_, Pictures> {
        self.0.pictures.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
