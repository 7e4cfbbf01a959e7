//! Which routes there are, on which pages, and which of them is asked about a request.
//!
//! A session without routes pays nothing: requests are held only while there are some.

use std::collections::HashMap;
use std::fmt;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio::sync::{oneshot, watch};

use super::held::{Held, Route, Verdict};
use super::rule::{Rule, words_of};
use crate::browser::cdp::{Page, text};
use crate::browser::error::BrowserError;
use crate::browser::network::response::Request;
use crate::browser::witness::{Handled, Witness, begun};

/// How long a request is waited for that the browser holds and has not told of yet.
const TELLING: Duration = Duration::from_millis(500);

/// The routes of a session. A clone is the same.
#[derive(Clone)]
pub(in crate::browser) struct Routes(Arc<Inner>);

struct Inner {
    state: Mutex<State>,
    witness: Witness,
    /// Whether the session is closed: nobody answers any more.
    ended: watch::Sender<bool>,
}

#[derive(Default)]
struct State {
    /// Oldest first; also those that were used up, which can still be taken away by name.
    rules: Vec<Arc<Rule>>,
    /// All pages of the session, and their parts that have a session of the protocol.
    pages: Vec<Page>,
    /// Whether the browser holds their requests.
    is_on: bool,
    /// How many requests are held.
    held: usize,
    /// Who waits for the server's answer to which request.
    fetching: HashMap<(String, String), oneshot::Sender<Value>>,
}

impl Routes {
    /// What becomes of requests is noted by the witness.
    pub(in crate::browser) fn new(witness: Witness) -> Self {
        Self(Arc::new(Inner { state: Mutex::default(), witness, ended: watch::Sender::default() }))
    }

    /// A page, or a part of one, whose requests are routed from now on. Called before it may ask for anything.
    pub(in crate::browser) fn follow(&self, page: &Page) {
        let (routes, own) = (self.clone(), page.clone());
        page.listen(move |method, params| match method {
            "Fetch.requestPaused" => routes.paused(&own, params),
            "Target.detachedFromTarget" if own.is_session(&text(params, "sessionId")) => routes.forget(&own),
            _ => {}
        });
        let mut state = self.state();
        state.pages.push(page.clone());
        if state.is_on {
            let (method, params) = hold();
            page.notify(method, &params);
            page.notify("Network.setCacheDisabled", &json!({ "cacheDisabled": true }));
        }
    }

