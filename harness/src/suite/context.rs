//! The context of an attempt: sets fixtures up, keeps them, and tears them down in reverse order.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::rc::Rc;
use std::time::Duration;

use tokio::sync::{Notify, oneshot};

use super::error::Failure;
use super::home::Home;
use super::registry::{Argument, LocalFuture};
use crate::browser::Session;
use crate::model::{Account, Problem, chain};
use crate::services::App;
use crate::slots::Slot;

/// How long one tear-down may take; after it the next one is done.
const TEAR_DOWN_LIMIT: Duration = Duration::from_secs(10);

/// What a test can take as an argument, by reference: [`Session`], [`Slot`], [`Account`], [`App`].
///
/// It is set up before the test and torn down after it, whatever the test did.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a fixture",
    label = "a test cannot take this as an argument",
    note = "the fixtures are `&Session`, `&Slot`, `&Account` and `&App`, each by reference"
)]
pub trait Fixture: Sized + 'static {
    /// Makes the value. An error makes the attempt *errored*, and the test is not begun.
    fn set_up(context: &Context, argument: &Argument) -> impl Future<Output = Result<Self, Problem>>;

    /// Ends what `set_up` began. An error is reported beside the test's outcome and never hides it.
    fn tear_down(&self) -> impl Future<Output = Result<(), Problem>> {
        async { Ok(()) }
    }
}

/// Where an attempt is run, and what was set up for it so far.
pub struct Context {
    home: Rc<Home>,
    held: RefCell<Vec<(&'static str, Rc<dyn Held>)>>,
    sessions: RefCell<Vec<Session>>,
    signing_in: Option<(Session, Account)>,
    setting_up: Cell<Option<&'static str>>,
    has_begun: Cell<bool>,
    begun: Notify,
    announce: Cell<Option<oneshot::Sender<()>>>,
}

impl Context {
    /// The context of an attempt.
    pub(crate) fn new(home: Rc<Home>) -> Self {
        Self {
            home,
            held: RefCell::default(),
            sessions: RefCell::default(),
            signing_in: None,
            setting_up: Cell::new(None),
            has_begun: Cell::new(false),
            begun: Notify::new(),
            announce: Cell::new(None),
        }
    }

    /// Whoever waits for this is told, from another thread too, when the function itself begins.
    pub(crate) fn announcing(self, begun: oneshot::Sender<()>) -> Self {
        self.announce.set(Some(begun));
        self
    }

    /// The context of a sign-in: whose session and account are the ones given.
    pub(crate) fn for_sign_in(home: Rc<Home>, session: Session, account: Account) -> Self {
        Self { signing_in: Some((session, account)), ..Self::new(home) }
    }

    /// Sets up one argument of the function and keeps it until the attempt is over.
    pub async fn set_up<T: Fixture>(&self, argument: &Argument) -> Result<Rc<T>, Failure> {
        self.setting_up.set(Some(argument.name));
        let value =
            Rc::new(T::set_up(self, argument).await.map_err(|problem| about(argument.name, problem))?);
        self.held.borrow_mut().push((argument.name, value.clone()));
        self.setting_up.set(None);
        Ok(value)
    }

    /// From here on it is the function itself that runs.
    pub fn begin(&self) {
        // At once, not by way of a task: the function may block its thread from its first line on.
        if let Some(announce) = self.announce.take() {
            let _ = announce.send(());
        }
        self.has_begun.set(true);
        self.begun.notify_waiters();
    }

    /// Waits until the function itself runs.
    pub(crate) async fn begun(&self) {
        let begins = self.begun.notified();
        if !self.has_begun.get() {
            begins.await;
        }
    }

    /// The argument that is being set up, if one is.
    pub(crate) fn setting_up(&self) -> Option<&'static str> {
        self.setting_up.get()
    }

    /// The sessions that are open, oldest first.
    pub(crate) fn sessions(&self) -> Vec<Session> {
        self.sessions.borrow().clone()
    }

    /// Tears everything down, the last first. What went wrong on the way is returned and stops nothing.
    pub(crate) async fn tear_down(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        loop {
            let Some((name, value)) = self.held.borrow_mut().pop() else { return problems };
            let problem = match tokio::time::timeout(TEAR_DOWN_LIMIT, value.tear_down()).await {
                Ok(Ok(())) => continue,
                Ok(Err(problem)) => problem.message,
                Err(_) => format!("it took longer than {TEAR_DOWN_LIMIT:?}"),
            };
            problems.push(Problem::errored(format_args!("the tear-down of `{name}` failed: {problem}")));
        }
    }
}

impl std::fmt::Debug for Context {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Context").field("slot", &self.home.slot().id()).finish_non_exhaustive()
    }
}

fn about(argument: &str, problem: Problem) -> Failure {
    Failure(Problem { message: format!("setting up `{argument}`: {}", problem.message), ..problem })
}

/// A fixture of which only its tear-down is still of interest.
trait Held {
    fn tear_down(&self) -> LocalFuture<'_, Result<(), Problem>>;
}

impl<T: Fixture> Held for T {
    fn tear_down(&self) -> LocalFuture<'_, Result<(), Problem>> {
        Box::pin(Fixture::tear_down(self))
    }
}

impl Fixture for Session {
    async fn set_up(context: &Context, argument: &Argument) -> Result<Self, Problem> {
        if let Some((session, _)) = &context.signing_in {
            return Ok(session.clone());
        }
        let session = context.home.session(argument.role).await?;
        context.sessions.borrow_mut().push(session.clone());
        Ok(session)
    }

    async fn tear_down(&self) -> Result<(), Problem> {
        self.close().await.map_err(|error| Problem::errored(chain(&error)))
    }
}

impl Fixture for Account {
    async fn set_up(context: &Context, argument: &Argument) -> Result<Self, Problem> {
        if let Some((_, account)) = &context.signing_in {
            return Ok(account.clone());
        }
        let Some(role) = argument.role else {
            return Err(Problem::errored("whose account? add `role = \"…\"` to #[e2e]"));
        };
        context.home.account(role).cloned()
    }
}

impl Fixture for Slot {
    async fn set_up(context: &Context, _argument: &Argument) -> Result<Self, Problem> {
        Ok(context.home.slot().clone())
    }
}

impl Fixture for App {
    async fn set_up(context: &Context, _argument: &Argument) -> Result<Self, Problem> {
        Ok(context.home.app().clone())
    }
}

#[cfg(feature = "mail")]
impl Fixture for crate::mail::Mailbox {
    async fn set_up(context: &Context, _argument: &Argument) -> Result<Self, Problem> {
        context.home.mailbox().cloned().ok_or_else(|| {
            Problem::errored(
                "the slot has no mail server; write into callboard.toml:\n\n[ports]\nsmtp = 4002\n\n[mail]\nport = \"smtp\"",
            )
        })
    }
}
