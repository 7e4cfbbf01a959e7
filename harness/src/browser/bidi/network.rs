//! Requests and what comes back, from BiDi's words.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use super::contexts::Outcome;
use super::{State, Told, seconds, text};

/// What is under way.
#[derive(Debug, Default)]
pub(super) struct Exchanges {
    /// A redirect is told with the request that it leads to.
    redirects: HashMap<String, Value>,
    /// The browser's names of requests by ours.
    names: HashMap<String, String>,
    /// Of documents, by their navigations: the request, and what it is called here.
    documents: HashMap<String, (String, String)>,
    /// Why a request fails that was made to, by the browser's names.
    failures: HashMap<String, String>,
}

impl Exchanges {
    /// What a request is called here: that of a document as the navigation that brings it, unless another one went before it in the
    /// same navigation.
    pub(super) fn id(&mut self, navigation: Option<&str>, name: &str) -> String {
        let Some(navigation) = navigation else { return name.to_owned() };
        match self.documents.get(navigation) {
            Some((known, id)) if known == name => id.clone(),
            Some(_) => {
                let id = format!("{navigation}/{name}");
                self.documents.insert(navigation.to_owned(), (name.to_owned(), id.clone()));
                id
            }
            None => {
                self.documents.insert(navigation.to_owned(), (name.to_owned(), navigation.to_owned()));
                navigation.to_owned()
            }
        }
    }

    /// The request of the document that a navigation brings.
    pub(super) fn loader(&self, navigation: &str) -> String {
        self.documents.get(navigation).map_or_else(|| navigation.to_owned(), |(_, id)| id.clone())
    }

    /// A request is made to fail, with this word for it.
    pub(super) fn will_fail(&mut self, name: &str, word: String) {
        self.failures.insert(name.to_owned(), word);
    }

    /// The browser's name of a request.
    pub(super) fn name(&self, id: &str) -> String {
        self.names.get(id).cloned().unwrap_or_else(|| id.to_owned())
    }
}

impl State {
    pub(super) fn hear_network(&mut self, event: &str, params: &Value) -> Vec<Told> {
        let Some(context) = params["context"].as_str() else { return Vec::new() };
        let request = &params["request"];
        if is_socket(request) {
            return Vec::new();
        }
        let name = text(request, "request");
        let navigation = params["navigation"].as_str();
        let id = self.exchanges.id(navigation, &name);
        let at = seconds(params);
        let page = Some(self.contexts.page_of(context));
        let (method, mut told) = match event {
            "beforeRequestSent" => {
                self.exchanges.names.insert(id.clone(), name);
                self.contexts.under_way(context, &id, true);
                ("Network.requestWillBeSent", self.requested(context, &id, params))
            }
            "responseStarted" => {
                let response = response(&params["response"]);
                if is_redirect(&params["response"]) {
                    self.exchanges.redirects.insert(id, response);
                    return Vec::new();
                }
                ("Network.responseReceived", json!({ "type": kind(params), "response": response }))
            }
            "responseCompleted" if self.exchanges.redirects.contains_key(&id) => return Vec::new(),
            "responseCompleted" => {
                self.contexts.under_way(context, &id, false);
                let bytes = &params["response"]["bytesReceived"];
                ("Network.loadingFinished", json!({ "encodedDataLength": bytes }))
            }
            "fetchError" => {
                self.contexts.under_way(context, &id, false);
                self.held.forget(&name);
                let made = self.exchanges.failures.remove(&name);
                let error = made.unwrap_or_else(|| match params["errorText"].as_str() {
                    // Of a document that is wanted no more before anybody was asked for it.
                    Some("NS_ERROR_FAILURE") if navigation.is_some() => "ERR_ABORTED".to_owned(),
                    error => word(error.unwrap_or_default()),
                });
                if let Some(navigation) = navigation {
                    let failed = || Outcome::Failed(error.clone(), id.clone());
                    self.contexts.gone(context, navigation, failed);
                }
                let is_cancelled = error == "ERR_ABORTED";
                let failure = json!({
                    "errorText": format!("net::{error}"), "canceled": is_cancelled, "type": kind(params),
                });
                ("Network.loadingFailed", failure)
            }
            _ => return Vec::new(),
        };
        told["requestId"] = id.into();
        told["frameId"] = context.into();
        told["timestamp"] = at.into();
        let mut all = vec![(page.clone(), method, told)];
        if event == "beforeRequestSent" && navigation.is_some() {
            // What a script asks for while a page loads is told by nothing else.
            let started = json!({ "frameId": context, "navigationType": "differentDocument" });
            all.push((page.clone(), "Page.frameStartedNavigating", started));
        }
        if event == "fetchError" && params["navigation"].is_string() {
            // It may say nothing else of it.
            all.push((page, "Page.frameStoppedLoading", json!({ "frameId": context })));
        }
        all
    }

