//! What is done with an element, as a person would: when it is there, can be seen, stands still, and nothing covers it.

use std::future::IntoFuture;
use std::panic::Location;
use std::path::PathBuf;
use std::pin::Pin;
use std::time::Duration;

use serde_json::{Value, json};

use super::Locator;
use super::ask::Doing;
use super::failure::{PageError, Why};
use crate::browser::tab::input::{Button, Point};
use crate::browser::tab::keys::{Chord, bits};

/// What an action waits for, as Playwright documents actionability.
const TO_POINT_AT: &[&str] = &["visible", "enabled", "stable", "receives"];
const TO_HOVER: &[&str] = &["visible", "stable", "receives"];
const TO_FILL: &[&str] = &["visible", "enabled", "editable"];
const TO_SELECT: &[&str] = &["visible", "enabled"];

/// Something that is going to be done with an element: it happens when this is awaited.
///
/// ```no_run
/// # async fn saves(session: &callboard::Session) -> callboard::TestResult {
/// use std::time::Duration;
///
/// session.locator("text=Save").click().within(Duration::from_secs(30)).await?;
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is done until this is awaited"]
#[derive(Debug)]
pub struct Action<K> {
    locator: Locator,
    kind: K,
    how: How,
}

/// How it is to be done.
#[derive(Debug)]
struct How {
    limit: Option<Duration>,
    force: bool,
    location: &'static Location<'static>,
}

/// A click. See [`Locator::click`].
#[derive(Debug)]
pub struct Click {
    button: Button,
    times: u32,
    at: Option<Point>,
    modifiers: Vec<String>,
}

/// See [`Locator::hover`].
#[derive(Debug)]
pub struct Hover {
    at: Option<Point>,
}

/// See [`Locator::fill`].
#[derive(Debug)]
pub struct Fill(String);

/// See [`Locator::type_text`].
#[derive(Debug)]
pub struct TypeText(String);

/// See [`Locator::press`].
#[derive(Debug)]
pub struct Press(String);

/// See [`Locator::check`] and [`Locator::uncheck`].
#[derive(Debug)]
pub struct Check(bool);

/// See [`Locator::select`].
#[derive(Debug)]
pub struct Select(Vec<Choice>);

/// See [`Locator::upload`].
#[derive(Debug)]
pub struct Upload(Vec<PathBuf>);

/// See [`Locator::focus`], [`Locator::blur`] and [`Locator::scroll_into_view`].
#[derive(Debug)]
pub struct Simple(&'static str);

/// An option of a `<select>`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Choice {
    /// With this value or this label.
    Any(String),
    /// With this value.
    Value(String),
    /// With this label.
    Label(String),
    /// With this number, from 0.
    Index(usize),
}

impl<T: Into<String>> From<T> for Choice {
    fn from(text: T) -> Self {
        Self::Any(text.into())
    }
}

impl Choice {
    fn to_json(&self) -> Value {
        match self {
            Self::Any(any) => json!({ "any": any }),
            Self::Value(value) => json!({ "value": value }),
            Self::Label(label) => json!({ "label": label }),
            Self::Index(index) => json!({ "index": index }),
        }
    }
}

impl Locator {
    #[track_caller]
    fn action<K>(&self, kind: K) -> Action<K> {
        let how = How { limit: None, force: false, location: Location::caller() };
        Action { locator: self.clone(), kind, how }
    }

    /// Clicks on the middle of the element with the left button, once.
    ///
    /// It waits (10 s at most, `tests.action_timeout`) until there is exactly one element, it can be seen, is enabled, stands still
    /// from one frame to the next, and nothing else would get the click; it is scrolled into the window.
    #[track_caller]
    pub fn click(&self) -> Action<Click> {
        self.action(Click { button: Button::Left, times: 1, at: None, modifiers: Vec::new() })
    }

    /// Clicks twice; it waits for the same as [`click`](Self::click).
    #[track_caller]
    pub fn dblclick(&self) -> Action<Click> {
        self.action(Click { button: Button::Left, times: 2, at: None, modifiers: Vec::new() })
    }

    /// Moves the mouse over the middle of the element, when it can be seen, stands still and nothing covers it.
    #[track_caller]
    pub fn hover(&self) -> Action<Hover> {
        self.action(Hover { at: None })
    }

