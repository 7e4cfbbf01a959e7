//! What a sign-in leaves in the browser: kept in memory, put into later sessions, shown nowhere.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::cdp::{Cdp, Page, text};
use super::error::BrowserError;

/// Cookies and local storage after a successful sign-in, and where the sign-in page is.
#[expect(clippy::unsafe_derive_deserialize, reason = "what is unsafe there is inside of tokio's macros")]
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct State {
    /// As the browser's `Storage.setCookies` takes them.
    cookies: Vec<Value>,
    /// Keys and values by origin.
    local_storage: BTreeMap<String, Vec<(String, String)>>,
    /// Address without query where the first page of the sign-in was: who ends there is not signed in.
    sign_in_page: Option<String>,
}

/// The fields of a cookie that can be set; the browser tells more than that.
const COOKIE: &[&str] = &[
    "name",
    "value",
    "domain",
    "path",
    "secure",
    "httpOnly",
    "sameSite",
    "expires",
    "priority",
    "sourceScheme",
    "sourcePort",
    "partitionKey",
];

impl State {
    /// Whether there is nothing that could say who is signed in.
    pub(crate) fn is_empty(&self) -> bool {
        self.cookies.is_empty() && self.local_storage.is_empty()
    }

    /// What a context holds now. Local storage is that of the page's origin.
    pub(super) async fn capture(
        cdp: &Cdp,
        context: &str,
        page: &Page,
        sign_in_page: Option<String>,
    ) -> Result<Self, BrowserError> {
        let cookies = cdp.call("Storage.getCookies", json!({ "browserContextId": context }));
        // A page without an origin has no storage: the access itself throws.
        let storage = page.evaluate(
            "(() => { try { return [location.origin, Object.entries(localStorage)] } catch { return null } })()",
        );
        let (mut cookies, storage) = tokio::try_join!(cookies, storage)?;
        let cookies = cookies["cookies"].as_array_mut().map(std::mem::take).unwrap_or_default();
        let storage: Option<(String, Vec<(String, String)>)> =
            serde_json::from_value(storage).unwrap_or_default();
        Ok(Self {
            cookies: cookies.into_iter().map(settable).collect(),
            local_storage: storage.into_iter().filter(|(_, entries)| !entries.is_empty()).collect(),
            sign_in_page,
        })
    }

    /// Makes these the cookies of a context.
    pub(super) async fn put_cookies(&self, cdp: &Cdp, context: &str) -> Result<(), BrowserError> {
        if !self.cookies.is_empty() {
            let params = json!({ "browserContextId": context, "cookies": self.cookies });
            cdp.call("Storage.setCookies", params).await?;
        }
        Ok(())
    }

    /// Has the local storage filled when the page first opens a document of each origin, before any
    /// script of that document, and never again: what the application removes later stays removed.
    pub(super) async fn put_local_storage(&self, page: &Page) -> Result<(), BrowserError> {
        if self.local_storage.is_empty() {
            return Ok(());
        }
        let mut events = page.events();
        page.call("Page.enable", json!({})).await?;
        let mut scripts = BTreeMap::new();
        for (origin, entries) in &self.local_storage {
            let script = json!({ "source": restore(origin, entries) });
            let answer = page.call("Page.addScriptToEvaluateOnNewDocument", script).await?;
            scripts.insert(origin.clone(), text(&answer, "identifier"));
        }
        let page = page.clone();
        tokio::spawn(async move {
            while !scripts.is_empty() {
                let Some(event) = events.recv().await else { return };
                if event.method != "Page.frameNavigated" {
                    continue;
                }
                // A document is announced in the same step in which its scripts are made to run, so
                // this one has run, or will without being there any more for the next.
                if let Some(identifier) = scripts.remove(&text(&event.params["frame"], "securityOrigin")) {
                    let script = json!({ "identifier": identifier });
                    // A page that is gone has no scripts.
                    let _ = page.call("Page.removeScriptToEvaluateOnNewDocument", script).await;
                }
            }
        });
        Ok(())
    }

    /// Whether a page that was asked for at `asked` and is now at `landed` says that nobody is signed
    /// in: the document was refused, or it is the sign-in page instead of what was asked for.
    pub(super) fn is_refused(&self, asked: &str, landed: &str, status: u64) -> bool {
        let sign_in_page = self.sign_in_page.as_deref();
        let asked_for_it = sign_in_page == Some(without_query(asked));
        !asked_for_it && (status == 401 || sign_in_page == Some(without_query(landed)))
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("State")
            .field("cookies", &self.cookies.len())
            .field("local_storage", &self.local_storage.keys().collect::<Vec<_>>())
            .field("sign_in_page", &self.sign_in_page)
            .finish()
    }
}

/// An address up to its query or fragment.
pub(super) fn without_query(url: &str) -> &str {
    url.split(['?', '#']).next().unwrap_or(url)
}

/// A cookie as it can be set again.
fn settable(cookie: Value) -> Value {
    let Value::Object(mut cookie) = cookie else { return cookie };
    cookie.retain(|field, value| {
        // A cookie that ends with the browser session is told with the date -1.
        COOKIE.contains(&field.as_str()) && !(field == "expires" && value.as_f64().is_some_and(|at| at < 0.0))
    });
    Value::Object(cookie)
}

/// The script that restores one origin, and does nothing in documents of others.
fn restore(origin: &str, entries: &[(String, String)]) -> String {
    let (origin, entries) = (json!(origin), json!(entries));
    format!(
        "if (location.origin === {origin}) {{ \
           try {{ \
             localStorage.clear(); \
             for (const [key, value] of {entries}) localStorage.setItem(key, value) \
           }} catch {{}} \
         }}"
    )
}
