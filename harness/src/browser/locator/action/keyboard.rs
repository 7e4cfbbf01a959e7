//! With the keyboard: fill, type, press.

use std::time::Duration;

use serde_json::json;

use super::{Action, Perform, Work, no_key};
use crate::browser::locator::Locator;
use crate::browser::locator::failure::PageError;
use crate::browser::tab::keys::Chord;

const TO_FILL: &[&str] = &["visible", "enabled", "editable"];

/// See [`Locator::fill`].
#[derive(Debug)]
pub struct Fill(String);

/// See [`Locator::type_text`].
#[derive(Debug)]
pub struct TypeText {
    text: String,
    delay: Duration,
}

/// See [`Locator::press`].
#[derive(Debug)]
pub struct Press(String);

impl Locator {
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
        self.action(TypeText { text: text.into(), delay: Duration::ZERO })
    }

    /// Gives the element the focus and presses a key, or several: `Enter`, `Control+A`, `Shift+Tab`. Names as of
    /// `KeyboardEvent.key`; `ControlOrMeta` is the one of the two with which this system's programs are told to copy.
    #[track_caller]
    pub fn press(&self, keys: impl Into<String>) -> Action<Press> {
        self.action(Press(keys.into()))
    }
}

impl Action<TypeText> {
    /// Waits this long after each key. Default: not at all. It is not counted as time in which the element is waited for.
    pub fn delay(mut self, delay: Duration) -> Self {
        self.kind.delay = delay;
        self
    }
}

impl Perform for Fill {
    type Output = ();

    fn words(&self, locator: &Locator) -> String {
        format!("{} `{locator}`", if self.0.is_empty() { "clear" } else { "fill" })
    }

    async fn perform(self, work: &Work) -> Result<(), PageError> {
        let needs = if work.force { &["editable"] } else { TO_FILL };
        let answer = work.ask(json!({ "operation": "fill", "needs": needs, "text": self.0 })).await?;
        if answer.value["typed"] != true {
            return Ok(());
        }
        let tab = work.locator.session().tab();
        let typed = if self.0.is_empty() {
            tab.press(&Chord::parse("Delete").map_err(|name| work.failed(no_key(&name)))?).await
        } else {
            tab.insert(&self.0).await
        };
        typed.map_err(|obstacle| work.obstructed(obstacle))
    }
}

impl Perform for TypeText {
    type Output = ();

    fn words(&self, locator: &Locator) -> String {
        format!("type into `{locator}`")
    }

    async fn perform(self, work: &Work) -> Result<(), PageError> {
        work.ask(json!({ "operation": "focus", "needs": [] })).await?;
        let tab = work.locator.session().tab();
        for character in self.text.chars() {
            let typed = match Chord::of(character) {
                Some(key) => tab.press(&key).await,
                None => tab.insert(character.encode_utf8(&mut [0; 4])).await,
            };
            typed.map_err(|obstacle| work.obstructed(obstacle))?;
            if !self.delay.is_zero() {
                // What the test asks for.
                tokio::time::sleep(self.delay).await;
            }
        }
        Ok(())
    }
}

impl Perform for Press {
    type Output = ();

    fn words(&self, locator: &Locator) -> String {
        format!("press {} on `{locator}`", self.0)
    }

    async fn perform(self, work: &Work) -> Result<(), PageError> {
        let chord = Chord::parse(&self.0).map_err(|name| work.failed(no_key(&name)))?;
        work.ask(json!({ "operation": "focus", "needs": [] })).await?;
        work.locator.session().tab().press(&chord).await.map_err(|obstacle| work.obstructed(obstacle))
    }
}
