//! Scripts: values and where they run, from Chromium's words into BiDi's and back.

use serde_json::{Map, Value, json};

use super::realms::{World, target};
use super::{Bidi, text};
use crate::browser::error::BrowserError;

/// How the browser says that what was asked is not there any more.
const GONE: [&str; 8] = [
    "no such frame",
    "no such node",
    "no such handle",
    "stale element reference",
    "destroyed before query",
    "AbortError",
    "DiscardedBrowsingContextError",
    "can't access dead object",
];

/// An element, as rooms around hold it.
struct Held {
    context: String,
    is_ours: bool,
    shared: String,
}

impl Held {
    fn name(&self) -> String {
        json!([self.context, self.is_ours, self.shared]).to_string()
    }

    fn named(name: &Value) -> Option<Self> {
        let (context, is_ours, shared) = serde_json::from_str(name.as_str()?).ok()?;
        Some(Self { context, is_ours, shared })
    }
}

impl Bidi {
    /// `Runtime.evaluate`
    pub(super) async fn evaluate(&self, page: &str, params: &Value) -> Result<Value, BrowserError> {
        let world = self.world_of(page, params)?;
        let script = json!({
            "expression": params["expression"],
            "awaitPromise": params["awaitPromise"] == true,
            "target": world.target(),
            "userActivation": params["userGesture"] == true,
        });
        self.run(&world, "script.evaluate", script, params["returnByValue"] == true).await
    }

    /// `Runtime.callFunctionOn`
    pub(super) async fn call_function(&self, page: &str, params: &Value) -> Result<Value, BrowserError> {
        let held = Held::named(&params["objectId"]);
        let world = match &held {
            Some(held) => self.world_with(&held.context, held.is_ours)?,
            None => self.world_of(page, params)?,
        };
        let given = params["arguments"].as_array().map(Vec::as_slice).unwrap_or_default();
        let mut script = json!({
            "functionDeclaration": params["functionDeclaration"],
            "awaitPromise": params["awaitPromise"] == true,
            "target": world.target(),
            "arguments": given.iter().map(|argument| local(&argument["value"])).collect::<Value>(),
        });
        if let Some(held) = held {
            script["this"] = json!({ "sharedId": held.shared });
        }
        self.run(&world, "script.callFunction", script, params["returnByValue"] == true).await
    }

    async fn run(
        &self,
        world: &World,
        method: &'static str,
        script: Value,
        by_value: bool,
    ) -> Result<Value, BrowserError> {
        let mut alive = world.alive.clone();
        let answer = tokio::select! {
            biased;
            answer = self.wire.call_patiently(method, script) => answer.map_err(gone),
            // It would never answer.
            _ = alive.changed() => Err(not_there(method)),
        }?;
        if let Some(details) = answer.get("exceptionDetails") {
            return Ok(json!({ "exceptionDetails": exception(details) }));
        }
        let value = &answer["result"];
        if by_value {
            return match plain(value) {
                Ok(plain) => Ok(json!({ "result": plain })),
                Err(why) => Err(BrowserError::Refused { method, message: why.to_owned() }),
            };
        }
        let mut result = json!({ "type": value["type"] });
        if let Some(shared) = value["sharedId"].as_str() {
            let held =
                Held { context: world.context.clone(), is_ours: world.is_ours, shared: shared.to_owned() };
            result["objectId"] = held.name().into();
        }
        Ok(json!({ "result": result }))
    }

    /// `DOM.describeNode`: the frame in it, and what it is called by other worlds.
    pub(super) async fn describe(&self, params: &Value) -> Result<Value, BrowserError> {
        let Some(held) = Held::named(&params["objectId"]) else { return Err(not_there("DOM.describeNode")) };
        let world = self.world_with(&held.context, held.is_ours)?;
        let script = json!({
            "functionDeclaration": "function () { return this.contentWindow ?? null }",
            "awaitPromise": false,
            "target": world.target(),
            "this": { "sharedId": held.shared },
        });
        let answer = self.wire.call("script.callFunction", script).await.map_err(gone)?;
        let frame = &answer["result"]["value"]["context"];
        Ok(json!({ "node": { "frameId": frame, "backendNodeId": params["objectId"] } }))
    }

    /// `DOM.resolveNode`
    pub(super) fn resolve(&self, params: &Value) -> Result<Value, BrowserError> {
        let world =
            params["executionContextId"].as_u64().and_then(|world| self.state().contexts.world(world));
        let (Some(held), Some(world)) = (Held::named(&params["backendNodeId"]), world) else {
            return Err(not_there("DOM.resolveNode"));
        };
        let held = Held { is_ours: world.is_ours, ..held };
        Ok(json!({ "object": { "objectId": held.name() } }))
    }

    /// `DOM.setFileInputFiles`
    pub(super) async fn set_files(&self, params: &Value) -> Result<Value, BrowserError> {
        let Some(held) = Held::named(&params["objectId"]) else { return Err(not_there("input.setFiles")) };
        let files = json!({
            "context": held.context, "element": { "sharedId": held.shared }, "files": params["files"],
        });
        self.wire.call("input.setFiles", files).await.map_err(gone)
    }

