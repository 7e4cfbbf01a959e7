//! The mouse and the keyboard of a page: what the browser makes of them are events like those of a person.

use std::time::Duration;

use serde_json::{Value, json};

use super::keys::{Chord, Key, Modifier};
use super::{Obstacle, Tab};
use crate::browser::error::BrowserError;
use crate::browser::locator::read::Rect;

/// How long a page may take to notice: while it is busy it notices nothing.
const NOTICE: Duration = Duration::from_secs(30);

/// A place in the window, in CSS pixels from its upper left corner.
#[derive(Debug, Clone, Copy, PartialEq, serde::Deserialize)]
pub(in crate::browser) struct Point {
    pub(in crate::browser) x: f64,
    pub(in crate::browser) y: f64,
}

/// A button of the mouse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Button {
    /// The one for everything.
    #[default]
    Left,
    /// The wheel.
    Middle,
    /// The one for the context menu.
    Right,
}

impl Button {
    fn name(self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::Middle => "middle",
            Self::Right => "right",
        }
    }

    /// Its bit among the buttons that are down.
    fn bit(self) -> u8 {
        match self {
            Self::Left => 1,
            Self::Right => 2,
            Self::Middle => 4,
        }
    }
}

/// Who got what the mouse did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::browser) enum Verdict {
    /// The element for which it was meant, as far as anybody knows.
    Hit,
    /// Nobody: this would have got it.
    Missed(String),
    /// Something else, which could not be spared.
    Elsewhere(String),
}

impl Tab {
    /// Moves the mouse there and clicks so often.
    pub(in crate::browser) async fn click(
        &self,
        at: Point,
        button: Button,
        times: u32,
        held: &[Modifier],
    ) -> Result<(), Obstacle> {
        let mut modifiers = 0;
        let mut keys = Vec::new();
        for modifier in held {
            modifiers |= modifier.bit;
            keys.push(key("rawKeyDown", &modifier.key, modifiers));
        }
        self.keyboard(keys).await?;
        let mut events = vec![mouse("mouseMoved", at, None, 0, modifiers)];
        for count in 1..=times {
            events.push(mouse("mousePressed", at, Some(button), count, modifiers));
            events.push(mouse("mouseReleased", at, Some(button), count, modifiers));
        }
        let clicked = self.mouse(events).await;
        let mut keys = Vec::new();
        for modifier in held.iter().rev() {
            modifiers &= !modifier.bit;
            keys.push(key("keyUp", &modifier.key, modifiers));
        }
        // They do not stay down, whatever became of the click.
        let released = self.keyboard(keys).await;
        clicked.and(released)
    }

    /// Moves the mouse there.
    pub(in crate::browser) async fn hover(&self, at: Point) -> Result<(), Obstacle> {
        self.mouse(vec![mouse("mouseMoved", at, None, 0, 0)]).await
    }

    /// Presses the button there, and keeps it down.
    pub(in crate::browser) async fn take(&self, at: Point) -> Result<(), Obstacle> {
        let left = Some(Button::Left);
        self.mouse(vec![mouse("mouseMoved", at, None, 0, 0), mouse("mousePressed", at, left, 1, 0)]).await
    }

    /// Moves the mouse with its button down.
    pub(super) async fn pull(&self, places: &[Point]) -> Result<(), Obstacle> {
        let pulled = |at: &Point| mouse("mouseMoved", *at, Some(Button::Left), 0, 0);
        self.mouse(places.iter().map(pulled).collect()).await
    }

    /// Lets the button go.
    pub(in crate::browser) async fn drop_at(&self, at: Point) -> Result<(), Obstacle> {
        self.mouse(vec![mouse("mouseReleased", at, Some(Button::Left), 1, 0)]).await
    }

    /// Does something with the mouse, and hears of the guard in this frame who got it. Both are on their way at once.
    pub(in crate::browser) async fn guarded(
        &self,
        frame: &str,
        input: impl Future<Output = Result<(), Obstacle>>,
    ) -> Result<Verdict, Obstacle> {
        use futures_util::future::{Either, select};

        let request = json!({ "operation": "verdict" });
        let verdict = std::pin::pin!(self.ask(frame, &request, NOTICE));
        let input = std::pin::pin!(input);
        let (sent, verdict) = match select(verdict, input).await {
            Either::Left((verdict, input)) => {
                let sent = input.await;
                (sent, verdict)
            }
            Either::Right((sent, verdict)) => {
                // No event came to the guard, or its word is late.
                self.unguard(frame).await;
                (sent, verdict.await)
            }
        };
        if sent.is_err() {
            self.unguard(frame).await;
        }
        sent?;
        let Ok(verdict) = verdict else { return Ok(Verdict::Hit) };
        let verdict = &verdict["value"];
        if let Some(missed) = verdict["missed"].as_str() {
            self.unguard(frame).await;
            return Ok(Verdict::Missed(missed.to_owned()));
        }
        match verdict["covering"].as_str() {
            Some(covering) => Ok(Verdict::Elsewhere(covering.to_owned())),
            None => Ok(Verdict::Hit),
        }
    }

