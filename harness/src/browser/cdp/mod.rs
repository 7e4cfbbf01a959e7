//! The browser's own protocol over its web socket: commands, answers and events of all its pages.

mod page;
mod shared;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::{mpsc, watch};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

pub(crate) use self::page::Page;
pub(crate) use self::shared::Event;
use self::shared::{BROWSER, CloseOnDrop, Shared, pump};
use super::bidi::Bidi;
use super::error::BrowserError;

/// How long the browser may take for a command. It answers in milliseconds, unless the machine has
/// far more to do than it can.
const ANSWER: Duration = Duration::from_secs(30);

/// More than anybody waits.
const PATIENCE: Duration = Duration::from_hours(1);

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
