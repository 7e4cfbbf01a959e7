//! What was set up and is still to be torn down: once for each test, and once for each slot.

use std::any::{Any, TypeId};
use std::cell::{Ref, RefCell, RefMut};
use std::ops::{Deref, DerefMut};
use std::panic::AssertUnwindSafe;
use std::rc::Rc;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::sync::OnceCell;

use super::error::{Failure, TestError, TestResult};
use super::fixture::Fixture;
use super::guard::{noting_panics, problem_of};
use super::registry::LocalFuture;
use crate::browser::Session;
use crate::model::Problem;

/// How long one tear-down may take; after it the next one is done.
const TEAR_DOWN_LIMIT: Duration = Duration::from_secs(10);

/// Which value it is: there is one of each type and role, and of sessions as many as a function asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Key {
    pub(super) fixture: TypeId,
    pub(super) role: Option<&'static str>,
    pub(super) nth: usize,
}

/// A value of a type that is not known here.
pub(super) type Value = Rc<dyn Held>;

/// A value on its way, or there.
type Cell = Rc<OnceCell<Value>>;

/// See the room's documentation.
#[derive(Default)]
pub(super) struct Store {
    cells: RefCell<Vec<(Key, Cell)>>,
    /// With the names for messages, in the order in which they were there.
    held: RefCell<Vec<(String, Value)>>,
    sessions: RefCell<Vec<Session>>,
}

impl Store {
    /// The value's cell: whoever comes first sets it up, others wait for it there.
    pub(super) fn cell(&self, key: Key) -> Cell {
        let mut cells = self.cells.borrow_mut();
        if let Some((_, cell)) = cells.iter().find(|(other, _)| *other == key) {
            return cell.clone();
        }
        let cell = Cell::default();
        cells.push((key, cell.clone()));
        cell
    }

    /// A value is there and will have to be torn down.
    pub(super) fn hold(&self, name: String, value: Value) {
        self.held.borrow_mut().push((name, value));
    }

    /// Whether there is something to tear down.
    pub(super) fn has_values(&self) -> bool {
        !self.held.borrow().is_empty()
    }

    /// A session was opened for one of the values.
    pub(super) fn opened(&self, session: Session) {
        self.sessions.borrow_mut().push(session);
    }

    /// The sessions that are open, oldest first.
    pub(super) fn sessions(&self) -> Vec<Session> {
        self.sessions.borrow().clone()
    }

    /// Tears everything down, the last first. What went wrong on the way is returned and stops nothing.
    pub(super) async fn tear_down(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        self.cells.borrow_mut().clear();
        loop {
            let Some((name, value)) = self.held.borrow_mut().pop() else { break };
            let tearing_down = noting_panics(async {
                match AssertUnwindSafe(value.tear_down()).catch_unwind().await {
                    Ok(Ok(())) => None,
                    Ok(Err(error)) => Some((error.to_string(), Some(error.location().clone()))),
                    Err(panic) => {
                        let Problem { message, location, .. } = problem_of(panic.as_ref());
                        Some((format!("it panicked: {message}"), location))
                    }
                }
            });
            let too_long = || Some((format!("it took longer than {TEAR_DOWN_LIMIT:?}"), None));
            let ended = tokio::time::timeout(TEAR_DOWN_LIMIT, tearing_down).await;
            if let Some((message, location)) = ended.unwrap_or_else(|_elapsed| too_long()) {
                let message = format!("the tear-down of `{name}` failed: {message}");
                problems.push(Problem { location, ..Problem::errored(message) });
            }
        }
        self.sessions.borrow_mut().clear();
        problems
    }
}

/// What can be done with a value without its type.
pub(super) trait Held {
    fn as_any(&self) -> &dyn Any;
    fn tear_down(&self) -> LocalFuture<'_, TestResult>;
}

/// A value, taken by one function at a time where that takes it by `&mut`.
pub(super) struct Kept<T>(RefCell<T>);

impl<T> Kept<T> {
    pub(super) fn new(value: T) -> Self {
        Self(RefCell::new(value))
    }
}

impl<T: Fixture> Held for Kept<T> {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn tear_down(&self) -> LocalFuture<'_, TestResult> {
        Box::pin(async {
            // Functions give back what they took when they end, so it is free, unless a set-up took it for good.
            let taken = self.0.try_borrow_mut().map(BorrowedMut);
            let mut value = taken.map_err(|_| TestError::new("something still uses it"))?;
            value.tear_down().await
        })
    }
}

/// A fixture's value, which others may have as well.
pub struct Taken(pub(super) Value);

impl Taken {
    /// The value by `&`.
    pub fn shared<T: 'static>(&self) -> Result<Borrowed<'_, T>, Failure> {
        self.kept::<T>().0.try_borrow().map(Borrowed).map_err(|_| in_use())
    }

    /// The value by `&mut`.
    pub fn exclusive<T: 'static>(&self) -> Result<BorrowedMut<'_, T>, Failure> {
        self.kept::<T>().0.try_borrow_mut().map(BorrowedMut).map_err(|_| in_use())
    }

    fn kept<T: 'static>(&self) -> &Kept<T> {
        self.0.as_any().downcast_ref().expect("the macros ask for the type that they set up")
    }
}

fn in_use() -> Failure {
    Failure(Problem::errored(IN_USE))
}

const IN_USE: &str = "a fixture is taken by `&mut` while something else uses it";

/// A fixture's value, as [`Context::get`](super::Context::get) gives it. It is kept, and torn down, by the harness.
pub struct Handle<T> {
    pub(super) taken: Taken,
    pub(super) of: std::marker::PhantomData<T>,
}

impl<T: Fixture> Handle<T> {
    /// The value.
    ///
    /// # Panics
    ///
    /// When it is borrowed by [`borrow_mut`](Self::borrow_mut) at this moment.
    pub fn borrow(&self) -> Borrowed<'_, T> {
        self.taken.shared().expect(IN_USE)
    }

    /// The value, to change it.
    ///
    /// # Panics
    ///
    /// When it is borrowed by anybody at this moment.
    pub fn borrow_mut(&self) -> BorrowedMut<'_, T> {
        self.taken.exclusive().expect(IN_USE)
    }
}

impl<T> std::fmt::Debug for Handle<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Handle<{}>", std::any::type_name::<T>())
    }
}

/// A value by `&`. May be held across an `await`: its test is the only one there.
#[derive(Debug)]
pub struct Borrowed<'a, T>(Ref<'a, T>);

impl<T> Deref for Borrowed<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

/// A value by `&mut`. May be held across an `await`: its test is the only one there.
#[derive(Debug)]
pub struct BorrowedMut<'a, T>(RefMut<'a, T>);

impl<T> Deref for BorrowedMut<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> DerefMut for BorrowedMut<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}
