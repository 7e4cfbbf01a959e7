//! What a slot offers to the tests that run in it, one after another: the application, the browser,
//! and the states of those who have signed in.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use super::cancel::Cancelled;
use super::collect::Suite;
use super::context::Context;
use super::guard::{Ended, guarded};
use super::limits::Limits;
use super::pages::PageProblems;
use super::store::Store;
use crate::browser::trace::Recording;
use crate::browser::{
    BrowserError, Connection, DriverEndpoint, Endpoint, OpenSession, Session, Source, Start, State, renewal,
};
use crate::config::Console;
use crate::model::{Account, Event, Outcome, Problem, Role, SlotId, chain, masked, micros};
use crate::services::App;
use crate::slots::Slot;
use crate::trail::Trail;

/// How the slot's browser is had, and its driver.
#[derive(Clone)]
pub(crate) struct BrowserSource {
    pub(crate) browser: Source<Endpoint>,
    pub(crate) driver: Source<DriverEndpoint>,
}

/// Takes the events that happen in the slot's surroundings.
pub(crate) type Observer = Arc<dyn Fn(Event) + Send + Sync>;

/// Takes what a sign-in left.
pub(crate) type OnSignedIn = Arc<dyn Fn(&Role, SlotId, &State) + Send + Sync>;

/// All that a home is made of; it is sent to the thread of the slot.
#[derive(Clone)]
pub(crate) struct Furnishing {
    pub(crate) slot: Slot,
    pub(crate) app: App,
    /// The slot's account of each role that has one for it.
    pub(crate) accounts: BTreeMap<Role, Account>,
    pub(crate) suite: &'static Suite,
    pub(crate) limits: Limits,
    /// What of all that happens on pages is a problem.
    pub(crate) console: Arc<Console>,
    /// The attribute that elements are known to tests by.
    pub(crate) test_id: String,
    pub(crate) browser: BrowserSource,
    /// What is sent to the slot's mail server, if it has one.
    #[cfg(feature = "mail")]
    pub(crate) mailbox: Option<crate::mail::Mailbox>,
    pub(crate) on_event: Observer,
    /// The accounts that have signed in already.
    pub(crate) states: Vec<(Role, SlotId, State)>,
    /// Takes what a sign-in left, for the next who lives here.
    pub(crate) on_signed_in: OnSignedIn,
}

/// See the room's documentation. Lives on the slot's own thread.
pub(crate) struct Home {
    furnishing: Furnishing,
    /// With the address that it goes to.
    connection: RefCell<Option<(String, Connection)>>,
    /// Of each account that has signed in: a role can have been signed in with those of several slots.
    states: RefCell<BTreeMap<(Role, SlotId), Arc<State>>>,
    /// Accounts of other slots that the present test may use, by how it asks for them: `instructor#2`.
    lent: RefCell<BTreeMap<&'static str, Account>>,
    /// The fixtures that live as long as the slot.
    store: Store,
    recording: Recording,
    /// How many times slower the processor is for the pages of the present test.
    slow_pages: Cell<u16>,
}

