//! What locators leave to the page's own scripts and to thirtyfour.

use std::any::TypeId;
use std::future::IntoFuture;
use std::marker::PhantomData;
use std::panic::Location;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use thirtyfour::WebElement;

use super::Locator;
use super::action::Going;
use super::ask::Doing;
use super::failure::{PageError, Why, shown};
use crate::browser::session::Session;
use crate::browser::tab::Obstacle;
use crate::browser::tab::evaluate::{Call, Returned};
use crate::machine::Patience;

/// A function that is called in the page when this is awaited. See [`Locator::evaluate`].
#[must_use = "nothing is called until this is awaited"]
#[derive(Debug)]
pub struct Evaluation<T> {
    locator: Locator,
    function: String,
    argument: Result<Value, String>,
    limit: Option<Duration>,
    location: &'static Location<'static>,
    returns: PhantomData<fn() -> T>,
}

impl Session {
    /// Calls a function of JavaScript in the page, among its own scripts, and awaits what it returns.
    ///
    /// What is returned has to be JSON that `T` can be read from; `undefined` is `null`, and of no matter is what `()` is asked of. An exception is an error with its stack,
    /// and so is a promise that is refused.
    ///
    /// ```no_run
    /// # async fn asks(session: &callboard::Session) -> callboard::TestResult {
    /// let language: String = session.evaluate("() => navigator.language").await?;
    /// let sum: i64 = session.evaluate("([a, b]) => a + b").with([1, 2]).await?;
    /// session.evaluate::<()>("key => localStorage.removeItem(key)").with("draft").await?;
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    pub fn evaluate<T: DeserializeOwned>(&self, function: impl Into<String>) -> Evaluation<T> {
        Evaluation::of(self.everything(), function.into(), Location::caller())
    }
}

impl Locator {
    /// Calls a function of JavaScript with the element, as soon as it is there: as [`Session::evaluate`] does.
    ///
    /// ```no_run
    /// # async fn asks(session: &callboard::Session) -> callboard::TestResult {
    /// let chart = session.locator("#chart");
    /// let width: f64 = chart.evaluate("element => element.clientWidth").await?;
    /// chart.evaluate::<()>("(element, zoom) => element.chart.zoomTo(zoom)").with(2).await?;
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    pub fn evaluate<T: DeserializeOwned>(&self, function: impl Into<String>) -> Evaluation<T> {
        Evaluation::of(self.clone(), function.into(), Location::caller())
    }

    /// The one element, as soon as it is there, as thirtyfour has it: for all that thirtyfour can do with an element.
    ///
    /// Unlike a locator it is this element for ever, and of no use once the page has another in its place. In a frame it is of use while
    /// the driver is turned to that frame (`enter_frame`), and found only then.
    ///
    /// ```no_run
    /// # async fn looks(session: &callboard::Session) -> callboard::TestResult {
    /// let menu = session.by_role("menu").web_element().await?;
    /// assert_eq!(menu.css_value("cursor").await?, "pointer");
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    pub fn web_element(&self) -> impl Future<Output = Result<WebElement, PageError>> + Send + use<> {
        let what = format!("get the element `{self}`").into();
        let doing = Doing { what, limit: self.session().waits().action, location: Location::caller() };
        let locator = self.clone();
        async move { locator.handed_over(&doing).await }
    }

    async fn handed_over(&self, doing: &Doing) -> Result<WebElement, PageError> {
        // The driver takes no element but from a script of its own, so that it is left where that finds it.
        let leave = "(element, key) => { globalThis[Symbol.for(key)] = element }";
        let take = "const key = Symbol.for(arguments[0]); const element = globalThis[key]; delete globalThis[key]; \
                    return element ?? null";
        let key = format!("callboard element {}", next_number());
        let patience = Patience::begin();
        let argument = key.clone().into();
        let call = Call { function: leave, argument: &argument, is_wanted: false };
        evaluate(self, doing, patience, call).await?;
        let failed = |why: String| doing.failed(Why::Other(why));
        let taken = self.session().execute(take, vec![key.into()]).await;
        let taken = taken.map_err(|error| failed(format!("the driver does not take it: {error}")))?;
        if taken.json().is_null() {
            let why = "the driver is turned to another frame: `enter_frame` leads to the element's";
            return Err(failed(why.to_owned()));
        }
        taken.element().map_err(|error| failed(format!("the driver does not take it: {error}")))
    }
}

