//! What is read of an element.

use std::panic::Location;

use serde_json::{Value, json};

use super::Locator;
use super::ask::Doing;
use super::failure::PageError;

/// A box in the window, in CSS pixels from its upper left corner.
#[derive(Debug, Clone, Copy, PartialEq, serde::Deserialize)]
pub struct Rect {
    /// From the left.
    pub x: f64,
    /// From above.
    pub y: f64,
    /// Its width.
    pub width: f64,
    /// Its height.
    pub height: f64,
}

/// An `async fn` knows not who calls it; these do.
macro_rules! reads {
    ($($(#[$doc:meta])+ fn $name:ident($($argument:ident: $type:ty),*) -> $output:ty = $words:literal, $what:literal;)+) => {
        impl Locator {$(
            $(#[$doc])+
            #[track_caller]
            pub fn $name(&self, $($argument: $type),*) -> impl Future<Output = Result<$output, PageError>> + Send + use<> {
                let doing = self.reading($words, Location::caller());
                let request = json!({ "operation": "read", "what": $what, "needs": [], $(stringify!($argument): $argument),* });
                let locator = self.clone();
                async move { locator.read(&doing, request).await }
            }
        )+}
    };
}

reads! {
    /// The text of the element and of all that is in it, also of what cannot be seen; white space as it is in the document.
    fn text() -> String = "read the text of", "text";

    /// The text as it is shown: without what is hidden, with its line breaks (`innerText`).
    fn inner_text() -> String = "read the text of", "inner_text";

    /// The HTML inside of the element.
    fn inner_html() -> String = "read the HTML of", "html";

    /// The value of an `<input>`, a `<textarea>` or a `<select>`.
    fn value() -> String = "read the value of", "value";

    /// An attribute; `None` if the element has none of this name.
    fn attribute(name: &str) -> Option<String> = "read an attribute of", "attribute";

    /// Whether it is checked.
    fn is_checked() -> bool = "look whether it is checked:", "checked";

    /// Whether it is enabled.
    fn is_enabled() -> bool = "look whether it is enabled:", "enabled";

    /// Whether something can be typed into it.
    fn is_editable() -> bool = "look whether it can be edited:", "editable";

    /// Where in the window of its frame it is.
    fn bounding_box() -> Rect = "measure", "box";
}

impl Locator {
    /// How many elements there are now. It does not wait; [`to_have_count`](crate::page::Expectation::to_have_count) does.
    #[track_caller]
    pub fn count(&self) -> impl Future<Output = Result<usize, PageError>> + Send + use<> {
        let all = self.every("count", "", Location::caller());
        async move { Ok(all.await?.len()) }
    }

    /// Whether there is an element now, and can be seen. It does not wait.
    #[track_caller]
    pub fn is_visible(&self) -> impl Future<Output = Result<bool, PageError>> + Send + use<> {
        let all = self.every("look whether it is visible:", "visible", Location::caller());
        async move { Ok(all.await?.contains(&Value::Bool(true))) }
    }

    /// The texts of all elements that there are now. It does not wait.
    #[track_caller]
    pub fn all_texts(&self) -> impl Future<Output = Result<Vec<String>, PageError>> + Send + use<> {
        let all = self.every("read the texts of", "text", Location::caller());
        async move {
            let texts = all.await?.into_iter();
            Ok(texts.map(|text| text.as_str().unwrap_or_default().to_owned()).collect())
        }
    }

    /// A locator for each element that there is now, by its number. It does not wait.
    #[track_caller]
    pub fn all(&self) -> impl Future<Output = Result<Vec<Self>, PageError>> + Send + use<> {
        let (count, locator) = (self.count(), self.clone());
        async move {
            let count = count.await?;
            Ok((0..).take(count).map(|nth| locator.nth(nth)).collect())
        }
    }

    fn reading(&self, words: &str, location: &'static Location<'static>) -> Doing {
        let limit = self.session().waits().action;
        Doing { what: format!("{words} `{self}`").into(), limit, location }
    }

    fn every(
        &self,
        words: &str,
        what: &'static str,
        location: &'static Location<'static>,
    ) -> impl Future<Output = Result<Vec<Value>, PageError>> + Send + use<> {
        let doing = self.reading(words, location);
        let (locator, request) = (self.clone(), json!({ "operation": "all", "what": what }));
        async move {
            match locator.ask(&doing, request).await?.value {
                Value::Array(values) => Ok(values),
                _ => Ok(Vec::new()),
            }
        }
    }

    async fn read<T: serde::de::DeserializeOwned>(
        &self,
        doing: &Doing,
        request: Value,
    ) -> Result<T, PageError> {
        let mut answer = self.ask(doing, request).await?;
        serde_json::from_value(answer.value["is"].take()).map_err(|error| {
            doing.failed(super::Why::Other(format!("the page's answer is not understood: {error}")))
        })
    }
}
