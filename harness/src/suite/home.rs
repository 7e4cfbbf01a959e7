//! What a slot offers to the tests that run in it, one after another: the application, the browser,
//! and the states of those who have signed in.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;

use super::collect::Suite;
use super::context::Context;
use super::guard::{Ended, guarded};
use crate::browser::{BrowserError, Connection, Endpoint, OpenSession, Session, Start, State, renewal};
use crate::model::{Account, Event, Problem, Role, SlotId, chain, micros};
use crate::services::App;
use crate::slots::Slot;

/// Gives the address of the slot's browser, and starts one first where there is none.
pub(crate) type BrowserSource = Arc<dyn Fn() -> BoxFuture<'static, Result<Endpoint, Problem>> + Send + Sync>;

/// Takes the events that happen in the slot's surroundings.
pub(crate) type Observer = Arc<dyn Fn(Event) + Send + Sync>;

/// All that a home is made of; it is sent to the thread of the slot.
pub(crate) struct Furnishing {
    pub(crate) slot: Slot,
    pub(crate) app: App,
    /// The slot's account of each role that has one for it.
    pub(crate) accounts: BTreeMap<Role, Account>,
    pub(crate) suite: &'static Suite,
    pub(crate) sign_in_timeout: Duration,
    pub(crate) browser: BrowserSource,
    /// What is sent to the slot's mail server, if it has one.
    #[cfg(feature = "mail")]
    pub(crate) mailbox: Option<crate::mail::Mailbox>,
    pub(crate) on_event: Observer,
}

/// See the room's documentation. Lives on the slot's own thread.
pub(crate) struct Home {
    furnishing: Furnishing,
    /// With the address that it goes to.
    connection: RefCell<Option<(String, Connection)>>,
    states: RefCell<BTreeMap<Role, Arc<State>>>,
}

impl Home {
    pub(crate) fn new(furnishing: Furnishing) -> Rc<Self> {
        Rc::new(Self { furnishing, connection: RefCell::default(), states: RefCell::default() })
    }

    pub(crate) fn slot(&self) -> &Slot {
        &self.furnishing.slot
    }

    pub(crate) fn app(&self) -> &App {
        &self.furnishing.app
    }

    /// What is sent to the slot's mail server, if it has one.
    #[cfg(feature = "mail")]
    pub(crate) fn mailbox(&self) -> Option<&crate::mail::Mailbox> {
        self.furnishing.mailbox.as_ref()
    }

    /// The slot's account of a role.
    pub(crate) fn account(&self, role: &str) -> Result<&Account, Problem> {
        let slot = self.slot_id();
        self.furnishing.accounts.get(role).ok_or_else(|| {
            // The match of tests to slots has seen to it; only a fixture written by hand gets here.
            Problem::errored(format_args!("slot {slot} has no account of the role `{role}`"))
        })
    }

    /// A text in which no password of the slot's accounts is left.
    pub(crate) fn mask(&self, text: String) -> String {
        // A shorter one would be found in innocent words.
        const SHORTEST: usize = 4;
        let passwords = self.furnishing.accounts.values().map(Account::password);
        passwords
            .filter(|password| password.len() >= SHORTEST)
            .fold(text, |text, password| text.replace(password, "…"))
    }

    /// A fresh session: anonymous, or signed in as the slot's account of a role.
    pub(crate) async fn session(self: &Rc<Self>, role: Option<&str>) -> Result<Session, Problem> {
        let Some(role) = role else { return self.open(None, Start::Fresh).await };
        let account = self.account(role)?.clone();
        let known = self.states.borrow().get(role).cloned();
        let state = match known {
            Some(state) => state,
            None => self.sign_in(account.role(), false).await?,
        };
        let (home, role) = (self.clone(), account.role().clone());
        let (renew, answers) = renewal(move || {
            let (home, role) = (home.clone(), role.clone());
            async move { home.sign_in(&role, true).await }
        });
        tokio::task::spawn_local(answers);
        self.open(Some(account), Start::Restored { state, renew: Some(renew) }).await
    }

    async fn open(&self, account: Option<Account>, start: Start) -> Result<Session, Problem> {
        let connection = self.connection().await?;
        let began = Instant::now();
        let role = account.as_ref().map(|account| account.role().clone());
        let options = OpenSession { base_url: self.app().base_url().to_owned(), account, start };
        let session = connection.open_session(options).await.map_err(errored)?;
        let took_us = micros(began.elapsed());
        self.emit(Event::SessionOpened { slot: self.slot_id(), role, took_us });
        Ok(session)
    }

    /// The connection to the slot's browser: a new one when the browser is another than before.
    async fn connection(&self) -> Result<Connection, Problem> {
        let endpoint = (self.furnishing.browser)().await?;
        let known = self.connection.borrow().clone();
        if let Some((_, connection)) = known.filter(|(address, _)| *address == endpoint.web_socket_url) {
            return Ok(connection);
        }
        let connection = Connection::connect(&endpoint).await.map_err(errored)?;
        *self.connection.borrow_mut() = Some((endpoint.web_socket_url, connection.clone()));
        Ok(connection)
    }

    /// Signs a role in, in a session of its own, and keeps the state.
    async fn sign_in(self: &Rc<Self>, role: &Role, renewed: bool) -> Result<Arc<State>, Problem> {
        let Some(entry) = self.furnishing.suite.sign_in(role) else {
            return Err(Problem::errored(format_args!(
                "no function signs in the role `{role}`; write one: #[sign_in(role = \"{role}\")] \
                 async fn sign_in(session: &Session, account: &Account) -> TestResult {{ … }}"
            )));
        };
        let account = self.account(role.as_str())?.clone();
        let began = Instant::now();
        let session = self.open(Some(account.clone()), Start::SigningIn).await?;
        let context = Context::for_sign_in(self.clone(), session.clone(), account.clone());
        // Its arguments are there already, so that its time begins to count at once.
        context.begin();
        let limit = self.furnishing.sign_in_timeout;
        let result = match guarded(&context, (entry.run)(&context), limit).await {
            Ended::Returned(Ok(())) => session.state().await.map_err(errored).and_then(|state| {
                if state.is_empty() {
                    return Err(Problem::errored("it left no cookie and nothing in local storage; does it wait until the application has let it in?"));
                }
                Ok(Arc::new(state))
            }),
            Ended::Returned(Err(failure)) => Err(failure.0),
            Ended::Panicked(problem) => Err(problem),
            Ended::OutOfTime => Err(Problem::errored(format_args!("it took longer than {limit:?} (tests.sign_in_timeout)"))),
        };
        if let Err(problem) = session.close().await {
            tracing::debug!(%problem, "a sign-in's session could not be closed");
        }
        let state = result.map_err(|problem| Problem {
            message: format!(
                "signing in {} ({role}) with `{}` failed: {}",
                account.username(),
                entry.name,
                problem.message
            ),
            location: problem.location.or_else(|| Some(entry.place.into())),
            ..Problem::errored("")
        })?;
        self.states.borrow_mut().insert(role.clone(), state.clone());
        let took_us = micros(began.elapsed());
        self.emit(Event::SignedIn { slot: self.slot_id(), role: role.clone(), took_us, renewed });
        Ok(state)
    }

    fn emit(&self, event: Event) {
        (self.furnishing.on_event)(event);
    }

    fn slot_id(&self) -> SlotId {
        self.slot().id()
    }
}

fn errored(error: BrowserError) -> Problem {
    Problem::errored(chain(&error))
}
