//! Requests that are held until it is said what becomes of them.
//!
//! The browser holds those of all its pages or none: a page that another one opens has asked for something before anybody
//! could say that it is meant, too. What nobody wants held goes on at once.

use std::collections::{HashMap, HashSet};

use bytes::Bytes;
use serde_json::{Value, json};
use thirtyfour::support::{base64_decode, base64_encode};

use super::network::{headers, is_socket, kind};
use super::{Bidi, State, text};
use crate::browser::error::BrowserError;

/// No server is asked for these.
const WITHIN: [&str; 3] = ["data:", "blob:", "about:"];

/// What is held, and for whom.
#[derive(Debug, Default)]
pub(super) struct Held {
    /// The pages whose requests are.
    pages: HashSet<String>,
    /// What the browser calls that it holds them, while it does.
    intercept: Option<String>,
    /// The requests, by the browser's names, as they were told; and their bodies in base64, or that they could not be had.
    requests: HashMap<String, Value>,
    /// What a server has answered, until the page is given it.
    answers: HashMap<String, Bytes>,
}

impl Held {
    /// Nobody waits for a request any more.
    pub(super) fn forget(&mut self, name: &str) {
        self.requests.remove(name);
        self.answers.remove(name);
    }

    /// What a server has answered to a request that is still held.
    pub(super) fn keep(&mut self, name: &str, body: Bytes) {
        if self.requests.contains_key(name) {
            self.answers.insert(name.to_owned(), body);
        }
    }
}

impl State {
    /// Whether somebody wants to be asked about the requests of a page: also of one that nobody knows yet.
    fn is_held(&self, page: &str) -> bool {
        let context = self.contexts.user_context(page);
        let mut pages = self.held.pages.iter();
        pages.any(|held| held == page || self.contexts.user_context(held) == context)
    }
}

impl Bidi {
    /// `Fetch.enable`
    pub(super) async fn hold(&self, page: &str) -> Result<Value, BrowserError> {
        let is_first = {
            let mut state = self.state();
            state.held.pages.insert(page.to_owned());
            state.held.pages.len() == 1
        };
        if is_first {
            let every = json!({ "phases": ["beforeRequestSent"] });
            let answer = self.wire.call("network.addIntercept", every).await?;
            let intercept = text(&answer, "intercept");
            let unwanted = {
                let held = &mut self.state().held;
                // Meanwhile nobody may want it any more.
                if held.pages.is_empty() { Some(intercept) } else { held.intercept.replace(intercept) }
            };
            self.lift(unwanted).await?;
        }
        Ok(json!({}))
    }

    /// `Fetch.disable`
    pub(super) async fn hold_no_more(&self, page: &str) -> Result<Value, BrowserError> {
        let intercept = {
            let mut state = self.state();
            state.held.pages.remove(page);
            if state.held.pages.is_empty() { state.held.intercept.take() } else { None }
        };
        self.lift(intercept).await?;
        Ok(json!({}))
    }

    async fn lift(&self, intercept: Option<String>) -> Result<(), BrowserError> {
        let Some(intercept) = intercept else { return Ok(()) };
        self.wire.call("network.removeIntercept", json!({ "intercept": intercept })).await?;
        Ok(())
    }

    /// A page that is gone asks for nothing.
    pub(super) fn forget_held(&self, page: &str) {
        let Some(own) = self.own.upgrade() else { return };
        if self.state().held.pages.contains(page) {
            let page = page.to_owned();
            tokio::spawn(async move { own.hold_no_more(&page).await });
        }
    }

    /// The browser holds a request, of which all else has been told.
    pub(super) fn hear_held(&self, params: &Value) {
        let Some(own) = self.own.upgrade() else { return };
        let params = params.clone();
        tokio::spawn(async move {
            let request = &params["request"];
            let name = text(request, "request");
            let page = params["context"].as_str().map(|context| own.state().contexts.page_of(context));
            let is_within = WITHIN.iter().any(|scheme| text(request, "url").starts_with(scheme));
            let is_asked_about = !is_within && !is_socket(request);
            match page.filter(|page| is_asked_about && own.state().is_held(page)) {
                Some(page) => own.ask_about(page, name, &params).await,
                None => own.pass(&name, &params["intercepts"]).await,
            }
        });
    }

    async fn ask_about(&self, page: String, name: String, params: &Value) {
        let request = &params["request"];
        let mut told = json!({
            "url": request["url"], "method": request["method"], "headers": headers(&request["headers"]),
        });
        let mut known = told.clone();
        if request["bodySize"].as_u64().is_some_and(|size| size > 0) {
            let sent = self.sent(&name).await;
            // As text where it is some.
            let text = sent.clone().and_then(|sent| String::from_utf8(sent).ok());
            if let Some(text) = text {
                told["postData"] = text.into();
            }
            known["body"] = sent.map_or(json!(false), |sent| base64_encode(&sent).into());
        }
        let id = {
            let mut state = self.state();
            state.held.requests.insert(name.clone(), known);
            state.exchanges.id(params["navigation"].as_str(), &name)
        };
        let paused = json!({
            "requestId": name, "networkId": id, "request": told, "resourceType": kind(params),
        });
        self.tell_of_page((Some(page), "Fetch.requestPaused", paused));
    }

