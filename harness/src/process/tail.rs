//! The end of a log, fit to be shown.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

/// How much of a log is looked at: more than any twenty lines that a person would read.
const BYTES: u64 = 64 * 1024;
/// Where a line is cut.
const LINE: usize = 500;

/// The last lines of a file, from what stands after its first `since` bytes.
///
/// Reads a bounded piece from the end. Bytes that are no text become `�`, colours and other control
/// sequences are left out, of a line that was written over with `\r` the last state is taken. A file
/// that cannot be read has no lines.
pub(crate) fn tail(path: &Path, since: u64, lines: usize) -> Vec<String> {
    let Ok((bytes, cut)) = read_end(path, since) else { return Vec::new() };
    let text = String::from_utf8_lossy(&bytes);
    let mut all: Vec<&str> = text.lines().collect();
    if cut && all.len() > 1 {
        all.remove(0);
    }
    while all.last().is_some_and(|line| line.trim().is_empty()) {
        all.pop();
    }
    all[all.len().saturating_sub(lines)..].iter().map(|line| plain(line)).collect()
}

/// The end of the file, and whether it begins in the middle of what is there.
fn read_end(path: &Path, since: u64) -> io::Result<(Vec<u8>, bool)> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    let start = since.max(length.saturating_sub(BYTES));
    file.seek(SeekFrom::Start(start))?;
    let mut bytes = Vec::new();
    file.take(BYTES).read_to_end(&mut bytes)?;
    Ok((bytes, start > since))
}

/// A line as it would look on paper.
fn plain(line: &str) -> String {
    let line = line.trim_end_matches('\r');
    let line = line.rsplit('\r').next().unwrap_or(line);
    let mut text = String::new();
    let mut chars = line.chars();
    while let Some(char) = chars.next() {
        match char {
            // A control sequence: `ESC [`, parameters, and one letter or sign that ends it.
            '\u{1b}' => {
                if chars.next() == Some('[') {
                    chars.by_ref().find(|char| ('@'..='~').contains(char));
                }
            }
            '\t' => text.push(char),
            _ if char.is_control() => {}
            _ => text.push(char),
        }
    }
    if let Some((cut, _)) = text.char_indices().nth(LINE) {
        text.truncate(cut);
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tail_of(content: &[u8], since: u64, lines: usize) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.log");
        std::fs::write(&path, content).unwrap();
        tail(&path, since, lines)
    }

    #[test]
    fn takes_the_last_lines_only() {
        assert_eq!(tail_of(b"one\ntwo\nthree\n\n", 0, 2), ["two", "three"]);
        assert_eq!(tail_of(b"one\ntwo", 0, 20), ["one", "two"]);
        assert_eq!(tail_of(b"", 0, 20), [""; 0]);
    }

    #[test]
    fn leaves_out_what_was_there_before() {
        assert_eq!(tail_of(b"old\nnew\n", 4, 20), ["new"]);
        assert_eq!(tail_of(b"old\n", 4, 20), [""; 0]);
    }

    #[test]
    fn reads_a_bounded_piece_and_no_half_line() {
        let mut content = vec![b'x'; 200_000];
        content.extend_from_slice(b"\nlast\n");
        assert_eq!(tail_of(&content, 0, 20), ["last"]);
        let lines = tail_of(&vec![b'x'; 200_000], 0, 20);
        assert_eq!(lines.len(), 1);
        assert_eq!(lines[0].chars().count(), LINE + 1);
    }

    #[test]
    fn shows_anything_as_text() {
        assert_eq!(tail_of(b"\xff\xfe!\n", 0, 1), ["\u{fffd}\u{fffd}!"]);
        assert_eq!(tail_of(b"\x1b[1;31mred\x1b[0m\x07\tplain\r\n", 0, 1), ["red\tplain"]);
        assert_eq!(tail_of(b"10 %\r100 %\n", 0, 1), ["100 %"]);
    }

    #[test]
    fn a_file_that_is_not_there_has_no_lines() {
        assert_eq!(tail(Path::new("/nonexistent/a.log"), 0, 20), [""; 0]);
    }
}
