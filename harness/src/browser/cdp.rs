//! The browser's own protocol over its web socket: commands, answers and events of all its pages.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::sync::{mpsc, oneshot, watch};
use tokio_tungstenite::tungstenite::{Message, protocol::WebSocketConfig};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use super::bidi::Bidi;
use super::error::BrowserError;

/// How long the browser may take for a command. It answers in milliseconds, unless the machine has
/// far more to do than it can.
const ANSWER: Duration = Duration::from_secs(30);

/// More than anybody waits.
const PATIENCE: Duration = Duration::from_hours(1);

/// Whose events they are that belong to no page.
const BROWSER: &str = "";

/// A connection to a browser. Cheap to clone; it closes with the last clone.
#[derive(Debug, Clone)]
pub(crate) struct Cdp {
    shared: Arc<Shared>,
    way: Way,
}

/// Who hears a command.
#[derive(Debug, Clone)]
enum Way {
    /// A browser that speaks this protocol.
    Socket(mpsc::UnboundedSender<String>),
    /// The interpreter of one that does not.
    Interpreted(Arc<Bidi>),
}

/// A connection that is not kept open by this.
#[derive(Debug, Clone)]
pub(crate) struct WeakCdp {
    shared: Weak<Shared>,
    way: WeakWay,
}

#[derive(Debug, Clone)]
enum WeakWay {
    Socket(mpsc::WeakUnboundedSender<String>),
    Interpreted(Weak<Bidi>),
}

impl WeakCdp {
    pub(crate) fn upgrade(&self) -> Option<Cdp> {
        let way = match &self.way {
            WeakWay::Socket(outgoing) => Way::Socket(outgoing.upgrade()?),
            WeakWay::Interpreted(bidi) => Way::Interpreted(bidi.upgrade()?),
        };
        Some(Cdp { shared: self.shared.upgrade()?, way })
    }
}

/// Where an interpreter tells what has happened. It does not keep the connection open.
#[derive(Debug, Clone)]
pub(super) struct Front(Weak<Shared>);

impl Front {
    /// As if the browser itself had told it, of a page or of no page in particular.
    pub(super) fn tell(&self, session: Option<&str>, method: &str, params: Value) {
        if let Some(shared) = self.0.upgrade() {
            shared.happened(session.unwrap_or(BROWSER), method.to_owned(), params);
        }
    }
}

/// Something that happened on a page.
#[derive(Debug)]
pub(crate) struct Event {
    pub(crate) method: String,
    pub(crate) params: Value,
}

/// What callers and the task that reads the socket have in common.
#[derive(Debug)]
struct Shared {
    table: Mutex<Table>,
    ended: watch::Sender<bool>,
    log: PathBuf,
}

#[derive(Debug, Default)]
struct Table {
    last_id: u64,
    /// Why nothing can be sent any more.
    closed: Option<String>,
    calls: HashMap<u64, oneshot::Sender<Result<Value, String>>>,
    /// Who wants the events of which page.
    subscribers: HashMap<String, Vec<mpsc::UnboundedSender<Event>>>,
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

impl Cdp {
    /// Connects, and reads the socket in a task of the current runtime from then on.
    pub(crate) async fn connect(url: &str, log: PathBuf) -> Result<Self, BrowserError> {
        // Answers hold pictures and whole bodies, and come from a program of ours: no bound.
        let config = WebSocketConfig::default().max_message_size(None).max_frame_size(None);
        let connecting = tokio_tungstenite::connect_async_with_config(url, Some(config), true);
        let (socket, _) = connecting
            .await
            .map_err(|error| BrowserError::Connect { url: url.to_owned(), source: Box::new(error) })?;
        let shared = Arc::new(Shared { table: Mutex::default(), ended: watch::Sender::new(false), log });
        let (outgoing, commands) = mpsc::unbounded_channel();
        tokio::spawn(pump(socket, commands, CloseOnDrop(shared.clone())));
        Ok(Self { shared, way: Way::Socket(outgoing) })
    }

    /// Connects to a browser that speaks WebDriver BiDi, and has it interpreted.
    pub(crate) async fn connect_bidi(url: &str, log: PathBuf) -> Result<Self, BrowserError> {
        let wire = Self::connect(url, log.clone()).await?;
        let shared = Arc::new(Shared { table: Mutex::default(), ended: watch::Sender::new(false), log });
        let (mut ended, theirs, ours) = (wire.shared.ended.subscribe(), wire.shared.clone(), shared.clone());
        tokio::spawn(async move {
            let _ = ended.wait_for(|ended| *ended).await;
            let reason = theirs.table().closed.clone();
            ours.close(reason.as_deref().unwrap_or("it closed"));
        });
        let bidi = Bidi::begin(wire, Front(Arc::downgrade(&shared))).await?;
        Ok(Self { shared, way: Way::Interpreted(bidi) })
    }

