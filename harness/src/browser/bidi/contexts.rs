//! Pages and their frames as BiDi tells of them, and what of it the rooms around know.

use std::collections::{HashMap, HashSet};

use serde_json::{Value, json};
use tokio::sync::{oneshot, watch};

use super::idle::Idle;
use super::realms::{Realm, World};
use super::{State, Told, text};

/// All pages and frames that are there.
#[derive(Debug, Default)]
pub(super) struct Contexts {
    pub(super) known: HashMap<String, Known>,
    /// Where scripts run, by the numbers that they have here.
    pub(super) worlds: HashMap<u64, World>,
    pub(super) realms: HashMap<String, Realm>,
    /// The user contexts that were made here.
    ours: HashSet<String>,
    /// The windows that their pages are in.
    windows: HashSet<String>,
    /// The page that has the focus.
    looked_at: Option<String>,
}

/// A page or a frame.
#[derive(Debug)]
pub(super) struct Known {
    parent: Option<String>,
    user_context: String,
    /// Another page has opened it.
    has_opener: bool,
    /// Of the document that it has at the moment.
    pub(super) origin: String,
    /// So often something was told of where it goes.
    moves: u64,
    documents: u64,
    /// Another document is on its way.
    is_leaving: bool,
    /// What it has told while nobody knew it.
    held: Option<Vec<(&'static str, Value)>>,
    /// Who waits for what becomes of being sent elsewhere.
    going: Option<Going>,
    /// Ends when it has been told to load no further.
    stopping: Option<watch::Receiver<()>>,
    pub(super) dialog: bool,
    pub(super) idle: Idle,
}

/// Somebody has sent a page elsewhere.
#[derive(Debug)]
struct Going {
    navigation: Option<String>,
    outcome: oneshot::Sender<Outcome>,
}

/// What became of it.
#[derive(Debug)]
pub(super) enum Outcome {
    /// Another document, by its navigation.
    Document(String),
    Within,
    Download(String),
    /// With the browser's word.
    Failed(String, String),
}

impl Contexts {
    /// The page that a frame is in.
    pub(super) fn page_of(&self, context: &str) -> String {
        let mut page = context;
        while let Some(parent) = self.known.get(page).and_then(|known| known.parent.as_deref()) {
            page = parent;
        }
        page.to_owned()
    }

    /// A page and all frames in it.
    pub(super) fn all_of(&self, page: &str) -> Vec<String> {
        self.known.keys().filter(|context| self.page_of(context) == page).cloned().collect()
    }

    pub(super) fn held(&mut self, page: &str) -> Option<&mut Vec<(&'static str, Value)>> {
        self.known.get_mut(page)?.held.as_mut()
    }

    /// What was held. Nothing is any more when nothing was.
    pub(super) fn release(&mut self, page: &str) -> Vec<(&'static str, Value)> {
        let Some(known) = self.known.get_mut(page) else { return Vec::new() };
        match &mut known.held {
            Some(held) if held.is_empty() => known.held = None,
            Some(held) => return std::mem::take(held),
            None => {}
        }
        Vec::new()
    }

    /// A user context was made here.
    pub(super) fn is_ours(&mut self, user_context: &str) {
        self.ours.insert(user_context.to_owned());
    }

    /// Whether a page does not have the focus yet, which it is given now.
    pub(super) fn look_at(&mut self, page: &str) -> bool {
        self.looked_at.replace(page.to_owned()).as_deref() != Some(page)
    }

    /// Whether it is the page that a window begins with by itself, beside the one that was asked for.
    pub(super) fn is_stray(&self, created: &Value) -> bool {
        let window = created["clientWindow"].as_str();
        let is_of_window = window.is_some_and(|window| self.windows.contains(window));
        created["userContext"] == "default" && created["parent"].is_null() && is_of_window
    }

    /// Whether there is a page of a context that was made here.
    pub(super) fn has_ours(&self) -> bool {
        self.known.values().any(|known| known.parent.is_none() && self.ours.contains(&known.user_context))
    }

    pub(super) fn has_opener(&self, page: &str) -> bool {
        self.known.get(page).is_some_and(|known| known.has_opener)
    }

    pub(super) fn moves(&self, page: &str) -> u64 {
        self.known.get(page).map_or(0, |known| known.moves)
    }

    /// How many documents it has had.
    pub(super) fn document(&self, page: &str) -> u64 {
        self.known.get(page).map_or(0, |known| known.documents)
    }

