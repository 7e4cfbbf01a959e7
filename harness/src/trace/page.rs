//! The page of a trace: one file that is looked at in any browser, made of the records and of nothing else that moves.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::Path;

use serde::Deserialize;

use super::secrets::Secrets;
use crate::sheet::{self, harmless};

const HTML: &str = include_str!("viewer/viewer.html");
const CSS: &str = concat!(include_str!("../sheet/theme.css"), include_str!("viewer/viewer.css"));
const SCRIPT: &str = concat!(
    include_str!("../sheet/parts.js"),
    include_str!("viewer/data.js"),
    include_str!("viewer/panes.js"),
    include_str!("viewer/viewer.js")
);

/// A source file that is longer than this, in bytes, is left out, and so are more than so many.
const LONGEST_SOURCE: u64 = 200_000;
const MOST_SOURCES: usize = 12;

/// Makes the page. Source files are looked for from `dir`, from the current folder and from the executable upwards.
pub(crate) fn make(records: &Path, page: &Path, secrets: &Secrets, dir: &Path) -> io::Result<()> {
    let lines = whole_lines(records)?;
    let sources = lines.iter().filter_map(|line| file_of(line)).collect();
    let word = sheet::word();
    let mut out = BufWriter::new(File::create(page)?);
    sheet::fill(HTML, &mut out, |name, out| match name {
        "word" => out.write_all(word.as_bytes()),
        "style" => out.write_all(CSS.as_bytes()),
        "script" => out.write_all(SCRIPT.as_bytes()),
        "records" => write_records(&lines, out),
        "sources" => out.write_all(read_sources(&sources, secrets, dir).as_bytes()),
        _ => Ok(()),
    })?;
    out.flush()
}

/// The lines of a file of records. One that is damaged, as the last one is after a crash, is left out.
pub(crate) fn whole_lines(records: &Path) -> io::Result<Vec<String>> {
    let mut lines = Vec::new();
    let mut reader = BufReader::new(File::open(records)?);
    loop {
        let mut line = Vec::new();
        reader.read_until(b'\n', &mut line)?;
        // Each is written in one piece with its end, so that only the last one can be none.
        if line.pop() != Some(b'\n') {
            return Ok(lines);
        }
        lines.extend(String::from_utf8(line));
    }
}

/// Records as one array of JSON, which is harmless in a page.
pub(crate) fn write_records(lines: &[String], out: &mut dyn Write) -> io::Result<()> {
    for (index, line) in lines.iter().enumerate() {
        out.write_all(if index == 0 { b"[" } else { b",\n" })?;
        out.write_all(harmless(line).as_bytes())?;
    }
    out.write_all(if lines.is_empty() { b"[]" } else { b"]" })
}

/// A record, as far as it is looked at here.
#[derive(Deserialize)]
struct Place {
    file: Option<String>,
}

fn file_of(line: &str) -> Option<String> {
    let head = line.get(..60).unwrap_or(line);
    head.contains("\"is\":\"action\"").then(|| serde_json::from_str::<Place>(line).ok()?.file).flatten()
}

/// The sources as one object, by the names that the compiler knows them by.
fn read_sources(names: &BTreeSet<String>, secrets: &Secrets, dir: &Path) -> String {
    let roots = sheet::source_roots(dir);
    let mut sources = serde_json::Map::new();
    for name in names.iter().take(MOST_SOURCES) {
        let Some(file) = sheet::find_source(name, &roots) else { continue };
        let is_long = fs::metadata(&file).is_ok_and(|data| data.len() > LONGEST_SOURCE);
        if let (false, Ok(text)) = (is_long, fs::read_to_string(&file)) {
            sources.insert(name.clone(), secrets.text(text).into());
        }
    }
    harmless(&serde_json::Value::Object(sources).to_string()).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_recorded_stays_in_its_place_and_what_is_no_whole_line_is_left_out() {
        let dir = tempfile::tempdir().unwrap();
        let (records, page) = (dir.path().join("trace.jsonl"), dir.path().join("trace.html"));
        let hostile = "</script><!-- <script>{{word}}{{records}}";
        let action = serde_json::json!({ "at_us": 1, "is": "action", "what": hostile, "file": "a.rs" });
        fs::write(&records, format!("{}\n{{\"at_us\":2,\"is\":\"con", harmless(&action.to_string())))
            .unwrap();
        fs::write(dir.path().join("a.rs"), format!("fn a() {{}} // open-sesame {hostile}")).unwrap();
        let secrets = Secrets::new(["open-sesame".to_owned()], &[]);
        make(&records, &page, &secrets, dir.path()).unwrap();
        let text = fs::read_to_string(&page).unwrap();
        let data = |id: &str| {
            let after = text.split_once(&format!("id=\"{id}\">")).unwrap().1;
            serde_json::from_str::<serde_json::Value>(after.split_once("</script>").unwrap().0).unwrap()
        };
        assert_eq!(data("records"), serde_json::json!([action]));
        assert_eq!(data("sources")["a.rs"], format!("fn a() {{}} // … {hostile}"));
        assert!(!text.contains("open-sesame"));
    }
}
