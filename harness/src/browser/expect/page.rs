//! What is expected of a page as a whole.

use std::panic::Location;
use std::time::Duration;

use serde_json::{Value, json};

use super::{Expected as Any, Expecting, Manner, PageError, Soften};
use crate::browser::locator::text::Text;
use crate::browser::locator::{Doing, Locator};
use crate::browser::session::Session;

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
        self.page.ask(&Doing { what, limit, location }, self.request).await?;
        Ok(())
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

    #[track_caller]
    fn expecting(self, what: &str, words: String, wanted: Value) -> Expecting {
        let limit = self.manner.limit.unwrap_or(self.session.waits().expect);
        let request =
            json!({ "operation": "page", "what": what, "wanted": wanted, "not": self.manner.negated });
        let expected =
            Expected { page: self.session.everything(), words: self.manner.words(&words), request };
        Expecting { what: Any::Page(expected), limit, soft: self.manner.soft, location: Location::caller() }
    }
}
