//! What a fixture is: a value that a test, or another fixture, takes as an argument.

use std::any::TypeId;
use std::future::Future;
use std::rc::Rc;
use std::time::Duration;

use super::context::Context;
use super::error::{Failure, TestError, TestResult};
use super::registry::{LocalFuture, Place};
use super::store::{Kept, Value};
use crate::browser::Session;
use crate::model::{Account, chain};
use crate::services::App;
use crate::slots::Slot;

/// A value that tests take as an argument, by `&` or `&mut`: set up before the test, torn down after it, whatever the test did.
///
/// Most are written as a function with [`#[fixture]`](crate::fixture). The trait is for those who want more, for
/// instance a fixture for which the account to use is found out while it is set up:
///
/// ```no_run
/// use callboard::{App, Context, Description, Fixture, Scope, Session, TestResult};
///
/// struct Catalogue {
///     page: String,
/// }
///
/// impl Fixture for Catalogue {
///     fn describe() -> Description {
///         Description::of::<Self>().scope(Scope::Slot).roles(&["site_admin"])
///     }
///
///     async fn set_up(context: &Context) -> TestResult<Self> {
///         let session = context.get_as::<Session>("site_admin").await?;
///         session.borrow().goto("/catalogue").await?;
///         Ok(Self { page: session.borrow().source().await? })
///     }
///
///     async fn tear_down(&mut self) -> TestResult {
///         self.page.clear();
///         Ok(())
///     }
/// }
/// ```
///
/// A set-up that fails makes the attempt *errored*, and the test is not begun. A value is set up once per test (or once per
/// slot), however many ask for it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a fixture",
    label = "a test cannot take this as an argument",
    note = "fixtures are `&Session`, `&Slot`, `&Account`, `&App` and `&Mailbox`, and what a function makes that is marked `#[fixture]`: \
            `#[fixture] async fn name(session: &Session) -> TestResult<{Self}>`"
)]
pub trait Fixture: Sized + 'static {
    /// Its name, how long it lives, and what is to be known of it before the run.
    fn describe() -> Description {
        Description::of::<Self>()
    }

    /// Makes the value. Other fixtures are had from the context.
    fn set_up(context: &Context) -> impl Future<Output = TestResult<Self>>;

    /// Ends what `set_up` began. What goes wrong here is reported beside the outcome of the test and never hides it. It may take 10 s.
    fn tear_down(&mut self) -> impl Future<Output = TestResult> {
        async { Ok(()) }
    }
}

/// How long a fixture lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Until the end of the test that asked for it. The default.
    Test,
    /// As long as the worker of the slot, through all tests there; it ends before the slot's services do.
    Slot,
}

/// What is known of a fixture before it is set up.
///
/// ```
/// use std::time::Duration;
/// use callboard::{Description, Scope};
///
/// struct Catalogue;
///
/// let description = Description::of::<Catalogue>().scope(Scope::Slot).timeout(Duration::from_secs(90));
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Description {
    pub(crate) name: &'static str,
    pub(crate) place: Option<Place>,
    pub(crate) kind: Kind,
    pub(crate) timeout: Option<Duration>,
    pub(crate) roles: &'static [&'static str],
    pub(crate) arguments: &'static [Argument],
}

/// What kind of fixture it is, as far as the harness makes a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A browser context: each argument has one of its own.
    Session,
    /// The slot's account of a role.
    Account,
    /// What the slot has anyway. It lives wherever it is asked for.
    Surroundings,
    /// What a consumer's function makes.
    Made(Scope),
}

impl Description {
    /// A fixture that lives as long as its test, under the name of its type.
    pub fn of<T: 'static>() -> Self {
        let path = std::any::type_name::<T>();
        // `app::Catalogue<app::Page>` is known as `Catalogue<app::Page>`.
        let plain = path.split('<').next().unwrap_or(path);
        let name = plain.rfind("::").map_or(path, |colons| &path[colons + 2..]);
        Self { name, place: None, kind: Kind::Made(Scope::Test), timeout: None, roles: &[], arguments: &[] }
    }

    /// How long it lives.
    #[must_use]
    pub fn scope(self, scope: Scope) -> Self {
        Self { kind: Kind::Made(scope), ..self }
    }

    /// How long its set-up may take, that of other fixtures not counted; default: `tests.fixture_timeout`.
    #[must_use]
    pub fn timeout(self, timeout: Duration) -> Self {
        Self { timeout: Some(timeout), ..self }
    }

    /// The roles whose sessions or accounts it asks the context for: a test that takes it runs only in slots that have an account for each.
    #[must_use]
    pub fn roles(self, roles: &'static [&'static str]) -> Self {
        Self { roles, ..self }
    }

    /// The name and place of the function that makes it.
    #[doc(hidden)]
    #[must_use]
    pub fn function(self, name: &'static str, place: Place, arguments: &'static [Argument]) -> Self {
        Self { name, place: Some(place), arguments, ..self }
    }

    fn built_in<T: 'static>(kind: Kind) -> Self {
        Self { kind, ..Self::of::<T>() }
    }

    /// Whether there is one value for each role that asks, or one for all.
    pub(crate) fn is_of_a_role(&self) -> bool {
        // Fixtures that wait for each other have no end, and are refused elsewhere.
        const DEEPEST: u32 = 50;
        self.is_of_a_role_down_to(DEEPEST)
    }

    fn is_of_a_role_down_to(&self, depth: u32) -> bool {
        match self.kind {
            Kind::Session | Kind::Account => true,
            Kind::Surroundings | Kind::Made(Scope::Slot) => false,
            // Of what is written by hand it is not known.
            Kind::Made(Scope::Test) if self.place.is_none() || depth == 0 => true,
            Kind::Made(Scope::Test) => {
                let mut arguments = self.arguments.iter().filter(|argument| argument.whose == Whose::Asker);
                arguments.any(|argument| (argument.fixture.describe)().is_of_a_role_down_to(depth - 1))
            }
        }
    }

    /// `the fixture `course` (tests/e2e/main.rs:9:10)`
    pub(crate) fn shown(&self) -> String {
        match self.place {
            Some(place) => format!("the fixture `{}` ({place})", self.name),
            None => format!("the fixture `{}`", self.name),
        }
    }
}

