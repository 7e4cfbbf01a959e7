//! What a page looked like: the pictures that the browser draws anyway, small, and not more of them than can be kept.

use std::sync::atomic::Ordering;
use std::time::Duration;

use serde_json::{Value, json};

use super::PageTrace;
use crate::browser::cdp::{Page, text};
use crate::trace::What;

/// In pixels, at most; and in hundredths.
const SIZE: (u32, u32) = (560, 420);
const QUALITY: u32 = 35;
/// After a picture there is none for so long: each costs the browser some milliseconds. Where nothing changes there is none anyway.
const PAUSE: Duration = Duration::from_millis(200);
/// With each of so many bytes the pause is twice as long as before: what moves for minutes is seen to its end.
const PART: usize = 600_000;
const MOST_DOUBLINGS: usize = 6;

/// Has the browser send pictures of the page, until nobody records.
pub(super) fn start(page: &Page) {
    let (width, height) = SIZE;
    let how = json!({ "format": "jpeg", "quality": QUALITY, "maxWidth": width, "maxHeight": height });
    page.notify("Page.startScreencast", &how);
}

/// Takes the pictures.
pub(super) fn listen(trace: &PageTrace, page: &Page) {
    let (trace, own) = (std::sync::Arc::downgrade(&trace.0), page.clone());
    page.listen(move |method, params| {
        if method != "Page.screencastFrame" {
            return;
        }
        let Some(trace) = trace.upgrade().map(PageTrace) else { return };
        let Some((recorder, number)) = trace.recorder() else {
            return own.notify("Page.stopScreencast", &json!({}));
        };
        let data = text(params, "data");
        let before = recorder.pictures.fetch_add(data.len(), Ordering::Relaxed);
        recorder.write(What::Picture { page: number, data });
        let doublings = (before / PART).min(MOST_DOUBLINGS);
        acknowledge(own.clone(), params["sessionId"].clone(), PAUSE * (1 << doublings));
    });
}

/// The browser draws the next one for us when this one was received.
fn acknowledge(page: Page, number: Value, pause: Duration) {
    tokio::spawn(async move {
        tokio::time::sleep(pause).await;
        page.notify("Page.screencastFrameAck", &json!({ "sessionId": number }));
    });
}
