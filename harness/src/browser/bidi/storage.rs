//! Cookies, from Chromium's words into BiDi's and back.

use futures_util::future::try_join_all;
use serde_json::{Value, json};

use super::{Bidi, text};
use crate::browser::error::BrowserError;

impl Bidi {
    /// `Storage.getCookies`
    pub(super) async fn cookies(&self, params: &Value) -> Result<Value, BrowserError> {
        let of = json!({ "partition": partition(params) });
        let answer = self.wire.call("storage.getCookies", of).await?;
        let cookies = answer["cookies"].as_array().map(Vec::as_slice).unwrap_or_default();
        Ok(json!({ "cookies": cookies.iter().map(ours).collect::<Value>() }))
    }

    /// `Storage.setCookies`
    pub(super) async fn set_cookies(&self, params: &Value) -> Result<Value, BrowserError> {
        let cookies = params["cookies"].as_array().map(Vec::as_slice).unwrap_or_default();
        let setting = cookies.iter().map(|cookie| {
            let cookie = json!({ "cookie": theirs(cookie), "partition": partition(params) });
            self.wire.call("storage.setCookie", cookie)
        });
        try_join_all(setting).await?;
        Ok(json!({}))
    }
}

pub(super) fn partition(params: &Value) -> Value {
    json!({ "type": "storageKey", "userContext": params["browserContextId"] })
}

fn ours(cookie: &Value) -> Value {
    let mut ours = json!({
        "name": cookie["name"],
        "value": cookie["value"]["value"],
        "domain": cookie["domain"],
        "path": cookie["path"],
        "secure": cookie["secure"],
        "httpOnly": cookie["httpOnly"],
        // Of the session: as Chromium has it.
        "expires": cookie["expiry"].as_i64().unwrap_or(-1),
    });
    let same_site = match cookie["sameSite"].as_str() {
        Some("strict") => "Strict",
        Some("lax") => "Lax",
        Some("none") => "None",
        _ => return ours,
    };
    ours["sameSite"] = same_site.into();
    ours
}

fn theirs(cookie: &Value) -> Value {
    let mut theirs = json!({
        "name": cookie["name"],
        "value": { "type": "string", "value": cookie["value"] },
        "domain": cookie["domain"],
        "path": cookie["path"],
        "secure": cookie["secure"],
        "httpOnly": cookie["httpOnly"],
    });
    if cookie["sameSite"].is_string() {
        theirs["sameSite"] = text(cookie, "sameSite").to_lowercase().into();
    }
    if let Some(expires) = cookie["expires"].as_i64().filter(|expires| *expires >= 0) {
        theirs["expiry"] = expires.into();
    }
    theirs
}
