//! What is written to the console, and exceptions, from BiDi's words.

use serde_json::{Map, Value, json};

use super::{State, Told, text};

impl State {
    pub(super) fn hear_log(&mut self, params: &Value) -> Vec<Told> {
        let Some(context) = params["source"]["context"].as_str() else { return Vec::new() };
        let page = Some(self.contexts.page_of(context));
        let stack = &params["stackTrace"];
        let (at, words) = (&params["timestamp"], text(params, "text"));
        if words == LEAVING && self.contexts.is_leaving(context, &params["source"]["realm"]) {
            return Vec::new();
        }
        let (method, told) = match (params["type"].as_str(), params["level"].as_str()) {
            (Some("console"), _) => {
                let kind = match params["method"].as_str() {
                    Some("warn") => "warning",
                    Some(method) => method,
                    None => "log",
                };
                let told =
                    json!({ "type": kind, "args": arguments(params), "stackTrace": stack, "timestamp": at });
                ("Runtime.consoleAPICalled", told)
            }
            // A request that failed says so itself.
            _ if words.contains(DID_NOT_SUCCEED) => return Vec::new(),
            (_, Some("error")) if is_thrown(&words) => {
                let number = self.number();
                // What was thrown without being an error.
                let words = words.strip_prefix("uncaught exception: ").unwrap_or(&words);
                let details = json!({
                    "exceptionId": number,
                    "text": "Uncaught",
                    "exception": { "type": "object", "subtype": "error", "description": words },
                    "stackTrace": stack,
                });
                ("Runtime.exceptionThrown", json!({ "exceptionDetails": details, "timestamp": at }))
            }
            (_, level) => {
                let level = match level {
                    Some("error") => "error",
                    Some("warn") => "warning",
                    _ => "info",
                };
                let entry = json!({
                    "source": "other", "level": level, "text": words, "timestamp": at, "stackTrace": stack,
                });
                ("Log.entryAdded", json!({ "entry": entry }))
            }
        };
        vec![(page, method, told)]
    }
}

/// What is said of a request to another origin that failed, whatever the reason.
const DID_NOT_SUCCEED: &str = "CORS request did not succeed";

/// What a request of a page comes to that is left.
const LEAVING: &str = "TypeError: NetworkError when attempting to fetch resource.";

/// Whether a script has thrown it, and not the browser complains.
fn is_thrown(words: &str) -> bool {
    let name = words.split_once(':').map_or("", |(name, _)| name);
    let is_class = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
    words.starts_with("uncaught exception: ") || (is_class && name.ends_with("Error"))
}

/// What the console was given. Of errors the browser says what they say only in the line that it made of all.
fn arguments(params: &Value) -> Vec<Value> {
    let given = params["args"].as_array().map(Vec::as_slice).unwrap_or_default();
    if given.iter().any(|argument| argument["type"] == "error") {
        return vec![json!({ "type": "string", "value": text(params, "text") })];
    }
    given.iter().map(shown).collect()
}

/// A value as the console shows it.
fn shown(value: &Value) -> Value {
    let kind = value["type"].as_str().unwrap_or_default();
    match kind {
        "string" | "boolean" => value.clone(),
        "number" if value["value"].is_number() => value.clone(),
        "number" => json!({ "type": "number", "unserializableValue": value["value"] }),
        "bigint" => {
            json!({ "type": "bigint", "unserializableValue": format!("{}n", text(value, "value")) })
        }
        "undefined" => json!({ "type": "undefined" }),
        "null" => json!({ "type": "object", "subtype": "null", "value": null }),
        _ => json!({ "type": "object", "description": described(value), "preview": preview(value) }),
    }
}

fn described(value: &Value) -> String {
    match value["type"].as_str().unwrap_or_default() {
        "object" => "Object".to_owned(),
        kind @ ("array" | "map" | "set") => {
            let name = format!("{}{}", kind[..1].to_uppercase(), &kind[1..]);
            format!("{name}({})", value["value"].as_array().map_or(0, Vec::len))
        }
        "date" | "regexp" => match &value["value"] {
            Value::String(date) => date.clone(),
            pattern => format!("/{}/{}", text(pattern, "pattern"), text(pattern, "flags")),
        },
        "node" => value["value"]["localName"].as_str().unwrap_or("node").to_owned(),
        kind => kind.to_owned(),
    }
}

fn preview(value: &Value) -> Value {
    let kind = value["type"].as_str().unwrap_or_default();
    let mut preview = Map::new();
    preview.insert("type".to_owned(), "object".into());
    preview.insert("description".to_owned(), described(value).into());
    match (kind, value["value"].as_array()) {
        ("array", Some(items)) => {
            preview.insert("subtype".to_owned(), "array".into());
            let items = items.iter().enumerate().map(|(index, item)| property(&index.to_string(), item));
            preview.insert("properties".to_owned(), items.collect());
        }
        ("object", Some(entries)) => {
            let entries = entries.iter().filter_map(|entry| Some(property(entry[0].as_str()?, &entry[1])));
            preview.insert("properties".to_owned(), entries.collect());
        }
        (kind, _) => drop(preview.insert("subtype".to_owned(), kind.into())),
    }
    Value::Object(preview)
}

fn property(name: &str, value: &Value) -> Value {
    let shown = shown(value);
    // Of what is within only the kind is told.
    if shown.get("preview").is_some() {
        return json!({ "name": name, "type": "object", "value": described(value) });
    }
    let words = match &shown["value"] {
        Value::String(text) => text.clone(),
        Value::Null => {
            let words = shown["description"].as_str().or(shown["unserializableValue"].as_str());
            words.unwrap_or_else(|| value["type"].as_str().unwrap_or_default()).to_owned()
        }
        other => other.to_string(),
    };
    json!({ "name": name, "type": shown["type"], "value": words })
}
