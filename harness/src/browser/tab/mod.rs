//! A page as locators and expectations see it: its frames, and what stands in the way of asking them.

pub(crate) mod dialogs;
pub(super) mod drag;
pub(super) mod evaluate;
mod frames;
mod further;
pub(crate) mod input;
pub(super) mod keys;
pub(super) mod loading;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use tokio::sync::watch;

use self::dialogs::{Answer, Dialogs, HANDLE, Handler, Opened};
use self::frames::{Frames, Heard};
pub(super) use self::further::Further;
use self::loading::Loading;
use super::cdp::{Page, text};
use super::error::BrowserError;
use super::route::Routes;
use super::script::{ASK, SOURCE, WORLD};
use super::witness::Witness;

/// How much longer than asked for a page may take to answer: it counts its own time, but may be blocked.
const GRACE: Duration = Duration::from_secs(2);
/// Of what a request sends, so many bytes are told.
const POST_DATA: usize = 64 << 10;

/// A page. A clone is the same one.
#[derive(Debug, Clone)]
pub(super) struct Tab(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    page: Page,
    loading: Loading,
    shared: Arc<Shared>,
}

/// What is known of a page from its events.
#[derive(Debug)]
struct Shared {
    frames: Mutex<Frames>,
    changed: watch::Sender<()>,
    dialogs: Dialogs,
    witness: Witness,
    routes: Routes,
}

/// Why a page could not be asked.
#[derive(Debug)]
pub(super) enum Obstacle {
    /// What was asked is gone: the page or the frame went elsewhere. It can be asked again.
    Navigated,
    /// A dialog is open: the page does nothing until somebody answers it.
    Dialog {
        kind: String,
        message: String,
    },
    /// The page does nothing else any more, or has been closed.
    Unresponsive(Duration),
    Closed,
    Crashed,
    /// The frame's element is there, but has no frame in it.
    Browser(BrowserError),
}

impl Tab {
    /// Makes a page one that can be asked.
    pub(super) async fn open(page: Page, target: &str, routes: Routes) -> Result<Self, BrowserError> {
        let (changed, _) = watch::channel(());
        let frames = Mutex::new(Frames::new(page.clone(), target));
        let witness = routes.witness().clone();
        let shared = Arc::new(Shared { frames, changed, dialogs: Dialogs::default(), witness, routes });
        let loading = Loading::of(&page, target);
        follow(&page, &shared).await?;
        Ok(Self(Arc::new(Inner { page, loading, shared })))
    }

    /// The page itself.
    pub(super) fn page(&self) -> &Page {
        &self.0.page
    }

    /// How far its document is.
    pub(super) fn loading(&self) -> &Loading {
        &self.0.loading
    }

    /// Waits until it is closed.
    pub(super) async fn closed(&self) {
        let mut changes = self.0.shared.changed.subscribe();
        while !self.is_closed() && changes.changed().await.is_ok() {}
    }

    /// Has all its dialogs answered by this from now on.
    pub(super) fn answer_dialogs(&self, handler: Handler) {
        if self.dialogs().handle(handler) {
            // The answer is on its way before all that is asked next.
            self.0.shared.frames().dialog_is_answered();
            self.0.shared.changed.send_replace(());
        }
    }

    /// Answers a dialog, and waits until it is closed.
    pub(super) async fn answer(&self, dialog: &Opened, answer: &Answer) -> Result<(), BrowserError> {
        dialog.page.call(HANDLE, dialog.told(answer)).await?;
        Ok(())
    }

    /// Who answers its dialogs.
    pub(super) fn dialogs(&self) -> &Dialogs {
        &self.0.shared.dialogs
    }

    /// The part of the page that a frame is in, which may have a session of its own; nothing if it is no frame of this page.
    pub(super) fn part_of(&self, frame: &str) -> Option<Page> {
        let frames = self.0.shared.frames();
        if frames.main() == frame { Some(self.page().clone()) } else { frames.page_of(frame) }
    }

    /// Who takes note of what happens on it.
    pub(super) fn witness(&self) -> &Witness {
        &self.0.shared.witness
    }

    /// Who is asked before it asks a server.
    pub(super) fn routes(&self) -> &Routes {
        &self.0.shared.routes
    }

    /// Waits until its events up to now are there, unless something is in the way of it.
    pub(super) async fn settle(&self, limit: Duration) {
        let params = json!({ "expression": "0" });
        let answer = self.page().call_within(limit, "Runtime.evaluate", params);
        let _ = self.unless_in_the_way(answer).await;
    }

