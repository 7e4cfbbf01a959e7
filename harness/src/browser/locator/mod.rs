//! Locators: which elements of a page are meant, found anew whenever one is needed.

pub(crate) mod action;
mod ask;
pub(crate) mod evaluate;
mod failure;
mod parse;
pub(crate) mod read;
mod step;
pub(crate) mod text;

use std::fmt;

pub(in crate::browser) use self::ask::Doing;
pub use self::failure::PageError;
pub(in crate::browser) use self::failure::{Seen, Why};
use self::parse::SelectorFault;
use self::step::{Shown, Step};
use self::text::Text;
use super::session::Session;

/// Which element of a page is meant: a description, not the element. It is looked for when something is done with it, and
/// again until that can be done.
///
/// A locator is *strict*: to act on it while it means several elements is an error that lists them. Say which with
/// [`first`](Self::first), [`nth`](Self::nth), [`filter`](Self::filter) or a narrower selector.
///
/// ```no_run
/// use callboard::{Session, TestResult, expect};
///
/// async fn renames(session: &Session) -> TestResult {
///     session.goto("/courses").await?;
///     let row = session.by_role("row").filter_text("Algebra");
///     row.by_role("button").named("Rename").click().await?;
///     session.by_label("Title").fill("Algebra II").await?;
///     session.locator("role=button[name=Save]").click().await?;
///     expect(session.by_text("Algebra II")).to_be_visible().await?;
///     Ok(())
/// }
/// ```
///
/// | selector | finds |
/// | --- | --- |
/// | `#save`, `css=#save` | by CSS, also in open shadow trees |
/// | `text=Save` | the innermost element whose text contains it, in upper or lower case; `text="Save"`: is it |
/// | `role=button[name=Save]` | by ARIA role and accessible name; also `checked`, `disabled`, `expanded`, `level`, `pressed`, `selected`, `include-hidden` |
/// | `label=E-mail` | the control with this label |
/// | `placeholder=…`, `alt=…`, `title=…` | by these attributes |
/// | `testid=row-1` | by `data-testid` (`browser.test_id`), exactly |
/// | `//div`, `xpath=//div` | by `XPath`, not in shadow trees |
///
/// Wherever a text is given, `"…"` means exactly that text, and `/…/` or `/…/i` a regular expression of JavaScript.
#[derive(Clone)]
pub struct Locator {
    session: Session,
    /// From one frame to the next: the element that the next one is in.
    frames: Vec<Vec<Step>>,
    steps: Vec<Step>,
    /// What is wrong with a selector: told when something is done.
    fault: Option<SelectorFault>,
}

impl Session {
    /// The elements of the page that a selector finds: see [`Locator`].
    pub fn locator(&self, selector: impl AsRef<str>) -> Locator {
        self.everything().locator(selector)
    }

    /// The elements of an ARIA role, of which those who cannot see the page are told: [`Locator::by_role`].
    pub fn by_role(&self, role: impl AsRef<str>) -> Locator {
        self.everything().by_role(role)
    }

    /// The innermost elements with this text: [`Locator::by_text`].
    pub fn by_text(&self, text: impl Into<Text>) -> Locator {
        self.everything().by_text(text)
    }

    /// The control with this label: [`Locator::by_label`].
    pub fn by_label(&self, label: impl Into<Text>) -> Locator {
        self.everything().by_label(label)
    }

    /// The input with this placeholder.
    pub fn by_placeholder(&self, text: impl Into<Text>) -> Locator {
        self.everything().by_placeholder(text)
    }

    /// The picture with this alternative text.
    pub fn by_alt_text(&self, text: impl Into<Text>) -> Locator {
        self.everything().by_alt_text(text)
    }

    /// The element with this `title`.
    pub fn by_title(&self, text: impl Into<Text>) -> Locator {
        self.everything().by_title(text)
    }

