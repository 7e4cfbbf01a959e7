//! The dialogs of a page (`alert`, `confirm`, `prompt`, leaving it), and who answers them.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};
use tokio::sync::oneshot;

use crate::browser::cdp::{Page, text};

/// What is said to a dialog.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Answer {
    /// Yes; to a `prompt`, the text that is in it.
    Accept,
    /// To a `prompt`, this text.
    AcceptWith(String),
    /// No.
    Dismiss,
}

/// A dialog as it opened.
#[derive(Debug, Clone)]
pub(in crate::browser) struct Opened {
    pub(in crate::browser) page: Page,
    pub(in crate::browser) kind: String,
    pub(in crate::browser) message: String,
    pub(in crate::browser) default_text: String,
}

/// Is asked for the answer to each dialog, and may have none.
pub(in crate::browser) type Handler = Arc<dyn Fn(&Opened) -> Option<Answer> + Send + Sync>;

/// See the module.
#[derive(Default)]
pub(in crate::browser) struct Dialogs(Mutex<State>);

#[derive(Default)]
struct State {
    handler: Option<Handler>,
    waiting: Option<oneshot::Sender<Opened>>,
    /// Nobody has answered it yet.
    open: Option<Opened>,
}

impl Dialogs {
    /// From now on all are answered by this. Whether there was one to be answered.
    pub(super) fn handle(&self, handler: Handler) -> bool {
        let mut state = self.lock();
        state.handler = Some(handler.clone());
        let open = state.open.clone();
        drop(state);
        let answered = open.is_some_and(|open| answer(&open, &handler));
        if answered {
            self.lock().open = None;
        }
        answered
    }

    /// The dialog that is open, or the next one: it is not answered by anybody else.
    pub(in crate::browser) fn wait(&self) -> oneshot::Receiver<Opened> {
        let (sender, receiver) = oneshot::channel();
        let mut state = self.lock();
        match &state.open {
            Some(open) => drop(sender.send(open.clone())),
            None => state.waiting = Some(sender),
        }
        receiver
    }

    /// The dialog that is open.
    pub(in crate::browser) fn opened(&self) -> Option<Opened> {
        self.lock().open.clone()
    }

    /// Takes note of an event. Whether it is of a dialog that is answered already.
    pub(super) fn hear(&self, page: &Page, method: &str, params: &Value) -> bool {
        match method {
            "Page.javascriptDialogOpening" => {
                let opened = Opened {
                    page: page.clone(),
                    kind: text(params, "type"),
                    message: text(params, "message"),
                    default_text: text(params, "defaultPrompt"),
                };
                let mut state = self.lock();
                state.open = Some(opened.clone());
                if let Some(waiting) = state.waiting.take()
                    && waiting.send(opened.clone()).is_ok()
                {
                    return false;
                }
                let handler = state.handler.clone();
                drop(state);
                handler.is_some_and(|handler| answer(&opened, &handler))
            }
            "Page.javascriptDialogClosed" => {
                self.lock().open = None;
                false
            }
            _ => false,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether the handler has answered. Where it has not, the dialog stays in the way.
fn answer(opened: &Opened, handler: &Handler) -> bool {
    let Some(answer) = handler(opened) else { return false };
    opened.page.notify(HANDLE, &opened.told(&answer));
    true
}

/// The browser's command.
pub(in crate::browser) const HANDLE: &str = "Page.handleJavaScriptDialog";

impl Opened {
    /// What the browser is told.
    pub(in crate::browser) fn told(&self, answer: &Answer) -> Value {
        match answer {
            // It would empty the field otherwise.
            Answer::Accept => json!({ "accept": true, "promptText": self.default_text }),
            Answer::AcceptWith(text) => json!({ "accept": true, "promptText": text }),
            Answer::Dismiss => json!({ "accept": false }),
        }
    }
}

impl fmt::Debug for Dialogs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Dialogs")
    }
}
