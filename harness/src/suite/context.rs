//! The context of an attempt: sets fixtures up, keeps them, and tears them down in reverse order.

use std::cell::RefCell;
use std::future::Future;
use std::rc::Rc;

use super::error::Failure;
use super::registry::{Argument, LocalFuture};
use crate::model::Problem;

/// What a test can take as an argument, by reference: [`Session`](crate::Session),
/// [`Slot`](crate::Slot), [`Account`](crate::Account), [`App`](crate::App).
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
    held: RefCell<Vec<Rc<dyn Held>>>,
}

impl Context {
    /// Sets up one argument of the function and keeps it until the attempt is over.
    pub async fn set_up<T: Fixture>(&self, argument: &Argument) -> Result<Rc<T>, Failure> {
        let value = T::set_up(self, argument).await.map_err(Failure)?;
        let value = Rc::new(value);
        self.held.borrow_mut().push(value.clone());
        Ok(value)
    }

    /// From here on it is the function itself that runs.
    pub fn begin(&self) {}
}

impl std::fmt::Debug for Context {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Context").finish_non_exhaustive()
    }
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