    pub(super) async fn add(&self, rule: Rule) -> Result<(), BrowserError> {
        let pages = {
            let mut state = self.state();
            state.rules.push(Arc::new(rule));
            if std::mem::replace(&mut state.is_on, true) { Vec::new() } else { state.pages.clone() }
        };
        let holding = pages.iter().map(|page| {
            // What the browser has already it would not ask for, and no route would be asked.
            page.notify("Network.setCacheDisabled", &json!({ "cacheDisabled": true }));
            let (method, params) = hold();
            page.call(method, params)
        });
        for held in join_all(holding).await {
            match held {
                // A part that is gone, or asks for nothing by itself.
                Ok(_) | Err(BrowserError::Refused { .. } | BrowserError::NoAnswer { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Takes away all that have these words.
    pub(super) fn remove(&self, words: &str) -> Result<(), String> {
        let mut state = self.state();
        let before = state.rules.len();
        let (gone, kept) =
            std::mem::take(&mut state.rules).into_iter().partition(|rule| rule.words() == words);
        state.rules = kept;
        if state.rules.len() == before {
            let known: Vec<_> = state.rules.iter().map(|rule| rule.words()).collect();
            return Err(match known.as_slice() {
                [] => "there is no route".to_owned(),
                known => format!("there is none; there are routes of {}", known.join(", ")),
            });
        }
        state.rest();
        drop(state);
        // A handler may hold anything, also what asks this table when it is dropped.
        drop::<Vec<Arc<Rule>>>(gone);
        Ok(())
    }

    pub(super) fn clear(&self) {
        let mut state = self.state();
        let gone = std::mem::take(&mut state.rules);
        state.rest();
        drop(state);
        drop(gone);
    }

    /// The session is closed: handlers are dropped where they are, and what they hold with them.
    pub(in crate::browser) fn end(&self) {
        self.0.ended.send_replace(true);
        self.clear();
        let fetching = std::mem::take(&mut self.state().fetching);
        drop(fetching);
    }

    pub(super) fn is_ended(&self) -> bool {
        *self.0.ended.borrow()
    }

    pub(in crate::browser) fn witness(&self) -> &Witness {
        &self.0.witness
    }

    /// Where the server's answer to a request arrives.
    pub(super) fn fetch(&self, page: &Page, id: &str) -> oneshot::Receiver<Value> {
        let (sender, receiver) = oneshot::channel();
        self.state().fetching.insert((page.session().to_owned(), id.to_owned()), sender);
        receiver
    }

    fn forget(&self, page: &Page) {
        let mut state = self.state();
        state.pages.retain(|known| !known.is(page));
        state.fetching.retain(|(session, _), _| !page.is_session(session));
    }

    /// The browser holds a request, or what it was answered with.
    fn paused(&self, page: &Page, params: &Value) {
        let id = text(params, "requestId");
        let is_answer = params.get("responseStatusCode").or(params.get("responseErrorReason")).is_some();
        let mut state = self.state();
        let waiting = state.fetching.remove(&(page.session().to_owned(), id.clone()));
        if is_answer && let Some(waiting) = waiting {
            drop(state);
            if waiting.send(params.clone()).is_ok() {
                return;
            }
            return go_on(page, &id);
        }
        if is_answer || state.rules.is_empty() {
            return go_on(page, &id);
        }
        state.held += 1;
        drop(state);
        let holding = Holding(self.clone());
        let (page, params) = (page.clone(), params.clone());
        // A listener must not block, and a handler may do as it likes.
        tokio::spawn(async move {
            holding.0.serve(page, &params).await;
            drop(holding);
        });
    }

    async fn serve(&self, page: Page, params: &Value) {
        let id = text(params, "requestId");
        let network_id = text(params, "networkId");
        let request = |told: &Value, resource: String| {
            Request::new(&begun(&network_id, told, resource, Instant::now()))
        };
        if let Some((asked_for, leave)) = preflight(params) {
            let asked_for = request(&asked_for, text(params, "resourceType"));
            let rules = self.state().rules.clone();
            return if rules.iter().any(|rule| rule.means(&asked_for)) {
                page.notify("Fetch.fulfillRequest", &leave);
            } else {
                go_on(&page, &id);
            };
        }
        let resource = self.resource(&network_id, params).await;
        let held = Arc::new(Held::new(self.clone(), page, params, request(&params["request"], resource)));
        // Those that there are now, the latest first.
        let mut rules = self.state().rules.clone();
        while let Some(rule) = rules.pop() {
            if !rule.means(held.request()) || !rule.take() {
                continue;
            }
            held.note(&rule.by, Handled::Held);
            let (route, verdict) = Route::new(held.clone(), rule.clone());
            let handling = tokio::spawn(handle(self.clone(), rule.clone(), route));
            match verdict.await {
                Ok(Verdict::Answered) => return,
                Ok(Verdict::FellBack) => {}
                Err(_dropped) => {
                    let ended_well = handling.await.unwrap_or(false);
                    if self.is_ended() || held.is_gone() {
                        return;
                    }
                    if ended_well {
                        rule.fail(&format!("its handler ended without an answer to {}", held.request()));
                    }
                    held.note(&rule.by, Handled::Failed);
                    return held.abort();
                }
            }
        }
        held.unnote();
        go_on(held.page(), &id);
    }

    /// What a request is for. Where it is held, the browser has one name for what it tells apart when it tells of the request
    /// otherwise, which it has just done or is about to do.
    async fn resource(&self, network_id: &str, params: &Value) -> String {
        let resource = text(params, "resourceType");
        if resource != "XHR" {
            return resource;
        }
        let (sender, mut told) = watch::channel(());
        let _listening = self.witness().on_exchange(move |_, _| {
            sender.send_replace(());
        });
        let known = async {
            loop {
                if let Some(exchange) = self.witness().exchange(network_id) {
                    return Some(exchange.resource.clone());
                }
                told.changed().await.ok()?;
            }
        };
        tokio::time::timeout(TELLING, known).await.ok().flatten().unwrap_or(resource)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.0.state)
    }
}

impl State {
    /// The browser need not hold requests any more when nobody asks for them and nobody has one.
    fn rest(&mut self) {
        if self.is_on && self.rules.is_empty() && self.held == 0 {
            self.is_on = false;
            for page in &self.pages {
                page.notify("Fetch.disable", &json!({}));
                page.notify("Network.setCacheDisabled", &json!({ "cacheDisabled": false }));
            }
        }
    }
}

/// A request is held until this is dropped.
struct Holding(Routes);

impl Drop for Holding {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.held = state.held.saturating_sub(1);
        state.rest();
    }
}

/// Lets the handler do its work, until the session is closed. Whether it ended well.
async fn handle(routes: Routes, rule: Arc<Rule>, route: Route) -> bool {
    let request = route.request().clone();
    let is_gone = route.is_gone();
    let mut ended = routes.0.ended.subscribe();
    let handling = AssertUnwindSafe(async { (rule.handler)(route).await }).catch_unwind();
    let result = tokio::select! {
        biased;
        _ = ended.wait_for(|ended| *ended) => return false,
        result = handling => result,
    };
    let why = match result {
        Ok(Ok(())) => return true,
        // Nobody waits for the request any more, which is nobody's fault.
        Ok(Err(_)) if is_gone() => return false,
        Ok(Err(error)) => format!("its handler failed at {request}: {error}"),
        Err(panic) => format!("its handler panicked at {request}: {}", words_of(panic.as_ref())),
    };
    rule.fail(&why);
    false
}

/// Has the browser hold each request before it goes anywhere.
fn hold() -> (&'static str, Value) {
    ("Fetch.enable", json!({ "patterns": [{ "urlPattern": "*", "requestStage": "Request" }] }))
}

/// Nobody waits for the answer: a request that its page has given up is none of ours.
pub(super) fn go_on(page: &Page, id: &str) {
    page.notify("Fetch.continueRequest", &json!({ "requestId": id }));
}

/// Of a preflight, the request that it is for, and what it is answered with: that everything may be asked for. A server that need
/// not even be there for the request itself cannot be asked.
fn preflight(params: &Value) -> Option<(Value, Value)> {
    let headers = params["request"]["headers"].as_object()?;
    let header = |name: &str| {
        let (_, value) = headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name))?;
        value.as_str()
    };
    if params["request"]["method"] != "OPTIONS" {
        return None;
    }
    let method = header("access-control-request-method")?;
    let pair = |name: &str, value: &str| json!({ "name": name, "value": value });
    let headers = [
        pair("Access-Control-Allow-Origin", header("origin").unwrap_or("*")),
        pair("Access-Control-Allow-Credentials", "true"),
        pair("Access-Control-Allow-Methods", method),
        pair("Access-Control-Allow-Headers", header("access-control-request-headers").unwrap_or("*")),
        pair("Vary", "Origin"),
    ];
    let mut asked_for = params["request"].clone();
    asked_for["method"] = method.into();
    let leave = json!({ "requestId": params["requestId"], "responseCode": 204, "responseHeaders": headers });
    Some((asked_for, leave))
}

impl fmt::Debug for Routes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Routes")
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