/// An argument of a test or of a fixture, as the signature has it.
#[derive(Debug, Clone, Copy)]
pub struct Argument {
    /// The argument's name.
    pub name: &'static str,
    /// Whose session or account it is.
    pub whose: Whose,
    /// Whether it is taken by `&mut`.
    pub mutable: bool,
    /// What it is.
    pub fixture: FixtureType,
}

/// Whose session or account an argument is.
///
/// An argument that is nobody's has it too and need not look at it: the macros cannot tell an alias of `Session` from another type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// Nobody's: an anonymous session.
    Nobody,
    /// `role = "…"`, or with `roles` the one that the argument's own name says.
    Role(&'static str),
    /// Of a fixture that names no roles: that of whoever asks for the fixture.
    Asker,
}

impl Argument {
    /// The role, where the function is asked for by somebody of the role `asker`, in a test with these roles.
    pub(crate) fn role(&self, asker: Option<&'static str>, of_test: &[&'static str]) -> Option<&'static str> {
        // As the macros know a role by an argument's name: `head_teacher_2_account` is of `head-teacher#2`.
        let plain = self.name.strip_suffix("_account").unwrap_or(self.name);
        let is_named =
            |role: &&&'static str| [self.name, plain].contains(&role.replace(['-', '#'], "_").as_str());
        match self.whose {
            Whose::Nobody => None,
            Whose::Role(role) => Some(role),
            Whose::Asker => of_test.iter().find(is_named).copied().or(asker),
        }
    }
}

/// A fixture's type.
#[derive(Debug, Clone, Copy)]
pub struct FixtureType {
    pub(crate) id: TypeId,
    pub(crate) describe: fn() -> Description,
    pub(super) set_up: fn(&Context) -> LocalFuture<'_, TestResult<Value>>,
}

/// The type `T` as an argument has it.
pub const fn fixture_type<T: Fixture>() -> FixtureType {
    FixtureType { id: TypeId::of::<T>(), describe: T::describe, set_up: set_up::<T> }
}

fn set_up<T: Fixture>(context: &Context) -> LocalFuture<'_, TestResult<Value>> {
    Box::pin(async { Ok(Rc::new(Kept::new(T::set_up(context).await?)) as Value) })
}

impl Fixture for Session {
    fn describe() -> Description {
        Description::built_in::<Self>(Kind::Session)
    }

    async fn set_up(context: &Context) -> TestResult<Self> {
        context.open_session().await
    }

    async fn tear_down(&mut self) -> TestResult {
        self.close().await.map_err(|error| TestError::new(chain(&error)))
    }
}

impl Fixture for Account {
    fn describe() -> Description {
        Description::built_in::<Self>(Kind::Account)
    }

    async fn set_up(context: &Context) -> TestResult<Self> {
        context.own_account().map_err(|problem| Failure(problem).into())
    }
}

impl Fixture for Slot {
    fn describe() -> Description {
        Description::built_in::<Self>(Kind::Surroundings)
    }

    async fn set_up(context: &Context) -> TestResult<Self> {
        Ok(context.slot().clone())
    }
}

impl Fixture for App {
    fn describe() -> Description {
        Description::built_in::<Self>(Kind::Surroundings)
    }

    async fn set_up(context: &Context) -> TestResult<Self> {
        Ok(context.app().clone())
    }
}

#[cfg(feature = "mail")]
impl Fixture for crate::mail::Mailbox {
    fn describe() -> Description {
        Description::built_in::<Self>(Kind::Surroundings)
    }

    async fn set_up(context: &Context) -> TestResult<Self> {
        context.mailbox().cloned().ok_or_else(|| {
            TestError::new(
                "the slot has no mail server; write into callboard.toml:\n\n[ports]\nsmtp = 4002\n\n[mail]\nport = \"smtp\"",
            )
        })
    }
}