    /// The interpreter, where there is one.
    pub(super) fn bidi(&self) -> Option<&Arc<Bidi>> {
        match &self.way {
            Way::Socket(_) => None,
            Way::Interpreted(bidi) => Some(bidi),
        }
    }

    /// Sends a command to the browser itself and waits for the answer.
    pub(crate) async fn call(&self, method: &'static str, params: Value) -> Result<Value, BrowserError> {
        self.send(None, method, params, ANSWER).await
    }

    /// The same for a command that takes as long as its caller waits for it.
    pub(super) async fn call_patiently(
        &self,
        method: &'static str,
        params: Value,
    ) -> Result<Value, BrowserError> {
        self.send(None, method, params, PATIENCE).await
    }

    /// Sends a command and does not wait.
    pub(crate) fn notify(&self, method: &'static str, params: &Value) {
        self.tell(None, method, params);
    }

    fn tell(&self, session: Option<&str>, method: &'static str, params: &Value) {
        let outgoing = match &self.way {
            Way::Socket(outgoing) => outgoing,
            Way::Interpreted(bidi) => return bidi.tell(session, method, params),
        };
        let id = {
            let mut table = self.shared.table();
            table.last_id += 1;
            table.last_id
        };
        let _ = outgoing.send(command(id, session, method, params));
    }

    /// Waits until the browser is not there any more, and says why.
    pub(crate) async fn ended(&self) -> BrowserError {
        let mut ended = self.shared.ended.subscribe();
        let _ = ended.wait_for(|ended| *ended).await;
        self.gone().unwrap_or_else(|| self.shared.gone("it closed"))
    }

    /// Why the browser is not there any more, if it is not.
    pub(crate) fn gone(&self) -> Option<BrowserError> {
        self.shared.table().closed.as_ref().map(|reason| self.shared.gone(reason))
    }

    pub(crate) fn downgrade(&self) -> WeakCdp {
        let way = match &self.way {
            Way::Socket(outgoing) => WeakWay::Socket(outgoing.downgrade()),
            Way::Interpreted(bidi) => WeakWay::Interpreted(Arc::downgrade(bidi)),
        };
        WeakCdp { shared: Arc::downgrade(&self.shared), way }
    }

    /// The channel of a page that the browser attached to within this connection.
    pub(crate) fn page(&self, session: String) -> Page {
        Page { cdp: self.clone(), session }
    }

    /// Has all events of the browser itself told from now on, as those of a page are by [`Page::listen`].
    pub(crate) fn listen(&self, listener: impl Fn(&str, &Value) + Send + Sync + 'static) {
        self.shared.listen(BROWSER, listener);
    }

    async fn send(
        &self,
        session: Option<&str>,
        method: &'static str,
        params: Value,
        limit: Duration,
    ) -> Result<Value, BrowserError> {
        let outgoing = match &self.way {
            Way::Socket(outgoing) => outgoing,
            Way::Interpreted(bidi) => {
                // Its own wire is one of these.
                let performing = Box::pin(bidi.perform(session, method, params));
                let performed = tokio::time::timeout(limit, performing).await;
                return performed.unwrap_or(Err(BrowserError::NoAnswer { method, waited: limit }));
            }
        };
        let (id, answer) = self.shared.register()?;
        // A task that ended has closed the table, and with it `answer`.
        let _ = outgoing.send(command(id, session, method, &params));
        match tokio::time::timeout(limit, answer).await {
            Ok(Ok(Ok(result))) => Ok(result),
            Ok(Ok(Err(message))) => Err(BrowserError::Refused { method, message }),
            Ok(Err(_closed)) => Err(self.gone().unwrap_or_else(|| self.shared.gone("it closed"))),
            Err(_elapsed) => {
                self.shared.table().calls.remove(&id);
                Err(BrowserError::NoAnswer { method, waited: limit })
            }
        }
    }
}

/// One page (a flat session of the protocol): commands to it and events of it.
#[derive(Debug, Clone)]
pub(crate) struct Page {
    cdp: Cdp,
    session: String,
}

impl Page {
    /// Sends a command to the page and waits for the answer.
    pub(crate) async fn call(&self, method: &'static str, params: Value) -> Result<Value, BrowserError> {
        self.cdp.send(Some(&self.session), method, params, ANSWER).await
    }

