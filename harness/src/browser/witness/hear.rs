//! From the browser's events to what is taken note of.

use std::sync::{Arc, Mutex};
use std::time::Instant;

use serde_json::Value;

use super::clock::since_1970;
use super::entry::{Entry, Exchange, FailureText, Kind, Level, Place, Routed, Stage};
use super::words::{of_call, of_value, shortened};
use super::{Address, Witness, lock};
use crate::browser::cdp::text;

/// Of a stack so many frames are kept.
const FRAMES: usize = 20;

impl Witness {
    /// Takes note of an event of a page, or of a part of one.
    pub(super) fn hear(
        &self,
        address: &Arc<Mutex<Address>>,
        is_part: bool,
        session: &str,
        method: &str,
        params: &Value,
    ) {
        let note = |at: Instant, kind: Kind| Entry { at, url: lock(address).url.clone(), kind };
        match method {
            "Runtime.consoleAPICalled" => {
                if let Some(kind) = console(params) {
                    self.notes().add(note(since_1970(milliseconds(params)), kind));
                }
            }
            "Runtime.exceptionThrown" => {
                let details = &params["exceptionDetails"];
                let id = details["exceptionId"].as_u64().unwrap_or_default();
                let entry = note(since_1970(milliseconds(params)), exception(details));
                self.notes().add_exception(session, id, entry);
            }
            "Runtime.exceptionRevoked" => {
                self.notes().revoke(session, params["exceptionId"].as_u64().unwrap_or_default());
            }
            "Log.entryAdded" => {
                let entry = &params["entry"];
                if !is_known(entry) {
                    self.notes().add(note(since_1970(milliseconds(entry)), logged(entry)));
                }
            }
            "Page.frameNavigated" if !is_part && params["frame"]["parentId"].is_null() => {
                let url = text(&params["frame"], "url");
                *lock(address) = Address { url: url.clone(), frame: text(&params["frame"], "id") };
                self.notes().add(note(Instant::now(), Kind::Navigated { url }));
            }
            "Page.navigatedWithinDocument" => {
                let mut address = lock(address);
                if address.frame == text(params, "frameId") {
                    address.url = text(params, "url");
                }
            }
            "Page.javascriptDialogOpening" => {
                let (kind, message) = (text(params, "type"), shortened(text(params, "message")));
                self.notes().add(note(Instant::now(), Kind::Dialog { kind, message }));
            }
            "Inspector.targetCrashed" => self.notes().add(note(Instant::now(), Kind::Crashed)),
            // What comes next is a part of this page.
            "Target.attachedToTarget" => {
                lock(&self.0.addresses).insert(text(params, "sessionId"), address.clone());
            }
            _ => self.hear_network(address, method, params),
        }
    }

    fn hear_network(&self, address: &Arc<Mutex<Address>>, method: &str, params: &Value) {
        let Some(method) = method.strip_prefix("Network.") else { return };
        let id = text(params, "requestId");
        let counted = || self.0.clock.counted(params["timestamp"].as_f64());
        let (exchange, stage) = match method {
            "requestWillBeSent" => return self.requested(address, &id, params),
            "requestServedFromCache" => {
                self.notes().update(&id, |exchange| exchange.from_cache = true);
                return;
            }
            "responseReceived" => {
                let responded = self.notes().update(&id, |exchange| {
                    exchange.respond(&params["response"]);
                    exchange.resource = text(params, "type");
                });
                (responded, Stage::Responded)
            }
            "loadingFinished" => {
                let at = counted();
                let finished = self.notes().update(&id, |exchange| {
                    exchange.ended = Some(at);
                    exchange.bytes = bytes(params);
                });
                (finished, Stage::Finished)
            }
            "loadingFailed" => {
                let at = counted();
                let failed = self.notes().update(&id, |exchange| {
                    exchange.ended = Some(at);
                    exchange.failure = Some(failure(params));
                    if exchange.resource.is_empty() {
                        exchange.resource = text(params, "type");
                    }
                });
                (failed, Stage::Failed)
            }
            _ => return,
        };
        if let Some(exchange) = exchange {
            self.tell(&exchange, stage);
        }
    }

    fn requested(&self, address: &Arc<Mutex<Address>>, id: &str, params: &Value) {
        let request = &params["request"];
        let url = text(request, "url");
        // That is no request: its address is its content.
        if url.starts_with("data:") {
            return;
        }
        if let (Some(wall), Some(counted)) = (params["wallTime"].as_f64(), params["timestamp"].as_f64()) {
            self.0.clock.set(wall, counted);
        }
        let at = since_1970(params["wallTime"].as_f64());
        if let Some(response) = params.get("redirectResponse") {
            let redirected = self.notes().update(id, |exchange| {
                exchange.respond(response);
                exchange.ended = Some(at);
                exchange.bytes = bytes(response);
                exchange.redirected_to = Some(url.clone());
            });
            if let Some(exchange) = redirected {
                self.tell(&exchange, Stage::Responded);
                self.tell(&exchange, Stage::Finished);
            }
        } else if self.notes().knows_exchange(id) {
            // A document in another process is told of by the page, and by the frame itself.
            return;
        }
        // Held until it is noted: a route says what it made of it at any moment.
        let mut early = lock(&self.0.routed);
        let is_this = |(of, _): &(String, Routed)| *of == url;
        let routed = early.remove(id).filter(is_this).map(|(_, routed)| routed);
        let exchange = Exchange { routed, ..begun(id, request, text(params, "type"), at) };
        let exchange = Arc::new(Exchange { frame: text(params, "frameId"), ..exchange });
        let page = lock(address).url.clone();
        self.notes().add_exchange(at, page, exchange.clone());
        drop(early);
        self.tell(&exchange, Stage::Requested);
    }
}

