//! Functions of a test's, in the page's own world.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Obstacle, Tab};
use crate::browser::cdp::{Page, text};
use crate::browser::error::BrowserError;

/// What became of a function.
pub(in crate::browser) enum Returned {
    Value(Value),
    /// What JSON has not: `NaN`, `1n`.
    Other(String),
    /// With its stack.
    Threw(String),
    /// Why it cannot be said in JSON.
    NoJson(String),
}

/// A function, and what it is called with.
#[derive(Clone, Copy)]
pub(in crate::browser) struct Call<'a> {
    pub(in crate::browser) function: &'a str,
    pub(in crate::browser) argument: &'a Value,
    /// Whether anybody wants what it returns.
    pub(in crate::browser) is_wanted: bool,
}

/// Around the test's own, which may also be an expression, and may end with a comment. What is thrown without being an error
/// has nothing to show but itself.
const BEGIN: &str = "async function (argument) { try { const it = (";
const PLAIN: &str = "\n); return typeof it === 'function' ? await it(argument) : await it }";
const WITH_ELEMENT: &str = "\n); return await it(this, argument) }";
const END: &str = " catch (thrown) { if (thrown === null || typeof thrown !== 'object' || thrown instanceof Error) throw thrown; \
                   throw JSON.stringify(thrown) } }";

impl Tab {
    /// Calls a function in a frame.
    pub(in crate::browser) async fn call(
        &self,
        frame: &str,
        call: Call<'_>,
        limit: Duration,
    ) -> Result<Returned, Obstacle> {
        let (page, world) = self.known(limit, |frames| frames.own_world(frame)).await?;
        let params = json!({
            "functionDeclaration": format!("{BEGIN}{}{PLAIN}{END}", call.function),
            "executionContextId": world,
        });
        self.finish(&page, params, call, limit).await
    }

    /// Calls a function with an element that the script holds.
    pub(in crate::browser) async fn call_with(
        &self,
        (frame, number): (&str, u64),
        call: Call<'_>,
        limit: Duration,
    ) -> Result<Returned, Obstacle> {
        let (page, element) = self.own_element(frame, number).await?;
        let params = json!({
            "functionDeclaration": format!("{BEGIN}{}{WITH_ELEMENT}{END}", call.function),
            "objectId": element,
        });
        self.finish(&page, params, call, limit).await
    }

    /// The element as the page's own scripts have it.
    async fn own_element(&self, frame: &str, number: u64) -> Result<(Page, String), Obstacle> {
        let (page, element) = self.element(frame, number).await?;
        let Some((_, world)) = self.0.shared.frames().own_world(frame) else {
            return Err(Obstacle::Navigated);
        };
        let node = page.call("DOM.describeNode", json!({ "objectId": element }));
        let node = self.unless_in_the_way(node).await?;
        let params = json!({ "backendNodeId": node["node"]["backendNodeId"], "executionContextId": world });
        let own = self.unless_in_the_way(page.call("DOM.resolveNode", params)).await?;
        match own["object"]["objectId"].as_str() {
            Some(id) => Ok((page, id.to_owned())),
            None => Err(Obstacle::Navigated),
        }
    }

    async fn finish(
        &self,
        page: &Page,
        mut params: Value,
        Call { argument, is_wanted, .. }: Call<'_>,
        limit: Duration,
    ) -> Result<Returned, Obstacle> {
        params["arguments"] = json!([{ "value": argument }]);
        params["awaitPromise"] = true.into();
        params["returnByValue"] = is_wanted.into();
        let call = page.call_within(limit, "Runtime.callFunctionOn", params);
        let mut answer = match self.unless_in_the_way(call).await {
            Ok(answer) => answer,
            Err(Obstacle::Browser(BrowserError::Refused { message, .. })) => {
                return Ok(Returned::NoJson(message));
            }
            Err(obstacle) => return Err(obstacle),
        };
        if let Some(thrown) = answer.get("exceptionDetails") {
            return Ok(Returned::Threw(exception(thrown)));
        }
        if !is_wanted {
            return Ok(Returned::Value(Value::Null));
        }
        let result = &mut answer["result"];
        Ok(match result["unserializableValue"].as_str() {
            Some(other) => Returned::Other(other.to_owned()),
            None => Returned::Value(result["value"].take()),
        })
    }
}

/// An error has its stack in it; anything else may be thrown, too.
fn exception(thrown: &Value) -> String {
    let exception = &thrown["exception"];
    match exception["description"].as_str().or(exception["unserializableValue"].as_str()) {
        Some(description) => description.to_owned(),
        None if exception["value"].is_string() => text(exception, "value"),
        None if exception.get("value").is_some() => exception["value"].to_string(),
        None => thrown["text"].as_str().unwrap_or("nothing that can be shown").to_owned(),
    }
}