    /// Whether a page has frames of another origin in it.
    pub(super) fn has_strangers(&self, page: &str) -> bool {
        let Some(own) = self.known.get(page) else { return false };
        let mut frames = self.all_of(page).into_iter();
        frames.any(|frame| self.known.get(&frame).is_some_and(|known| known.origin != own.origin))
    }

    /// Whether the page is left, or the document is gone, that this was told of.
    pub(super) fn is_leaving(&self, context: &str, realm: &Value) -> bool {
        let is_gone = realm.as_str().is_none_or(|realm| !self.realms.contains_key(realm));
        is_gone || self.known.get(context).is_some_and(|known| known.is_leaving)
    }

    pub(super) fn user_context(&self, page: &str) -> String {
        self.known.get(page).map(|known| known.user_context.clone()).unwrap_or_default()
    }

    /// Whether a page, or a frame of it, has a dialog open.
    pub(super) fn has_dialog(&self, page: &str) -> bool {
        self.all_of(page).iter().any(|context| self.known[context].dialog)
    }

    /// The frame, or the page, of `page` that has a dialog open.
    pub(super) fn with_dialog(&self, page: &str) -> String {
        let open = self.all_of(page).into_iter().find(|context| self.known[context].dialog);
        open.unwrap_or_else(|| page.to_owned())
    }

    /// A page is told to load no further, until what is returned is dropped.
    pub(super) fn stops(&mut self, page: &str) -> watch::Sender<()> {
        let (sender, receiver) = watch::channel(());
        if let Some(known) = self.known.get_mut(page) {
            known.stopping = Some(receiver);
        }
        sender
    }

    pub(super) fn stopping(&mut self, page: &str) -> Option<watch::Receiver<()>> {
        self.known.get_mut(page)?.stopping.take()
    }

    /// Is told what becomes of a page that is about to be sent elsewhere.
    pub(super) fn going(&mut self, page: &str) -> oneshot::Receiver<Outcome> {
        let (outcome, receiver) = oneshot::channel();
        if let Some(known) = self.known.get_mut(page) {
            known.going = Some(Going { navigation: None, outcome });
        }
        receiver
    }

    /// What became of a navigation, if anybody waits for it.
    pub(super) fn gone(&mut self, context: &str, navigation: &str, outcome: impl FnOnce() -> Outcome) {
        let Some(known) = self.known.get_mut(context) else { return };
        let is_it = |going: &mut Going| going.navigation.as_deref() == Some(navigation);
        if let Some(going) = known.going.take_if(is_it) {
            let _ = going.outcome.send(outcome());
        }
    }
}

impl State {
    pub(super) fn hear_context(&mut self, event: &str, params: &Value) -> Vec<Told> {
        let context = text(params, "context");
        match event {
            "contextCreated" => return self.context_begins(context, params),
            "contextDestroyed" => return self.context_ends(&context),
            "downloadWillBegin" | "downloadEnd" => return self.hear_download(event, &context, params),
            "userPromptOpened" | "userPromptClosed" => return self.hear_dialog(event, &context, params),
            _ => {}
        }
        let page = self.contexts.page_of(&context);
        let loader = self.exchanges.loader(&text(params, "navigation"));
        let (navigation, url, is_page) = (text(params, "navigation"), text(params, "url"), page == context);
        let Some(known) = self.contexts.known.get_mut(&context) else { return Vec::new() };
        known.moves += 1;
        let frame = |more: Value| {
            let mut told = json!({ "frameId": context });
            if let (Some(told), Value::Object(more)) = (told.as_object_mut(), more) {
                told.extend(more);
            }
            told
        };
        let (method, told) = match event {
            "navigationStarted" => {
                if let Some(going) = &mut known.going {
                    going.navigation.get_or_insert(navigation);
                }
                known.idle.is_loaded &= !is_page;
                known.is_leaving = true;
                ("Page.frameStartedNavigating", frame(json!({ "navigationType": "differentDocument" })))
            }
            "navigationCommitted" => {
                known.idle.loader.clone_from(&loader);
                known.idle.under_way.clear();
                known.documents += 1;
                known.is_leaving = false;
                let parent = known.parent.clone();
                if !is_error_page(&url) {
                    self.contexts.gone(&context, &navigation, || Outcome::Document(loader.clone()));
                }
                let origin = origin_of(&url);
                let (url, fragment) = url.split_at(url.find('#').unwrap_or(url.len()));
                let frame = json!({ "frame": {
                    "id": context, "parentId": parent, "loaderId": loader, "url": url,
                    "urlFragment": fragment, "securityOrigin": origin,
                } });
                ("Page.frameNavigated", frame)
            }
            "fragmentNavigated" | "historyUpdated" => {
                if let Some(going) = known.going.take_if(|_| event == "fragmentNavigated") {
                    let _ = going.outcome.send(Outcome::Within);
                }
                ("Page.navigatedWithinDocument", frame(json!({ "url": url })))
            }
            "navigationFailed" | "navigationAborted" => {
                known.is_leaving = false;
                let outcome = || Outcome::Failed("ERR_ABORTED".to_owned(), navigation.clone());
                self.contexts.gone(&context, &navigation, outcome);
                ("Page.frameStoppedLoading", frame(json!({})))
            }
            "domContentLoaded" if is_page => ("Page.domContentEventFired", json!({})),
            "load" if is_page => {
                known.idle.is_loaded = true;
                known.idle.events += 1;
                ("Page.loadEventFired", json!({}))
            }
            _ => return Vec::new(),
        };
        vec![(Some(page), method, told)]
    }