    /// Replaces what is in an `<input>`, a `<textarea>` or an element that can be edited, as if it was pasted; a date, a time, a colour
    /// and a range are set. It waits until the element can be seen, is enabled and not read-only.
    #[track_caller]
    pub fn fill(&self, text: impl Into<String>) -> Action<Fill> {
        self.action(Fill(text.into()))
    }

    /// Empties it: [`fill`](Self::fill) with nothing.
    #[track_caller]
    pub fn clear(&self) -> Action<Fill> {
        self.action(Fill(String::new()))
    }

    /// Gives the element the focus and types the text key by key, behind what is there. Where a key matters to the page (a
    /// field with suggestions); otherwise [`fill`](Self::fill) is faster.
    #[track_caller]
    pub fn type_text(&self, text: impl Into<String>) -> Action<TypeText> {
        self.action(TypeText(text.into()))
    }

    /// Gives the element the focus and presses a key, or several: `Enter`, `Control+A`, `Shift+Tab`. Names as of
    /// `KeyboardEvent.key`; `ControlOrMeta` is the one of the two with which this system's programs are told to copy.
    #[track_caller]
    pub fn press(&self, keys: impl Into<String>) -> Action<Press> {
        self.action(Press(keys.into()))
    }

    /// Checks a box, a radio button or a switch by a click, unless it is checked.
    #[track_caller]
    pub fn check(&self) -> Action<Check> {
        self.action(Check(true))
    }

    /// Unchecks a box or a switch by a click, if it is checked.
    #[track_caller]
    pub fn uncheck(&self) -> Action<Check> {
        self.action(Check(false))
    }

    /// Chooses an option of a `<select>` by its value or its label, when it is there.
    #[track_caller]
    pub fn select(&self, choice: impl Into<Choice>) -> Action<Select> {
        self.action(Select(vec![choice.into()]))
    }

    /// Chooses these options of a `<select multiple>`, and no others.
    #[track_caller]
    pub fn select_all<C: Into<Choice>>(&self, choices: impl IntoIterator<Item = C>) -> Action<Select> {
        self.action(Select(choices.into_iter().map(Into::into).collect()))
    }

    /// Chooses these files of an `<input type="file">`, also one that cannot be seen.
    #[track_caller]
    pub fn upload<P: Into<PathBuf>>(&self, files: impl IntoIterator<Item = P>) -> Action<Upload> {
        self.action(Upload(files.into_iter().map(Into::into).collect()))
    }

    /// Gives the element the focus.
    #[track_caller]
    pub fn focus(&self) -> Action<Simple> {
        self.action(Simple("focus"))
    }

    /// Takes the focus from the element.
    #[track_caller]
    pub fn blur(&self) -> Action<Simple> {
        self.action(Simple("blur"))
    }

    /// Scrolls until the element is in the window, if it is not.
    #[track_caller]
    pub fn scroll_into_view(&self) -> Action<Simple> {
        self.action(Simple("scroll"))
    }
}

impl<K> Action<K> {
    /// Waits at most this long for the element to be ready. Default: `tests.action_timeout`, 10 s.
    pub fn within(mut self, limit: Duration) -> Self {
        self.how.limit = Some(limit);
        self
    }

    /// Does not wait until the element can be seen, is enabled, stands still and is not covered.
    pub fn force(mut self) -> Self {
        self.how.force = true;
        self
    }
}

impl Action<Click> {
    /// With another button.
    pub fn button(mut self, button: Button) -> Self {
        self.kind.button = button;
        self
    }

    /// At this place, in CSS pixels from the element's upper left corner.
    pub fn at(mut self, x: f64, y: f64) -> Self {
        self.kind.at = Some(Point { x, y });
        self
    }

    /// With keys held: `["Control"]`.
    pub fn holding<S: Into<String>>(mut self, keys: impl IntoIterator<Item = S>) -> Self {
        self.kind.modifiers = keys.into_iter().map(Into::into).collect();
        self
    }
}

impl Action<Hover> {
    /// At this place, in CSS pixels from the element's upper left corner.
    pub fn at(mut self, x: f64, y: f64) -> Self {
        self.kind.at = Some(Point { x, y });
        self
    }
}

/// What each kind of action does.
trait Perform {
    type Output;

    /// ``click on `#save` ``
    fn words(&self, locator: &Locator) -> String;

    fn perform(
        self,
        locator: &Locator,
        doing: &Doing,
        force: bool,
    ) -> impl Future<Output = Result<Self::Output, PageError>> + Send;
}

