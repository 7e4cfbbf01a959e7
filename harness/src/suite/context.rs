//! The context of an attempt: where it is, and from where its fixtures come.

use std::cell::Cell;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::rc::Rc;
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use tokio::sync::Notify;

use super::error::{Failure, TestResult};
use super::fixture::{Argument, Description, Fixture, FixtureType, Kind, Scope, fixture_type};
use super::guard::{problem_of, standstill};
use super::home::Home;
use super::registry::{Place, SignInEntry, TestEntry};
use super::store::{Handle, Key, Store, Taken, Value};
use crate::browser::Session;
use crate::machine::Patience;
use crate::model::{Account, Event, Pattern, Problem, micros};
use crate::services::App;
use crate::slots::Slot;
use crate::trail::{Skip, Standstill};

/// Where a fixture is set up, and from where it has others.
///
/// ```no_run
/// use callboard::{Context, Fixture, Session, TestResult};
///
/// struct Timetable(String);
///
/// impl Fixture for Timetable {
///     async fn set_up(context: &Context) -> TestResult<Self> {
///         let session = context.get::<Session>().await?;
///         let session = session.borrow();
///         session.goto("/timetable").await?;
///         Ok(Self(session.source().await?))
///     }
/// }
/// ```
pub struct Context {
    shared: Rc<Shared>,
    scope: Scope,
    /// The role for which the value is that is being set up.
    role: Option<&'static str>,
    /// What is being set up, and for what; nothing for the test itself.
    asked: Option<Rc<Asked>>,
    /// Those of the function that is called from here.
    arguments: &'static [Argument],
}

/// What is the same for all that is set up for an attempt.
struct Shared {
    home: Rc<Home>,
    store: Store,
    /// The roles that the test itself names.
    roles: &'static [&'static str],
    signing_in: Option<(Session, Account)>,
    has_begun: Cell<bool>,
    begun: Notify,
    /// What is no error on the pages of its sessions.
    allow_console: Cell<&'static [Pattern]>,
    announce: Cell<Option<Box<dyn FnOnce()>>>,
}

/// A fixture that is being set up.
struct Asked {
    key: Key,
    /// `the fixture `course` (tests/e2e/main.rs:9:10)`
    shown: String,
    place: Option<Place>,
    by: Option<Rc<Asked>>,
    /// How long it has waited for other fixtures, and since when it does again.
    waited: Cell<Duration>,
    waiting: Cell<Option<Instant>>,
}

impl Context {
    /// The context of an attempt.
    pub(crate) fn new(home: Rc<Home>, test: &'static TestEntry) -> Self {
        Self::of(home, test.roles, test.arguments, None)
    }

    /// The context of a sign-in: whose session and account are the ones given.
    pub(crate) fn for_sign_in(
        home: Rc<Home>,
        sign_in: &'static SignInEntry,
        session: Session,
        account: Account,
    ) -> Self {
        Self::of(home, &[], sign_in.arguments, Some((session, account)))
    }

