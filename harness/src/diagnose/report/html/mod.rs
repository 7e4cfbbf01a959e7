//! `analysis.html`: an analysis to look at, in one file.

#[cfg(test)]
mod tests;

use super::document::Document;
use crate::sheet::{self, harmless};

const HTML: &str = include_str!("viewer/analysis.html");
const CSS: &str = concat!(include_str!("../../../sheet/theme.css"), include_str!("viewer/analysis.css"));
const SCRIPT: &str = concat!(
    include_str!("../../../sheet/parts.js"),
    include_str!("viewer/words.js"),
    include_str!("viewer/plots.js"),
    include_str!("viewer/failure.js"),
    include_str!("viewer/analysis.js"),
);

/// The page.
pub(crate) fn html(document: &Document) -> String {
    // All keys are texts, and no value refuses to be written.
    let data = serde_json::to_string(document).unwrap_or_default();
    let word = sheet::word();
    let mut page = Vec::with_capacity(data.len() + HTML.len() + CSS.len() + SCRIPT.len() + 1_000);
    // Memory takes everything.
    let _ = sheet::fill(HTML, &mut page, |name, out| match name {
        "word" => out.write_all(word.as_bytes()),
        "style" => out.write_all(CSS.as_bytes()),
        "script" => out.write_all(SCRIPT.as_bytes()),
        "data" => out.write_all(harmless(&data).as_bytes()),
        _ => Ok(()),
    });
    String::from_utf8(page).unwrap_or_default()
}