    /// Lets every event through again.
    pub(in crate::browser) async fn unguard(&self, frame: &str) {
        // What is gone guards nothing.
        let _ = self.ask(frame, &json!({ "operation": "settle" }), Duration::ZERO).await;
    }

    /// A part of the page as a PNG picture.
    pub(in crate::browser) async fn picture(&self, area: Rect) -> Result<Vec<u8>, Obstacle> {
        let metrics = self.unless_in_the_way(self.page().call("Page.getLayoutMetrics", json!({}))).await?;
        let window = &metrics["cssVisualViewport"];
        let number = |field: &str| window[field].as_f64().unwrap_or_default();
        let fits = area.x >= 0.0
            && area.y >= 0.0
            && area.x + area.width <= number("clientWidth")
            && area.y + area.height <= number("clientHeight");
        let clip = json!({
            "x": area.x + number("pageX"),
            "y": area.y + number("pageY"),
            "width": area.width,
            "height": area.height,
            "scale": 1,
        });
        let params = json!({ "format": "png", "clip": clip, "captureBeyondViewport": !fits });
        let answer = self.unless_in_the_way(self.page().call("Page.captureScreenshot", params)).await?;
        let data = answer["data"].as_str().unwrap_or_default();
        thirtyfour::support::base64_decode(data)
            .map_err(|_| Obstacle::Browser(BrowserError::NoPicture { what: "picture" }))
    }

    /// All events are on their way at once: the browser keeps them in order, and one that is still to come has it deal with
    /// a movement before the next frame.
    async fn mouse(&self, events: Vec<Value>) -> Result<(), Obstacle> {
        self.send_all("Input.dispatchMouseEvent", events).await
    }

    async fn keyboard(&self, events: Vec<Value>) -> Result<(), Obstacle> {
        self.send_all("Input.dispatchKeyEvent", events).await
    }

    pub(super) async fn send_all(&self, method: &'static str, events: Vec<Value>) -> Result<(), Obstacle> {
        if events.is_empty() {
            return Ok(());
        }
        let sending = self.page().input(NOTICE, method, events);
        let sent = self.unless_in_the_way(async { sending.await.map(|()| Value::Null) }).await;
        consequence(sent)
    }

    /// Presses and releases a key, with those that are held meanwhile.
    pub(in crate::browser) async fn press(&self, chord: &Chord) -> Result<(), Obstacle> {
        let mut events = Vec::new();
        let mut held = 0;
        for modifier in &chord.modifiers {
            held |= modifier.bit;
            events.push(key("rawKeyDown", &modifier.key, held));
        }
        events.push(key(
            if chord.types(held).is_some() { "keyDown" } else { "rawKeyDown" },
            &chord.key,
            held,
        ));
        if let (Some(down), Some(text)) = (events.last_mut(), chord.types(held)) {
            down["text"] = text.into();
            down["unmodifiedText"] = text.into();
        }
        events.push(key("keyUp", &chord.key, held));
        for modifier in chord.modifiers.iter().rev() {
            held &= !modifier.bit;
            events.push(key("keyUp", &modifier.key, held));
        }
        self.keyboard(events).await
    }

    /// Puts a text where the focus is, in one piece, as an input method does.
    pub(in crate::browser) async fn insert(&self, text: &str) -> Result<(), Obstacle> {
        let sent = self.page().call_within(NOTICE, "Input.insertText", json!({ "text": text }));
        let sent = self.unless_in_the_way(sent).await;
        consequence(sent)
    }
}

/// What an input leads to is not its failure: a dialog that opens, a page that goes elsewhere or closes.
fn consequence(sent: Result<Value, Obstacle>) -> Result<(), Obstacle> {
    match sent {
        Ok(_) | Err(Obstacle::Dialog { .. } | Obstacle::Navigated | Obstacle::Closed) => Ok(()),
        Err(obstacle) => Err(obstacle),
    }
}

fn mouse(kind: &str, at: Point, button: Option<Button>, count: u32, modifiers: u8) -> Value {
    let pressed = button.filter(|_| kind != "mouseReleased").map_or(0, Button::bit);
    json!({
        "type": kind,
        "x": at.x,
        "y": at.y,
        "button": button.map_or("none", Button::name),
        "buttons": pressed,
        "clickCount": count,
        "modifiers": modifiers,
    })
}

fn key(kind: &str, key: &Key, modifiers: u8) -> Value {
    json!({
        "type": kind,
        "key": key.name,
        "code": key.code,
        "windowsVirtualKeyCode": key.number,
        "location": key.location,
        "modifiers": modifiers,
    })
}