    fn of(
        home: Rc<Home>,
        roles: &'static [&'static str],
        arguments: &'static [Argument],
        signing_in: Option<(Session, Account)>,
    ) -> Self {
        let shared = Shared {
            home,
            store: Store::default(),
            roles,
            signing_in,
            has_begun: Cell::new(false),
            begun: Notify::new(),
            allow_console: Cell::new(&[]),
            announce: Cell::new(None),
        };
        Self { shared: Rc::new(shared), scope: Scope::Test, role: None, asked: None, arguments }
    }

    /// This is called when the function itself begins.
    pub(crate) fn announcing(self, begun: impl FnOnce() + 'static) -> Self {
        self.shared.announce.set(Some(Box::new(begun)));
        self
    }

    /// On the pages of the attempt's own sessions these are no errors.
    pub(crate) fn allowing(self, patterns: &'static [Pattern]) -> Self {
        self.shared.allow_console.set(patterns);
        self
    }

    /// Another fixture. It is set up now, unless it is there already; of the role for which this one is.
    pub async fn get<T: Fixture>(&self) -> TestResult<Handle<T>> {
        self.handle(self.role).await
    }

    /// Another fixture, of this role: `context.get_as::<Session>("site_admin")`. The role has to be among those of
    /// [`Description::roles`].
    pub async fn get_as<T: Fixture>(&self, role: &'static str) -> TestResult<Handle<T>> {
        self.handle(Some(role)).await
    }

    async fn handle<T: Fixture>(&self, role: Option<&'static str>) -> TestResult<Handle<T>> {
        let fixture = fixture_type::<T>();
        let taken = self.obtain(&fixture, (fixture.describe)().name, role, 0).await?;
        Ok(Handle { taken, of: std::marker::PhantomData })
    }

    /// The slot.
    pub fn slot(&self) -> &Slot {
        self.shared.home.slot()
    }

    /// The application in the slot.
    pub fn app(&self) -> &App {
        self.shared.home.app()
    }

    /// The slot's account of a role. An error when it has none.
    pub fn account(&self, role: &str) -> TestResult<Account> {
        self.shared.home.account(role).map_err(|problem| Failure(problem).into())
    }

    /// The role for which the value is: that of the argument for which it is set up.
    pub fn role(&self) -> Option<&'static str> {
        self.role
    }

    pub(super) fn home(&self) -> &Home {
        &self.shared.home
    }

    #[cfg(feature = "mail")]
    pub(super) fn mailbox(&self) -> Option<&crate::mail::Mailbox> {
        self.shared.home.mailbox()
    }

    pub(super) async fn open_session(&self) -> TestResult<Session> {
        if let Some((session, _)) = self.shared.signing_in.as_ref().filter(|_| self.scope == Scope::Test) {
            return Ok(session.clone());
        }
        let session = self.shared.home.session(self.role).await.map_err(Failure)?;
        if self.scope == Scope::Test {
            session.allow(self.shared.allow_console.get().iter().cloned());
        }
        self.store(self.scope).opened(session.clone());
        Ok(session)
    }

    pub(super) fn own_account(&self) -> Result<Account, Problem> {
        if let Some((_, account)) = self.shared.signing_in.as_ref().filter(|_| self.scope == Scope::Test) {
            return Ok(account.clone());
        }
        let Some(role) = self.role else {
            return Err(Problem::errored("whose account? name a role: `role = \"…\"`"));
        };
        self.shared.home.account(role)
    }

    /// Takes one of the function's arguments: sets it up, unless it is there already.
    #[doc(hidden)]
    pub async fn take(&self, index: usize) -> Result<Taken, Failure> {
        let of_test = match self.scope {
            Scope::Test => self.shared.roles,
            Scope::Slot => &[],
        };
        let argument = &self.arguments[index];
        let role = |argument: &Argument| argument.role(self.role, of_test);
        let is_same =
            |other: &&Argument| other.fixture.id == argument.fixture.id && role(other) == role(argument);
        // Of sessions each argument has its own; of everything else there is one.
        let is_session = (argument.fixture.describe)().kind == Kind::Session;
        let nth = if is_session { self.arguments[..index].iter().filter(is_same).count() } else { 0 };
        self.obtain(&argument.fixture, argument.name, role(argument), nth).await
    }

    async fn obtain(
        &self,
        fixture: &FixtureType,
        name: &str,
        role: Option<&'static str>,
        nth: usize,
    ) -> Result<Taken, Failure> {
        let description = (fixture.describe)();
        let scope = match description.kind {
            Kind::Made(Scope::Slot) => Scope::Slot,
            _ => self.scope,
        };
        let role = role.filter(|_| description.is_of_a_role());
        let key = Key { fixture: fixture.id, role, nth };
        let shown = match description.kind {
            Kind::Made(_) => description.shown(),
            _ => format!("`{name}`"),
        };
        let asked = Rc::new(Asked {
            key,
            shown,
            place: description.place,
            by: self.asked.clone(),
            waited: Cell::default(),
            waiting: Cell::default(),
        });
        if self.scope == Scope::Slot && description.kind == Kind::Made(Scope::Test) {
            return Err(asked.failure("it lives as long as a test, and what asks for it as long as the slot"));
        }
        if asked.askers().any(|other| other.key == key) {
            return Err(asked.failure("it would have to be there already, for its own set-up"));
        }
        let (shared, arguments) = (self.shared.clone(), description.arguments);
        let context = Self { shared, scope, role, asked: Some(asked.clone()), arguments };
        let store = self.store(scope);
        let cell = store.cell(key);
        let making = cell.get_or_try_init(|| async {
            let began = Instant::now();
            let made = context.make(fixture, &description, &asked).await?;
            store.hold(name_to_tear_down(&description, name), made.clone());
            if let Kind::Made(scope) = description.kind {
                let (slot, took_us) = (self.slot().id(), micros(began.elapsed()));
                let fixture = description.name.to_owned();
                let of_slot = scope == Scope::Slot;
                self.shared.home.emit(Event::FixtureReady { slot, fixture, of_slot, took_us });
            }
            Ok(made)
        });
        let value = match &self.asked {
            Some(asking) => asking.while_waiting(making).await?,
            None => making.await?,
        };
        Ok(Taken(value.clone()))
    }

    /// Sets a fixture up, within its time; a panic is an error like any other.
    async fn make(
        &self,
        fixture: &FixtureType,
        description: &Description,
        asked: &Asked,
    ) -> Result<Value, Failure> {
        let set_up = AssertUnwindSafe((fixture.set_up)(self)).catch_unwind();
        let result = match description.kind {
            Kind::Made(_) => {
                let (limit, from) = self.shared.home.limits().of_fixture(description);
                asked.within(limit, set_up).await.map_err(|standstill| {
                    let why = format!("it took longer than {limit:?} ({from}){}", standstill.after_colon());
                    asked.failed(Problem { steps: standstill.steps, ..Problem::errored(why) })
                })?
            }
            // What opens sessions has limits of its own.
            _ => set_up.await,
        };
        match result {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => Err(match error.into_set_up() {
                Ok(of_another) if matches!(description.kind, Kind::Made(_)) => of_another,
                Ok(Failure(problem)) => asked.failed(problem),
                Err(error) => asked.failed(error.into_problem()),
            }),
            // It is the test that is skipped.
            Err(panic) if panic.is::<Skip>() => std::panic::resume_unwind(panic),
            Err(panic) => {
                let problem = problem_of(panic.as_ref());
                Err(asked.failed(Problem { message: format!("it panicked: {}", problem.message), ..problem }))
            }
        }
    }

    fn store(&self, scope: Scope) -> &Store {
        match scope {
            Scope::Test => &self.shared.store,
            Scope::Slot => self.shared.home.store(),
        }
    }

    /// From here on it is the function itself that runs.
    #[doc(hidden)]
    pub fn begin(&self) {
        // At once, not by way of a task: the function may block its thread from its first line on.
        if let Some(announce) = self.shared.announce.take() {
            announce();
        }
        self.shared.has_begun.set(true);
        self.shared.begun.notify_waiters();
    }

    /// Waits until the function itself runs.
    pub(crate) async fn begun(&self) {
        let begins = self.shared.begun.notified();
        if !self.shared.has_begun.get() {
            begins.await;
        }
    }

    /// Whether there is something to tear down.
    pub(crate) fn has_fixtures(&self) -> bool {
        self.shared.store.has_values()
    }

    /// The sessions of the attempt that are open, oldest first.
    pub(crate) fn sessions(&self) -> Vec<Session> {
        self.shared.store.sessions()
    }

    /// Tears down what lives as long as the attempt.
    pub(crate) async fn tear_down(&self) -> Vec<Problem> {
        self.shared.store.tear_down().await
    }
}

