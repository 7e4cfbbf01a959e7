//! What is done with an element, as a person would: when it is there, can be seen, stands still, and nothing covers it.

mod form;
mod keyboard;
mod mouse;
mod picture;

use std::future::IntoFuture;
use std::panic::Location;
use std::pin::Pin;
use std::time::Duration;

use serde_json::{Value, json};

pub use self::form::{Check, Choice, FileData, Select, Upload};
pub use self::keyboard::{Fill, Press, TypeText};
pub use self::mouse::{Click, Drag, Hover};
pub use self::picture::Screenshot;
use super::Locator;
use super::ask::{Answer, Doing};
use super::failure::{PageError, Seen, Why};
use crate::browser::tab::Obstacle;
use crate::browser::tab::input::Point;
use crate::machine::Patience;

/// What an action waits for, as Playwright documents actionability.
const TO_CLICK: &[&str] = &["visible", "enabled", "stable", "receives"];
const TO_HOVER: &[&str] = &["visible", "stable", "receives"];

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

/// See [`Locator::focus`], [`Locator::blur`] and [`Locator::scroll_into_view`].
#[derive(Debug)]
pub struct Simple(&'static str);

impl Locator {
    #[track_caller]
    fn action<K>(&self, kind: K) -> Action<K> {
        let how = How { limit: None, force: false, location: Location::caller() };
        Action { locator: self.clone(), kind, how }
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
    /// It may take this long, from the first look at the page to the end. Default: `tests.action_timeout`, 10 s.
    pub fn within(mut self, limit: Duration) -> Self {
        self.how.limit = Some(limit);
        self
    }

    /// Does not wait until the element can be seen, is enabled, stands still and is not covered, and does not look who gets the
    /// click.
    pub fn force(mut self) -> Self {
        self.how.force = true;
        self
    }
}

/// What each kind of action does.
trait Perform {
    type Output;

    /// ``click on `#save` ``
    fn words(&self, locator: &Locator) -> String;

    fn perform(self, work: &Work) -> impl Future<Output = Result<Self::Output, PageError>> + Send;
}

/// An action on its way: all that it asks the page is within one time limit.
#[derive(Clone)]
struct Work {
    locator: Locator,
    doing: Doing,
    patience: Patience,
    force: bool,
}

/// Where something is to be done with the mouse.
struct Spot {
    /// In the window.
    at: Point,
    /// Of which the element is.
    frame: String,
}

/// The needs of an action that can be forced.
fn unless_forced<'a>(force: bool, needs: &'a [&'a str]) -> &'a [&'a str] {
    if force { &[] } else { needs }
}

impl Work {
    async fn ask(&self, request: Value) -> Result<Answer, PageError> {
        self.locator.ask_by(&self.doing, self.patience, request).await
    }

    fn failed(&self, why: Why) -> PageError {
        self.doing.failed(why)
    }

    fn obstructed(&self, obstacle: Obstacle) -> PageError {
        self.doing.obstructed(obstacle)
    }

    fn is_over(&self) -> bool {
        self.left().is_zero()
    }

    fn left(&self) -> Duration {
        self.doing.left(self.patience)
    }

    fn too_late(&self, seen: Seen) -> PageError {
        let extension = self.patience.extended(self.doing.limit).to_string();
        self.failed(Why::TooLate { limit: self.doing.limit, extension, seen })
    }

    /// The same with another element.
    fn of(&self, locator: &Locator) -> Self {
        Self { locator: locator.clone(), ..self.clone() }
    }

    /// Where the element can be pointed at, when it can. `guard`: whose events (`press`, `move`) nobody else may get then.
    async fn spot(
        &self,
        needs: &[&str],
        from: Option<Point>,
        guard: Option<&str>,
    ) -> Result<Spot, PageError> {
        let needs = unless_forced(self.force, needs);
        let from = from.map(|from| json!({ "x": from.x, "y": from.y }));
        let guard = guard.filter(|_| !self.force);
        let request = json!({ "operation": "point", "needs": needs, "from": from, "force": self.force, "guard": guard });
        let mut covered = None;
        loop {
            let answer = match self.ask(request.clone()).await {
                Err(error) if error.is_timeout() && covered.is_some() => {
                    return Err(self.too_late(Seen { last: covered, ..Seen::default() }));
                }
                answer => answer?,
            };
            let at: Point = serde_json::from_value(answer.value)
                .map_err(|error| self.failed(Why::Other(format!("the page named no place: {error}"))))?;
            let frame = answer.frame;
            let placed = self.locator.in_window(&self.doing, self.left(), at, !self.force).await;
            match placed {
                Ok(Ok(at)) => return Ok(Spot { at, frame }),
                Ok(Err(last)) if self.is_over() => {
                    self.locator.session().tab().unguard(&frame).await;
                    return Err(self.too_late(Seen { last: Some(last), ..Seen::default() }));
                }
                Ok(Err(last)) => covered = Some(last),
                Err(error) => {
                    self.locator.session().tab().unguard(&frame).await;
                    return Err(error);
                }
            }
        }
    }
}

async fn run<K: Perform>(action: Action<K>) -> Result<K::Output, PageError> {
    let Action { locator, kind, how } = action;
    let doing = Doing {
        what: kind.words(&locator).into(),
        limit: how.limit.unwrap_or(locator.session().waits().action),
        location: how.location,
    };
    locator.session().keep_pace(&doing.what, doing.location).await;
    let work = Work { locator, doing, patience: Patience::begin(), force: how.force };
    let (what, location, mark) = (work.doing.what.clone(), work.doing.location, work.locator.to_mark());
    let trace = work.locator.session().trace().clone();
    trace.around("action", &what, Some(location), mark, kind.perform(&work)).await
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
    Click => (), Hover => (), Drag => (), Fill => (), TypeText => (), Press => (), Check => (),
    Select => Vec<String>, Upload => (), Screenshot => Vec<u8>, Simple => ()
);

impl Perform for Simple {
    type Output = ();

    fn words(&self, locator: &Locator) -> String {
        match self.0 {
            "scroll" => format!("scroll to `{locator}`"),
            verb => format!("{verb} `{locator}`"),
        }
    }

    async fn perform(self, work: &Work) -> Result<(), PageError> {
        let needs = if self.0 == "scroll" { unless_forced(work.force, &["stable"]) } else { &[] };
        work.ask(json!({ "operation": self.0, "needs": needs })).await?;
        Ok(())
    }
}

fn no_key(name: &str) -> Why {
    Why::Other(format!(
        "no key is called `{name}`; names are as of `KeyboardEvent.key`: `Enter`, `ArrowDown`, `Control+A`"
    ))
}
