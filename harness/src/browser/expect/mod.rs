//! Expectations: what has to become true of a page within a time.

mod page;
pub(crate) mod poll;

use std::future::IntoFuture;
use std::panic::Location;
use std::time::Duration;

use serde_json::{Value, json};

pub use self::page::PageExpectation;
use super::locator::action::Going;
use super::locator::text::Text;
use super::locator::{Doing, Locator, PageError};
use super::session::Session;
use crate::trail;

/// What has to become true of elements, or of a page, within 5 s (`tests.expect_timeout`).
///
/// It is looked at in the page, whenever something changes there, until it holds; also when the page goes elsewhere
/// meanwhile. If it does not hold in time, the error says what was expected, what was seen last, how often it was looked, and
/// shows the element.
///
/// ```no_run
/// use callboard::{Session, TestResult, expect};
///
/// async fn is_saved(session: &Session) -> TestResult {
///     expect(session.locator("#status")).to_have_text("Saved").await?;
///     expect(session.by_role("dialog")).not().to_be_visible().await?;
///     expect(session.by_role("row")).to_have_count(3).await?;
///     expect(session).to_have_url("/courses").await?;
///     Ok(())
/// }
/// ```
pub fn expect<S: Subject>(subject: S) -> S::Expectation {
    subject.expectation()
}

/// The same, but what does not hold does not end the test: it goes on, and fails at its end with all that did not hold.
///
/// ```no_run
/// # async fn shows(session: &callboard::Session) -> callboard::TestResult {
/// use callboard::expect_soft;
///
/// expect_soft(session.locator("#name")).to_have_text("Ida").await?;
/// expect_soft(session.locator("#mail")).to_have_text("ida@example.test").await?;
/// # Ok(())
/// # }
/// ```
pub fn expect_soft<S: Subject>(subject: S) -> S::Expectation
where
    S::Expectation: Soften,
{
    subject.expectation().soften()
}

/// What can be expected softly.
#[doc(hidden)]
pub trait Soften {
    /// See [`expect_soft`].
    #[must_use]
    fn soften(self) -> Self;
}

/// Of what something can be expected: a [`Locator`] or a [`Session`].
pub trait Subject {
    /// What can be expected of it.
    type Expectation;

    /// See [`expect`].
    fn expectation(self) -> Self::Expectation;
}

impl Subject for Locator {
    type Expectation = Expectation;

    fn expectation(self) -> Expectation {
        Expectation { locator: self, manner: Manner::default() }
    }
}

impl Subject for &Locator {
    type Expectation = Expectation;

    fn expectation(self) -> Expectation {
        self.clone().expectation()
    }
}

impl Subject for &Session {
    type Expectation = PageExpectation;

    fn expectation(self) -> PageExpectation {
        PageExpectation::of(self.clone())
    }
}

/// What is expected of elements. See [`expect`].
#[derive(Debug, Clone)]
#[must_use = "say what is expected"]
pub struct Expectation {
    locator: Locator,
    manner: Manner,
}

/// How something is expected.
#[derive(Debug, Clone, Copy, Default)]
struct Manner {
    negated: bool,
    soft: bool,
    limit: Option<Duration>,
}

impl Manner {
    /// `not to be visible`
    fn words(self, words: &str) -> String {
        if self.negated { format!("not to {words}") } else { format!("to {words}") }
    }
}

impl Soften for Expectation {
    fn soften(mut self) -> Self {
        self.manner.soft = true;
        self
    }
}

/// An expectation that is looked at when this is awaited.
#[must_use = "nothing is looked at until this is awaited"]
#[derive(Debug)]
pub struct Expecting {
    what: Expected,
    limit: Duration,
    soft: bool,
    location: &'static Location<'static>,
}

#[derive(Debug)]
enum Expected {
    /// What the page itself can say of elements, or of itself: `what` is it in words.
    Asked {
        locator: Locator,
        what: String,
        request: Value,
    },
    NoErrors(page::NoErrors),
}

impl IntoFuture for Expecting {
    type Output = Result<(), PageError>;
    type IntoFuture = Going<()>;

    fn into_future(self) -> Going<()> {
        let Self { what, limit, soft, location } = self;
        Box::pin(async move {
            let looked = match what {
                Expected::Asked { locator, what, request } => {
                    let doing = Doing { what: what.into(), limit, location };
                    let work = locator.ask(&doing, request);
                    let (trace, mark) = (locator.session().trace(), locator.to_mark());
                    trace.around("expect", &doing.what, Some(location), mark, work).await.map(|_| ())
                }
                Expected::NoErrors(expected) => expected.look(limit, location).await,
            };
            match looked {
                // Where there is no test that could fail later, it fails now.
                Err(error) if soft && trail::failed_softly(error.to_string(), error.location()) => Ok(()),
                looked => looked,
            }
        })
    }
}

impl Expectation {
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

    /// There is one, and it can be seen: it takes up space, and is not hidden. What is transparent, outside of the window or covered
    /// can be seen in this sense.
    #[track_caller]
    pub fn to_be_visible(self) -> Expecting {
        self.state("visible", "be visible")
    }

