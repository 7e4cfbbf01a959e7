//! A film as a page: all pictures in one file, and a button that lets them run.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use crate::sheet;
use crate::trace::{whole_lines, write_records};

const HTML: &str = include_str!("viewer/video.html");
const CSS: &str = concat!(include_str!("../sheet/theme.css"), include_str!("viewer/video.css"));
const SCRIPT: &str = concat!(include_str!("../sheet/parts.js"), include_str!("viewer/video.js"));

/// Makes the page of what was recorded.
pub(crate) fn make(records: &Path, page: &Path) -> io::Result<()> {
    let lines = whole_lines(records)?;
    let word = sheet::word();
    let mut out = BufWriter::new(File::create(page)?);
    sheet::fill(HTML, &mut out, |name, out| match name {
        "word" => out.write_all(word.as_bytes()),
        "style" => out.write_all(CSS.as_bytes()),
        "script" => out.write_all(SCRIPT.as_bytes()),
        "records" => write_records(&lines, out),
        _ => Ok(()),
    })?;
    out.flush()
}
