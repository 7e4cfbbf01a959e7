//! A session of WebDriver by which a browser is started: Firefox by the driver of this machine, any browser by a remote one. All
//! sessions of the tests share it.

use std::time::Duration;

use serde_json::{Value, json};

use super::attachment::timeouts;
use super::cdp::text;
use super::error::BrowserError;
use super::flags;
use super::running::Protocol;
use crate::config::Engine;

/// How long a browser may take to start, wherever it is. A grid may have to wait for a free one.
const START: Duration = Duration::from_mins(2);
/// How long it may take to end.
const END: Duration = Duration::from_secs(10);

/// What Firefox is told beside what its driver tells it: a page is as alone as in Chromium, and nothing is asked of a person.
const PREFERENCES: &[(&str, Preference)] = &[
    // A page that is left is gone, as everywhere else where somebody listens to it.
    ("browser.sessionhistory.max_total_viewers", Preference::Number(0)),
    ("fission.bfcacheInParent", Preference::Is(false)),
    ("dom.disable_beforeunload", Preference::Is(false)),
    ("dom.disable_open_during_load", Preference::Is(false)),
    ("geo.prompt.testing", Preference::Is(true)),
    ("geo.prompt.testing.allow", Preference::Is(true)),
    // No page asks for it by itself.
    ("browser.chrome.site_icons", Preference::Is(false)),
    ("browser.newtabpage.enabled", Preference::Is(false)),
    // Every page counts as the one being looked at, also the second and third of a test.
    ("focusmanager.testmode", Preference::Is(true)),
    ("dom.timeout.enable_budget_timer_throttling", Preference::Is(false)),
    ("dom.min_background_timeout_value", Preference::Number(4)),
];

#[derive(Clone, Copy)]
enum Preference {
    Is(bool),
    Number(u32),
}

/// A session that was begun. It ends with its browser, or when it is told to.
#[derive(Debug)]
pub(super) struct WebDriverSession {
    http: reqwest::Client,
    /// `http://…/session/…`
    pub(super) url: String,
    capabilities: Value,
}

/// What the browser is to be.
pub(super) struct Wanted<'a> {
    pub(super) engine: Engine,
    pub(super) headless: bool,
    pub(super) args: &'a [String],
    /// Its executable, where it is on this machine.
    pub(super) executable: Option<&'a std::path::Path>,
    pub(super) with_bidi: bool,
}

impl Wanted<'_> {
    fn capabilities(&self, url: &str) -> Value {
        let mut all = json!({ "timeouts": timeouts(), "unhandledPromptBehavior": "ignore" });
        if self.with_bidi {
            all["webSocketUrl"] = true.into();
        }
        match self.engine {
            Engine::Chromium => {
                let args = flags::remote_arguments(self.headless, is_local(url), self.args);
                all["browserName"] = "chrome".into();
                all["goog:chromeOptions"] = json!({ "args": args });
            }
            Engine::Firefox => {
                let preferences = PREFERENCES.iter().map(|(name, value)| {
                    let value = match value {
                        Preference::Is(value) => json!(value),
                        Preference::Number(value) => json!(value),
                    };
                    ((*name).to_owned(), value)
                });
                let headless = self.headless.then(|| "-headless".to_owned());
                let args: Vec<String> = headless.into_iter().chain(self.args.iter().cloned()).collect();
                let mut options = json!({ "args": args, "prefs": preferences.collect::<Value>() });
                if let Some(executable) = self.executable {
                    options["binary"] = json!(executable);
                }
                all["browserName"] = "firefox".into();
                all["moz:firefoxOptions"] = options;
            }
        }
        json!({ "capabilities": { "alwaysMatch": all } })
    }
}

impl WebDriverSession {
    /// Has the driver at this address start a browser.
    pub(super) async fn begin(url: &str, wanted: &Wanted<'_>) -> Result<Self, BrowserError> {
        let failed = |message: String| BrowserError::NoSession { url: url.to_owned(), message };
        let mut http = reqwest::Client::builder().timeout(START);
        if is_local(url) {
            http = http.no_proxy();
        }
        let http = http.build().unwrap_or_default();
        let base = url.trim_end_matches('/');
        let sent = http.post(format!("{base}/session")).json(&wanted.capabilities(url)).send().await;
        let answer = sent.map_err(|error| failed(crate::model::chain(&error)))?;
        let answer: Result<Value, _> = answer.json().await;
        let Ok(answer) = answer else { return Err(failed("what answers there is no driver".to_owned())) };
        let value = &answer["value"];
        let Some(session) = value["sessionId"].as_str() else {
            let said = value["message"].as_str().unwrap_or("it names no session");
            return Err(failed(said.to_owned()));
        };
        let url = format!("{base}/session/{session}");
        Ok(Self { http, url, capabilities: value["capabilities"].clone() })
    }

    /// The socket of its browser, and what is spoken there. Chromium's own protocol where it can be had.
    pub(super) async fn socket(&self) -> Option<(Protocol, String)> {
        let said = |name: &str| self.capabilities[name].as_str().map(str::to_owned);
        if let Some(url) = said("se:cdp") {
            return Some((Protocol::Cdp, url));
        }
        if let Some(url) = self.debugger().await {
            return Some((Protocol::Cdp, url));
        }
        said("webSocketUrl").map(|url| (Protocol::Bidi, url))
    }

    /// Where Chromium itself listens, if that is on this machine.
    async fn debugger(&self) -> Option<String> {
        let address = self.capabilities["goog:chromeOptions"]["debuggerAddress"].as_str()?;
        if !is_local(&self.url) {
            return None;
        }
        let version =
            self.http.get(format!("http://{address}/json/version")).timeout(END).send().await.ok()?;
        let version: Value = version.json().await.ok()?;
        Some(text(&version, "webSocketDebuggerUrl")).filter(|url| !url.is_empty())
    }

    /// Ends it, and its browser.
    pub(super) async fn end(&self) {
        // A driver that is gone has no session either.
        let _ = self.http.delete(&self.url).timeout(END).send().await;
    }
}

/// Whether an address is one of this machine.
pub(super) fn is_local(url: &str) -> bool {
    let host = url.split_once("://").map_or(url, |(_, rest)| rest);
    let host = host.split('/').next().unwrap_or(host);
    let host = host.rsplit_once(':').map_or(host, |(host, _)| host);
    host == "localhost" || host == "[::1]" || host.starts_with("127.")
}