/// A request that has just been made.
pub(in crate::browser) fn begun(id: &str, request: &Value, resource: String, at: Instant) -> Exchange {
    Exchange {
        id: id.to_owned(),
        frame: String::new(),
        method: text(request, "method"),
        url: text(request, "url"),
        resource,
        request_headers: headers(&request["headers"]),
        request_body: request["postData"].as_str().map(str::to_owned),
        began: at,
        status: None,
        response_headers: Vec::new(),
        mime: String::new(),
        ended: None,
        bytes: 0,
        from_cache: false,
        redirected_to: None,
        failure: None,
        routed: None,
    }
}

impl Exchange {
    fn respond(&mut self, response: &Value) {
        self.status = response["status"].as_u64().and_then(|status| u16::try_from(status).ok());
        self.response_headers = headers(&response["headers"]);
        self.mime = text(response, "mimeType");
        self.from_cache |= response["fromDiskCache"] == true;
    }
}

/// A call of `console`. Nothing of one that only ends a group or clears what is shown.
fn console(params: &Value) -> Option<Kind> {
    let level = match params["type"].as_str()? {
        "error" | "assert" => Level::Error,
        "warning" => Level::Warning,
        "info" => Level::Info,
        "debug" => Level::Debug,
        "clear" | "endGroup" | "profile" | "profileEnd" => return None,
        _ => Level::Log,
    };
    let arguments = params["args"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut text = of_call(arguments);
    if params["type"] == "assert" {
        text.insert_str(0, "Assertion failed: ");
    }
    Some(Kind::Console { level, text, place: place_of(&params["stackTrace"]["callFrames"][0]) })
}

fn exception(details: &Value) -> Kind {
    let words = details["text"].as_str().unwrap_or_default();
    let thrown = &details["exception"];
    let text = match thrown {
        Value::Null => words.trim_start_matches("Uncaught ").trim_start_matches("(in promise) ").to_owned(),
        // With its stack, which is told beside it.
        _ if thrown["subtype"] == "error" => without_stack(&of_value(thrown, false)),
        _ => of_value(thrown, true),
    };
    let frames = details["stackTrace"]["callFrames"].as_array().map(Vec::as_slice).unwrap_or_default();
    // What cannot be parsed was not executed: it has a place and no stack.
    let place = frames.iter().find_map(place_of).or_else(|| place_of(details));
    Kind::Exception {
        text: shortened(text),
        place,
        stack: frames.iter().take(FRAMES).map(frame).collect(),
        of_promise: words.contains("(in promise)"),
    }
}

/// What the browser itself has to say.
fn logged(entry: &Value) -> Kind {
    let level = match entry["level"].as_str() {
        Some("error") => Level::Error,
        Some("warning") => Level::Warning,
        Some("info") => Level::Info,
        _ => Level::Debug,
    };
    // Of what is about no line in particular the address is that of the page.
    let own = || entry["lineNumber"].as_u64().and_then(|_| place_of(entry));
    let place = place_of(&entry["stackTrace"]["callFrames"][0]).or_else(own);
    Kind::Console { level, text: shortened(text(entry, "text")), place }
}

/// Whether it is known already: of a request that failed the exchange says more, and a worker has told of what it wrote itself.
fn is_known(entry: &Value) -> bool {
    match entry["source"].as_str() {
        Some("network") => entry["networkRequestId"].is_string(),
        Some("worker") => entry["workerId"].is_string(),
        _ => false,
    }
}

fn failure(params: &Value) -> FailureText {
    let cors = params["corsErrorStatus"]["corsError"].as_str();
    FailureText {
        text: text(params, "errorText"),
        cancelled: params["canceled"] == true,
        blocked: params["blockedReason"].as_str().or(cors).map(str::to_owned),
    }
}

fn headers(headers: &Value) -> Vec<(String, String)> {
    let Some(headers) = headers.as_object() else { return Vec::new() };
    let text = |value: &Value| shortened(value.as_str().unwrap_or_default().to_owned());
    headers.iter().map(|(name, value)| (name.clone(), text(value))).collect()
}

fn bytes(params: &Value) -> u64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a whole number, written as another"
    )]
    params["encodedDataLength"].as_f64().map_or(0, |bytes| bytes.max(0.0) as u64)
}

/// When it was, in seconds since 1970.
fn milliseconds(params: &Value) -> Option<f64> {
    params["timestamp"].as_f64().map(|milliseconds| milliseconds / 1e3)
}

/// A place in a script; nothing where it has no address, as what a test evaluates.
fn place_of(frame: &Value) -> Option<Place> {
    let url = text(frame, "url");
    let number = |field: &str| frame[field].as_u64().map_or(1, one_based);
    (!url.is_empty()).then(|| Place { url, line: number("lineNumber"), column: number("columnNumber") })
}

fn one_based(number: u64) -> u32 {
    u32::try_from(number.saturating_add(1)).unwrap_or(u32::MAX)
}

/// `save (http://127.0.0.1:3002/app.js:12:5)`
fn frame(frame: &Value) -> String {
    let name = frame["functionName"].as_str().filter(|name| !name.is_empty()).unwrap_or("(anonymous)");
    match place_of(frame) {
        Some(Place { url, line, column }) => format!("{name} ({url}:{line}:{column})"),
        None => name.to_owned(),
    }
}

/// What an error says, without the lines that say where.
fn without_stack(description: &str) -> String {
    let lines: Vec<_> = description.lines().take_while(|line| !line.starts_with("    at ")).collect();
    lines.join("\n")
}
