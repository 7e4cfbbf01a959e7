//! The lines of events as text: to parse ten thousand of them takes a debug build a tenth of a second.

use std::fs::{self, File};
use std::io::{self, BufRead as _, Read as _};
use std::path::Path;

/// Reads so much of a file at the most, from its beginning.
///
/// # Errors
///
/// The file is not there, or cannot be read.
pub(crate) fn read(file: &Path, most: u64) -> io::Result<Vec<u8>> {
    let length = fs::metadata(file)?.len().min(most);
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or_default());
    File::open(file)?.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The whole lines of a file, each with its line break. What was torn by a kill is left out.
pub(crate) fn lines(mut bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let before = bytes;
        // Not `split`: this looks for the end of a line in code that is fast in a debug build, too.
        let length = bytes.skip_until(b'\n').ok()?;
        Some(&before[..length]).filter(|line| line.ends_with(b"\n"))
    })
}

/// What comes after the time and this of an event.
pub(crate) fn after<'a>(line: &'a [u8], begin: &[u8]) -> Option<&'a [u8]> {
    let rest = line.strip_prefix(br#"{"at_us":"#)?;
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    rest[digits..].strip_prefix(begin)
}

/// The number that an event ends with, and what comes before it.
pub(crate) fn last_number(line: &[u8]) -> Option<(&[u8], u64)> {
    let line = line.strip_suffix(b"}\n")?;
    let digits = line.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let (before, number) = line.split_at(line.len() - digits);
    Some((before, str::from_utf8(number).ok()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_whole() {
        let of = |text: &'static str| lines(text.as_bytes()).collect::<Vec<_>>();
        assert_eq!(of("a\nb\nc"), [b"a\n", b"b\n"]);
        assert!(of("").is_empty() && of("torn").is_empty());
    }

    #[test]
    fn an_event_is_told_by_how_it_begins_and_ends() {
        let line = b"{\"at_us\":12,\"event\":\"a\",\"took_us\":7}\n";
        assert_eq!(after(line, br#","event":"a","#), Some(&b"\"took_us\":7}\n"[..]));
        assert_eq!(after(line, br#","event":"b","#), None);
        assert_eq!(last_number(line), Some((&line[..line.len() - 3], 7)));
        assert_eq!(last_number(b"{}\n"), None);
    }
}