    /// The same for a command that takes its time.
    pub(crate) async fn call_within(
        &self,
        limit: Duration,
        method: &'static str,
        params: Value,
    ) -> Result<Value, BrowserError> {
        self.cdp.send(Some(&self.session), method, params, limit).await
    }

    /// Events of the mouse, or of the keyboard, one after another. All are on their way at once.
    pub(crate) async fn input(
        &self,
        limit: Duration,
        method: &'static str,
        events: Vec<Value>,
    ) -> Result<(), BrowserError> {
        if let Way::Interpreted(bidi) = &self.cdp.way {
            let done = tokio::time::timeout(limit, bidi.input(&self.session, method, &events)).await;
            return done.unwrap_or(Err(BrowserError::NoAnswer { method, waited: limit }));
        }
        let sending = events.into_iter().map(|event| self.call_within(limit, method, event));
        futures_util::future::try_join_all(sending).await.map(drop)
    }

    /// Whether the browser drags by itself what a page lets be dragged, and nobody can say where it is dropped.
    pub(crate) fn drags_itself(&self) -> bool {
        self.cdp.bidi().is_some()
    }

    /// Sends a command and does not wait.
    pub(crate) fn notify(&self, method: &'static str, params: &Value) {
        self.cdp.tell(Some(&self.session), method, params);
    }

    /// Whether this is the same one.
    pub(crate) fn is(&self, other: &Self) -> bool {
        self.session == other.session
    }

    /// Its session of the protocol.
    pub(crate) fn session(&self) -> &str {
        &self.session
    }

    /// Whether it is this session of the protocol.
    pub(crate) fn is_session(&self, session: &str) -> bool {
        self.session == session
    }

    /// What is attached beneath it: a frame of another process.
    pub(crate) fn child(&self, session: String) -> Self {
        self.cdp.page(session)
    }

    /// Has all events of the page told from now on, of the domains that were enabled for it: each before any answer that
    /// the browser gives later. At last `Target.detachedFromTarget`, when the page is closed.
    pub(crate) fn listen(&self, listener: impl Fn(&str, &Value) + Send + Sync + 'static) {
        self.cdp.shared.listen(&self.session, listener);
    }

    /// The value of an expression in the page.
    pub(crate) async fn evaluate(&self, expression: &str) -> Result<Value, BrowserError> {
        let params = json!({ "expression": expression, "returnByValue": true });
        let mut answer = self.call("Runtime.evaluate", params).await?;
        if let Some(exception) = answer.get("exceptionDetails") {
            let message = exception["exception"]["description"].as_str().or(exception["text"].as_str());
            let message = message.unwrap_or("an exception").to_owned();
            return Err(BrowserError::Refused { method: "Runtime.evaluate", message });
        }
        Ok(answer["result"]["value"].take())
    }

    /// All events of the page from now on, of the domains that were enabled for it.
    pub(crate) fn events(&self) -> mpsc::UnboundedReceiver<Event> {
        let (sender, receiver) = mpsc::unbounded_channel();
        let mut table = self.cdp.shared.table();
        // After the end nobody would ever drop the sender.
        if table.closed.is_none() {
            table.subscribers.entry(self.session.clone()).or_default().push(sender);
        }
        receiver
    }
}

fn command(id: u64, session: Option<&str>, method: &str, params: &Value) -> String {
    match session {
        Some(session) => json!({ "id": id, "sessionId": session, "method": method, "params": params }),
        None => json!({ "id": id, "method": method, "params": params }),
    }
    .to_string()
}

/// A field of an answer that the protocol promises to be text.
pub(crate) fn text(answer: &Value, field: &str) -> String {
    answer[field].as_str().unwrap_or_default().to_owned()
}

impl Shared {
    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn gone(&self, reason: &str) -> BrowserError {
        BrowserError::Gone { reason: reason.to_owned(), log: self.log.clone() }
    }

    fn listen(&self, session: &str, listener: impl Fn(&str, &Value) + Send + Sync + 'static) {
        let mut table = self.table();
        // After the end nobody would ever drop the listener.
        if table.closed.is_none() {
            table.listeners.entry(session.to_owned()).or_default().push(Listener(Arc::new(listener)));
        }
    }

    /// The id of a new command, and where its answer arrives.
    fn register(&self) -> Result<(u64, oneshot::Receiver<Result<Value, String>>), BrowserError> {
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
    fn close(&self, reason: &str) {
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
    fn happened(&self, session: &str, method: String, params: Value) {
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
struct CloseOnDrop(Arc<Shared>);

impl Drop for CloseOnDrop {
    fn drop(&mut self) {
        self.0.close("the connection to it was closed");
    }
}

/// Carries messages both ways until one side ends.
async fn pump(
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