async fn run<K: Perform>(action: Action<K>) -> Result<K::Output, PageError> {
    let Action { locator, kind, how } = action;
    let doing = Doing {
        what: kind.words(&locator).into(),
        limit: how.limit.unwrap_or(locator.session().waits().action),
        location: how.location,
    };
    let work = kind.perform(&locator, &doing, how.force);
    locator
        .session()
        .trace()
        .around("action", &doing.what, Some(doing.location), locator.to_mark(), work)
        .await
}

/// A future on its way: it can be moved between threads.
pub(in crate::browser) type Going<T> = Pin<Box<dyn Future<Output = Result<T, PageError>> + Send>>;

macro_rules! awaited {
    ($($kind:ty => $output:ty),+) => {$(
        impl IntoFuture for Action<$kind> {
            type Output = Result<$output, PageError>;
            type IntoFuture = Going<$output>;

            fn into_future(self) -> Self::IntoFuture {
                Box::pin(run(self))
            }
        }
    )+};
}
awaited!(
    Click => (), Hover => (), Fill => (), TypeText => (), Press => (), Check => (),
    Select => Vec<String>, Upload => (), Simple => ()
);

impl Locator {
    /// The place of the element in the window, when it can be pointed at.
    async fn point(
        &self,
        doing: &Doing,
        needs: &[&str],
        from: Option<Point>,
        force: bool,
    ) -> Result<Point, PageError> {
        // Of what is forced, too, the place has to be known.
        let needs = if force { &[] } else { needs };
        let from = from.map(|from| json!({ "x": from.x, "y": from.y }));
        let request = json!({ "operation": "point", "needs": needs, "from": from, "force": force });
        let answer = self.ask(doing, request).await?;
        let point = serde_json::from_value(answer.value)
            .map_err(|error| doing.failed(Why::Other(format!("the page named no place: {error}"))))?;
        self.in_window(doing, point).await
    }
}

impl Perform for Click {
    type Output = ();

    fn words(&self, locator: &Locator) -> String {
        let verb = if self.times == 2 { "double-click" } else { "click" };
        format!("{verb} on `{locator}`")
    }

    async fn perform(self, locator: &Locator, doing: &Doing, force: bool) -> Result<(), PageError> {
        let names: Vec<&str> = self.modifiers.iter().map(String::as_str).collect();
        let held = bits(&names).map_err(|name| doing.failed(no_key(&name)))?;
        let at = locator.point(doing, TO_POINT_AT, self.at, force).await?;
        let clicked = locator.session().tab().click(at, self.button, self.times, held).await;
        clicked.map_err(|obstacle| doing.obstructed(obstacle))
    }
}

impl Perform for Hover {
    type Output = ();

    fn words(&self, locator: &Locator) -> String {
        format!("hover over `{locator}`")
    }

    async fn perform(self, locator: &Locator, doing: &Doing, force: bool) -> Result<(), PageError> {
        let at = locator.point(doing, TO_HOVER, self.at, force).await?;
        locator.session().tab().hover(at, 0).await.map_err(|obstacle| doing.obstructed(obstacle))
    }
}

impl Perform for Fill {
    type Output = ();

    fn words(&self, locator: &Locator) -> String {
        format!("{} `{locator}`", if self.0.is_empty() { "clear" } else { "fill" })
    }

    async fn perform(self, locator: &Locator, doing: &Doing, force: bool) -> Result<(), PageError> {
        let needs = if force { &["editable"] } else { TO_FILL };
        let request = json!({ "operation": "fill", "needs": needs, "text": self.0 });
        let answer = locator.ask(doing, request).await?;
        if answer.value["typed"] != true {
            return Ok(());
        }
        let tab = locator.session().tab();
        let typed = if self.0.is_empty() {
            tab.press(&Chord::parse("Delete").expect("a key")).await
        } else {
            tab.insert(&self.0).await
        };
        typed.map_err(|obstacle| doing.obstructed(obstacle))
    }
}

impl Perform for TypeText {
    type Output = ();

    fn words(&self, locator: &Locator) -> String {
        format!("type into `{locator}`")
    }

    async fn perform(self, locator: &Locator, doing: &Doing, _force: bool) -> Result<(), PageError> {
        locator.ask(doing, json!({ "operation": "focus", "needs": [] })).await?;
        let tab = locator.session().tab();
        for character in self.0.chars() {
            let typed = match Chord::of(character) {
                Some(key) => tab.press(&key).await,
                None => tab.insert(character.encode_utf8(&mut [0; 4])).await,
            };
            typed.map_err(|obstacle| doing.obstructed(obstacle))?;
        }
        Ok(())
    }
}

