//! With the mouse: click, hover, drag.

use serde_json::json;

use super::{Action, Perform, Spot, TO_CLICK, TO_HOVER, Work, no_key};
use crate::browser::locator::Locator;
use crate::browser::locator::failure::{PageError, Seen, Why};
use crate::browser::tab::Obstacle;
use crate::browser::tab::input::{Button, Point, Verdict};
use crate::browser::tab::keys::Modifier;

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

/// See [`Locator::drag_to`].
#[derive(Debug)]
pub struct Drag {
    target: Locator,
    from: Option<Point>,
    to: Option<Point>,
}

impl Locator {
    /// Clicks on the middle of the element with the left button, once.
    ///
    /// It waits (10 s at most, `tests.action_timeout`) until there is exactly one element, it can be seen, is enabled, stands still
    /// from one frame to the next, and nothing else would get the click; it is scrolled into the window. If something else comes in
    /// its place before the button is down, nothing gets the click, and it is looked for again.
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

    /// Drags the element with the mouse to the middle of another one, and drops it there; it waits for the same as
    /// [`click`](Self::click) of both, but that the other one need not be enabled.
    ///
    /// It is a drag and drop of HTML where the page lets the browser drag (`draggable`), and otherwise a movement of the mouse with
    /// its button down, for what follows that by itself.
    ///
    /// ```no_run
    /// # async fn finishes(session: &callboard::Session) -> callboard::TestResult {
    /// let card = session.by_text("Write the report");
    /// card.drag_to(&session.by_test_id("done")).await?;
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    pub fn drag_to(&self, target: &Self) -> Action<Drag> {
        self.action(Drag { target: target.clone(), from: None, to: None })
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

    /// With keys held: `["Control"]`. They are pressed before, and released afterwards.
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

impl Action<Drag> {
    /// Takes it at this place, in CSS pixels from its upper left corner.
    pub fn from(mut self, x: f64, y: f64) -> Self {
        self.kind.from = Some(Point { x, y });
        self
    }

    /// Drops it at this place, in CSS pixels from the other element's upper left corner.
    pub fn to(mut self, x: f64, y: f64) -> Self {
        self.kind.to = Some(Point { x, y });
        self
    }
}

impl Perform for Click {
    type Output = ();

    fn words(&self, locator: &Locator) -> String {
        let verb = match (self.times, self.button) {
            (2, _) => "double-click",
            (_, Button::Right) => "right-click",
            (_, Button::Middle) => "middle-click",
            _ => "click",
        };
        format!("{verb} on `{locator}`")
    }

    async fn perform(self, work: &Work) -> Result<(), PageError> {
        let held: Result<Vec<Modifier>, String> =
            self.modifiers.iter().map(|name| Modifier::named(name).ok_or_else(|| name.clone())).collect();
        let held = held.map_err(|name| work.failed(no_key(&name)))?;
        click(work, self.at, self.button, self.times, &held).await
    }
}

/// Clicks, and clicks again as long as something else would have got it.
pub(super) async fn click(
    work: &Work,
    at: Option<Point>,
    button: Button,
    times: u32,
    held: &[Modifier],
) -> Result<(), PageError> {
    let tab = work.locator.session().tab();
    let mut missed = None;
    loop {
        let spot = spot(work, TO_CLICK, at, "press", missed.as_deref()).await?;
        let clicking = tab.click(spot.at, button, times, held);
        let verdict = if work.force {
            clicking.await.map(|()| Verdict::Hit)
        } else {
            tab.guarded(&spot.frame, clicking).await
        };
        missed = decided(work, verdict)?;
        if missed.is_none() {
            return Ok(());
        }
    }
}

/// Whether the element had it; otherwise what was spared in its stead, and it is to be tried again.
fn decided(work: &Work, verdict: Result<Verdict, Obstacle>) -> Result<Option<String>, PageError> {
    match verdict.map_err(|obstacle| work.obstructed(obstacle))? {
        Verdict::Hit => Ok(None),
        Verdict::Missed(what) if work.is_over() => Err(spared(work, &what)),
        Verdict::Missed(what) => Ok(Some(what)),
        Verdict::Elsewhere(what) => {
            Err(work.failed(Why::Other(format!("{what} came over it just then, and got it instead"))))
        }
    }
}

fn spared(work: &Work, what: &str) -> PageError {
    let last = format!("each time something else came in its place just before, and was spared: {what}");
    work.too_late(Seen { last: Some(last), ..Seen::default() })
}

/// Where it is to be tried, again if something was missed before: which says more than that the time is over.
async fn spot(
    work: &Work,
    needs: &[&str],
    from: Option<Point>,
    guard: &str,
    missed: Option<&str>,
) -> Result<Spot, PageError> {
    match (work.spot(needs, from, Some(guard)).await, missed) {
        (Err(error), Some(what)) if error.is_timeout() => Err(spared(work, what)),
        (spot, _) => spot,
    }
}

impl Perform for Hover {
    type Output = ();

    fn words(&self, locator: &Locator) -> String {
        format!("hover over `{locator}`")
    }

    async fn perform(self, work: &Work) -> Result<(), PageError> {
        let tab = work.locator.session().tab();
        let mut missed = None;
        loop {
            let spot = spot(work, TO_HOVER, self.at, "move", missed.as_deref()).await?;
            let hovering = tab.hover(spot.at);
            let verdict = if work.force {
                hovering.await.map(|()| Verdict::Hit)
            } else {
                tab.guarded(&spot.frame, hovering).await
            };
            missed = decided(work, verdict)?;
            if missed.is_none() {
                return Ok(());
            }
        }
    }
}

impl Perform for Drag {
    type Output = ();

    fn words(&self, locator: &Locator) -> String {
        format!("drag `{locator}` to `{}`", self.target)
    }

    async fn perform(self, work: &Work) -> Result<(), PageError> {
        let tab = work.locator.session().tab();
        let target = work.of(&self.target);
        let towards = target.spot(TO_HOVER, self.to, None).await?.at;
        let mut missed = None;
        loop {
            let spot = spot(work, TO_CLICK, self.from, "press", missed.as_deref()).await?;
            work.ask(json!({ "operation": "watch_drag", "needs": [] })).await?;
            let taken = tab.guarded(&spot.frame, tab.take(spot.at)).await;
            missed = decided(work, taken)?;
            if missed.is_some() {
                continue;
            }
            let begun = tab.begin_drag(&spot.frame, spot.at, towards, work.left()).await;
            let drag = begun.map_err(|obstacle| work.obstructed(obstacle))?;
            // It may have to be scrolled to. Whatever becomes of it, the button does not stay down.
            let to = target.spot(TO_HOVER, self.to, None).await;
            let place = to.as_ref().map_or(spot.at, |to| to.at);
            let dropped = tab.drop_drag(drag, place).await;
            to?;
            return dropped.map_err(|obstacle| work.obstructed(obstacle));
        }
    }
}