    /// Whether it is closed, and of no use any more.
    pub(super) fn is_closed(&self) -> bool {
        matches!(self.0.shared.frames().obstacle(), Some(Obstacle::Closed))
    }

    /// Its outermost frame.
    pub(super) fn main_frame(&self) -> String {
        self.0.shared.frames().main().to_owned()
    }

    /// Asks a frame of the page, which waits itself for as long as the request says. The page is waited for so long, too, while
    /// it is between two documents.
    pub(super) async fn ask(&self, frame: &str, request: &Value, limit: Duration) -> Result<Value, Obstacle> {
        let (page, world, is_new) = self.world(frame, limit).await?;
        if is_new {
            // Both are on their way at once, and are executed in this order.
            page.notify("Runtime.evaluate", &json!({ "expression": *SOURCE, "contextId": world }));
        }
        let params = json!({
            "functionDeclaration": ASK,
            "executionContextId": world,
            "arguments": [{ "value": request }],
            "awaitPromise": true,
            "returnByValue": true,
        });
        let answer = page.call_within(limit + GRACE, "Runtime.callFunctionOn", params);
        let mut answer = self.unless_in_the_way(answer).await?;
        if let Some(exception) = answer.get("exceptionDetails") {
            let message = exception["exception"]["description"].as_str().or(exception["text"].as_str());
            let message = message.unwrap_or("an exception").to_owned();
            // Somebody else is about to put the script there. In the words of Chromium, and of Firefox.
            if ["reading 'ask'", "property \"ask\""].iter().any(|words| message.contains(words)) {
                return Err(Obstacle::Navigated);
            }
            return Err(Obstacle::Browser(BrowserError::Refused {
                method: "Runtime.callFunctionOn",
                message,
            }));
        }
        Ok(answer["result"]["value"].take())
    }

    /// The browser's handle of an element that the script holds.
    pub(super) async fn element(&self, frame: &str, number: u64) -> Result<(Page, String), Obstacle> {
        let (page, world, _) = self.world(frame, Duration::ZERO).await?;
        let expression = format!("globalThis.callboard.release({number})");
        let params = json!({ "expression": expression, "contextId": world });
        let answer = self.unless_in_the_way(page.call("Runtime.evaluate", params)).await?;
        match answer["result"]["objectId"].as_str() {
            Some(id) => Ok((page, id.to_owned())),
            None => Err(Obstacle::Navigated),
        }
    }

    /// The frame that is inside of an element; nothing if none is.
    pub(super) async fn frame_in(&self, frame: &str, number: u64) -> Result<Option<String>, Obstacle> {
        let (page, element) = self.element(frame, number).await?;
        let node = page.call("DOM.describeNode", json!({ "objectId": element }));
        let answer = self.unless_in_the_way(node).await?;
        Ok(answer["node"]["frameId"].as_str().map(str::to_owned))
    }

    /// The world of a frame, the page that it belongs to, and whether the script is not in it yet.
    async fn world(&self, frame: &str, limit: Duration) -> Result<(Page, i64, bool), Obstacle> {
        self.known(limit, |frames| frames.world(frame)).await
    }

    /// What is known of the frames, as soon as it is.
    async fn known<T>(&self, limit: Duration, of: impl Fn(&mut Frames) -> Option<T>) -> Result<T, Obstacle> {
        let mut changes = self.0.shared.changed.subscribe();
        let look = async {
            loop {
                {
                    let mut frames = self.0.shared.frames();
                    if let Some(obstacle) = frames.obstacle() {
                        return Err(obstacle);
                    }
                    if let Some(known) = of(&mut frames) {
                        return Ok(known);
                    }
                }
                if changes.changed().await.is_err() {
                    return Err(Obstacle::Closed);
                }
            }
        };
        tokio::time::timeout(limit, look).await.unwrap_or(Err(Obstacle::Navigated))
    }

    /// What a command answers, unless something happens first because of which it never will.
    pub(super) async fn unless_in_the_way(
        &self,
        answer: impl Future<Output = Result<Value, BrowserError>>,
    ) -> Result<Value, Obstacle> {
        tokio::select! {
            biased;
            answer = answer => answer.map_err(|error| self.obstacle_of(error)),
            obstacle = self.in_the_way() => Err(obstacle),
        }
    }