impl Home {
    pub(crate) fn new(mut furnishing: Furnishing) -> Rc<Self> {
        let states = std::mem::take(&mut furnishing.states).into_iter();
        let states = states.map(|(role, slot, state)| ((role, slot), Arc::new(state))).collect();
        Rc::new(Self {
            furnishing,
            connection: RefCell::default(),
            states: RefCell::new(states),
            store: Store::default(),
            lent: RefCell::default(),
            recording: Recording::default(),
            slow_pages: Cell::default(),
        })
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

    /// The processor is so many times slower for the pages of sessions that are opened from now on.
    pub(crate) fn slow_pages(&self, times: u16) {
        self.slow_pages.set(times);
    }

    /// Whether the present attempt is recorded.
    pub(crate) fn recording(&self) -> &Recording {
        &self.recording
    }

    /// The passwords of all accounts that can be used here.
    pub(crate) fn passwords(&self) -> Vec<String> {
        let lent = self.lent.borrow();
        let accounts = self.furnishing.accounts.values().chain(lent.values());
        accounts.map(|account| account.password().to_owned()).collect()
    }

    pub(super) fn limits(&self) -> Limits {
        self.furnishing.limits
    }

    pub(super) fn console(&self) -> &Console {
        &self.furnishing.console
    }

    /// The sessions of the fixtures that live as long as the slot.
    pub(crate) fn sessions(&self) -> Vec<Session> {
        self.store.sessions()
    }

    /// The fixtures that live as long as the slot.
    pub(super) fn store(&self) -> &Store {
        &self.store
    }

    /// Whether there are fixtures that live as long as the slot.
    pub(crate) fn has_fixtures(&self) -> bool {
        self.store.has_values()
    }

    /// Tears down the fixtures that live as long as the slot. Nobody's test is there to show what goes wrong.
    pub(crate) async fn tear_down(&self) {
        for problem in self.store.tear_down().await {
            self.emit(Event::TearDownFailed { slot: self.slot_id(), problem });
        }
    }

    /// Tears down the fixtures that live as long as the slot if one of them has a browser that is gone: the next test that asks sets
    /// them up again.
    pub(crate) async fn replace_broken_fixtures(&self) {
        for session in self.store.sessions() {
            if session.problem().await.is_some() {
                return self.tear_down().await;
            }
        }
    }

    /// From now on these accounts of other slots may be used, and no others.
    pub(crate) fn lend(&self, accounts: BTreeMap<&'static str, Account>) {
        self.lent.replace(accounts);
    }

    /// The account that is asked for: `instructor` is the slot's own, `instructor#2` one that is lent.
    pub(crate) fn account(&self, asked: &str) -> Result<Account, Problem> {
        let lent = self.lent.borrow().get(asked).cloned();
        lent.or_else(|| self.furnishing.accounts.get(asked).cloned()).ok_or_else(|| {
            // The match of tests to slots has seen to it; only a fixture written by hand gets here.
            let slot = self.slot_id();
            Problem::errored(format_args!("slot {slot} has no account of the role `{asked}`"))
        })
    }

    /// What an account is called in names of files: `instructor`, `instructor-2`.
    pub(crate) fn label(&self, account: &Account) -> String {
        let lent = self.lent.borrow();
        let asked = lent.iter().find(|(_, lent)| *lent == account).map(|(asked, _)| asked.replace('#', "-"));
        asked.unwrap_or_else(|| account.role().to_string())
    }

    /// A text in which no password of the accounts that can be used here is left.
    pub(crate) fn mask(&self, text: String) -> String {
        let lent = self.lent.borrow();
        masked(text, self.furnishing.accounts.values().chain(lent.values()).map(Account::password))
    }

    /// A fresh session: anonymous, or signed in as the account that is asked for.
    pub(crate) async fn session(self: &Rc<Self>, asked: Option<&str>) -> Result<Session, Problem> {
        let Some(asked) = asked else { return self.open(None, Start::Fresh).await };
        let account = self.account(asked)?;
        let known = self.states.borrow().get(&key(&account)).cloned();
        let state = match known {
            Some(state) => state,
            None => self.sign_in(&account, false).await?,
        };
        let (home, renewed) = (self.clone(), account.clone());
        let (renew, answers) = renewal(move || {
            let (home, account) = (home.clone(), renewed.clone());
            async move { home.sign_in(&account, true).await }
        });
        tokio::task::spawn_local(answers);
        self.open(Some(account), Start::Restored { state, renew: Some(renew) }).await
    }

    async fn open(&self, account: Option<Account>, start: Start) -> Result<Session, Problem> {
        let began = Instant::now();
        let role = account.as_ref().map(|account| account.role().clone());
        let companion = account.as_ref().and_then(|account| self.companion(account));
        let options = OpenSession {
            base_url: self.app().base_url().to_owned(),
            account,
            start,
            waits: self.furnishing.limits.waits,
            console: self.furnishing.console.clone(),
            test_id: self.furnishing.test_id.clone(),
            recording: self.recording.clone(),
        };
        let connection = self.connection(None).await?;
        let session = match connection.open_session(options.clone()).await {
            // It died while nobody used it: that is no test's affair.
            Err(BrowserError::Gone { .. }) => {
                let gone = self.connection.take().map(|(address, _)| address);
                self.connection(gone).await?.open_session(options).await
            }
            opened => opened,
        };
        let session = session.map_err(errored)?;
        if self.slow_pages.get() > 1 {
            session.emulate().slow_cpu(self.slow_pages.get().into()).await.map_err(Problem::errored)?;
        }
        let took_us = micros(began.elapsed());
        self.emit(Event::SessionOpened { slot: self.slot_id(), role, companion, took_us });
        Ok(session)
    }

    /// The connection to the slot's browser: a new one when the browser is another than before.
    async fn connection(&self, gone: Option<String>) -> Result<Connection, Problem> {
        let endpoint = (self.furnishing.browser.browser)(gone).await?;
        let known = self.connection.borrow().clone();
        if let Some((_, connection)) = known.filter(|(address, _)| *address == endpoint.web_socket_url) {
            return Ok(connection);
        }
        let connection =
            Connection::connect(&endpoint, self.furnishing.browser.driver.clone()).await.map_err(errored)?;
        *self.connection.borrow_mut() = Some((endpoint.web_socket_url, connection.clone()));
        Ok(connection)
    }

    /// Signs an account in, in a session of its own, and keeps the state.
    async fn sign_in(self: &Rc<Self>, account: &Account, renewed: bool) -> Result<Arc<State>, Problem> {
        let role = account.role();
        let Some(entry) = self.furnishing.suite.sign_in(role) else {
            return Err(Problem::errored(format_args!(
                "no function signs in the role `{role}`; write one: #[sign_in(role = \"{role}\")] \
                 async fn sign_in(session: &Session, account: &Account) -> TestResult {{ … }}"
            )));
        };
        let began = Instant::now();
        // What was refused is of no use to anybody, whatever becomes of this.
        self.states.borrow_mut().remove(&key(account));
        let session = self.open(Some(account.clone()), Start::SigningIn).await?;
        let context = Context::for_sign_in(self.clone(), entry, session.clone(), account.clone());
        // Its arguments are there already, so that its time begins to count at once.
        context.begin();
        let (limit, from) = self.furnishing.limits.of_sign_in(entry);
        let ended = guarded(&context, (entry.run)(&context), limit, &Cancelled::never()).await;
        let mut sessions = context.sessions();
        sessions.push(session.clone());
        let trail = Trail::of_this_thread();
        let pages = PageProblems::since(began, &sessions, &[], self, trail.as_deref()).await;
        let mut result = match ended {
            Ended::Returned(Ok(())) => session.state().await.map_err(errored).and_then(|state| {
                if state.is_empty() {
                    return Err(Problem::errored("it left no cookie and nothing in local storage; does it wait until the application has let it in?"));
                }
                Ok(Arc::new(state))
            }),
            Ended::Returned(Err(failure)) => Err(failure.0),
            Ended::Panicked(problem) => Err(problem),
            // It signs in for all tests of the role in this slot, so that it is not for it to skip one of them.
            Ended::Skipped(reason) => Err(Problem::errored(format_args!(
                "it called `skip!` ({reason}); skip in the test, or return an error"
            ))),
            // It is inside of a test, and that is cancelled as a whole.
            Ended::Cancelled => Err(Problem::errored("the run ended")),
            Ended::OutOfTime(standstill, extension) => Err(Problem {
                steps: standstill.steps.clone(),
                ..Problem::errored(format_args!(
                    "it took longer than {limit:?} ({from}){extension}{}",
                    standstill.after_colon()
                ))
            }),
        };
        match (&mut result, pages.verdict()) {
            (Ok(_), Some(problem)) => result = Err(problem),
            (Ok(_), None) => {}
            (Err(problem), _) => pages.add_to(problem),
        }
        for problem in context.tear_down().await {
            self.emit(Event::TearDownFailed { slot: self.slot_id(), problem });
        }
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
            outcome: Outcome::Errored,
            steps: problem.steps,
        })?;
        self.states.borrow_mut().insert(key(account), state.clone());
        (self.furnishing.on_signed_in)(role, account.slot(), &state);
        let took_us = micros(began.elapsed());
        let (slot, companion) = (self.slot_id(), self.companion(account));
        self.emit(Event::SignedIn { slot, role: role.clone(), companion, took_us, renewed });
        Ok(state)
    }

    /// The slot that an account belongs to, if it is not this one.
    fn companion(&self, account: &Account) -> Option<SlotId> {
        Some(account.slot()).filter(|slot| *slot != self.slot_id())
    }

    pub(super) fn emit(&self, event: Event) {
        (self.furnishing.on_event)(event);
    }

    fn slot_id(&self) -> SlotId {
        self.slot().id()
    }
}

fn key(account: &Account) -> (Role, SlotId) {
    (account.role().clone(), account.slot())
}

fn errored(error: BrowserError) -> Problem {
    Problem::errored(chain(&error))
}
