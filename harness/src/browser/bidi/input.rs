//! The mouse and the keyboard, from Chromium's words into BiDi's.

use serde_json::{Value, json};

use super::contexts::target;
use super::script::gone;
use super::{Bidi, text};
use crate::browser::error::BrowserError;

/// Keys that have no character, by the standard's characters for them.
const KEYS: &[(&str, char)] = &[
    ("Backspace", '\u{e003}'),
    ("Tab", '\u{e004}'),
    ("Enter", '\u{e006}'),
    ("Shift", '\u{e008}'),
    ("Control", '\u{e009}'),
    ("Alt", '\u{e00a}'),
    ("Escape", '\u{e00c}'),
    ("PageUp", '\u{e00e}'),
    ("PageDown", '\u{e00f}'),
    ("End", '\u{e010}'),
    ("Home", '\u{e011}'),
    ("ArrowLeft", '\u{e012}'),
    ("ArrowUp", '\u{e013}'),
    ("ArrowRight", '\u{e014}'),
    ("ArrowDown", '\u{e015}'),
    ("Insert", '\u{e016}'),
    ("Delete", '\u{e017}'),
    ("F1", '\u{e031}'),
    ("F2", '\u{e032}'),
    ("F3", '\u{e033}'),
    ("F4", '\u{e034}'),
    ("F5", '\u{e035}'),
    ("F6", '\u{e036}'),
    ("F7", '\u{e037}'),
    ("F8", '\u{e038}'),
    ("F9", '\u{e039}'),
    ("F10", '\u{e03a}'),
    ("F11", '\u{e03b}'),
    ("F12", '\u{e03c}'),
    ("Meta", '\u{e03d}'),
];

/// The frame in which the focus is, if it is in one of this document.
const FOCUSED: &str = "() => { let at = document.activeElement; \
                       while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement; \
                       return at?.contentWindow ?? null }";
/// As one piece of input that can be taken back. Nothing takes the place of what is selected, too.
const INSERT: &str = "(text) => void document.execCommand(text ? 'insertText' : 'delete', false, text)";

impl Bidi {
    /// `Input.dispatchMouseEvent`
    pub(super) async fn mouse(&self, page: &str, params: &Value) -> Result<Value, BrowserError> {
        let button = match params["button"].as_str() {
            Some("middle") => 1,
            Some("right") => 2,
            _ => 0,
        };
        let turn = self.turn(page);
        let _turn = turn.lock().await;
        let does = match params["type"].as_str() {
            Some("mousePressed") => {
                if params["clickCount"] == 1 {
                    // It would take two clicks at one place for a double one.
                    self.wire.call("input.releaseActions", json!({ "context": page })).await.map_err(gone)?;
                    self.place(page, params).await?;
                }
                json!({ "type": "pointerDown", "button": button })
            }
            Some("mouseReleased") => json!({ "type": "pointerUp", "button": button }),
            _ => return self.place(page, params).await,
        };
        self.with_mouse(page, does).await
    }

    async fn place(&self, page: &str, params: &Value) -> Result<Value, BrowserError> {
        let to = json!({ "type": "pointerMove", "x": params["x"], "y": params["y"], "origin": "viewport" });
        self.with_mouse(page, to).await
    }

    async fn with_mouse(&self, page: &str, does: Value) -> Result<Value, BrowserError> {
        let mouse = json!({
            "type": "pointer", "id": "mouse", "parameters": { "pointerType": "mouse" }, "actions": [does],
        });
        self.act(page, mouse).await
    }

    /// `Input.dispatchKeyEvent`
    pub(super) async fn key(&self, page: &str, params: &Value) -> Result<Value, BrowserError> {
        let name = text(params, "key");
        let known = KEYS.iter().find(|(known, _)| *known == name);
        let value = known.map_or(name, |(_, value)| value.to_string());
        let kind = if params["type"] == "keyUp" { "keyUp" } else { "keyDown" };
        let keyboard =
            json!({ "type": "key", "id": "keyboard", "actions": [{ "type": kind, "value": value }] });
        let turn = self.turn(page);
        let _turn = turn.lock().await;
        self.look_at(page).await?;
        self.act(page, keyboard).await
    }

    async fn act(&self, page: &str, source: Value) -> Result<Value, BrowserError> {
        let actions = json!({ "context": page, "actions": [source] });
        self.wire.call_patiently("input.performActions", actions).await.map_err(gone)
    }

    /// `Input.insertText`
    pub(super) async fn insert(&self, page: &str, params: &Value) -> Result<Value, BrowserError> {
        let turn = self.turn(page);
        let _turn = turn.lock().await;
        self.look_at(page).await?;
        let mut frame = page.to_owned();
        loop {
            let script = json!({
                "functionDeclaration": FOCUSED, "awaitPromise": false, "target": target(&frame, true),
            });
            let answer = self.wire.call("script.callFunction", script).await.map_err(gone)?;
            match answer["result"]["value"]["context"].as_str() {
                Some(inner) => inner.clone_into(&mut frame),
                None => break,
            }
        }
        self.ask_script(&frame, true, INSERT, std::slice::from_ref(&params["text"])).await
    }

    /// Only one window has the focus.
    async fn look_at(&self, page: &str) -> Result<(), BrowserError> {
        if self.state().contexts.look_at(page) {
            self.wire.call("browsingContext.activate", json!({ "context": page })).await.map_err(gone)?;
        }
        Ok(())
    }
}
