//! The frames of a page and what is open over it, as its events tell.

use std::collections::HashMap;

use serde_json::Value;

use super::Obstacle;
use crate::browser::cdp::{Page, text};
use crate::browser::script::WORLD;

/// See the module.
#[derive(Debug)]
pub(super) struct Frames {
    page: Page,
    /// The outermost frame.
    main: String,
    /// The script's world in each frame.
    worlds: HashMap<String, World>,
    dialog: Option<(String, String)>,
    closed: bool,
    crashed: bool,
}

#[derive(Debug)]
struct World {
    page: Page,
    id: i64,
    has_script: bool,
}

/// What an event means.
pub(super) enum Heard {
    Nothing,
    Change,
    /// A frame of another process, or a worker, was attached, by this session.
    Frame(String),
    Worker(String),
}

impl Frames {
    pub(super) fn new(page: Page, main: &str) -> Self {
        let main = main.to_owned();
        Self { page, main, worlds: HashMap::new(), dialog: None, closed: false, crashed: false }
    }

    pub(super) fn main(&self) -> &str {
        &self.main
    }

    /// What is in the way of everything.
    pub(super) fn obstacle(&self) -> Option<Obstacle> {
        if self.closed {
            return Some(Obstacle::Closed);
        }
        if self.crashed {
            return Some(Obstacle::Crashed);
        }
        let (kind, message) = self.dialog.clone()?;
        Some(Obstacle::Dialog { kind, message })
    }

    /// The world of a frame, and whether it is asked for the first time.
    pub(super) fn world(&mut self, frame: &str) -> Option<(Page, i64, bool)> {
        let world = self.worlds.get_mut(frame)?;
        let is_new = !std::mem::replace(&mut world.has_script, true);
        Some((world.page.clone(), world.id, is_new))
    }

    /// Takes note of an event of the page, or of a part of it that has a session of its own.
    pub(super) fn hear(&mut self, page: &Page, method: &str, params: &Value) -> Heard {
        match method {
            "Runtime.executionContextCreated" => {
                let context = &params["context"];
                let (Some(id), true) = (context["id"].as_i64(), context["name"] == WORLD) else {
                    return Heard::Nothing;
                };
                let world = World { page: page.clone(), id, has_script: false };
                self.worlds.insert(text(&context["auxData"], "frameId"), world);
            }
            "Runtime.executionContextDestroyed" => {
                let id = params["executionContextId"].as_i64();
                self.worlds.retain(|_, world| !(world.page.is(page) && Some(world.id) == id));
            }
            "Runtime.executionContextsCleared" => self.worlds.retain(|_, world| !world.page.is(page)),
            "Page.javascriptDialogOpening" => {
                self.dialog = Some((text(params, "type"), text(params, "message")));
            }
            "Page.javascriptDialogClosed" => self.dialog = None,
            "Inspector.targetCrashed" => self.crashed = true,
            // A page that is loaded again has another process.
            "Inspector.targetReloadedAfterCrash" => self.crashed = false,
            "Target.attachedToTarget" if params["targetInfo"]["type"] == "iframe" => {
                return Heard::Frame(text(params, "sessionId"));
            }
            "Target.attachedToTarget" => return Heard::Worker(text(params, "sessionId")),
            "Target.detachedFromTarget" => {
                let session = text(params, "sessionId");
                self.worlds.retain(|_, world| !world.page.is_session(&session));
                self.closed |= self.page.is_session(&session);
            }
            _ => return Heard::Nothing,
        }
        Heard::Change
    }
}