    /// There is none, or it cannot be seen.
    #[track_caller]
    pub fn to_be_hidden(self) -> Expecting {
        self.not().state("visible", "be visible")
    }

    /// There is at least one, seen or not.
    #[track_caller]
    pub fn to_be_attached(self) -> Expecting {
        self.state("attached", "be there")
    }

    /// It is enabled.
    #[track_caller]
    pub fn to_be_enabled(self) -> Expecting {
        self.state("enabled", "be enabled")
    }

    /// It is disabled.
    #[track_caller]
    pub fn to_be_disabled(self) -> Expecting {
        self.not().state("enabled", "be enabled")
    }

    /// Something can be typed into it.
    #[track_caller]
    pub fn to_be_editable(self) -> Expecting {
        self.state("editable", "be editable")
    }

    /// It is checked.
    #[track_caller]
    pub fn to_be_checked(self) -> Expecting {
        self.state("checked", "be checked")
    }

    /// It has the focus.
    #[track_caller]
    pub fn to_be_focused(self) -> Expecting {
        self.state("focused", "have the focus")
    }

    /// A part of it is in the window.
    #[track_caller]
    pub fn to_be_in_viewport(self) -> Expecting {
        self.state("in_viewport", "be in the window")
    }

    /// It has no text, or no value.
    #[track_caller]
    pub fn to_be_empty(self) -> Expecting {
        self.state("empty", "be empty")
    }

    /// This is its whole text, as it is written.
    #[track_caller]
    pub fn to_have_text(self, text: impl Into<Text>) -> Expecting {
        let wanted = text.into().whole();
        self.expecting("text", format!("have the text {wanted}"), json!({ "wanted": wanted }))
    }

    /// Its text contains this one, as it is written.
    #[track_caller]
    pub fn to_contain_text(self, text: impl Into<Text>) -> Expecting {
        let wanted = text.into().part();
        self.expecting("text", format!("contain the text {}", wanted.quoted()), json!({ "wanted": wanted }))
    }

    /// These are the texts of all elements, in the order of the page.
    #[track_caller]
    pub fn to_have_texts<T: Into<Text>>(self, texts: impl IntoIterator<Item = T>) -> Expecting {
        let wanted: Vec<_> = texts.into_iter().map(|text| text.into().whole()).collect();
        let words: Vec<String> = wanted.iter().map(ToString::to_string).collect();
        self.expecting("texts", format!("have the texts [{}]", words.join(", ")), json!({ "wanted": wanted }))
    }

    /// This is its value, to the last space.
    #[track_caller]
    pub fn to_have_value(self, value: impl Into<Text>) -> Expecting {
        let wanted = value.into().whole();
        self.expecting("value", format!("have the value {wanted}"), json!({ "wanted": wanted }))
    }

    /// There are so many.
    #[track_caller]
    pub fn to_have_count(self, count: usize) -> Expecting {
        self.expecting("count", format!("count {count}"), json!({ "wanted": count }))
    }

    /// It has this attribute with this value.
    #[track_caller]
    pub fn to_have_attribute(self, name: &str, value: impl Into<Text>) -> Expecting {
        let wanted = value.into().whole();
        let words = format!("have the attribute {name}={wanted}");
        self.expecting("attribute", words, json!({ "name": name, "wanted": wanted }))
    }

    /// It has these classes, and perhaps others: `"open wide"` are two.
    #[track_caller]
    pub fn to_have_class(self, classes: &str) -> Expecting {
        let wanted: Vec<&str> = classes.split_whitespace().collect();
        self.expecting("class", format!("have the class {classes:?}"), json!({ "wanted": wanted }))
    }

    /// A property of its computed style has this value: `("display", "none")`.
    #[track_caller]
    pub fn to_have_css(self, property: &str, value: impl Into<Text>) -> Expecting {
        let wanted = value.into().whole();
        let words = format!("have the style {property}: {wanted}");
        self.expecting("css", words, json!({ "name": property, "wanted": wanted }))
    }

    /// This is its accessible name.
    #[track_caller]
    pub fn to_have_name(self, name: impl Into<Text>) -> Expecting {
        let wanted = name.into().whole();
        self.expecting("name", format!("have the accessible name {wanted}"), json!({ "wanted": wanted }))
    }

    /// This is its ARIA role.
    #[track_caller]
    pub fn to_have_role(self, role: &str) -> Expecting {
        self.expecting("role", format!("have the role {role}"), json!({ "wanted": role }))
    }

    #[track_caller]
    fn state(self, matcher: &str, words: &str) -> Expecting {
        self.expecting(matcher, words.to_owned(), json!({}))
    }

    #[track_caller]
    fn expecting(self, matcher: &str, words: String, mut request: Value) -> Expecting {
        let Self { locator, manner } = self;
        request["operation"] = "expect".into();
        request["matcher"] = matcher.into();
        request["not"] = manner.negated.into();
        let limit = manner.limit.unwrap_or(locator.session().waits().expect);
        let what = format!("expected `{locator}` {}", manner.words(&words));
        let what = Expected::Asked { locator, what, request };
        Expecting { what, limit, soft: manner.soft, location: Location::caller() }
    }
}