impl Perform for Press {
    type Output = ();

    fn words(&self, locator: &Locator) -> String {
        format!("press {} on `{locator}`", self.0)
    }

    async fn perform(self, locator: &Locator, doing: &Doing, _force: bool) -> Result<(), PageError> {
        let chord = Chord::parse(&self.0).map_err(|name| doing.failed(no_key(&name)))?;
        locator.ask(doing, json!({ "operation": "focus", "needs": [] })).await?;
        locator.session().tab().press(&chord).await.map_err(|obstacle| doing.obstructed(obstacle))
    }
}

impl Perform for Check {
    type Output = ();

    fn words(&self, locator: &Locator) -> String {
        format!("{} `{locator}`", if self.0 { "check" } else { "uncheck" })
    }

    async fn perform(self, locator: &Locator, doing: &Doing, force: bool) -> Result<(), PageError> {
        let read = json!({ "operation": "read", "what": "checked", "needs": [] });
        if locator.ask(doing, read.clone()).await?.value["is"] == self.0 {
            return Ok(());
        }
        let at = locator.point(doing, TO_POINT_AT, None, force).await?;
        let clicked = locator.session().tab().click(at, Button::Left, 1, 0).await;
        clicked.map_err(|obstacle| doing.obstructed(obstacle))?;
        if locator.ask(doing, read).await?.value["is"] == self.0 {
            return Ok(());
        }
        let now = if self.0 { "unchecked" } else { "checked" };
        let why = format!("it is {now} after the click as before; does something else check it?");
        Err(doing.failed(Why::Other(why)))
    }
}

impl Perform for Select {
    /// The values of the options that are chosen now.
    type Output = Vec<String>;

    fn words(&self, locator: &Locator) -> String {
        format!("select an option of `{locator}`")
    }

    async fn perform(self, locator: &Locator, doing: &Doing, force: bool) -> Result<Vec<String>, PageError> {
        let needs = if force { &[] } else { TO_SELECT };
        let options: Vec<Value> = self.0.iter().map(Choice::to_json).collect();
        let request = json!({ "operation": "select", "needs": needs, "options": options });
        let answer = locator.ask(doing, request).await?;
        Ok(serde_json::from_value(answer.value).unwrap_or_default())
    }
}

impl Perform for Upload {
    type Output = ();

    fn words(&self, locator: &Locator) -> String {
        format!("upload to `{locator}`")
    }

    async fn perform(self, locator: &Locator, doing: &Doing, _force: bool) -> Result<(), PageError> {
        let mut files = Vec::new();
        for file in &self.0 {
            // The browser wants the whole path, and says nothing of a file that is not there.
            let file = std::path::absolute(file).unwrap_or_else(|_| file.clone());
            if let Err(error) = std::fs::metadata(&file) {
                return Err(doing.failed(Why::Other(format!("cannot read {}: {error}", file.display()))));
            }
            files.push(file);
        }
        let held = locator.ask(doing, json!({ "operation": "hold", "needs": [] })).await?;
        let number = held.value["number"].as_u64().unwrap_or_default();
        let tab = locator.session().tab();
        let (page, element) =
            tab.element(&held.frame, number).await.map_err(|obstacle| doing.obstructed(obstacle))?;
        let set = page.call("DOM.setFileInputFiles", json!({ "objectId": element, "files": files }));
        tab.unless_in_the_way(set).await.map_err(|obstacle| doing.obstructed(obstacle))?;
        Ok(())
    }
}

impl Perform for Simple {
    type Output = ();

    fn words(&self, locator: &Locator) -> String {
        match self.0 {
            "scroll" => format!("scroll to `{locator}`"),
            verb => format!("{verb} `{locator}`"),
        }
    }

    async fn perform(self, locator: &Locator, doing: &Doing, force: bool) -> Result<(), PageError> {
        let needs: &[&str] = if self.0 == "scroll" && !force { &["stable"] } else { &[] };
        locator.ask(doing, json!({ "operation": self.0, "needs": needs })).await?;
        Ok(())
    }
}

fn no_key(name: &str) -> Why {
    Why::Other(format!(
        "no key is called `{name}`; names are as of `KeyboardEvent.key`: `Enter`, `ArrowDown`, `Control+A`"
    ))
}
