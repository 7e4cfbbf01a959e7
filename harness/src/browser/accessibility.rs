//! The accessibility tree of a page as text: what those are told who cannot see it.

use std::collections::HashMap;
use std::fmt::Write;

use serde_json::{Value, json};

use super::cdp::{Page, text};
use super::error::BrowserError;

/// More lines are nobody's page.
const MOST: usize = 5000;
/// States that are worth a word when they are there.
const STATES: [&str; 9] =
    ["checked", "disabled", "expanded", "focused", "invalid", "level", "pressed", "required", "selected"];

/// A line for each element that has a role, indented below the one that it is in.
pub(super) async fn tree(page: &Page) -> Result<String, BrowserError> {
    let answer = page.call("Accessibility.getFullAXTree", json!({})).await?;
    // The tree is made for whoever asks, and costs the page from then on.
    page.notify("Accessibility.disable", &json!({}));
    let nodes = answer["nodes"].as_array().map(Vec::as_slice).unwrap_or_default();
    let by_id: HashMap<&str, &Value> =
        nodes.iter().filter_map(|node| Some((node["nodeId"].as_str()?, node))).collect();
    let mut out = String::new();
    // Not by recursion: how deep it is, is up to the page.
    let mut open: Vec<(&Value, usize)> = nodes.first().map(|root| (root, 0)).into_iter().collect();
    let mut lines = 0;
    while let Some((node, depth)) = open.pop() {
        let is_shown = write_node(&mut out, node, depth);
        lines += usize::from(is_shown);
        if lines == MOST {
            out.push_str("…\n");
            break;
        }
        let children = node["childIds"].as_array().into_iter().flatten().rev();
        let children = children.filter_map(|id| by_id.get(id.as_str()?).copied());
        open.extend(children.map(|child| (child, depth + usize::from(is_shown))));
    }
    Ok(out)
}

/// Whether it was worth a line.
fn write_node(out: &mut String, node: &Value, depth: usize) -> bool {
    let role = text(&node["role"], "value");
    let is_part = matches!(&*role, "" | "none" | "generic" | "InlineTextBox" | "LineBreak");
    if node["ignored"] == true || is_part {
        return false;
    }
    let name = text(&node["name"], "value");
    let indent = "  ".repeat(depth.min(40));
    let _ =
        if role == "StaticText" { write!(out, "{indent}{name:?}") } else { write!(out, "{indent}{role}") };
    if role != "StaticText" && !name.is_empty() {
        let _ = write!(out, " {name:?}");
    }
    for property in node["properties"].as_array().into_iter().flatten() {
        let (name, value) = (text(property, "name"), &property["value"]["value"]);
        if !STATES.contains(&&*name) || matches!(value.as_str(), Some("false")) || *value == false {
            continue;
        }
        let _ = if *value == true { write!(out, " [{name}]") } else { write!(out, " [{name}={value}]") };
    }
    out.push('\n');
    true
}
