//! The calls of the driver that a session makes: which one is under way, since when, and how often in a row, so that a
//! test whose time is over can say what it waited for.

use std::collections::VecDeque;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use thirtyfour::error::WebDriverResult;
use thirtyfour::session::http::{Body, HttpClient};

use super::command::{Elements, describe, found, is_action};
use super::trace::{Doing, PageTrace};
use crate::trail::waiting;

/// A client that knows what its session waits for.
pub(super) struct Recorded {
    http: reqwest::Client,
    calls: Arc<Mutex<Calls>>,
    trace: PageTrace,
}

impl Recorded {
    pub(super) fn new(http: reqwest::Client, trace: PageTrace) -> Self {
        Self { http, calls: Arc::default(), trace }
    }

    /// What is recorded of a call: one that is made again is the same.
    fn recorded(&self, call: &Call) -> Option<Arc<Doing>> {
        let known = self.calls().recorded(call.key).filter(|doing| doing.is_current());
        let doing = known.or_else(|| self.trace.begin_call(&call.what).map(Arc::new))?;
        self.calls().record(call.key, doing.clone());
        Some(doing)
    }

    fn calls(&self) -> std::sync::MutexGuard<'_, Calls> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl HttpClient for Recorded {
    async fn send(&self, request: Request<Body<'_>>) -> WebDriverResult<Response<Bytes>> {
        let call = self.calls().begin(&request);
        let waiting = waiting::on_call(call.what.clone(), call.since, call.times);
        let acts = is_action(request.method(), request.uri().path()) && self.trace.is_idle();
        if acts {
            self.trace.snapshot(None).await;
        }
        let recorded = self.recorded(&call);
        let result = self.http.send(request).await;
        drop(waiting);
        if let Some(recorded) = recorded {
            recorded.ended(error_of(&result), call.times);
            if acts {
                self.trace.snapshot_soon();
            }
        }
        if let (Some(selector), Ok(response)) = (call.looks_for, &result)
            && response.status().is_success()
        {
            self.calls().elements.remember(found(response.body()), &selector);
        }
        result
    }

    async fn new(&self) -> Arc<dyn HttpClient> {
        Arc::new(Self { http: self.http.clone(), calls: self.calls.clone(), trace: self.trace.clone() })
    }
}

/// As many different calls may take turns, and each still counts as repeated: who waits for a text asks for the
/// element and for its text, again and again.
const IN_TURN: usize = 4;

/// The last calls of a session.
#[derive(Default)]
struct Calls {
    /// Different ones, the last first.
    last: VecDeque<Repeated>,
    elements: Elements,
}

/// A call that was made so many times, with few others between.
struct Repeated {
    key: u64,
    what: Arc<str>,
    since: Instant,
    times: u32,
    recorded: Option<Arc<Doing>>,
}

/// A call that is about to be made.
struct Call {
    key: u64,
    what: Arc<str>,
    since: Instant,
    times: u32,
    /// The selector of the elements that it will find.
    looks_for: Option<Arc<str>>,
}

impl Calls {
    fn begin(&mut self, request: &Request<Body<'_>>) -> Call {
        let body = match request.body() {
            Body::Json(body) => Some(*body),
            Body::Empty => None,
        };
        let key = key(request, body);
        let known =
            self.last.iter().position(|call| call.key == key).and_then(|index| self.last.remove(index));
        let command = describe(request.method(), request.uri().path(), body, &self.elements, known.is_some());
        let mut call = known.unwrap_or_else(|| Repeated {
            key,
            what: format!("WebDriver `{}`", command.text).into(),
            since: Instant::now(),
            times: 0,
            recorded: None,
        });
        call.times = call.times.saturating_add(1);
        let begun = Call {
            key,
            what: call.what.clone(),
            since: call.since,
            times: call.times,
            looks_for: command.looks_for,
        };
        self.last.push_front(call);
        self.last.truncate(IN_TURN);
        begun
    }
}

impl Calls {
    fn recorded(&self, key: u64) -> Option<Arc<Doing>> {
        self.last.iter().find(|call| call.key == key)?.recorded.clone()
    }

    fn record(&mut self, key: u64, doing: Arc<Doing>) {
        if let Some(call) = self.last.iter_mut().find(|call| call.key == key) {
            call.recorded = Some(doing);
        }
    }
}

/// Why a call did not do what it was to.
fn error_of(result: &WebDriverResult<Response<Bytes>>) -> Option<String> {
    match result {
        Ok(response) if response.status().is_success() => None,
        Ok(response) => {
            let answer: serde_json::Value = serde_json::from_slice(response.body()).unwrap_or_default();
            let said = |key: &str| answer["value"][key].as_str().unwrap_or_default().to_owned();
            let message = said("message");
            Some(format!("{}: {}", said("error"), message.lines().next().unwrap_or_default()))
        }
        Err(error) => Some(error.to_string()),
    }
}

/// The same for the same call. Of what is typed nothing is kept.
fn key(request: &Request<Body<'_>>, body: Option<&serde_json::Value>) -> u64 {
    let mut hasher = DefaultHasher::new();
    (request.method(), request.uri().path(), body).hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn request<'a>(method: &str, path: &str, body: Option<&'a Value>) -> Request<Body<'a>> {
        let uri = format!("http://127.0.0.1:9515/session/abc/{path}");
        Request::builder().method(method).uri(uri).body(Body::from(body)).unwrap()
    }

    fn times(calls: &mut Calls, method: &str, path: &str, body: Option<&Value>) -> u32 {
        calls.begin(&request(method, path, body)).times
    }

    #[test]
    fn a_call_that_is_repeated_is_counted() {
        let mut calls = Calls::default();
        let (one, other) =
            (json!({"using": "css selector", "value": "#a"}), json!({"using": "x", "value": "#b"}));
        assert_eq!(times(&mut calls, "POST", "element", Some(&one)), 1);
        let since = calls.last[0].since;
        assert_eq!(times(&mut calls, "POST", "element", Some(&one)), 2);
        assert_eq!(calls.last[0].since, since);
        assert_eq!(times(&mut calls, "POST", "element", Some(&other)), 1);
        // Both in turn.
        assert_eq!(times(&mut calls, "POST", "element", Some(&one)), 3);
        assert_eq!(times(&mut calls, "POST", "element", Some(&other)), 2);
        // So many others have come between that it is begun anew.
        for other in ["title", "source", "url", "window"] {
            assert_eq!(times(&mut calls, "GET", other, None), 1);
        }
        assert_eq!(times(&mut calls, "POST", "element", Some(&one)), 1);
    }
}