/// A number that nobody else has.
fn next_number() -> u64 {
    use std::sync::atomic::{AtomicU64, Ordering};

    static LAST: AtomicU64 = AtomicU64::new(0);
    LAST.fetch_add(1, Ordering::Relaxed)
}

impl<T> Evaluation<T> {
    fn of(locator: Locator, function: String, location: &'static Location<'static>) -> Self {
        Self { locator, function, argument: Ok(Value::Null), limit: None, location, returns: PhantomData }
    }

    /// The function's argument, behind the element if there is one; several are an array or an object.
    pub fn with(mut self, argument: impl Serialize) -> Self {
        self.argument = serde_json::to_value(argument).map_err(|error| error.to_string());
        self
    }

    /// It may take this long, the wait for the element included. Default: `tests.action_timeout`, 10 s.
    pub fn within(mut self, limit: Duration) -> Self {
        self.limit = Some(limit);
        self
    }
}

impl<T: DeserializeOwned + 'static> IntoFuture for Evaluation<T> {
    type Output = Result<T, PageError>;
    type IntoFuture = Going<T>;

    fn into_future(self) -> Going<T> {
        let Self { locator, function, argument, limit, location, .. } = self;
        Box::pin(async move {
            let where_to =
                if locator.is_everything() { "in the page".to_owned() } else { format!("with `{locator}`") };
            let what = format!("evaluate {where_to}").into();
            let limit = limit.unwrap_or(locator.session().waits().action);
            let doing = Doing { what, limit, location };
            let argument = argument.map_err(|error| {
                doing.failed(Why::Other(format!("the argument cannot be said in JSON: {error}")))
            })?;
            // Who wants nothing of it does not care what it is.
            let is_wanted = TypeId::of::<T>() != TypeId::of::<()>();
            let call = Call { function: &function, argument: &argument, is_wanted };
            let value = evaluate(&locator, &doing, Patience::begin(), call).await?;
            T::deserialize(&value).map_err(|error| {
                let wanted = std::any::type_name::<T>();
                doing.failed(Why::Other(format!(
                    "the function returned {}, which is no {wanted}: {error}",
                    shown(&value)
                )))
            })
        })
    }
}

async fn evaluate(
    locator: &Locator,
    doing: &Doing,
    patience: Patience,
    call: Call<'_>,
) -> Result<Value, PageError> {
    let tab = locator.session().tab();
    let returned = if locator.is_everything() {
        tab.call(&tab.main_frame(), call, doing.limit).await
    } else {
        let held = locator.ask_by(doing, patience, json!({ "operation": "hold", "needs": [] })).await?;
        let number = held.value["number"].as_u64().unwrap_or_default();
        tab.call_with((&held.frame, number), call, doing.left(patience)).await
    };
    let why = match returned {
        Ok(Returned::Value(value)) => return Ok(value),
        Ok(Returned::Threw(exception)) => Why::Threw(exception),
        Ok(Returned::Other(value)) => {
            Why::Other(format!("the function returned {value}, which JSON has not"))
        }
        Ok(Returned::NoJson(why)) => {
            Why::Other(format!("what the function returned cannot be said in JSON: {why}"))
        }
        // It may have done something, so that it is not called again.
        Err(Obstacle::Navigated) => Why::Other("the page went elsewhere while the function ran".to_owned()),
        Err(Obstacle::Unresponsive(_)) => Why::TooLate {
            limit: doing.limit,
            extension: String::new(),
            seen: super::failure::Seen {
                last: Some("the function has not returned, or its promise is still open".to_owned()),
                ..Default::default()
            },
        },
        Err(obstacle) => return Err(doing.obstructed(obstacle)),
    };
    Err(doing.failed(why))
}