    /// Waits until something is in the way.
    pub(super) async fn in_the_way(&self) -> Obstacle {
        let mut changes = self.0.shared.changed.subscribe();
        loop {
            if let Some(obstacle) = self.0.shared.frames().obstacle() {
                return obstacle;
            }
            if changes.changed().await.is_err() {
                return Obstacle::Closed;
            }
        }
    }

    fn obstacle_of(&self, error: BrowserError) -> Obstacle {
        if let Some(obstacle) = self.0.shared.frames().obstacle() {
            return obstacle;
        }
        match error {
            BrowserError::Refused { message, .. } if is_of_navigation(&message) => Obstacle::Navigated,
            BrowserError::NoAnswer { waited, .. } => Obstacle::Unresponsive(waited),
            error => Obstacle::Browser(error),
        }
    }
}

impl Shared {
    fn frames(&self) -> MutexGuard<'_, Frames> {
        self.frames.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The browser's words for a document that is not there any more.
fn is_of_navigation(message: &str) -> bool {
    const WORDS: &[&str] = &[
        "Cannot find context with specified id",
        "Execution context was destroyed",
        "Inspected target navigated or closed",
        "Promise was collected",
        "Session with given id not found",
        "Cannot find execution context",
        "Could not find object with given id",
        "Node with given id does not belong to the document",
    ];
    WORDS.iter().any(|words| message.contains(words))
}

/// Learns of a page what its events say, and of its parts that have a session of their own: frames in other processes, workers.
fn follow<'a>(page: &'a Page, shared: &'a Arc<Shared>) -> BoxFuture<'a, Result<(), BrowserError>> {
    Box::pin(listen_and_enable(page, shared))
}

async fn listen_and_enable(page: &Page, shared: &Arc<Shared>) -> Result<(), BrowserError> {
    shared.witness.follow(page);
    shared.routes.follow(page);
    let (listening, own) = (shared.clone(), page.clone());
    page.listen(move |method, params| {
        if listening.dialogs.hear(&own, method, params) {
            return;
        }
        let heard = listening.frames().hear(&own, method, params);
        match heard {
            Heard::Nothing => return,
            Heard::Change => {}
            Heard::Leaving => {
                // As a driver does by its standard: who clicks on a link wants to go there.
                own.notify("Page.handleJavaScriptDialog", &json!({ "accept": true }));
                return;
            }
            Heard::Frame(session) => {
                let (child, shared) = (own.child(session), listening.clone());
                // A frame that is gone before it is known is of no use to anybody.
                tokio::spawn(async move { follow(&child, &shared).await });
            }
            Heard::Worker(session) => follow_worker(own.child(session), listening.routes.clone()),
        }
        listening.changed.send_replace(());
    });
    let world = json!({ "source": "", "worldName": WORLD, "runImmediately": true });
    // What is typed into a frame of another process goes there only if it has the focus.
    page.notify("Emulation.setFocusEmulationEnabled", &json!({ "enabled": true }));
    tokio::try_join!(
        page.call("Page.enable", json!({})),
        page.call("Page.addScriptToEvaluateOnNewDocument", world),
        witness(page),
    )?;
    Ok(())
}

/// A worker is only listened to, and so are those that it starts itself.
fn follow_worker(worker: Page, its: Routes) {
    its.witness().follow(&worker);
    its.follow(&worker);
    let parent = worker.clone();
    worker.listen(move |method, params| {
        if method == "Target.attachedToTarget" {
            follow_worker(parent.child(text(params, "sessionId")), its.clone());
        }
    });
    // One that is gone before it is known is of no use to anybody.
    tokio::spawn(async move { witness(&worker).await });
}

/// Enables what is taken note of. Parts are held until they were told to go on, so that nothing of them is missed; that is
/// said to this one, too.
async fn witness(page: &Page) -> Result<(), BrowserError> {
    let filter = json!([{ "type": "iframe" }, { "type": "worker" }, { "exclude": true }]);
    let parts =
        json!({ "autoAttach": true, "waitForDebuggerOnStart": true, "flatten": true, "filter": filter });
    tokio::try_join!(
        page.call("Runtime.enable", json!({})),
        page.call("Network.enable", json!({ "maxPostDataSize": POST_DATA })),
        page.call("Log.enable", json!({})),
        page.call("Target.setAutoAttach", parts),
        page.call("Runtime.runIfWaitingForDebugger", json!({})),
    )?;
    Ok(())
}
