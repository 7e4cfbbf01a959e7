//! Dragging: with the mouse alone, or, where the page lets the browser drag something, as drag and drop of HTML.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::mpsc::UnboundedReceiver;

use super::input::Point;
use super::{Obstacle, Tab};
use crate::browser::cdp::Event;
use crate::browser::error::BrowserError;

/// So far the mouse is moved until the browser takes it for dragging.
const BEGINNING: f64 = 8.0;
/// And in so many steps from there on, for what looks where it has been.
const STEPS: u32 = 5;

/// A drag on its way.
pub(in crate::browser) struct Drag {
    at: Point,
    /// What the browser drags, if it does.
    data: Option<Value>,
}

impl Tab {
    /// Begins to drag what was taken, in the direction of a place.
    pub(in crate::browser) async fn begin_drag(
        &self,
        frame: &str,
        from: Point,
        towards: Point,
        limit: Duration,
    ) -> Result<Drag, Obstacle> {
        // Otherwise the browser waits for a person's mouse.
        self.intercept(true).await?;
        let mut events = self.page().events();
        let length = (towards.x - from.x).hypot(towards.y - from.y).max(1.0);
        let at = along(from, towards, (BEGINNING / length).min(1.0));
        let begun = async {
            self.pull(&[along(from, at, 0.5), at]).await?;
            let request = json!({ "operation": "dragged" });
            let answer = self.ask(frame, &request, limit).await;
            if !answer.is_ok_and(|answer| answer["value"] == true) {
                return Ok(None);
            }
            if self.page().drags_itself() {
                let what = "to drag what HTML lets be dragged (`draggable`)";
                return Err(Obstacle::Browser(BrowserError::NotThere { what }));
            }
            self.unless_in_the_way(intercepted(&mut events, limit)).await.map(Some)
        };
        let data = begun.await;
        if data.is_err() {
            // Nothing stays half done; what failed is told.
            let _ = self.drop_at(at).await;
            let _ = self.intercept(false).await;
        }
        Ok(Drag { at, data: data? })
    }

    /// Drags it to a place, and lets it go.
    pub(in crate::browser) async fn drop_drag(&self, drag: Drag, to: Point) -> Result<(), Obstacle> {
        let dropped = if let Some(data) = drag.data {
            // The page hears of no button that is let go, as when a person drags.
            self.drop_data(&data, to).await
        } else {
            let share = |step: u32| f64::from(step) / f64::from(STEPS);
            let path: Vec<Point> = (1..=STEPS).map(|step| along(drag.at, to, share(step))).collect();
            let moved = self.pull(&path).await;
            moved.and(self.drop_at(to).await)
        };
        dropped.and(self.intercept(false).await)
    }

    /// One event after another: each waits for what the page makes of it.
    async fn drop_data(&self, data: &Value, to: Point) -> Result<(), Obstacle> {
        for kind in ["dragEnter", "dragOver", "dragOver", "drop"] {
            let event = json!({ "type": kind, "x": to.x, "y": to.y, "data": data });
            self.send_all("Input.dispatchDragEvent", vec![event]).await?;
        }
        Ok(())
    }

    async fn intercept(&self, enabled: bool) -> Result<(), Obstacle> {
        let intercepting = self.page().call("Input.setInterceptDrags", json!({ "enabled": enabled }));
        match self.unless_in_the_way(intercepting).await {
            Err(Obstacle::Browser(error)) => Err(Obstacle::Browser(error)),
            // A drop may lead elsewhere, as a click may.
            _ => Ok(()),
        }
    }
}

/// A place on the way from one to the other.
fn along(from: Point, to: Point, share: f64) -> Point {
    Point { x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share }
}

/// What is dragged, as the browser has it.
async fn intercepted(events: &mut UnboundedReceiver<Event>, limit: Duration) -> Result<Value, BrowserError> {
    let look = async {
        while let Some(mut event) = events.recv().await {
            if event.method == "Input.dragIntercepted" {
                return Ok(event.params["data"].take());
            }
        }
        Err(BrowserError::Closing)
    };
    let method = "Input.dragIntercepted";
    tokio::time::timeout(limit, look).await.unwrap_or(Err(BrowserError::NoAnswer { method, waited: limit }))
}
