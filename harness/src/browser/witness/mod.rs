//! What happens on the pages of a session: taken note of in one place, for whoever asks later or listens now.
//!
//! Nothing is judged here, and no secret is taken out: that is up to those who write it down.

mod clock;
mod entry;
mod hear;
mod notes;
mod words;

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use self::clock::Clock;
#[cfg(test)]
pub(crate) use self::entry::FailureText;
pub(crate) use self::entry::{Entry, Exchange, Handled, Kind, Level, Place, Routed, Stage};
pub(in crate::browser) use self::hear::begun;
use self::notes::Notes;
use super::cdp::Page;

/// What happens on all pages of a session. A clone is the same one.
#[derive(Clone)]
pub(in crate::browser) struct Witness(Arc<Inner>);

struct Inner {
    notes: Mutex<Notes>,
    /// The address of the page that each session of the protocol belongs to: its own, or that of the page which the frame or the
    /// worker is a part of.
    addresses: Mutex<HashMap<String, Arc<Mutex<Address>>>>,
    listeners: Mutex<Listeners>,
    /// What routes made of requests that have not been told of yet, by their ids.
    routed: Mutex<HashMap<String, (String, Routed)>>,
    clock: Clock,
}

/// So many of them are remembered.
const ROUTED: usize = 1_000;

/// Where a page is at the moment. Its parts share it.
struct Address {
    url: String,
    /// Its main frame, as soon as that has been anywhere.
    frame: String,
}

#[derive(Default)]
struct Listeners {
    last: u64,
    all: Vec<(u64, Listener)>,
}

type Listener = Arc<dyn Fn(&Exchange, Stage) + Send + Sync>;

/// Is told of exchanges until this is dropped.
#[must_use = "nothing is told any more when this is dropped"]
pub(in crate::browser) struct Listening {
    witness: Witness,
    number: u64,
}

impl Witness {
    pub(in crate::browser) fn new() -> Self {
        Self(Arc::new(Inner {
            notes: Mutex::default(),
            addresses: Mutex::default(),
            listeners: Mutex::default(),
            routed: Mutex::default(),
            clock: Clock::default(),
        }))
    }

    /// Takes note of what happens on a page, or on a part of one, from now on. Called before its domains are enabled, so that
    /// nothing is missed.
    pub(in crate::browser) fn follow(&self, page: &Page) {
        let session = page.session().to_owned();
        let known = lock(&self.0.addresses).get(&session).cloned();
        let is_part = known.is_some();
        let address = known.unwrap_or_else(|| Arc::new(Mutex::new(Address::new())));
        lock(&self.0.addresses).insert(session.clone(), address.clone());
        let witness = self.clone();
        page.listen(move |method, params| {
            if method == "Target.detachedFromTarget" && params["sessionId"] == session.as_str() {
                lock(&witness.0.addresses).remove(&session);
                return;
            }
            witness.hear(&address, is_part, &session, method, params);
        });
    }

    /// What happened so far, oldest first. Bounded in number and bytes: the last entry says how much was dropped, if anything was.
    pub(crate) fn entries(&self) -> Vec<Entry> {
        self.notes().entries()
    }

    /// The last exchange with this id, as far as it is known.
    pub(in crate::browser) fn exchange(&self, id: &str) -> Option<Arc<Exchange>> {
        self.notes().exchange(id)
    }

    /// Is told of each exchange (request and response) as it goes on, before any later answer of the browser arrives, until the
    /// result is dropped. It must not block.
    pub(in crate::browser) fn on_exchange(
        &self,
        listener: impl Fn(&Exchange, Stage) + Send + Sync + 'static,
    ) -> Listening {
        let mut listeners = lock(&self.0.listeners);
        listeners.last += 1;
        let number = listeners.last;
        listeners.all.push((number, Arc::new(listener)));
        Listening { witness: self.clone(), number }
    }

    /// A route was asked about the request with this id and address. Whether the browser has told of it by now or not.
    pub(in crate::browser) fn routed(&self, id: &str, url: &str, routed: Option<Routed>) {
        let mut early = lock(&self.0.routed);
        let mut notes = self.notes();
        if notes.exchange(id).is_some_and(|exchange| exchange.url == url) {
            notes.update(id, |exchange| exchange.routed = routed);
            return;
        }
        let Some(routed) = routed else {
            early.remove(id);
            return;
        };
        if early.len() < ROUTED || early.contains_key(id) {
            early.insert(id.to_owned(), (url.to_owned(), routed));
        }
    }

    fn tell(&self, exchange: &Exchange, stage: Stage) {
        // They may ask for the entries, or listen no longer.
        let listeners: Vec<_> = lock(&self.0.listeners).all.iter().map(|(_, each)| each.clone()).collect();
        for listener in listeners {
            listener(exchange, stage);
        }
    }

    fn notes(&self) -> MutexGuard<'_, Notes> {
        lock(&self.0.notes)
    }
}

impl Address {
    fn new() -> Self {
        Self { url: "about:blank".to_owned(), frame: String::new() }
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        lock(&self.witness.0.listeners).all.retain(|(number, _)| *number != self.number);
    }
}

impl fmt::Debug for Witness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Witness")
    }
}

impl fmt::Debug for Listening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Listening")
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