    /// The element with this `data-testid`, or what `browser.test_id` in `callboard.toml` says in its place: [`Locator::by_test_id`].
    pub fn by_test_id(&self, id: impl AsRef<str>) -> Locator {
        self.everything().by_test_id(id)
    }

    /// What is inside of the `<iframe>` that a selector finds: [`Locator::frame`].
    pub fn frame(&self, selector: impl AsRef<str>) -> Locator {
        self.everything().frame(selector)
    }

    /// The page as a whole.
    pub(in crate::browser) fn everything(&self) -> Locator {
        Locator { session: self.clone(), frames: Vec::new(), steps: Vec::new(), fault: None }
    }
}

impl Locator {
    /// The elements inside of these that a selector finds.
    #[must_use]
    pub fn locator(&self, selector: impl AsRef<str>) -> Self {
        self.parsed(parse::parse(selector.as_ref(), self.session.test_id()))
    }

    /// The elements of an ARIA role inside of these, of which those who cannot see the page are told. Their name is said
    /// with [`named`](Self::named).
    #[must_use]
    pub fn by_role(&self, role: impl AsRef<str>) -> Self {
        self.parsed(parse::role(role.as_ref()))
    }

    /// The innermost elements inside of these with this text.
    #[must_use]
    pub fn by_text(&self, text: impl Into<Text>) -> Self {
        self.then(Step::Text { text: text.into().to_find() })
    }

    /// The control inside of these with this label: by a `<label>`, `aria-labelledby` or `aria-label`.
    #[must_use]
    pub fn by_label(&self, label: impl Into<Text>) -> Self {
        self.then(Step::Label { label: label.into().to_find() })
    }

    /// The input inside of these with this placeholder.
    #[must_use]
    pub fn by_placeholder(&self, text: impl Into<Text>) -> Self {
        self.by_attribute("placeholder", &text.into())
    }

    /// The picture inside of these with this alternative text.
    #[must_use]
    pub fn by_alt_text(&self, text: impl Into<Text>) -> Self {
        self.by_attribute("alt", &text.into())
    }

    /// The element inside of these with this `title`.
    #[must_use]
    pub fn by_title(&self, text: impl Into<Text>) -> Self {
        self.by_attribute("title", &text.into())
    }

    /// The element inside of these with this `data-testid`, exactly. `browser.test_id` in `callboard.toml` names another attribute.
    #[must_use]
    pub fn by_test_id(&self, id: impl AsRef<str>) -> Self {
        self.by_attribute(self.session.test_id(), &text::exact(id.as_ref()))
    }

    fn by_attribute(&self, attribute: &str, value: &Text) -> Self {
        self.then(Step::Attribute { attribute: attribute.to_owned(), value: value.to_find() })
    }

