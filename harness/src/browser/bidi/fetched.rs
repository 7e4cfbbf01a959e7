//! A server's answer to a request that is held: the browser has no way to hold it before the page has it, so it is asked for
//! from here, with all that the browser would have sent.

use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{ACCEPT_ENCODING, CONTENT_ENCODING, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Method, Url, redirect};
use serde_json::{Value, json};
use thirtyfour::support::{base64_decode, base64_encode};

use super::realms::target;
use super::{Bidi, text};
use crate::browser::webdriver::is_local;
use crate::model::chain;

/// More than anybody waits for a page.
const ANSWER: Duration = Duration::from_mins(5);

/// What is said of the connection, which is another one.
const OF_CONNECTION: [&str; 4] = ["host", "connection", "content-length", "transfer-encoding"];

/// A request as the browser would have made it.
struct Asked {
    url: String,
    method: String,
    headers: Vec<(String, String)>,
    /// Nothing if the browser has not kept it.
    body: Option<Vec<u8>>,
}

/// What it came to.
struct Answered {
    status: u16,
    headers: HeaderMap,
    body: Bytes,
}

/// As base64, since scripts take no bytes.
const UNPACK: &str = "async (format, body) => { \
    const packed = Uint8Array.from(atob(body), it => it.charCodeAt(0)); \
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream(format)); \
    const plain = new Uint8Array(await new Response(stream).arrayBuffer()); \
    let text = ''; \
    for (let at = 0; at < plain.length; at += 8192) text += String.fromCharCode(...plain.subarray(at, at + 8192)); \
    return btoa(text) }";

impl Bidi {
    /// Asks the server in the browser's place, and tells what it answers as if the browser held it.
    pub(super) fn fetch(&self, page: &str, name: &str, request: &Value, change: &Value) {
        let Some(own) = self.own.upgrade() else { return };
        let asked = Asked::of(request, change);
        let (page, name) = (page.to_owned(), name.to_owned());
        tokio::spawn(async move {
            let mut told = json!({ "requestId": name });
            match own.answer(&page, asked).await {
                Ok(Answered { status, headers, body }) => {
                    own.state().held.keep(&name, body);
                    told["responseStatusCode"] = status.into();
                    told["responseHeaders"] = headers.iter().map(told_header).collect();
                }
                Err(why) => told["responseErrorReason"] = why.into(),
            }
            own.tell_of_page((Some(page), "Fetch.requestPaused", told));
        });
    }

    /// Has another address answer it: of what the browser sends elsewhere by itself it breaks off what is no `GET`.
    pub(super) fn ask_elsewhere(&self, page: &str, name: &str, request: &Value, change: &Value) {
        let Some(own) = self.own.upgrade() else { return };
        let asked = Asked::of(request, change);
        let (page, name) = (page.to_owned(), name.to_owned());
        tokio::spawn(async move {
            let answer = own.answer(&page, asked).await;
            // Who asked may be gone by now.
            let _ = match answer {
                Ok(Answered { status, headers, body }) => {
                    let is_whole = |(name, _): &(&HeaderName, _)| !OF_CONNECTION.contains(&name.as_str());
                    let body = base64_encode(&body);
                    let headers: Value = headers.iter().filter(is_whole).map(told_header).collect();
                    own.provide(&name, &json!(status), &headers, &body).await
                }
                Err(_) => own.fail(&name, "ERR_FAILED".to_owned()).await,
            };
        });
    }

    async fn answer(&self, page: &str, asked: Asked) -> Result<Answered, String> {
        let mut answer = asked.answer().await?;
        let packed = answer.headers.remove(CONTENT_ENCODING).filter(|encoding| *encoding != "identity");
        let Some(format) = packed else { return Ok(answer) };
        let format = String::from_utf8_lossy(format.as_bytes()).into_owned();
        let script = json!({
            "functionDeclaration": UNPACK,
            "awaitPromise": true,
            "target": target(page, false),
            "arguments": [
                { "type": "string", "value": format },
                { "type": "string", "value": base64_encode(&answer.body) },
            ],
        });
        let unpacked = self.wire.call("script.callFunction", script).await.map_err(|error| chain(&error))?;
        let body = unpacked["result"]["value"].as_str().and_then(|body| base64_decode(body).ok());
        let Some(body) = body else {
            return Err(format!(
                "it compressed its answer by `{format}`, though it was asked not to, and this browser does not undo that for a test"
            ));
        };
        answer.body = body.into();
        Ok(answer)
    }
}

fn told_header((name, value): (&HeaderName, &HeaderValue)) -> Value {
    json!({ "name": name.as_str(), "value": String::from_utf8_lossy(value.as_bytes()) })
}

impl Asked {
    fn of(request: &Value, change: &Value) -> Self {
        let either = |name: &str| change[name].as_str().map_or_else(|| text(request, name), str::to_owned);
        let headers = if let Some(headers) = change["headers"].as_array() {
            headers.iter().map(|header| (text(header, "name"), text(header, "value"))).collect()
        } else {
            let headers = request["headers"].as_object().into_iter().flatten();
            headers.map(|(name, it)| (name.clone(), it.as_str().unwrap_or_default().to_owned())).collect()
        };
        let body = match (change["postData"].as_str(), &request["body"]) {
            (Some(body), _) => base64_decode(body).ok(),
            (None, Value::Null) => Some(Vec::new()),
            (None, body) => body.as_str().and_then(|body| base64_decode(body).ok()),
        };
        Self { url: either("url"), method: either("method"), headers, body }
    }

    async fn answer(self) -> Result<Answered, String> {
        let url = Url::parse(&self.url).map_err(|error| error.to_string())?;
        let method = Method::from_bytes(self.method.as_bytes()).map_err(|error| error.to_string())?;
        // Each hop of a redirect is routed by itself.
        let mut client = Client::builder().timeout(ANSWER).redirect(redirect::Policy::none());
        if is_local(&self.url) {
            client = client.no_proxy();
        }
        let client = client.build().map_err(|error| chain(&error))?;
        let headers = self.headers();
        let Some(body) = self.body else {
            return Err("it was not asked: the browser has not kept what the request sends".to_owned());
        };
        let asked = client.request(method, url).headers(headers).body(body);
        let answer = asked.send().await.map_err(|error| chain(&error))?;
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let body = answer.bytes().await.map_err(|error| chain(&error))?;
        Ok(Answered { status, headers, body })
    }

    fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in &self.headers {
            let is_of_connection = OF_CONNECTION.iter().any(|known| name.eq_ignore_ascii_case(known));
            let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_str(value)) else {
                continue;
            };
            if !is_of_connection {
                headers.append(name, value);
            }
        }
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        headers
    }
}