    /// The answer of a script of ours in the page's own world or in ours, as JSON.
    pub(super) async fn ask_script(
        &self,
        context: &str,
        is_ours: bool,
        function: &str,
        arguments: &[Value],
    ) -> Result<Value, BrowserError> {
        let script = json!({
            "functionDeclaration": function,
            "awaitPromise": false,
            "target": target(context, is_ours),
            "arguments": arguments.iter().map(local).collect::<Value>(),
        });
        let answer = self.wire.call("script.callFunction", script).await.map_err(gone)?;
        Ok(plain(&answer["result"]).map(|mut plain| plain["value"].take()).unwrap_or_default())
    }

    /// The world that is meant; without a name, the page's own.
    fn world_of(&self, page: &str, params: &Value) -> Result<World, BrowserError> {
        let named = params.get("contextId").or(params.get("executionContextId"));
        let state = self.state();
        let world = match named {
            Some(named) => named.as_u64().and_then(|world| state.contexts.world(world)),
            None => state.contexts.own_world(page),
        };
        world.ok_or_else(|| not_there("script.evaluate"))
    }

    fn world_with(&self, context: &str, is_ours: bool) -> Result<World, BrowserError> {
        let world = self.state().contexts.own_world(context);
        world.map(|world| World { is_ours, ..world }).ok_or_else(|| not_there("script.callFunction"))
    }
}

/// As Chromium says it.
fn not_there(method: &'static str) -> BrowserError {
    BrowserError::Refused { method, message: "Execution context was destroyed.".to_owned() }
}

pub(super) fn gone(error: BrowserError) -> BrowserError {
    match error {
        BrowserError::Refused { method, message } if GONE.iter().any(|words| message.contains(words)) => {
            not_there(method)
        }
        error => error,
    }
}

/// A value that a script is given.
fn local(value: &Value) -> Value {
    match value {
        Value::Null => json!({ "type": "null" }),
        Value::Bool(_) => json!({ "type": "boolean", "value": value }),
        Value::Number(_) => json!({ "type": "number", "value": value }),
        Value::String(_) => json!({ "type": "string", "value": value }),
        Value::Array(items) => {
            json!({ "type": "array", "value": items.iter().map(local).collect::<Value>() })
        }
        Value::Object(fields) => {
            let fields: Vec<Value> = fields.iter().map(|(name, value)| json!([name, local(value)])).collect();
            json!({ "type": "object", "value": fields })
        }
    }
}

/// A value that a script returned: `{ value }`, or `{ unserializableValue }` for what JSON has not. Or why it is neither.
fn plain(value: &Value) -> Result<Value, &'static str> {
    Ok(match value["type"].as_str().unwrap_or_default() {
        "undefined" => json!({ "type": "undefined" }),
        "number" if !value["value"].is_number() => {
            json!({ "type": "number", "unserializableValue": value["value"] })
        }
        "bigint" => json!({ "type": "bigint", "unserializableValue": format!("{}n", text(value, "value")) }),
        _ => json!({ "value": json_of(value)? }),
    })
}

fn json_of(value: &Value) -> Result<Value, &'static str> {
    let inner = &value["value"];
    Ok(match value["type"].as_str().unwrap_or_default() {
        "null" | "undefined" => Value::Null,
        "string" | "boolean" => inner.clone(),
        "number" => {
            if inner.is_number() {
                inner.clone()
            } else {
                Value::Null
            }
        }
        "array" => {
            // It has been told before, or is around itself.
            let Some(items) = inner.as_array() else { return Err("Object reference chain is too long") };
            items.iter().map(json_of).collect::<Result<Value, _>>()?
        }
        "object" => {
            let Some(entries) = inner.as_array() else { return Err("Object reference chain is too long") };
            let mut fields = Map::new();
            for entry in entries {
                // A field that is not defined is none.
                if entry[1]["type"] != "undefined"
                    && let Some(name) = entry[0].as_str()
                {
                    fields.insert(name.to_owned(), json_of(&entry[1])?);
                }
            }
            Value::Object(fields)
        }
        "symbol" => return Err("Object couldn't be returned by value"),
        // As JSON has them.
        _ => json!({}),
    })
}

fn exception(details: &Value) -> Value {
    let thrown = &details["exception"];
    let words = text(details, "text");
    let exception = match thrown["type"].as_str() {
        Some("error") | None => {
            let frames =
                details["stackTrace"]["callFrames"].as_array().map(Vec::as_slice).unwrap_or_default();
            let lines: Vec<String> = frames.iter().map(frame).collect();
            json!({ "type": "object", "subtype": "error", "description": format!("{words}{}", lines.concat()) })
        }
        Some(_) => match plain(thrown) {
            Ok(plain) => plain,
            Err(_) => json!({ "description": words }),
        },
    };
    json!({ "text": details["text"], "exception": exception })
}

/// As Chromium writes a line of a stack.
fn frame(frame: &Value) -> String {
    let number = |field: &str| frame[field].as_u64().unwrap_or_default() + 1;
    let place = format!("{}:{}:{}", text(frame, "url"), number("lineNumber"), number("columnNumber"));
    match text(frame, "functionName") {
        name if name.is_empty() => format!("\n    at {place}"),
        name => format!("\n    at {name} ({place})"),
    }
}