    /// What is inside of the `<iframe>` that a selector finds among these; to be followed by what is meant there.
    ///
    /// ```no_run
    /// # async fn pays(session: &callboard::Session) -> callboard::TestResult {
    /// session.frame("#payment").by_label("Card number").fill("4242 4242 4242 4242").await?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn frame(&self, selector: impl AsRef<str>) -> Self {
        let mut inside = self.locator(selector);
        let steps = std::mem::take(&mut inside.steps);
        inside.frames.push(steps);
        inside
    }

    /// Those with this accessible name.
    #[must_use]
    pub fn named(&self, name: impl Into<Text>) -> Self {
        let name = name.into().to_find();
        let mut locator = self.clone();
        // One look is enough for both.
        if let Some(Step::Role { name: known @ None, .. }) = locator.steps.last_mut() {
            *known = Some(name);
            return locator;
        }
        self.then(Step::Named { named: name })
    }

    /// Those whose text contains this one.
    #[must_use]
    pub fn filter_text(&self, text: impl Into<Text>) -> Self {
        self.then(Step::HasText { has_text: text.into().to_find() })
    }

    /// Those whose text does not contain this one.
    #[must_use]
    pub fn filter_not_text(&self, text: impl Into<Text>) -> Self {
        self.then(Step::HasNotText { has_not_text: text.into().to_find() })
    }

    /// Those in which the other locator finds something. It is looked for inside of them, wherever it begins.
    #[must_use]
    pub fn filter(&self, has: &Self) -> Self {
        self.beside(has, true, |has| Step::Has { has })
    }

    /// Those in which the other locator finds nothing.
    #[must_use]
    pub fn filter_not(&self, has: &Self) -> Self {
        self.beside(has, true, |has_not| Step::HasNot { has_not })
    }

    /// Those that can be seen.
    #[must_use]
    pub fn visible(&self) -> Self {
        self.then(Step::Visible { visible: true })
    }

    /// Those that cannot be seen.
    #[must_use]
    pub fn hidden(&self) -> Self {
        self.then(Step::Visible { visible: false })
    }

    /// Those that the other locator means, too.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        self.beside(other, false, |and| Step::And { and })
    }

    /// These, and those that the other locator means.
    #[must_use]
    pub fn or(&self, other: &Self) -> Self {
        self.beside(other, false, |or| Step::Or { or })
    }

    /// The first one, in the order of the page.
    #[must_use]
    pub fn first(&self) -> Self {
        self.nth(0)
    }

    /// The last one.
    #[must_use]
    pub fn last(&self) -> Self {
        self.nth(-1)
    }

    /// The one with this number, counted from 0; from the end, if it is negative: -1 is the last.
    #[must_use]
    pub fn nth(&self, nth: i64) -> Self {
        self.then(Step::Nth { nth })
    }

    /// The page that it is of.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// How its elements are found in a snapshot; nothing where they are in another document.
    pub(in crate::browser) fn to_mark(&self) -> Option<serde_json::Value> {
        (self.frames.is_empty() && self.fault.is_none() && !self.steps.is_empty())
            .then(|| serde_json::json!(self.steps))
    }

    fn then(&self, step: Step) -> Self {
        let mut locator = self.clone();
        locator.steps.push(step);
        locator
    }

    fn parsed(&self, step: Result<Step, SelectorFault>) -> Self {
        match step {
            Ok(step) => self.then(step),
            Err(fault) => {
                let mut locator = self.clone();
                locator.fault.get_or_insert(fault);
                locator
            }
        }
    }

    /// `is_inside`: the other one is looked for in the elements themselves, and so in their frame.
    fn beside(&self, other: &Self, is_inside: bool, step: impl FnOnce(Vec<Step>) -> Step) -> Self {
        let mut locator = self.then(step(other.steps.clone()));
        if locator.fault.is_none() {
            locator.fault.clone_from(&other.fault);
        }
        let is_same_frame = other.frames == self.frames || (is_inside && other.frames.is_empty());
        if locator.fault.is_none() && !is_same_frame {
            let why = "this locator is of another frame than the one that it is to be compared with";
            locator.fault = Some(SelectorFault { selector: other.to_string(), at: 0, why: why.to_owned() });
        }
        locator
    }

    /// Whether it is the page as a whole.
    fn is_everything(&self) -> bool {
        self.frames.is_empty() && self.steps.is_empty() && self.fault.is_none()
    }
}

impl fmt::Display for Locator {
    /// As it would be written: `#list >> role=row >> has text Ida`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let frames = self.frames.iter().map(|frame| format!("frame {}", Shown(frame)));
        let inside = match &self.fault {
            Some(fault) if self.steps.is_empty() => fault.selector.clone(),
            _ => Shown(&self.steps).to_string(),
        };
        let parts: Vec<String> = frames.chain(Some(inside).filter(|inside| !inside.is_empty())).collect();
        f.write_str(&parse::printable(&parts.join(" >> ")))
    }
}

impl fmt::Debug for Locator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Locator({self})")
    }
}

/// What a locator can be made of where one is asked for.
impl From<&Locator> for Locator {
    fn from(locator: &Locator) -> Self {
        locator.clone()
    }
}