    fn requested(&mut self, context: &str, id: &str, params: &Value) -> Value {
        let request = &params["request"];
        let mut told = json!({
            "frameId": context,
            "type": kind(params),
            "wallTime": seconds(params),
            "request": {
                "url": request["url"], "method": request["method"], "headers": headers(&request["headers"]),
            },
        });
        if let Some(redirect) = self.exchanges.redirects.remove(id) {
            told["redirectResponse"] = redirect;
        }
        told
    }
}

fn response(response: &Value) -> Value {
    json!({
        "status": response["status"],
        "headers": headers(&response["headers"]),
        "mimeType": response["mimeType"].as_str().unwrap_or_default().split(';').next(),
        "fromDiskCache": response["fromCache"],
        "encodedDataLength": response["bytesReceived"],
    })
}

/// Whether it is the beginning of a web socket, which is no request of a page.
pub(super) fn is_socket(request: &Value) -> bool {
    let is_its = |header: &Value| {
        header["name"].as_str().is_some_and(|name| name.eq_ignore_ascii_case("sec-websocket-key"))
    };
    request["headers"].as_array().is_some_and(|headers| headers.iter().any(is_its))
}

fn is_redirect(response: &Value) -> bool {
    let is_one = matches!(response["status"].as_u64(), Some(301 | 302 | 303 | 307 | 308));
    let leads =
        |header: &Value| header["name"].as_str().is_some_and(|name| name.eq_ignore_ascii_case("location"));
    is_one && response["headers"].as_array().is_some_and(|headers| headers.iter().any(leads))
}

/// Several of one name are lines of one.
pub(super) fn headers(headers: &Value) -> Value {
    let mut all = Map::new();
    for header in headers.as_array().into_iter().flatten() {
        let value = text(&header["value"], "value");
        match all.get_mut(&text(header, "name")) {
            Some(Value::String(before)) => before.extend(["\n", &value]),
            _ => drop(all.insert(text(header, "name"), value.into())),
        }
    }
    Value::Object(all)
}

/// What a request is for, in Chromium's words.
pub(super) fn kind(params: &Value) -> &'static str {
    let request = &params["request"];
    if params["navigation"].is_string() {
        return "Document";
    }
    match (request["destination"].as_str(), request["initiatorType"].as_str()) {
        (_, Some("fetch")) => "Fetch",
        (_, Some("xmlhttprequest")) => "XHR",
        (Some("document" | "iframe" | "frame" | "embed" | "object"), _) => "Document",
        (Some("script" | "worker" | "sharedworker" | "serviceworker"), _) => "Script",
        (Some("style"), _) => "Stylesheet",
        (Some("image"), _) => "Image",
        (Some("font"), _) => "Font",
        (Some("audio" | "video" | "track"), _) => "Media",
        (Some("manifest"), _) => "Manifest",
        (_, Some("beacon")) => "Ping",
        _ => "Other",
    }
}

/// A word of Firefox's as Chromium has it: each means the same in every message.
fn word(error: &str) -> String {
    let word = match error {
        "NS_BINDING_ABORTED" | "NS_ERROR_ABORT" => "ERR_ABORTED",
        "NS_ERROR_CONNECTION_REFUSED" => "ERR_CONNECTION_REFUSED",
        "NS_ERROR_UNKNOWN_HOST" => "ERR_NAME_NOT_RESOLVED",
        "NS_ERROR_NET_PARTIAL_TRANSFER" => "ERR_CONTENT_LENGTH_MISMATCH",
        "NS_ERROR_NET_RESET" | "NS_ERROR_NET_INTERRUPT" => "ERR_CONNECTION_RESET",
        "NS_ERROR_NET_EMPTY_RESPONSE" => "ERR_EMPTY_RESPONSE",
        "NS_ERROR_REDIRECT_LOOP" => "ERR_TOO_MANY_REDIRECTS",
        "NS_ERROR_OFFLINE" => "ERR_INTERNET_DISCONNECTED",
        "NS_ERROR_FILE_NOT_FOUND" => "ERR_FILE_NOT_FOUND",
        "NS_ERROR_MALFORMED_URI" => "ERR_INVALID_URL",
        "NS_ERROR_PORT_ACCESS_NOT_ALLOWED" => "ERR_UNSAFE_PORT",
        "SSL_ERROR_RX_RECORD_TOO_LONG" | "NS_ERROR_NET_INADEQUATE_SECURITY" => "ERR_SSL_PROTOCOL_ERROR",
        error if error.starts_with("SEC_ERROR") || error.starts_with("MOZILLA_PKIX_ERROR") => {
            "ERR_CERT_INVALID"
        }
        error => error.trim_start_matches("net::"),
    };
    word.to_owned()
}

/// The word of an error that is said in a sentence.
pub(super) fn word_in(message: &str) -> String {
    let is_word =
        |word: &&str| ["NS_", "SEC_", "SSL_", "MOZILLA_", "net::"].iter().any(|it| word.starts_with(it));
    let is_end = |letter: char| !(letter.is_ascii_alphanumeric() || letter == '_' || letter == ':');
    let found = message.split(is_end).map(|word| word.trim_end_matches(':')).find(is_word);
    found.map_or_else(|| "ERR_ABORTED".to_owned(), word)
}
