//! What tests print: as they run, and afterwards.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::Arc;

use super::message::from_here;
use crate::model::SlotId;
use crate::run::Verdict;
use crate::worker::OnOutput;

/// Of what one test has printed, no more than this is shown, in bytes. The end is what a test said last.
const SHOWN: u64 = 64 << 10;

/// Shows what tests print as they run, each line with its slot and test.
pub(crate) fn streamed(to_stderr: bool) -> OnOutput {
    Arc::new(move |slot: SlotId, test: &str, lines: &[u8]| {
        let mut text = Vec::with_capacity(lines.len() + 64);
        for line in lines.split_inclusive(|byte| *byte == b'\n') {
            // Bytes that are no text go through as they are.
            let _ = write!(text, "{slot}│{test}│ ");
            text.extend_from_slice(line);
        }
        if !text.ends_with(b"\n") {
            text.push(b'\n');
        }
        // In one piece, so that nobody else's line comes in between. Where it cannot be written, nobody looks.
        let _ = if to_stderr { io::stderr().write_all(&text) } else { io::stdout().lock().write_all(&text) };
    })
}

/// What the last attempt of a test has printed, if anything. What is no UTF-8 is replaced.
pub(crate) fn printed(verdict: &Verdict) -> Option<String> {
    of(&verdict.place.as_ref()?.kept)
}

/// What the attempt has printed of which this folder was kept.
pub(super) fn of(kept: &Path) -> Option<String> {
    let path = kept.join("output.log");
    let mut file = File::open(&path).ok()?;
    let left_out = file.metadata().ok()?.len().saturating_sub(SHOWN);
    file.seek(SeekFrom::Start(left_out)).ok()?;
    let mut bytes = Vec::new();
    file.take(SHOWN).read_to_end(&mut bytes).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    if left_out == 0 {
        return Some(text.into_owned());
    }
    Some(format!("… {left_out} bytes before are in {} …\n{text}", from_here(&path).display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(output: &[u8]) -> Option<String> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("output.log"), output).unwrap();
        of(folder.path())
    }

    #[test]
    fn bytes_that_are_no_text_are_replaced_and_nothing_else() {
        assert_eq!(shown(b"a\xffb\n").as_deref(), Some("a\u{fffd}b\n"));
    }

    #[test]
    fn of_too_much_the_end_is_shown_and_the_place_of_the_rest() {
        let mut output = b"first line\n".repeat(10_000);
        output.extend_from_slice(b"last line\n");
        let shown = shown(&output).unwrap();
        assert!(shown.starts_with("… 44474 bytes before are in "), "{}", &shown[..80]);
        assert!(shown.ends_with("\nlast line\n"));
    }
}
