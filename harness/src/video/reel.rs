//! The pictures of a film, read back from what was recorded.

use std::io;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use crate::trace::whole_lines;

/// More pages side by side nobody could see anything on.
const MOST_PAGES: usize = 4;

/// All pictures of an attempt, by its pages.
#[derive(Debug, Default)]
pub(crate) struct Reel {
    /// Those that have pictures, in the order in which they were opened.
    pub(crate) strips: Vec<Strip>,
    /// When the last thing happened, in microseconds.
    pub(crate) end_us: u64,
}

/// The pictures of a page.
#[derive(Debug, Default)]
pub(crate) struct Strip {
    page: u32,
    label: String,
    /// With their times, in microseconds, as JPEG.
    pub(crate) pictures: Vec<(u64, Vec<u8>)>,
}

/// A line of the file, as far as it is looked at here.
#[derive(Deserialize)]
struct Line {
    at_us: u64,
    is: String,
    #[serde(default)]
    page: u32,
    #[serde(default)]
    label: String,
    #[serde(default)]
    data: String,
}

impl Reel {
    /// Reads what was recorded.
    pub(crate) fn read(records: &Path) -> io::Result<Self> {
        let mut reel = Self::default();
        for line in whole_lines(records)? {
            let Ok(line) = serde_json::from_str::<Line>(&line) else { continue };
            reel.end_us = reel.end_us.max(line.at_us);
            match line.is.as_str() {
                "page" => {
                    reel.strips.push(Strip { page: line.page, label: line.label, pictures: Vec::new() });
                }
                "picture" => {
                    let strip = reel.strips.iter_mut().find(|strip| strip.page == line.page);
                    if let (Some(strip), Ok(picture)) = (strip, STANDARD.decode(&line.data)) {
                        strip.pictures.push((line.at_us, picture));
                    }
                }
                _ => {}
            }
        }
        reel.strips.retain(|strip| !strip.pictures.is_empty());
        // How somebody signed in is looked at where there is nothing else.
        if reel.strips.iter().any(|strip| !strip.is_sign_in()) {
            reel.strips.retain(|strip| !strip.is_sign_in());
        }
        reel.strips.truncate(MOST_PAGES);
        Ok(reel)
    }
}

impl Strip {
    fn is_sign_in(&self) -> bool {
        self.label.ends_with(", signing in")
    }

    /// The largest width and height of its pictures, in pixels; even numbers, as encoders want them.
    pub(crate) fn size(&self) -> Option<(u32, u32)> {
        let sizes = self.pictures.iter().filter_map(|(_, picture)| size(picture));
        let (width, height) = sizes.reduce(|one, other| (one.0.max(other.0), one.1.max(other.1)))?;
        Some((width.next_multiple_of(2), height.next_multiple_of(2)))
    }

    /// The pictures with how long each is to be seen, in microseconds: from the beginning of the attempt to its end.
    pub(crate) fn shown(&self, end_us: u64) -> impl Iterator<Item = (&[u8], u64)> {
        let ends = self.pictures.iter().skip(1).map(|(at, _)| *at).chain([end_us]);
        let mut from = 0;
        self.pictures.iter().zip(ends).map(move |((_, picture), to)| {
            let to = to.max(from);
            let shown = to - std::mem::replace(&mut from, to);
            (picture.as_slice(), shown)
        })
    }
}

/// The width and the height of a JPEG, which its frame header has (ITU-T T.81, B.2.2).
fn size(jpeg: &[u8]) -> Option<(u32, u32)> {
    let mut rest = jpeg.strip_prefix(&[0xff, 0xd8])?;
    loop {
        let [0xff, marker, high, low, after @ ..] = rest else { return None };
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        // C4, C8 and CC are no frames.
        if matches!(marker, 0xc0..=0xcf) && !matches!(marker, 0xc4 | 0xc8 | 0xcc) {
            let [_, h1, h0, w1, w0, ..] = after else { return None };
            let number = |high: &u8, low: &u8| u32::from(u16::from_be_bytes([*high, *low]));
            return Some((number(w1, w0), number(h1, h0)));
        }
        rest = rest.get(2 + length..)?;
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use serde_json::json;

    use super::*;

    #[test]
    fn pages_with_pictures_are_read_and_a_sign_in_only_where_there_is_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("video.jsonl");
        let picture = |at: u64, page: u32| json!({ "at_us": at, "is": "picture", "page": page, "data": STANDARD.encode([u8::try_from(at).unwrap()]) });
        let page = |page: u32, label: &str| json!({ "at_us": 0, "is": "page", "page": page, "label": label });
        let mut lines =
            vec![page(1, "user, signing in"), page(2, "user"), page(3, "never seen"), picture(1, 1)];
        let write = |lines: &[serde_json::Value]| {
            let lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
            fs::write(&file, lines.join("\n") + "\n{\"at_us\":99,\"is\":\"pic").unwrap();
            Reel::read(&file).unwrap()
        };
        let pages = |reel: &Reel| reel.strips.iter().map(|strip| strip.page).collect::<Vec<_>>();
        assert_eq!(pages(&write(&lines)), [1]);
        lines.extend([picture(5, 2), picture(9, 2), json!({ "at_us": 20, "is": "over" })]);
        let reel = write(&lines);
        assert_eq!((pages(&reel), reel.end_us), (vec![2], 20));
        let shown: Vec<_> = reel.strips[0].shown(reel.end_us).collect();
        // The first one stands for what was before it.
        assert_eq!(shown, [([5].as_slice(), 9), ([9].as_slice(), 11)]);
    }

    #[test]
    fn the_size_of_a_picture_is_in_its_frame_header() {
        let jpeg = [
            &[0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2, 0xff, 0xc4, 0, 3, 9, 0xff, 0xc0, 0, 11, 8][..],
            &[0x01, 0xc2, 0x03, 0x20, 1][..],
        ]
        .concat();
        assert_eq!(size(&jpeg), Some((800, 450)));
        for cut in 0..jpeg.len() - 1 {
            assert_eq!(size(&jpeg[..cut]), None, "{cut}");
        }
        assert_eq!(size(b"no picture"), None);
    }
}
