//! The calls of the driver that a session makes: which one is under way, since when, and how often in a row, so that a
//! test whose time is over can say what it waited for.

use std::collections::VecDeque;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use serde_json::{Value, json};
use thirtyfour::error::{WebDriverError, WebDriverResult};
use thirtyfour::session::http::{Body, HttpClient};

use super::attachment::Attachment;
use super::command::{Elements, describe, found, is_action};
use super::trace::{Doing, PageTrace};
use crate::trail::waiting;

/// A client that knows what its session waits for, and attaches the driver when there is something to send to it.
#[derive(Clone)]
pub(super) struct Recorded {
    attachment: Arc<Attachment>,
    calls: Arc<Mutex<Calls>>,
    /// The session is there, and what is sent from now on somebody sends on purpose.
    begun: Arc<AtomicBool>,
    trace: PageTrace,
    /// What is waited before each call that may change what the page shows.
    slow_mo: Duration,
}

impl Recorded {
    pub(super) fn new(attachment: Arc<Attachment>, trace: PageTrace, slow_mo: Duration) -> Self {
        Self { attachment, calls: Arc::default(), begun: Arc::default(), trace, slow_mo }
    }

    /// From now on the driver is asked.
    pub(super) fn begins(&self) {
        self.begun.store(true, Ordering::Relaxed);
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

    /// What the command is within the session; nothing if it is of no session.
    fn within_session<'a>(&self, request: &'a Request<Body<'_>>) -> Option<&'a str> {
        request.uri().path().strip_prefix("/session/")?.strip_prefix(self.attachment.id())
    }

    /// The answer, where the driver need not be asked: to what thirtyfour sends of its own accord.
    async fn own_answer(&self, request: &Request<Body<'_>>) -> Option<Value> {
        if !self.begun.load(Ordering::Relaxed) {
            let capabilities = self.attachment.capabilities();
            return Some(json!({ "sessionId": self.attachment.id(), "capabilities": capabilities }));
        }
        let ends = request.method() == Method::DELETE && self.within_session(request) == Some("");
        if !ends || self.attachment.is_attached() {
            return None;
        }
        self.attachment.detach().await;
        Some(Value::Null)
    }

    /// Sends a request to the driver, by the name that it knows the session by.
    async fn forward(&self, request: Request<Body<'_>>) -> WebDriverResult<Response<Bytes>> {
        if let Some(command) = self.within_session(&request) {
            let body = match request.body() {
                Body::Json(body) => Some(*body),
                Body::Empty => None,
            };
            match self.attachment.by_dialog(request.method(), command, body).await {
                Some(Ok(value)) => return Ok(answer(value)),
                Some(Err((error, message))) => return Ok(refusal(error, &message)),
                None => {}
            }
        }
        let attached = self.attachment.attach().await?;
        let mut turn = self.attachment.turn(attached).await?;
        let command = self.within_session(&request).map(str::to_owned);
        let lists_pages = matches!(
            (request.method(), command.as_deref()),
            (&Method::GET, Some("/window/handles")) | (&Method::DELETE, Some("/window"))
        );
        if (request.method(), command.as_deref()) == (&Method::POST, Some("/window/new")) {
            return self.open_page(request.body()).await;
        }
        let window = match (request.method(), command.as_deref(), request.body()) {
            (&Method::POST, Some("/window"), Body::Json(body)) => body["handle"].as_str().map(str::to_owned),
            _ => None,
        };
        let closes = (request.method(), command.as_deref()) == (&Method::DELETE, Some("/window"));
        let (mut parts, body) = request.into_parts();
        let url = match &command {
            Some(command) => format!("{}{command}", attached.url),
            None => format!("{}{}", attached.driver_url(), parts.uri.path()),
        };
        parts.uri =
            url.parse().map_err(|_| WebDriverError::RequestFailed(format!("`{url}` is no address")))?;
        let response = match self.attachment.http().send(Request::from_parts(parts, body)).await {
            Ok(response) => response,
            Err(error) => match self.attachment.check().await {
                Ok(()) => return Err(error),
                Err(gone) => return Err(WebDriverError::FatalError(gone.to_string())),
            },
        };
        if let Some(turn) = &mut turn
            && response.status().is_success()
        {
            match window {
                Some(window) => turn.goes_to(&window),
                None if closes => turn.is_lost(),
                None => {}
            }
        }
        if lists_pages && response.status().is_success() {
            return Ok(self.of_own_pages(response).await);
        }
        Ok(response)
    }

    async fn open_page(&self, body: &Body<'_>) -> WebDriverResult<Response<Bytes>> {
        let asked = match body {
            Body::Json(body) => body["type"].as_str(),
            Body::Empty => None,
        };
        match self.attachment.open_page(asked.unwrap_or("tab")).await {
            Ok(page) => Ok(answer(page)),
            Err(error) => Err(WebDriverError::FatalError(error.to_string())),
        }
    }

    async fn of_own_pages(&self, response: Response<Bytes>) -> Response<Bytes> {
        let all: Value = serde_json::from_slice(response.body()).unwrap_or_default();
        match self.attachment.own_pages(&all["value"]).await {
            Some(own) => answer(own),
            None => response,
        }
    }
}

/// What the driver would answer.
fn answer(value: Value) -> Response<Bytes> {
    Response::new(json!({ "value": value }).to_string().into())
}

/// What the driver would answer to what it cannot do.
fn refusal(error: &str, message: &str) -> Response<Bytes> {
    let told = json!({ "value": { "error": error, "message": message, "stacktrace": "" } });
    let mut response = Response::new(told.to_string().into());
    *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    response
}

#[async_trait]
impl HttpClient for Recorded {
    async fn send(&self, request: Request<Body<'_>>) -> WebDriverResult<Response<Bytes>> {
        if let Some(value) = self.own_answer(&request).await {
            return Ok(answer(value));
        }
        let call = self.calls().begin(&request);
        let waiting = waiting::on_call(call.what.clone(), call.since, call.times);
        let acts = is_action(request.method(), request.uri().path()) && self.trace.is_idle();
        if acts && !self.slow_mo.is_zero() {
            tokio::time::sleep(self.slow_mo).await;
        }
        if acts {
            self.trace.snapshot(None).await;
        }
        let recorded = self.recorded(&call);
        let result = self.forward(request).await;
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
        Arc::new(self.clone())
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
            let answer: Value = serde_json::from_slice(response.body()).unwrap_or_default();
            let said = |key: &str| answer["value"][key].as_str().unwrap_or_default().to_owned();
            let message = said("message");
            Some(format!("{}: {}", said("error"), message.lines().next().unwrap_or_default()))
        }
        Err(error) => Some(error.to_string()),
    }
}

/// The same for the same call. Of what is typed nothing is kept.
fn key(request: &Request<Body<'_>>, body: Option<&Value>) -> u64 {
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
