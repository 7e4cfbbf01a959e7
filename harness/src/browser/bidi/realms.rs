//! Where scripts run: a document's own world and ours beside it, as BiDi tells of them.

use serde_json::{Value, json};
use tokio::sync::watch;

use super::contexts::Contexts;
use super::{State, Told, text};
use crate::browser::script::WORLD;

/// A document's own world, and ours beside it.
#[derive(Debug)]
pub(super) struct Realm {
    pub(super) context: String,
    worlds: [u64; 2],
    /// Ends with the document.
    _alive: watch::Sender<()>,
}

/// Where a script runs.
#[derive(Debug, Clone)]
pub(super) struct World {
    pub(super) context: String,
    pub(super) is_ours: bool,
    /// Is closed when the document is gone.
    pub(super) alive: watch::Receiver<()>,
}

impl World {
    pub(super) fn target(&self) -> Value {
        target(&self.context, self.is_ours)
    }
}

pub(super) fn target(context: &str, is_ours: bool) -> Value {
    if is_ours { json!({ "context": context, "sandbox": WORLD }) } else { json!({ "context": context }) }
}

impl Contexts {
    pub(super) fn world(&self, number: u64) -> Option<World> {
        self.worlds.get(&number).cloned()
    }

    /// The page's own world.
    pub(super) fn own_world(&self, context: &str) -> Option<World> {
        let of = |world: &&World| world.context == context && !world.is_ours;
        self.worlds.values().find(of).cloned()
    }

    pub(super) fn forget(&mut self, realm: &str) -> Option<Realm> {
        let realm = self.realms.remove(realm)?;
        for world in realm.worlds {
            self.worlds.remove(&world);
        }
        Some(realm)
    }
}

impl Realm {
    pub(super) fn destroyed(&self, page: &str) -> impl Iterator<Item = Told> + use<> {
        let page = page.to_owned();
        self.worlds.into_iter().map(move |world| {
            let params = json!({ "executionContextId": world });
            (Some(page.clone()), "Runtime.executionContextDestroyed", params)
        })
    }
}

impl State {
    pub(super) fn hear_realm(&mut self, event: &str, params: &Value) -> Vec<Told> {
        let realm = text(params, "realm");
        match event {
            "realmCreated" if params["type"] == "window" && params.get("sandbox").is_none() => {
                let context = text(params, "context");
                if let Some(known) = self.contexts.known.get_mut(&context) {
                    known.origin = text(params, "origin");
                }
                self.realm_begins(realm, &context)
            }
            "realmDestroyed" => {
                let Some(realm) = self.contexts.forget(&realm) else { return Vec::new() };
                realm.destroyed(&self.contexts.page_of(&realm.context)).collect()
            }
            _ => Vec::new(),
        }
    }

    fn realm_begins(&mut self, realm: String, context: &str) -> Vec<Told> {
        let page = self.contexts.page_of(context);
        let before = self.contexts.realms.iter().find(|(_, realm)| realm.context == context);
        let before = before.map(|(name, _)| name.clone());
        let mut told: Vec<Told> = Vec::new();
        if let Some(before) = before.and_then(|before| self.contexts.forget(&before)) {
            told.extend(before.destroyed(&page));
        }
        let worlds = [self.number(), self.number()];
        let (sender, alive) = watch::channel(());
        for (world, is_ours) in worlds.into_iter().zip([false, true]) {
            let known = World { context: context.to_owned(), is_ours, alive: alive.clone() };
            self.contexts.worlds.insert(world, known);
            let description = json!({ "context": {
                "id": world,
                "name": if is_ours { WORLD } else { "" },
                "auxData": { "frameId": context, "isDefault": !is_ours },
            } });
            told.push((Some(page.clone()), "Runtime.executionContextCreated", description));
        }
        self.contexts.realms.insert(realm, Realm { context: context.to_owned(), worlds, _alive: sender });
        told
    }
}
