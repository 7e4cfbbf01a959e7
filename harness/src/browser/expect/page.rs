//! What is expected of a page as a whole.

use std::panic::Location;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{Expected, Expecting, Manner, PageError, Soften};
use crate::browser::console::message;
use crate::browser::locator::text::Text;
use crate::browser::locator::{Doing, Seen, Why};
use crate::browser::session::Session;
use crate::machine::Patience;
use crate::trail::waiting;

/// How often it is looked whether something went wrong.
const LOOK: Duration = Duration::from_millis(20);

/// What is expected of a page. See [`expect`](super::expect).
#[derive(Debug, Clone)]
#[must_use = "say what is expected"]
pub struct PageExpectation {
    session: Session,
    manner: Manner,
}

impl Soften for PageExpectation {
    fn soften(mut self) -> Self {
        self.manner.soft = true;
        self
    }
}

/// The expectation that nothing went wrong.
#[derive(Debug)]
pub(super) struct NoErrors {
    session: Session,
    negated: bool,
}

impl NoErrors {
    pub(super) async fn look(
        self,
        limit: Duration,
        location: &'static Location<'static>,
    ) -> Result<(), PageError> {
        let Self { session, negated } = self;
        let words = if negated { "to have console errors" } else { "to have no console errors" };
        let doing = Doing { what: format!("expected the page {words}").into(), limit, location };
        let _waiting = waiting::on_call(doing.what.clone(), Instant::now(), 1);
        let patience = Patience::begin();
        loop {
            session.settle().await;
            let problems = session.all_page_problems();
            match (problems.is_empty(), negated) {
                (true, false) | (false, true) => return Ok(()),
                (false, false) => {
                    return Err(doing.failed(Why::Other(message(&problems, session.base_url()))));
                }
                (true, true) => {}
            }
            if patience.elapsed() >= limit.saturating_add(patience.extension(limit)) {
                let seen = Seen { last: Some("there was none".to_owned()), ..Seen::default() };
                let extension = patience.extended(limit).to_string();
                return Err(doing.failed(Why::TooLate { limit, extension, seen }));
            }
            tokio::time::sleep(LOOK).await;
        }
    }
}

impl PageExpectation {
    pub(super) fn of(session: Session) -> Self {
        Self { session, manner: Manner::default() }
    }

    /// The opposite is expected.
    #[expect(clippy::should_implement_trait, reason = "`expect(…).not()` is what the field is used to")]
    pub fn not(mut self) -> Self {
        self.manner.negated = !self.manner.negated;
        self
    }

    /// It has this long to become true. Default: `tests.expect_timeout`, 5 s.
    pub fn within(mut self, limit: Duration) -> Self {
        self.manner.limit = Some(limit);
        self
    }

    /// This is its address. A path means one of the slot's application.
    #[track_caller]
    pub fn to_have_url(self, url: impl Into<Text>) -> Expecting {
        let wanted = url.into().resolved(&self.session);
        self.expecting("url", format!("have the address {wanted}"), json!(wanted))
    }

    /// This is its title.
    #[track_caller]
    pub fn to_have_title(self, title: impl Into<Text>) -> Expecting {
        let wanted = title.into().whole();
        self.expecting("title", format!("have the title {wanted}"), json!(wanted))
    }

    /// Nothing has gone wrong on any page of the session so far: no exception that nobody caught, no rejection that nobody handles,
    /// no `console.error`, no request that failed, as `[console]` in the configuration has it. What
    /// [`Session::allow_console`] allows is not counted. It is looked at once; the opposite is waited for.
    #[track_caller]
    pub fn to_have_no_console_errors(self) -> Expecting {
        let Self { session, manner } = self;
        let limit = manner.limit.unwrap_or(session.waits().expect);
        let what = Expected::NoErrors(NoErrors { session, negated: manner.negated });
        Expecting { what, limit, soft: manner.soft, location: Location::caller() }
    }

    #[track_caller]
    fn expecting(self, what: &str, words: String, wanted: Value) -> Expecting {
        let limit = self.manner.limit.unwrap_or(self.session.waits().expect);
        let request =
            json!({ "operation": "page", "what": what, "wanted": wanted, "not": self.manner.negated });
        let what = format!("expected the page {}", self.manner.words(&words));
        let what = Expected::Asked { locator: self.session.everything(), what, request };
        Expecting { what, limit, soft: self.manner.soft, location: Location::caller() }
    }
}
