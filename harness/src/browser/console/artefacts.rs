//! `console.log` and `network.jsonl`: what happened on the pages of an attempt, a line for each entry.

use std::fmt::Write as _;
use std::time::Instant;

use serde_json::{Value, json};

use crate::browser::witness::{Entry, Exchange, Kind, Level, Place};
use crate::model::{is_secret_header, micros};

/// What was written to the console and what happened beside it, with the seconds since the attempt began. `whose` says on whose
/// pages it was, `clean` takes secrets out of a text.
pub(crate) fn console_log(
    entries: &[Entry],
    since: Instant,
    whose: &str,
    clean: &dyn Fn(&str) -> String,
) -> Vec<(Instant, String)> {
    let lines = entries.iter().filter(|entry| entry.at >= since).filter_map(|entry| {
        let at = entry.at.saturating_duration_since(since).as_secs_f64();
        let mut line = format!("{at:9.3} {whose}{:<9} ", word(&entry.kind)?);
        write_entry(&mut line, entry);
        Some((entry.at, clean(&line).replace(['\n', '\r'], " ⏎ ")))
    });
    lines.collect()
}

fn word(kind: &Kind) -> Option<&'static str> {
    Some(match kind {
        Kind::Console { level, .. } => match level {
            Level::Debug => "debug",
            Level::Log => "log",
            Level::Info => "info",
            Level::Warning => "warning",
            Level::Error => "error",
        },
        Kind::Exception { of_promise: false, .. } => "exception",
        Kind::Exception { of_promise: true, .. } => "rejection",
        Kind::Navigated { .. } => "page",
        Kind::Dialog { .. } => "dialog",
        Kind::Crashed => "crash",
        Kind::Dropped { .. } => "dropped",
        Kind::Exchange(_) => return None,
    })
}

fn write_entry(line: &mut String, entry: &Entry) {
    let place = |line: &mut String, place: &Option<Place>| {
        if let Some(Place { url, line: number, column }) = place {
            let _ = write!(line, " at {url}:{number}:{column}");
        }
    };
    match &entry.kind {
        Kind::Console { text, place: at, .. } => {
            line.push_str(text);
            place(line, at);
        }
        Kind::Exception { text, place: at, stack, .. } => {
            line.push_str(text);
            if stack.is_empty() {
                place(line, at);
            }
            for frame in stack {
                let _ = write!(line, " at {frame}");
            }
        }
        Kind::Navigated { url } => line.push_str(url),
        Kind::Dialog { kind, message } => {
            let _ = write!(line, "{kind}: {message}");
        }
        Kind::Crashed => line.push_str("the browser ended the page's process"),
        Kind::Dropped { entries } => {
            let _ = write!(line, "{entries} earlier entries: there were too many");
        }
        Kind::Exchange(_) => {}
    }
    if matches!(entry.kind, Kind::Console { .. } | Kind::Exception { .. } | Kind::Dialog { .. }) {
        let _ = write!(line, " on {}", entry.url);
    }
}

/// The requests and their answers, each as JSON.
pub(crate) fn network_log(
    entries: &[Entry],
    since: Instant,
    whose: &str,
    clean: &dyn Fn(&str) -> String,
) -> Vec<(Instant, Value)> {
    let recent = entries.iter().filter(|entry| entry.at >= since);
    let lines = recent.filter_map(|entry| match &entry.kind {
        Kind::Exchange(exchange) => {
            let mut line = line(exchange, since, &entry.url, whose);
            clean_all(&mut line, clean);
            Some((entry.at, line))
        }
        _ => None,
    });
    lines.collect()
}

/// Each text by itself: what is taken out of the whole may not have been JSON any more.
fn clean_all(value: &mut Value, clean: &dyn Fn(&str) -> String) {
    match value {
        Value::String(text) => *text = clean(text),
        Value::Array(values) => values.iter_mut().for_each(|value| clean_all(value, clean)),
        Value::Object(fields) => fields.values_mut().for_each(|value| clean_all(value, clean)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn line(exchange: &Exchange, since: Instant, page: &str, whose: &str) -> Value {
    let headers = |headers: &[(String, String)]| {
        let shown = headers.iter().map(|(name, value)| {
            let value = if is_secret_header(name) { "…" } else { value };
            (name.clone(), Value::from(value))
        });
        Value::Object(shown.collect())
    };
    let mut line = json!({
        "at_us": micros(exchange.began.saturating_duration_since(since)),
        "method": exchange.method,
        "url": exchange.url,
        "resource": exchange.resource,
        "page": page,
        "request_headers": headers(&exchange.request_headers),
    });
    let mut put = |key: &str, value: Option<Value>| {
        if let Some(value) = value {
            line[key] = value;
        }
    };
    put("session", (!whose.is_empty()).then(|| whose.trim().into()));
    put("request_body", exchange.request_body.clone().map(Value::from));
    put("status", exchange.status.map(Value::from));
    put("response_headers", exchange.status.map(|_| headers(&exchange.response_headers)));
    put("mime", (!exchange.mime.is_empty()).then(|| exchange.mime.clone().into()));
    put("took_us", exchange.ended.map(|at| micros(at.saturating_duration_since(exchange.began)).into()));
    put("bytes", exchange.ended.map(|_| exchange.bytes.into()));
    put("from_cache", exchange.from_cache.then_some(true.into()));
    put("redirected_to", exchange.redirected_to.clone().map(Value::from));
    put("routed", exchange.routed.as_ref().map(|routed| routed.to_string().into()));
    put("failure", exchange.failure.as_ref().map(|failure| {
        json!({ "text": failure.text, "cancelled": failure.cancelled, "blocked": failure.blocked })
    }));
    line
}