    /// What a request sends, if the browser has kept it.
    async fn sent(&self, name: &str) -> Option<Vec<u8>> {
        let data = json!({ "dataType": "request", "request": name });
        let answer = self.wire.call("network.getData", data).await.ok()?;
        let value = answer["bytes"]["value"].as_str()?;
        if answer["bytes"]["type"] == "string" {
            return Some(value.as_bytes().to_vec());
        }
        base64_decode(value).ok()
    }

    /// Nobody wants it held. Who did may have been a process before this one, with the same browser.
    async fn pass(&self, name: &str, intercepts: &Value) {
        let _ = self.wire.call("network.continueRequest", json!({ "request": name })).await;
        for intercept in intercepts.as_array().into_iter().flatten() {
            let is_known = self.state().held.intercept.as_deref() == intercept.as_str();
            let is_coming = !self.state().held.pages.is_empty();
            if !is_known && !is_coming {
                let _ = self.lift(intercept.as_str().map(str::to_owned)).await;
            }
        }
    }

    /// What becomes of a request.
    pub(super) async fn decide(
        &self,
        page: &str,
        method: &'static str,
        params: &Value,
    ) -> Result<Value, BrowserError> {
        let name = text(params, "requestId");
        let Some(request) = self.state().held.requests.get(&name).cloned() else {
            return Err(not_held(method));
        };
        match method {
            "Fetch.getResponseBody" => {
                let body = self.state().held.answers.get(&name).map(|body| base64_encode(body));
                Ok(json!({ "body": body.unwrap_or_default(), "base64Encoded": true }))
            }
            "Fetch.fulfillRequest" => {
                let (status, headers) = (&params["responseCode"], &params["responseHeaders"]);
                self.provide(&name, status, headers, params["body"].as_str().unwrap_or_default()).await
            }
            "Fetch.failRequest" => self.fail(&name, failure(&text(params, "errorReason"))).await,
            _ if params["interceptResponse"] == true => {
                self.fetch(page, &name, &request, params);
                Ok(json!({}))
            }
            _ if params["url"].is_string() => {
                self.ask_elsewhere(page, &name, &request, params);
                Ok(json!({}))
            }
            _ => self.let_go(&name, "network.continueRequest", changed(params)).await,
        }
    }

    /// Answers a request, with a body in base64.
    pub(super) async fn provide(
        &self,
        name: &str,
        status: &Value,
        headers: &Value,
        body: &str,
    ) -> Result<Value, BrowserError> {
        let answer = json!({
            "statusCode": status, "headers": theirs(headers), "body": { "type": "base64", "value": body },
        });
        self.let_go(name, "network.provideResponse", answer).await
    }

    /// Has a request fail, with this word for it.
    pub(super) async fn fail(&self, name: &str, word: String) -> Result<Value, BrowserError> {
        self.state().exchanges.will_fail(name, word);
        self.let_go(name, "network.failRequest", json!({})).await
    }

    async fn let_go(
        &self,
        name: &str,
        command: &'static str,
        mut told: Value,
    ) -> Result<Value, BrowserError> {
        told["request"] = name.into();
        let request = {
            let mut state = self.state();
            let request = state.held.requests.get(name).cloned();
            state.held.forget(name);
            request
        };
        match self.wire.call(command, told).await {
            Err(BrowserError::Refused { message, .. }) if message.contains("no such request") => {
                Err(not_held(command))
            }
            Err(error) => {
                // It is still there, and may be decided otherwise.
                self.state().held.requests.extend(request.map(|request| (name.to_owned(), request)));
                Err(error)
            }
            answer => answer,
        }
    }
}

/// Of a request that goes on, what is to be another.
fn changed(params: &Value) -> Value {
    let mut changed = json!({});
    if let Some(method) = params.get("method") {
        changed["method"] = method.clone();
    }
    if let Some(headers) = params.get("headers") {
        changed["headers"] = theirs(headers);
    }
    if let Some(body) = params.get("postData") {
        changed["body"] = json!({ "type": "base64", "value": body });
    }
    changed
}

fn theirs(headers: &Value) -> Value {
    let headers = headers.as_array().map(Vec::as_slice).unwrap_or_default();
    let value = |header: &Value| json!({ "type": "string", "value": header["value"] });
    headers.iter().map(|header| json!({ "name": header["name"], "value": value(header) })).collect()
}

/// The word of a reason: `ConnectionRefused` is `ERR_CONNECTION_REFUSED`.
fn failure(reason: &str) -> String {
    let mut word = "ERR".to_owned();
    for letter in reason.chars() {
        if letter.is_ascii_uppercase() {
            word.push('_');
        }
        word.push(letter.to_ascii_uppercase());
    }
    word
}

/// As Chromium says it.
fn not_held(method: &'static str) -> BrowserError {
    BrowserError::Refused { method, message: "Invalid InterceptionId.".to_owned() }
}
