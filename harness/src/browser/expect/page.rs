//! What is expected of a page as a whole.

use std::panic::Location;
use std::time::Duration;

use serde_json::{Value, json};

use super::{Expected as Any, Expecting, PageError};
use crate::browser::locator::text::Text;
use crate::browser::locator::{Doing, Locator};
use crate::browser::session::Session;

/// What is expected of a page. See [`expect`](super::expect).
#[derive(Debug, Clone)]
#[must_use = "say what is expected"]
pub struct PageExpectation {
    session: Session,
    negated: bool,
    limit: Option<Duration>,
}

/// An expectation of a page.
#[derive(Debug)]
pub(super) struct Expected {
    page: Locator,
    words: String,
    request: Value,
}

impl Expected {
    pub(super) async fn look(
        self,
        limit: Duration,
        location: &'static Location<'static>,
    ) -> Result<(), PageError> {
        let what = format!("expected the page {}", self.words).into();
        let doing = Doing { what, limit, location };
        let work = self.page.ask(&doing, self.request);
        self.page.session().trace().around("expect", &doing.what, Some(location), None, work).await?;
        Ok(())
    }
}

impl PageExpectation {
    pub(super) fn of(session: Session) -> Self {
        Self { session, negated: false, limit: None }
    }

    /// The opposite is expected.
    #[expect(clippy::should_implement_trait, reason = "`expect(…).not()` is what the field is used to")]
    pub fn not(mut self) -> Self {
        self.negated = !self.negated;
        self
    }

    /// It has this long to become true. Default: `tests.expect_timeout`, 5 s.
    pub fn within(mut self, limit: Duration) -> Self {
        self.limit = Some(limit);
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

    #[track_caller]
    fn expecting(self, what: &str, words: String, wanted: Value) -> Expecting {
        let limit = self.limit.unwrap_or(self.session.waits().expect);
        let words = if self.negated { format!("not to {words}") } else { format!("to {words}") };
        let request = json!({ "operation": "page", "what": what, "wanted": wanted, "not": self.negated });
        let expected = Expected { page: self.session.everything(), words, request };
        Expecting { what: Any::Page(expected), limit, location: Location::caller() }
    }
}