    fn context_begins(&mut self, context: String, params: &Value) -> Vec<Told> {
        if self.contexts.known.contains_key(&context) {
            return Vec::new();
        }
        let parent = params["parent"].as_str().map(str::to_owned);
        let user_context = text(params, "userContext");
        let is_page = parent.is_none();
        let is_ours = self.contexts.ours.contains(&user_context);
        if is_page {
            // It comes to the front.
            self.contexts.looked_at = None;
        }
        if is_page && is_ours {
            self.contexts.windows.insert(text(params, "clientWindow"));
        }
        let known = Known {
            parent,
            user_context: user_context.clone(),
            has_opener: params["originalOpener"].is_string(),
            origin: String::new(),
            moves: 0,
            documents: 0,
            is_leaving: false,
            held: (is_page && is_ours).then(Vec::new),
            going: None,
            stopping: None,
            dialog: false,
            idle: Idle { is_loaded: true, ..Idle::default() },
        };
        self.contexts.known.insert(context.clone(), known);
        if !is_page || !is_ours {
            return Vec::new();
        }
        let target = json!({ "targetId": context, "type": "page", "browserContextId": user_context });
        let mut told =
            vec![(None, "Target.attachedToTarget", json!({ "sessionId": context, "targetInfo": target }))];
        if params["originalOpener"].is_string() {
            // It is a document from the beginning, of which nothing else is told if it stays.
            let frame = json!({ "frame": { "id": context, "loaderId": "", "url": params["url"], "securityOrigin": "://" } });
            told.push((Some(context.clone()), "Page.frameNavigated", frame));
            told.push((Some(context), "Page.loadEventFired", json!({})));
        }
        told
    }

    fn context_ends(&mut self, context: &str) -> Vec<Told> {
        let page = self.contexts.page_of(context);
        let of = self.contexts.realms.iter().filter(|(_, realm)| realm.context == context);
        let realms: Vec<String> = of.map(|(name, _)| name.clone()).collect();
        let mut told: Vec<Told> = Vec::new();
        for realm in realms {
            if let Some(realm) = self.contexts.forget(&realm) {
                told.extend(realm.destroyed(&page));
            }
        }
        let known = self.contexts.known.remove(context);
        if known.is_some_and(|known| known.parent.is_none()) {
            // To who waits for it in person.
            told.push((
                None,
                "Target.detachedFromTarget",
                json!({ "sessionId": context, "targetId": context }),
            ));
        }
        told
    }

    fn hear_dialog(&mut self, event: &str, context: &str, params: &Value) -> Vec<Told> {
        let page = self.contexts.page_of(context);
        let is_open = event == "userPromptOpened";
        if let Some(known) = self.contexts.known.get_mut(context) {
            known.dialog = is_open;
        }
        if !is_open {
            return vec![(
                Some(page),
                "Page.javascriptDialogClosed",
                json!({ "result": params["accepted"] }),
            )];
        }
        let told = json!({
            "type": params["type"],
            "message": params["message"],
            "defaultPrompt": params["defaultValue"].as_str().unwrap_or_default(),
        });
        vec![(Some(page), "Page.javascriptDialogOpening", told)]
    }
}

/// The browser's own words instead of a page.
fn is_error_page(url: &str) -> bool {
    url.starts_with("about:neterror") || url.starts_with("about:certerror")
}

fn origin_of(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return "://".to_owned() };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    format!("{scheme}://{host}")
}
