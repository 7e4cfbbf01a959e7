//! `report/index.html`: a run to look at, in one file.

mod capacity;
mod data;
mod excerpt;
mod shelf;
#[cfg(test)]
mod tests;

use super::Subject;
use crate::sheet::{self, harmless};

const HTML: &str = include_str!("viewer/report.html");
const CSS: &str = concat!(include_str!("../../../sheet/theme.css"), include_str!("viewer/report.css"));
const SCRIPT: &str = concat!(
    include_str!("../../../sheet/parts.js"),
    include_str!("viewer/model.js"),
    include_str!("viewer/query.js"),
    include_str!("viewer/list.js"),
    include_str!("viewer/timeline.js"),
    include_str!("viewer/history.js"),
    include_str!("viewer/test.js"),
    include_str!("viewer/run.js"),
    include_str!("viewer/report.js"),
);

/// The page. What the run left beside its events is read from its folder, within limits; links lead there, from `report/`
/// below it.
pub(super) fn render(subject: &Subject) -> String {
    let (data, pictures) = data::of(subject);
    // All keys are texts, and no value refuses to be written.
    let data = serde_json::to_string(&data).unwrap_or_default();
    let word = sheet::word();
    let size = data.len() + pictures.iter().map(String::len).sum::<usize>();
    let mut page = Vec::with_capacity(size + HTML.len() + CSS.len() + SCRIPT.len() + 10_000);
    // Memory takes everything.
    let _ = sheet::fill(HTML, &mut page, |name, out| match name {
        "word" => out.write_all(word.as_bytes()),
        "style" => out.write_all(CSS.as_bytes()),
        "script" => out.write_all(SCRIPT.as_bytes()),
        "data" => out.write_all(harmless(&data).as_bytes()),
        // Each by itself: as a part of the document it would be looked through letter by letter, here and in the page.
        "pictures" => pictures.iter().enumerate().try_for_each(|(number, picture)| {
            write!(out, "<script type=\"text/plain\" id=\"picture-{number}\">{picture}</script>")
        }),
        _ => Ok(()),
    });
    String::from_utf8(page).unwrap_or_default()
}
