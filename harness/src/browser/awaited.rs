//! What a session waits for beside its page's elements: asked for before it happens, and awaited afterwards.

use std::fmt;
use std::future::IntoFuture;
use std::panic::Location;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;

use super::locator::action::Going;
use super::locator::{Doing, PageError, Seen, Why};
use super::session::Session;
use crate::machine::run_out;
use crate::trail::waiting::{self, Waiting};

/// How long is waited for what comes over a network.
pub(super) const LONG: Duration = Duration::from_secs(30);

/// Something that is going to happen: listened for since this was made, and waited for when it is awaited.
///
/// So it is made before what causes it, and cannot come too early:
///
/// ```no_run
/// # async fn saves(session: &callboard::Session) -> callboard::TestResult {
/// let saved = session.wait_for_response("/api/courses");
/// session.by_role("button").named("Save").click().await?;
/// assert_eq!(saved.await?.status(), 201);
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is waited for until this is awaited"]
pub struct Awaited<T> {
    what: Arc<str>,
    limit: Duration,
    location: &'static Location<'static>,
    session: Session,
    coming: BoxFuture<'static, Result<T, Why>>,
    missing: Box<dyn FnOnce() -> String + Send>,
}

impl<T> Awaited<T> {
    /// `coming` has begun to listen already; `missing` says what there was instead.
    pub(super) fn new(
        session: &Session,
        what: impl Into<Arc<str>>,
        location: &'static Location<'static>,
        coming: impl Future<Output = Result<T, Why>> + Send + 'static,
        missing: impl FnOnce() -> String + Send + 'static,
    ) -> Self {
        let (coming, missing) = (Box::pin(coming), Box::new(missing));
        Self { what: what.into(), limit: LONG, location, session: session.clone(), coming, missing }
    }

    /// Waits at most this long, from when it is awaited. Default: 30 s.
    pub fn within(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }
}

impl<T: Send + 'static> IntoFuture for Awaited<T> {
    type Output = Result<T, PageError>;
    type IntoFuture = Going<T>;

    fn into_future(self) -> Going<T> {
        let Self { what, limit, location, session, coming, missing } = self;
        let doing = Doing { what, limit, location };
        Box::pin(async move {
            let _waiting = waits_for(&doing);
            tokio::select! {
                biased;
                came = coming => came.map_err(|why| doing.failed(why)),
                gone = session.gone() => Err(doing.failed(gone)),
                extension = run_out(limit) => {
                    let seen = Seen { last: Some(missing()), ..Seen::default() };
                    Err(doing.failed(Why::TooLate { limit, extension: extension.to_string(), seen }))
                }
            }
        })
    }
}

/// That this is waited for is known, should the test's time run out.
pub(super) fn waits_for(doing: &Doing) -> Waiting {
    let what = doing.what.strip_prefix("wait for ").map_or_else(|| doing.what.clone(), Arc::from);
    waiting::on_call(what, Instant::now(), 1)
}

impl<T> fmt::Debug for Awaited<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Awaited({})", self.what)
    }
}
