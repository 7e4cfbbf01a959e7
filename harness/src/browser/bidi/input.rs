//! The mouse and the keyboard, from Chromium's words into BiDi's.

use std::time::Duration;

use serde_json::{Value, json};

use super::realms::target;
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

/// Where a place of a document is in the frame that is there, if one is.
const IN_FRAME: &str = "(x, y) => { \
    let at = document.elementFromPoint(x, y); \
    while (at?.shadowRoot) { const inner = at.shadowRoot.elementFromPoint(x, y); if (!inner || inner === at) break; at = inner; } \
    if (!at?.contentWindow) return null; \
    const edge = at.getBoundingClientRect(), scale = edge.width / at.offsetWidth || 1; \
    return [at.contentWindow, (x - edge.left) / scale - at.clientLeft, (y - edge.top) / scale - at.clientTop] }";

/// Less than anybody sees, in CSS pixels.
const A_LITTLE: f64 = 0.125;

/// How long a page may take to tell what an input has begun.
const SETTLE: Duration = Duration::from_millis(250);

/// Where in which frame.
struct Spot {
    frame: String,
    /// What has to be added to a place in the window.
    by: (f64, f64),
}

impl Bidi {
    /// Events of the mouse, or of the keyboard, one after another.
    pub(in crate::browser) async fn input(
        &self,
        page: &str,
        method: &'static str,
        events: &[Value],
    ) -> Result<(), BrowserError> {
        let turn = self.turn(page);
        let mut at = turn.lock().await;
        if method == "Input.dispatchKeyEvent" {
            self.look_at(page).await?;
            let actions: Value = events.iter().map(key).collect();
            let is_among_strangers = self.state().contexts.has_strangers(page);
            let frame = if is_among_strangers { self.focused(page).await? } else { page.to_owned() };
            self.act(&frame, json!({ "type": "key", "id": "keyboard", "actions": actions })).await?;
            self.settle(page).await;
            return Ok(());
        }
        let spot = self.spot(page, events).await?;
        let actions: Value = events.iter().map(|event| mouse(event, spot.by, &mut at)).collect();
        let mouse = json!({
            "type": "pointer", "id": "mouse", "parameters": { "pointerType": "mouse" }, "actions": actions,
        });
        self.act(&spot.frame, mouse).await?;
        if events.iter().any(|event| event["type"] == "mouseReleased") {
            self.settle(page).await;
        }
        Ok(())
    }

    /// Waits until what the input has begun is told: the browser answers before it says that it goes elsewhere. A page that is
    /// busy with it, or asks something, is not waited for.
    async fn settle(&self, page: &str) {
        if self.state().contexts.has_dialog(page) {
            return;
        }
        let asked = self.ask_script(page, true, "() => 0", &[]);
        let _ = tokio::time::timeout(SETTLE, asked).await;
    }

    /// In which frame the first of the events is: what is in one of another site's the browser leads no events to.
    async fn spot(&self, page: &str, events: &[Value]) -> Result<Spot, BrowserError> {
        let mut spot = Spot { frame: page.to_owned(), by: (0.0, 0.0) };
        if !self.state().contexts.has_strangers(page) {
            return Ok(spot);
        }
        let number = |value: &Value| value.as_f64().unwrap_or_default();
        let first = events.first().cloned().unwrap_or_default();
        let (mut x, mut y) = (number(&first["x"]), number(&first["y"]));
        loop {
            let script = json!({
                "functionDeclaration": IN_FRAME,
                "awaitPromise": false,
                "target": target(&spot.frame, true),
                "arguments": [{ "type": "number", "value": x }, { "type": "number", "value": y }],
            });
            let answer = self.wire.call("script.callFunction", script).await.map_err(gone)?;
            let found = &answer["result"]["value"];
            let Some(frame) = found[0]["value"]["context"].as_str() else { return Ok(spot) };
            frame.clone_into(&mut spot.frame);
            (x, y) = (number(&found[1]["value"]), number(&found[2]["value"]));
            spot.by = (x - number(&first["x"]), y - number(&first["y"]));
        }
    }

    async fn act(&self, context: &str, source: Value) -> Result<(), BrowserError> {
        let actions = json!({ "context": context, "actions": [source] });
        self.wire.call_patiently("input.performActions", actions).await.map_err(gone)?;
        Ok(())
    }

    /// `Input.insertText`
    pub(super) async fn insert(&self, page: &str, params: &Value) -> Result<Value, BrowserError> {
        let turn = self.turn(page);
        let _turn = turn.lock().await;
        self.look_at(page).await?;
        let frame = self.focused(page).await?;
        self.ask_script(&frame, true, INSERT, std::slice::from_ref(&params["text"])).await
    }

    /// The frame that has the focus.
    async fn focused(&self, page: &str) -> Result<String, BrowserError> {
        let mut frame = page.to_owned();
        loop {
            let script = json!({
                "functionDeclaration": FOCUSED, "awaitPromise": false, "target": target(&frame, true),
            });
            let answer = self.wire.call("script.callFunction", script).await.map_err(gone)?;
            match answer["result"]["value"]["context"].as_str() {
                Some(inner) => inner.clone_into(&mut frame),
                None => return Ok(frame),
            }
        }
    }

    /// Only one window has the focus.
    async fn look_at(&self, page: &str) -> Result<(), BrowserError> {
        if self.state().contexts.look_at(page) {
            self.wire.call("browsingContext.activate", json!({ "context": page })).await.map_err(gone)?;
        }
        Ok(())
    }
}

/// One of its events; `at` is where the mouse was last.
fn mouse(event: &Value, by: (f64, f64), at: &mut Option<(f64, f64)>) -> Value {
    let button = match event["button"].as_str() {
        Some("middle") => 1,
        Some("right") => 2,
        _ => 0,
    };
    let number = |field: &str| event[field].as_f64().unwrap_or_default();
    match event["type"].as_str() {
        Some("mousePressed") => json!({ "type": "pointerDown", "button": button }),
        Some("mouseReleased") => json!({ "type": "pointerUp", "button": button }),
        _ => {
            let (mut x, y) = (number("x") + by.0, number("y") + by.1);
            // A mouse that does not move moves over nothing: what has come there meanwhile would not be told.
            if *at == Some((x, y)) {
                x += A_LITTLE;
            }
            *at = Some((x, y));
            json!({ "type": "pointerMove", "x": x, "y": y, "origin": "viewport" })
        }
    }
}

fn key(event: &Value) -> Value {
    let name = text(event, "key");
    let known = KEYS.iter().find(|(known, _)| *known == name);
    let value = known.map_or(name, |(_, value)| value.to_string());
    json!({ "type": if event["type"] == "keyUp" { "keyUp" } else { "keyDown" }, "value": value })
}
