//! Running a function of the consumer's: its panics are caught, and its time is limited.

use std::cell::RefCell;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Once;
use std::time::Duration;

use futures_util::FutureExt;

use super::cancel::Cancelled;
use super::context::Context;
use super::error::Failure;
use crate::machine::{Extension, run_out};
use crate::model::{Location, Problem};
use crate::trail::{self, Skip, Standstill, Trail};

/// How it ended.
pub(crate) enum Ended {
    Returned(Result<(), Failure>),
    Panicked(Problem),
    /// By `callboard::skip!`, for this reason.
    Skipped(String),
    /// With where it stood then, and by how much its limit was extended until then.
    OutOfTime(Standstill, Extension),
    /// The run is to end.
    Cancelled,
}

/// Runs it. The time counts from when the arguments are set up, so that a browser that starts slowly
/// is not the test's fault; set-up has limits of its own. Nor is it the test's fault when the machine did not run it: by so
/// much the limit is extended.
pub(crate) async fn guarded(
    context: &Context,
    function: impl Future<Output = Result<(), Failure>>,
    limit: Duration,
    cancelled: &Cancelled,
) -> Ended {
    let deadline = async {
        context.begun().await;
        let extension = run_out(limit).await;
        Ended::OutOfTime(standstill(), extension)
    };
    noting_panics(async {
        tokio::select! {
            biased;
            result = trail::own(AssertUnwindSafe(function).catch_unwind()) => match result {
                Ok(result) => Ended::Returned(result),
                Err(mut panic) => match Skip::reason(panic.as_mut()) {
                    Some(reason) => Ended::Skipped(reason),
                    None => Ended::Panicked(problem_of(panic.as_ref())),
                },
            },
            ended = deadline => ended,
            () = cancelled.wait() => Ended::Cancelled,
        }
    })
    .await
}

/// Where the attempt stands now: to be asked before its future is dropped, because then it stands nowhere.
pub(super) fn standstill() -> Standstill {
    Trail::of_this_thread().map(|trail| trail.standstill()).unwrap_or_default()
}

/// A future whose panics are noted, for [`problem_of`], and not printed.
pub(super) async fn noting_panics<T>(future: impl Future<Output = T>) -> T {
    listen_to_panics();
    // A sign-in is guarded inside of the test that needed it.
    let outer = CAUGHT.replace(Some(Vec::new()));
    let value = future.await;
    CAUGHT.set(outer);
    value
}

/// Calls a function outside of any attempt. A panic in it is a problem, and prints nothing.
pub(crate) fn call<T>(function: impl FnOnce() -> T) -> Result<T, Problem> {
    listen_to_panics();
    let outer = CAUGHT.replace(Some(Vec::new()));
    let result = std::panic::catch_unwind(AssertUnwindSafe(function));
    let result = result.map_err(|panic| problem_of(panic.as_ref()));
    CAUGHT.set(outer);
    result
}

/// Where a panic happened, and in which steps.
type Caught = (Location, Vec<String>);

thread_local! {
    /// The panics of this thread, while a function is guarded on it.
    static CAUGHT: RefCell<Option<Vec<Caught>>> = const { RefCell::new(None) };
}

/// The place of a panic is known to the hook alone. On guarded threads it is noted, and shown later with the
/// test; on all others the hook that was there before does its work.
fn listen_to_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            let noted = CAUGHT.with_borrow_mut(|caught| {
                let Some(caught) = caught else { return false };
                let steps = trail::steps_of_error(None);
                caught.extend(info.location().map(|location| (location.into(), steps)));
                true
            });
            if !noted {
                before(info);
            }
        }));
    });
}

/// What a panic said, and where.
pub(super) fn problem_of(panic: &(dyn std::any::Any + Send)) -> Problem {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    // The last one ended it: those before were caught by somebody else.
    let (location, steps) = CAUGHT.with_borrow(|caught| caught.as_ref()?.last().cloned()).unzip();
    let text = text.unwrap_or("a panic with something that is no text");
    Problem { steps: steps.unwrap_or_default(), ..Problem::failed(text, location) }
}
