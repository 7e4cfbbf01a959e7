//! Steps: the named parts of a test.

use std::any::type_name;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use super::outcome::is_err;
use super::skip::Skip;
use super::waiting::After;
use super::{ENDED, EndedStep, Entered, FailedStep, Here, Open, Trail, enter, here};
use crate::model::{Event, StepResult};

/// More of a title than this is cut off.
const LONGEST_TITLE: usize = 200;

/// Names a part of a test. The result is what the future returns, whatever that is.
///
/// Messages of failures and time-outs say in which step it was, events have its beginning and its end. Steps can have
/// steps in them, and several can go on at once.
///
/// ```
/// use callboard::{Session, TestResult, e2e, step};
/// use callboard::thirtyfour::prelude::*;
///
/// #[e2e(role = "instructor")]
/// async fn renames_a_course(session: &Session) -> TestResult {
///     step("opens the course", session.goto("/courses/1")).await?;
///     step("renames it", async {
///         session.find(By::Name("title")).await?.send_keys("Logic").await?;
///         session.find(By::Css("button[type=submit]")).await?.click().await
///     })
///     .await?;
///     let title = step("reads the title", async { session.title().await }).await?;
///     assert_eq!(title, "Logic");
///     Ok(())
/// }
/// ```
///
/// Where no test runs, for instance on a thread that a test has started, it is only the future.
pub async fn step<T>(title: impl Into<String>, future: impl IntoFuture<Output = T>) -> T {
    let Some(begun) = Begun::now(title.into()) else { return future.await };
    let mut future = pin!(future.into_future());
    let output = std::future::poll_fn(|context| {
        let _here = begun.enter();
        future.as_mut().poll(context)
    })
    .await;
    begun.finish(&output);
    output
}

/// A step that has begun. Dropped before its end it was cancelled, or a panic ended it.
struct Begun {
    trail: Arc<Trail>,
    id: u32,
}

impl Begun {
    fn now(title: String) -> Option<Self> {
        let Here { trail, step: parent } = here()?;
        let title = title_of((trail.of.mask)(title));
        let id = {
            let mut state = trail.lock();
            if state.closed {
                return None;
            }
            state.last_step += 1;
            let id = state.last_step;
            let open = Open { id, parent, title: title.as_str().into(), began: Instant::now(), after: None };
            state.open.push(open);
            id
        };
        let (test, attempt) = (trail.of.test.clone(), trail.of.attempt);
        (trail.of.emit)(Event::StepStarted { test, attempt, step: id, parent, title });
        Some(Self { trail, id })
    }

    fn enter(&self) -> Entered {
        self.trail.polled();
        enter(Some(Here { trail: self.trail.clone(), step: Some(self.id) }))
    }

    fn finish<T>(self, output: &T) {
        let result = if is_err(output) { StepResult::Failed } else { StepResult::Ok };
        self.end(result, type_name::<T>());
    }

    /// Ends it once; whoever comes later changes nothing.
    fn end(&self, result: StepResult, returned: &'static str) {
        let open = {
            let mut state = self.trail.lock();
            let Some(index) = state.open.iter().position(|open| open.id == self.id) else { return };
            if result == StepResult::Failed {
                let at = self.trail.polls.load(Ordering::Relaxed);
                let path = state.path(Some(self.id));
                // The same error on its way up from a step within this one.
                let from_within =
                    state.failed.take().filter(|failed| failed.at == at && failed.path.starts_with(&path));
                let path = from_within.map_or(path, |failed| failed.path);
                state.failed = Some(FailedStep { path, returned, at });
            }
            let path = state.path(Some(self.id));
            let open = state.open.remove(index);
            state.ended.push_back(EndedStep { path, began: open.began, ended: Instant::now() });
            if state.ended.len() > ENDED {
                state.ended.pop_front();
            }
            *state.after_of(open.parent) = Some(After::step(&open.title));
            open
        };
        self.trail.tell_end(&open, result);
    }
}

impl Drop for Begun {
    fn drop(&mut self) {
        let panics = std::thread::panicking() && !Skip::is_under_way();
        self.end(if panics { StepResult::Failed } else { StepResult::Cancelled }, "");
    }
}

/// One line, and not too long a one.
fn title_of(title: String) -> String {
    let mut title = title.replace(char::is_control, " ");
    if let Some((cut, _)) = title.char_indices().nth(LONGEST_TITLE) {
        title.truncate(cut);
        title.push('…');
    }
    title
}
