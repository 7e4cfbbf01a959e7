//! The mouse and the keyboard of a page: what the browser makes of them are events like those of a person.

use std::time::Duration;

use serde_json::{Value, json};

use super::keys::{Chord, Key};
use super::{Obstacle, Tab};

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

impl Tab {
    /// Moves the mouse there and clicks so often.
    pub(in crate::browser) async fn click(
        &self,
        at: Point,
        button: Button,
        times: u32,
        modifiers: u8,
    ) -> Result<(), Obstacle> {
        let mut events = vec![mouse("mouseMoved", at, None, 0, modifiers)];
        for count in 1..=times {
            events.push(mouse("mousePressed", at, Some(button), count, modifiers));
            events.push(mouse("mouseReleased", at, Some(button), count, modifiers));
        }
        self.mouse(events).await
    }

    /// Moves the mouse there.
    pub(in crate::browser) async fn hover(&self, at: Point, modifiers: u8) -> Result<(), Obstacle> {
        self.mouse(vec![mouse("mouseMoved", at, None, 0, modifiers)]).await
    }

    /// All events are on their way at once: the browser keeps them in order, and one that is still to come has it deal with
    /// a movement before the next frame.
    async fn mouse(&self, events: Vec<Value>) -> Result<(), Obstacle> {
        let sending = events
            .into_iter()
            .map(|event| self.page().call_within(NOTICE, "Input.dispatchMouseEvent", event));
        let sending = futures_util::future::try_join_all(sending);
        let sent = self.unless_in_the_way(async { sending.await.map(|_| Value::Null) }).await;
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
        let sending =
            events.into_iter().map(|event| self.page().call_within(NOTICE, "Input.dispatchKeyEvent", event));
        let sending = futures_util::future::try_join_all(sending);
        let sent = self.unless_in_the_way(async { sending.await.map(|_| Value::Null) }).await;
        consequence(sent)
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
    let pressed = button.filter(|_| kind == "mousePressed").map_or(0, Button::bit);
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
