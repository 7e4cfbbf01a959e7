//! The text of a message as it comes over the wire: up to CR LF `.` CR LF, and without the dots that were put in.

/// Takes it in pieces of any size.
#[derive(Debug, Default)]
pub(super) struct Data {
    at: At,
    text: Vec<u8>,
    /// Why the text is not kept: then only its end is looked for.
    lost: Option<Lost>,
}

/// Why a text is not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lost {
    /// It is longer than a message may be.
    TooLong,
    /// There is no room for it.
    NoRoom,
}

/// What came last.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum At {
    /// CR LF, or nothing yet: the line of DATA ended with one.
    #[default]
    LineStart,
    /// CR LF `.`
    Dot,
    /// CR LF `.` CR
    DotCr,
    /// CR
    Cr,
    Within,
}

impl Data {
    /// Takes bytes off the input, up to the end of the text if it is there: then it says true.
    ///
    /// A line that ends with LF alone is no line end: where two servers disagree on that, mails are smuggled.
    pub(super) fn take(&mut self, input: &mut &[u8], longest: usize) -> bool {
        while let Some((&byte, rest)) = input.split_first() {
            let at = match (self.at, byte) {
                (At::DotCr, b'\n') => {
                    *input = rest;
                    return true;
                }
                (At::LineStart, b'.') => At::Dot,
                (At::Dot, b'\r') => At::DotCr,
                (At::DotCr, _) => {
                    // It was no end: what was held back belongs to the text.
                    self.keep(b"\r", longest);
                    self.at = At::Cr;
                    continue;
                }
                (At::Cr, b'\n') => {
                    self.keep(b"\n", longest);
                    At::LineStart
                }
                (_, b'\r') => {
                    self.keep(b"\r", longest);
                    At::Cr
                }
                _ => {
                    // All up to the next CR means nothing.
                    let plain = input.iter().position(|&byte| byte == b'\r').unwrap_or(input.len());
                    self.keep(&input[..plain], longest);
                    *input = &input[plain..];
                    self.at = At::Within;
                    continue;
                }
            };
            *input = rest;
            self.at = at;
        }
        false
    }

    fn keep(&mut self, bytes: &[u8], longest: usize) {
        if self.lost.is_some() {
            return;
        }
        if self.text.len() + bytes.len() > longest {
            return self.lose(Lost::TooLong);
        }
        self.text.extend_from_slice(bytes);
    }

    /// Does not keep the text, neither what is there nor what comes.
    pub(super) fn lose(&mut self, why: Lost) {
        self.lost.get_or_insert(why);
        self.text = Vec::new();
    }

    /// How much memory it holds, in bytes.
    pub(super) fn held(&self) -> usize {
        self.text.capacity()
    }

    /// The text, when its end was there.
    pub(super) fn finish(self) -> Result<Box<[u8]>, Lost> {
        match self.lost {
            Some(why) => Err(why),
            None => Ok(self.text.into_boxed_slice()),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn whole(input: &[u8]) -> Option<(Vec<u8>, &[u8])> {
        let (mut data, mut rest) = (Data::default(), input);
        data.take(&mut rest, usize::MAX).then(|| (data.finish().expect("no limit").into_vec(), rest))
    }

    #[test]
    fn the_end_is_a_dot_between_two_line_ends() {
        for (input, text, rest) in [
            (&b".\r\nQUIT"[..], &b""[..], &b"QUIT"[..]),
            (b"a\r\n.\r\n", b"a\r\n", b""),
            (b"..\r\n.\r\n", b".\r\n", b""),
            (b"...a\r\n.\r\n", b"..a\r\n", b""),
            (b".a\r\n.\r\n", b"a\r\n", b""),
            (b"a\n.\nb\r\n.\r\n", b"a\n.\nb\r\n", b""),
            (b"a\n.\r\nb\r\n.\r\n", b"a\n.\r\nb\r\n", b""),
            (b"a\r.\r\nb\r\n.\r\n", b"a\r.\r\nb\r\n", b""),
            (b"\r\n.\r\r\n.\r\n", b"\r\n\r\r\n", b""),
            (b"\r\n.\r\rx\r\n.\r\n", b"\r\n\r\rx\r\n", b""),
            (b"\r\r\n.\r\n", b"\r\r\n", b""),
        ] {
            assert_eq!(whole(input), Some((text.to_vec(), rest)), "{:?}", input.escape_ascii().to_string());
        }
        for input in [&b"a.\r\n"[..], b"\n.\n", b"\r\n.", b"\r\n.\r", b"\r.\r\n"] {
            assert_eq!(whole(input), None, "{:?}", input.escape_ascii().to_string());
        }
    }

    #[test]
    fn too_long_a_text_is_not_kept_but_its_end_is_found() {
        let (mut data, mut rest) = (Data::default(), &b"12345\r\n.\r\nQUIT"[..]);
        assert!(data.take(&mut rest, 6));
        assert_eq!((rest, data.held()), (&b"QUIT"[..], 0));
        assert_eq!(data.finish(), Err(Lost::TooLong));
    }

    /// As a client does it: a dot more before each line that begins with one.
    fn stuffed(text: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        for (index, &byte) in text.iter().enumerate() {
            if byte == b'.' && (index == 0 || text[..index].ends_with(b"\r\n")) {
                out.push(b'.');
            }
            out.push(byte);
        }
        out.extend_from_slice(b".\r\n");
        out
    }

    proptest! {
        #[test]
        fn any_text_comes_through_in_any_pieces(
            text in proptest::collection::vec(proptest::sample::select(b".\r\na\xff\0".to_vec()), 0..60),
            cuts in proptest::collection::vec(1usize..5, 0..80),
        ) {
            let mut text = text;
            text.extend_from_slice(b"\r\n");
            let sent = stuffed(&text);
            let (mut data, mut left, mut ended) = (Data::default(), &sent[..], false);
            for cut in cuts.into_iter().chain(std::iter::once(usize::MAX)) {
                let (mut piece, rest) = left.split_at(cut.min(left.len()));
                left = rest;
                prop_assert!(!ended || piece.is_empty());
                ended |= data.take(&mut piece, usize::MAX);
                prop_assert!(piece.is_empty());
            }
            prop_assert!(ended);
            prop_assert_eq!(data.finish().unwrap().into_vec(), text);
        }
    }
}
