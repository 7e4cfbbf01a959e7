//! What the witness of a session has heard: consoles and exchanges, with the bodies that are worth keeping.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Weak;
use std::time::Instant;

use serde_json::json;

use super::{Inner, PageTrace, Recorder};
use crate::browser::cdp::{Page, text};
use crate::browser::witness::{Entry, Exchange, Kind, Level, Listening, Place, Stage, Witness};
use crate::trace::{self, What};

/// A body with more bytes is left out. Pictures are many, and a page is recognised without the large ones.
const LONGEST_TEXT: u64 = 100_000;
const LONGEST_PICTURE: u64 = 40_000;

/// Has exchanges recorded as they end.
pub(super) fn listen(trace: &Weak<Inner>, witness: &Witness, page: &Page) -> Listening {
    let (trace, page) = (trace.clone(), page.clone());
    witness.on_exchange(move |exchange, stage| {
        if !matches!(stage, Stage::Finished | Stage::Failed) {
            return;
        }
        let recorder = trace.upgrade().map(PageTrace).and_then(|trace| trace.recorder());
        let Some((recorder, _)) = recorder.filter(|(recorder, _)| recorder.is_traced()) else { return };
        let record = recorded(exchange, &recorder);
        if stage == Stage::Failed || !has_body(exchange) {
            return recorder.write(What::Exchange(Box::new(record)));
        }
        // It is written when the body is there, and counts as one that is on its way.
        let (page, request, pending) =
            (page.clone(), json!({ "requestId": exchange.id }), recorder.pending());
        tokio::spawn(async move {
            let answer = page.call("Network.getResponseBody", request).await;
            recorder.write(What::Exchange(Box::new(with_body(record, answer.ok()))));
            drop(pending);
        });
    })
}

/// What was heard besides of exchanges that have ended, as far as it was not recorded before.
pub(super) fn write_rest(recorder: &Recorder, witness: &Witness, known: &mut HashSet<u64>, is_end: bool) {
    for entry in witness.entries() {
        if let Kind::Exchange(exchange) = &entry.kind {
            if is_end && exchange.ended.is_none() {
                recorder.write_at(exchange.began, What::Exchange(Box::new(recorded(exchange, recorder))));
            }
            continue;
        }
        let Some(what) = of_entry(&entry) else { continue };
        if recorder.has_seen(entry.at) && known.insert(key(entry.at, &what)) {
            recorder.write_at(entry.at, what);
        }
    }
}

fn key(at: Instant, what: &What) -> u64 {
    let mut hasher = DefaultHasher::new();
    at.hash(&mut hasher);
    if let What::Console { text, .. } = what {
        text.hash(&mut hasher);
    }
    hasher.finish()
}

fn of_entry(entry: &Entry) -> Option<What> {
    let place = |place: &Option<Place>| {
        place.as_ref().map_or_else(String::new, |at| format!("{}:{}:{}", at.url, at.line, at.column))
    };
    let (level, text, place) = match &entry.kind {
        Kind::Console { level, text, place: at } => (word(*level), text.clone(), place(at)),
        Kind::Exception { text, place: at, stack, .. } => {
            let lines: Vec<&str> = std::iter::once(&**text).chain(stack.iter().map(|line| &**line)).collect();
            ("exception", lines.join("\n"), place(at))
        }
        Kind::Dialog { kind, message } => ("dialog", format!("{kind}: {message}"), String::new()),
        Kind::Crashed => {
            ("crash", "the page has crashed: the browser ended its process".to_owned(), String::new())
        }
        _ => return None,
    };
    Some(What::Console { level, text, place })
}

fn word(level: Level) -> &'static str {
    match level {
        Level::Debug => "debug",
        Level::Log => "log",
        Level::Info => "info",
        Level::Warning => "warning",
        Level::Error => "error",
    }
}

fn recorded(exchange: &Exchange, recorder: &Recorder) -> trace::Exchange {
    let began_us = recorder.micros(exchange.began);
    trace::Exchange {
        // Each hop of a redirect has the same.
        id: format!("{}-{began_us}", exchange.id),
        method: exchange.method.clone(),
        url: if exchange.url.starts_with("data:") { "data:…".to_owned() } else { exchange.url.clone() },
        resource: exchange.resource.clone(),
        request_headers: exchange.request_headers.clone(),
        request_body: exchange.request_body.clone(),
        status: exchange.status,
        response_headers: exchange.response_headers.clone(),
        mime: exchange.mime.clone(),
        began_us,
        ended_us: exchange.ended.map(|ended| recorder.micros(ended)),
        bytes: exchange.bytes,
        from_cache: exchange.from_cache,
        routed: exchange.routed.as_ref().map(ToString::to_string),
        failure: exchange.failure.as_ref().map(|failure| failure.text.clone()),
        ..trace::Exchange::default()
    }
}

/// Whether its body is worth keeping: what an application answered, and pictures that are small.
fn has_body(exchange: &Exchange) -> bool {
    if exchange.redirected_to.is_some() {
        return false;
    }
    match exchange.resource.as_str() {
        "Document" | "XHR" | "Fetch" => exchange.bytes <= LONGEST_TEXT,
        "Image" => exchange.bytes <= LONGEST_PICTURE,
        _ => false,
    }
}

fn with_body(mut record: trace::Exchange, answer: Option<serde_json::Value>) -> trace::Exchange {
    let Some(answer) = answer else { return record };
    let body = text(&answer, "body");
    record.is_base64 = answer["base64Encoded"] == true;
    let is_picture = record.mime.starts_with("image/");
    let most = if is_picture { LONGEST_PICTURE * 2 } else { LONGEST_TEXT };
    // What is neither text nor a picture nobody could look at.
    if !body.is_empty() && body.len() as u64 <= most && (is_picture || !record.is_base64) {
        record.body = Some(body);
    }
    record
}
