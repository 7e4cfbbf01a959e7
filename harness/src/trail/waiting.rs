//! What an attempt waits for: registered while it waits, and told when its time is over.

use std::sync::Arc;
use std::time::Instant;

use super::{Here, Trail, here};

/// Something is waited for in a step.
pub(super) struct Wait {
    id: u64,
    pub(super) step: Option<u32>,
    pub(super) what: Arc<str>,
    pub(super) since: Instant,
    pub(super) times: u32,
}

/// What ended last in a step: what a test does after it is not known.
#[derive(Clone)]
pub(super) struct After {
    pub(super) what: Arc<str>,
    /// When it began to be asked for.
    pub(super) since: Instant,
    /// How often, in a row.
    pub(super) times: u32,
    pub(super) ended: Instant,
}

impl After {
    pub(super) fn step(title: &str) -> Self {
        let now = Instant::now();
        Self { what: format!("step \"{title}\"").into(), since: now, times: 1, ended: now }
    }
}

/// Something is waited for until this is dropped.
#[must_use = "the wait is over when this is dropped"]
pub(crate) struct Waiting(Option<Registered>);

struct Registered {
    trail: Arc<Trail>,
    id: u64,
    /// It is a call: that it ended is worth knowing.
    is_call: bool,
}

/// The attempt of this thread waits for this: `mail to "ida@example.test"`. Nothing where no attempt is.
#[cfg_attr(
    not(any(test, feature = "mail")),
    expect(dead_code, reason = "only the mailbox waits beside the browser")
)]
pub(crate) fn on(what: impl Into<Arc<str>>) -> Waiting {
    register(what, Instant::now(), 1, false)
}

/// The same for a call that was made so many times in a row since then.
pub(crate) fn on_call(what: Arc<str>, since: Instant, times: u32) -> Waiting {
    register(what, since, times, true)
}

fn register(what: impl Into<Arc<str>>, since: Instant, times: u32, is_call: bool) -> Waiting {
    let Some(Here { trail, step }) = here() else { return Waiting(None) };
    let id = {
        let mut state = trail.lock();
        state.last_wait += 1;
        let id = state.last_wait;
        state.waits.push(Wait { id, step, what: what.into(), since, times });
        id
    };
    Waiting(Some(Registered { trail, id, is_call }))
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let Some(Registered { trail, id, is_call }) = self.0.take() else { return };
        let mut state = trail.lock();
        let Some(index) = state.waits.iter().position(|wait| wait.id == id) else { return };
        let Wait { step, what, since, times, .. } = state.waits.remove(index);
        if is_call {
            *state.after_of(step) = Some(After { what, since, times, ended: Instant::now() });
        }
    }
}