impl std::fmt::Debug for Context {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Context").field("slot", &self.slot().id()).finish_non_exhaustive()
    }
}

/// A fixture is known by its own name, what the slot has anyway by the argument's.
fn name_to_tear_down(description: &Description, argument: &str) -> String {
    match description.kind {
        Kind::Made(_) => description.name.to_owned(),
        _ => argument.to_owned(),
    }
}

impl Asked {
    fn failure(&self, why: &str) -> Failure {
        self.failed(Problem::errored(why))
    }

    /// It could not be set up: why, and who asked for it.
    fn failed(&self, problem: Problem) -> Failure {
        let mut message = format!("setting up {}: {}", self.shown, problem.message);
        for asker in self.askers() {
            message.push_str("\n  asked for by ");
            message.push_str(&asker.shown);
        }
        let places = std::iter::once(self).chain(self.askers()).map(|asked| asked.place);
        let location = problem.location.or_else(|| Some(places.flatten().next()?.into()));
        Failure(Problem { location, steps: problem.steps, ..Problem::errored(message) })
    }

    /// What asked for it, the nearest first.
    fn askers(&self) -> impl Iterator<Item = &Asked> {
        std::iter::successors(self.by.as_deref(), |asked| asked.by.as_deref())
    }

    /// Waits for another fixture: that time does not count as this one's.
    async fn while_waiting<T>(&self, other: impl Future<Output = T>) -> T {
        self.waiting.set(Some(Instant::now()));
        let value = other.await;
        self.waited.set(self.waited());
        self.waiting.set(None);
        value
    }

    fn waited(&self) -> Duration {
        self.waited.get() + self.waiting.get().map_or(Duration::ZERO, |since| since.elapsed())
    }

    /// Where it stands if it takes longer than this, what it waits for other fixtures not counted.
    async fn within<T>(&self, limit: Duration, set_up: impl Future<Output = T>) -> Result<T, Standstill> {
        let mut set_up = pin!(set_up);
        let patience = Patience::begin();
        loop {
            let limit = limit.saturating_add(self.waited()).saturating_add(patience.extension(limit));
            let left = limit.saturating_sub(patience.elapsed());
            tokio::select! {
                biased;
                value = &mut set_up => return Ok(value),
                () = tokio::time::sleep(left) => if left.is_zero() { return Err(standstill()) },
            }
        }
    }
}
