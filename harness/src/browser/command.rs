//! Calls of the driver in words: `find css "#x"`. What is typed, and what scripts say, is never among them.

use std::collections::VecDeque;
use std::sync::Arc;

use http::Method;
use serde_json::Value;

use super::state::without_query;

/// More of a selector or an address than this is cut off.
const LONGEST: usize = 120;
/// As many elements are remembered by the selector that found them.
const MOST_ELEMENTS: usize = 128;

/// A call in words.
pub(super) struct Command {
    pub(super) text: String,
    /// The selector of the elements that it will find.
    pub(super) looks_for: Option<Arc<str>>,
}

/// By which selectors elements were found.
#[derive(Debug, Default)]
pub(super) struct Elements(VecDeque<(String, Arc<str>)>);

impl Elements {
    /// These were found by this selector.
    pub(super) fn remember(&mut self, ids: Vec<String>, selector: &Arc<str>) {
        for id in ids {
            if self.0.iter().any(|(known, _)| *known == id) {
                continue;
            }
            self.0.push_front((id, selector.clone()));
            self.0.truncate(MOST_ELEMENTS);
        }
    }

    fn selector(&self, id: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == id).map(|(_, selector)| &**selector)
    }
}

/// A call in words. `is_known`: they were found before, and are not needed again.
pub(super) fn describe(
    method: &Method,
    path: &str,
    body: Option<&Value>,
    elements: &Elements,
    is_known: bool,
) -> Command {
    // "/session/<id>/element/<id>/text"
    let parts: Vec<&str> = path.split('/').skip_while(|part| *part != "session").skip(2).collect();
    let looks_for = match parts.as_slice() {
        ["element" | "elements"] | ["element" | "shadow", _, "element" | "elements"] => body.map(selector),
        _ => None,
    };
    if is_known {
        return Command { text: String::new(), looks_for };
    }
    let the = |id: &str| elements.selector(id).unwrap_or("an element");
    let text = match (parts.as_slice(), &looks_for) {
        (["element", id, "element" | "elements"], Some(selector)) => match elements.selector(id) {
            Some(parent) => format!("find {selector} in {parent}"),
            None => format!("find {selector}"),
        },
        (_, Some(selector)) => format!("find {selector}"),
        (["element", id, "click"], _) => format!("click {}", the(id)),
        (["element", id, "clear"], _) => format!("clear {}", the(id)),
        (["element", id, "value"], _) => format!("type into {}", the(id)),
        (["element", id, "displayed" | "enabled" | "selected"], _) => format!("is {} {}", the(id), parts[2]),
        (["element", id, what @ ("attribute" | "property" | "css"), name], _) => {
            format!("{what} {name} of {}", the(id))
        }
        (["element", id, what], _) => format!("{what} of {}", the(id)),
        (["url"], _) if method == Method::POST => format!("goto {}", address(body)),
        (["url"], _) => "current url".to_owned(),
        (["execute", _], _) => "execute a script".to_owned(),
        ([], _) => "session".to_owned(),
        // A cookie's name, for one, is nobody's secret, but neither is it of use.
        ([what, ..], _) if method == Method::DELETE => format!("delete {what}"),
        (["cookie", _], _) => "cookie".to_owned(),
        (parts, _) => parts.join(" "),
    };
    Command { text, looks_for }
}

/// Whether a call may change what the page shows.
pub(super) fn is_action(method: &Method, path: &str) -> bool {
    const ACTIONS: [&str; 10] =
        ["click", "clear", "value", "url", "back", "forward", "refresh", "actions", "sync", "async"];
    let last = path.rsplit('/').next().unwrap_or_default();
    method == Method::POST && ACTIONS.contains(&last)
}

/// The ids of the elements in an answer.
pub(super) fn found(answer: &[u8]) -> Vec<String> {
    let Ok(answer) = serde_json::from_slice::<Value>(answer) else { return Vec::new() };
    let id = |element: &Value| Some(element.as_object()?.values().next()?.as_str()?.to_owned());
    match &answer["value"] {
        Value::Array(elements) => elements.iter().take(MOST_ELEMENTS).filter_map(id).collect(),
        element => id(element).into_iter().collect(),
    }
}

/// `css "#x"`
fn selector(body: &Value) -> Arc<str> {
    let text = |key: &str| body[key].as_str().unwrap_or_default();
    let using = text("using").trim_end_matches(" selector");
    format!("{using} \"{}\"", shortened(text("value"))).into()
}

/// What is after the `?` of an address may be a secret.
fn address(body: Option<&Value>) -> String {
    let url = body.and_then(|body| body["url"].as_str()).unwrap_or_default();
    match url.split_once(':') {
        Some(("data", _)) => "data:…".to_owned(),
        _ => shortened(without_query(url)),
    }
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((cut, _)) => format!("{}…", &text[..cut]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn calls_have_words_and_no_secrets() {
        let mut elements = Elements::default();
        let answer = json!({"value": [{"element-6066-11e4-a52e-4f735466cecf": "f.1"}, {"e": "f.2"}]});
        elements.remember(found(answer.to_string().as_bytes()), &"css \"#form\"".into());
        let text = |method: Method, path: &str, body: Value| {
            describe(&method, &format!("/session/0a1b/{path}"), Some(&body), &elements, false).text
        };
        let css = json!({"using": "css selector", "value": "input[name=\"user\"]"});
        for (method, path, body, words) in [
            (Method::POST, "element", css.clone(), "find css \"input[name=\"user\"]\""),
            (Method::POST, "elements", json!({"using": "xpath", "value": "//a"}), "find xpath \"//a\""),
            (
                Method::POST,
                "element/f.1/element",
                css.clone(),
                "find css \"input[name=\"user\"]\" in css \"#form\"",
            ),
            (Method::POST, "element/f.9/elements", css, "find css \"input[name=\"user\"]\""),
            (Method::POST, "element/f.2/click", json!({}), "click css \"#form\""),
            (Method::POST, "element/f.1/value", json!({"text": "secret"}), "type into css \"#form\""),
            (Method::GET, "element/f.1/text", Value::Null, "text of css \"#form\""),
            (Method::GET, "element/f.9/text", Value::Null, "text of an element"),
            (Method::GET, "element/f.1/displayed", Value::Null, "is css \"#form\" displayed"),
            (Method::GET, "element/f.1/attribute/href", Value::Null, "attribute href of css \"#form\""),
            (Method::POST, "url", json!({"url": "http://h/a?token=secret#secret"}), "goto http://h/a"),
            (Method::POST, "url", json!({"url": "data:text/html,secret"}), "goto data:…"),
            (Method::POST, "execute/sync", json!({"script": "secret"}), "execute a script"),
            (Method::POST, "cookie", json!({"cookie": {"value": "secret"}}), "cookie"),
            (Method::DELETE, "cookie/crumb", Value::Null, "delete cookie"),
            (Method::GET, "title", Value::Null, "title"),
            (Method::POST, "alert/accept", json!({}), "alert accept"),
        ] {
            assert_eq!(text(method, path, body), words, "{path}");
        }
        let new = describe(&Method::POST, "/session", Some(&json!({})), &elements, false);
        assert_eq!(new.text, "session");
        assert_eq!(shortened(&"ü".repeat(200)).chars().count(), LONGEST + 1);
    }
}
