//! What callers and the task that reads the socket have in common: who waits for which answer, and who is told of which event.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::sync::{mpsc, oneshot, watch};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use super::text;
use crate::browser::error::BrowserError;

/// Whose events they are that belong to no page.
pub(super) const BROWSER: &str = "";

/// Something that happened on a page.
#[derive(Debug)]
pub(crate) struct Event {
    pub(crate) method: String,
    pub(crate) params: Value,
}

/// What callers and the task that reads the socket have in common.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) table: Mutex<Table>,
    pub(super) ended: watch::Sender<bool>,
    pub(super) log: PathBuf,
}

#[derive(Debug, Default)]
pub(super) struct Table {
    pub(super) last_id: u64,
    /// Why nothing can be sent any more.
    pub(super) closed: Option<String>,
    pub(super) calls: HashMap<u64, oneshot::Sender<Result<Value, String>>>,
    /// Who wants the events of which page.
    pub(super) subscribers: HashMap<String, Vec<mpsc::UnboundedSender<Event>>>,
    /// Who is told of them before any later answer arrives.
    listeners: HashMap<String, Vec<Listener>>,
}

/// Is called with the name and the parameters of each event of a page, in order, and must not block.
#[derive(Clone)]
struct Listener(Arc<Listen>);

type Listen = dyn Fn(&str, &Value) + Send + Sync;

impl std::fmt::Debug for Listener {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Listener")
    }
}

impl Shared {
    pub(super) fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn gone(&self, reason: &str) -> BrowserError {
        BrowserError::Gone { reason: reason.to_owned(), log: self.log.clone() }
    }

    pub(super) fn listen(&self, session: &str, listener: impl Fn(&str, &Value) + Send + Sync + 'static) {
        let mut table = self.table();
        // After the end nobody would ever drop the listener.
        if table.closed.is_none() {
            table.listeners.entry(session.to_owned()).or_default().push(Listener(Arc::new(listener)));
        }
    }

    /// The id of a new command, and where its answer arrives.
    pub(super) fn register(&self) -> Result<(u64, oneshot::Receiver<Result<Value, String>>), BrowserError> {
        let mut table = self.table();
        if let Some(reason) = &table.closed {
            return Err(self.gone(reason));
        }
        table.last_id += 1;
        let id = table.last_id;
        let (sender, receiver) = oneshot::channel();
        table.calls.insert(id, sender);
        Ok((id, receiver))
    }

    /// Nothing will arrive any more: everybody who waits is told.
    pub(super) fn close(&self, reason: &str) {
        let mut table = self.table();
        table.closed.get_or_insert_with(|| reason.to_owned());
        table.calls.clear();
        table.subscribers.clear();
        table.listeners.clear();
        drop(table);
        self.ended.send_replace(true);
    }

    /// Hands an answer to who asked, an event to who wants it.
    fn deliver(&self, message: &str) {
        let Some(mut message) = read(message) else { return };
        let mut table = self.table();
        if let Some(id) = message["id"].as_u64() {
            if let Some(call) = table.calls.remove(&id) {
                let error = message.get("error").map(|error| match error.as_str() {
                    // As BiDi has it.
                    Some(error) => format!("{error}: {}", message["message"].as_str().unwrap_or_default()),
                    None => text(error, "message"),
                });
                let _ = call.send(error.map_or_else(|| Ok(message["result"].take()), Err));
            }
            return;
        }
        drop(table);
        let (method, params) = (text(&message, "method"), message["params"].take());
        self.happened(message["sessionId"].as_str().unwrap_or(BROWSER), method, params);
    }

    /// Hands an event to who wants it.
    pub(super) fn happened(&self, session: &str, method: String, params: Value) {
        let mut table = self.table();
        if method == "Target.detachedFromTarget" {
            let session = text(&params, "sessionId");
            table.subscribers.remove(&session);
            let listeners = table.listeners.remove(&session);
            drop(table);
            return tell(listeners.unwrap_or_default(), &method, &params);
        }
        if let Some(listeners) = table.listeners.get(session).cloned() {
            // They may send commands themselves.
            drop(table);
            tell(listeners, &method, &params);
            table = self.table();
        }
        let Some(subscribers) = table.subscribers.get_mut(session) else { return };
        subscribers.retain(|subscriber| {
            subscriber.send(Event { method: method.clone(), params: params.clone() }).is_ok()
        });
    }
}

/// A page's texts may have halves of characters, which no text of ours can have: they are shown as what they are, unknown.
fn read(message: &str) -> Option<Value> {
    serde_json::from_str(message).or_else(|_| serde_json::from_str(&without_halves(message))).ok()
}

fn without_halves(message: &str) -> String {
    let mut whole = String::with_capacity(message.len());
    let mut rest = message;
    while let Some(at) = rest.find('\\') {
        let half = |text: &str| {
            let digits = text.strip_prefix("\\u")?.get(..4)?;
            u16::from_str_radix(digits, 16).ok().filter(|unit| (0xD800..0xE000).contains(unit))
        };
        whole.push_str(&rest[..at]);
        rest = &rest[at..];
        let (first, second) = (half(rest), rest.get(6..).and_then(half));
        let (kept, length) = match (first, second) {
            (Some(first), Some(second)) if first < 0xDC00 && second >= 0xDC00 => (&rest[..12], 12),
            (Some(_), _) => ("\\ufffd", 6),
            // What is escaped otherwise, a backslash for one.
            (None, _) => {
                let length = 1 + rest[1..].chars().next().map_or(0, char::len_utf8);
                (&rest[..length], length)
            }
        };
        whole.push_str(kept);
        rest = &rest[length..];
    }
    whole + rest
}

fn tell(listeners: Vec<Listener>, method: &str, params: &Value) {
    for Listener(listener) in listeners {
        listener(method, params);
    }
}

/// Closes the table also when the runtime ends before the browser does.
pub(super) struct CloseOnDrop(pub(super) Arc<Shared>);

impl Drop for CloseOnDrop {
    fn drop(&mut self) {
        self.0.close("the connection to it was closed");
    }
}

/// Carries messages both ways until one side ends.
pub(super) async fn pump(
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    mut commands: mpsc::UnboundedReceiver<String>,
    table: CloseOnDrop,
) {
    let (mut sink, mut stream) = socket.split();
    loop {
        tokio::select! {
            command = commands.recv() => {
                let Some(command) = command else {
                    let _ = sink.close().await;
                    return;
                };
                if let Err(error) = sink.send(Message::text(command)).await {
                    return table.0.close(&error.to_string());
                }
            }
            message = stream.next() => match message {
                Some(Ok(Message::Text(message))) => table.0.deliver(&message),
                Some(Ok(Message::Close(_))) | None => return table.0.close("it closed the connection"),
                Some(Ok(_)) => {}
                Some(Err(error)) => return table.0.close(&error.to_string()),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_of_characters_are_unknown_ones() {
        let text = |message: &str| read(message).unwrap().as_str().unwrap().to_owned();
        assert_eq!(text(r#""a\ud83d\ude00b""#), "a😀b");
        assert_eq!(text(r#""a\ud83db\\ud83d \ude00\n\ud83d""#), "a\u{fffd}b\\ud83d \u{fffd}\n\u{fffd}");
        assert!(read("{").is_none());
    }
}
