//! A picture of an element.

use serde_json::json;

use super::{Action, Perform, Work, unless_forced};
use crate::browser::locator::Locator;
use crate::browser::locator::failure::{PageError, Why};
use crate::browser::locator::read::Rect;
use crate::browser::tab::input::Point;

/// See [`Locator::screenshot`].
#[derive(Debug)]
pub struct Screenshot(());

impl Locator {
    /// Takes a picture of the element, with what is over it: a PNG. It waits until the element can be seen and stands still, and scrolls it
    /// into the window; of what is larger than the window there is all of it.
    ///
    /// ```no_run
    /// # async fn draws(session: &callboard::Session) -> callboard::TestResult {
    /// let png = session.locator("#chart").screenshot().await?;
    /// callboard::attach("chart.png", png, "image/png")?;
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    pub fn screenshot(&self) -> Action<Screenshot> {
        self.action(Screenshot(()))
    }
}

impl Perform for Screenshot {
    type Output = Vec<u8>;

    fn words(&self, locator: &Locator) -> String {
        format!("take a picture of `{locator}`")
    }

    async fn perform(self, work: &Work) -> Result<Vec<u8>, PageError> {
        let needs = unless_forced(work.force, &["visible", "stable"]);
        work.ask(json!({ "operation": "scroll", "needs": needs })).await?;
        let read = json!({ "operation": "read", "what": "box", "needs": [] });
        let mut answer = work.ask(read).await?;
        let area: Rect = serde_json::from_value(answer.value["is"].take())
            .map_err(|error| work.failed(Why::Other(format!("the page named no place: {error}"))))?;
        let corner = Point { x: area.x, y: area.y };
        let corner = match work.locator.in_window(&work.doing, work.left(), corner, false).await? {
            Ok(corner) => corner,
            Err(why) => return Err(work.failed(Why::Other(why))),
        };
        let area = Rect { x: corner.x, y: corner.y, ..area };
        let picture = work.locator.session().tab().picture(area).await;
        picture.map_err(|obstacle| work.obstructed(obstacle))
    }
}
